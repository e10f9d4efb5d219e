"""The file system of the limiter's table is full: a start is refused in words, and what runs counts on.

The tables are in a tmpfs of the test's own.
"""

import array
import os
import subprocess

from stack import places
from stack.latchkey import toml

# 256 KiB hold the table of tests/limiter, which is 164 KiB; 128 do not.
AS_ROOT = [] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--mount"]
LIMITER = places.build_dir() / "tests/limiter"
FILL = "! dd if=/dev/zero of=fill bs=4k 2>fill.words"


def run_in_tmpfs(directory, size, commands, given=b""):
    directory.mkdir()
    script = f'''mount -t tmpfs -o size={size} none "$1" && trap 'cd / && umount "$1"' EXIT &&
                 cd "$1" && {commands}'''
    return subprocess.run([*AS_ROOT, "sh", "-c", script, "sh", str(directory)], input=given,
                          capture_output=True, timeout=60)


def hits(keys, limit, count):
    """As tests/limiter takes them: so many keys that are hit `count` times each, within a minute."""
    words = array.array("I")
    for _ in range(keys):
        words.extend([limit, 60_000, count, *[0] * count])
    return words.tobytes()


def test_no_room_for_the_table_is_told_and_nothing_is_left(tmp_path):
    done = run_in_tmpfs(tmp_path / "small", "128k", f"{LIMITER} decide limits; echo status $?; ls")
    assert done.stdout.decode() == "status 1\n"
    assert "no space for the table: No space left on device" in done.stderr.decode()


def test_the_program_names_the_key_and_does_not_start(make_site, tmp_path):
    site = make_site(start=False, settings={"limits.table": str(tmp_path / "small/limits"),
                                            "limits.words": 1 << 16})
    config = tmp_path / "latchkey.toml"
    site.latchkey.settings.setdefault("database.socket", site.database_socket)
    site.latchkey.settings.setdefault("relay.port", places.free_port())
    config.write_text(toml(site.latchkey.settings))
    done = run_in_tmpfs(tmp_path / "small", "128k",
                        f"{places.program('latchkey-web')} --config {config} --check")
    words = done.stderr.decode()
    assert done.returncode == 1, words
    assert f"{config}:" in words and "limits.table" in words and "no space for the table" in words


def test_a_table_that_is_there_counts_on_when_all_is_full(tmp_path):
    """Its pages were reserved when it was made: none of them is a SIGBUS later."""
    done = run_in_tmpfs(tmp_path / "full", "256k",
                        f"{LIMITER} decide limits </dev/null && {FILL} && {LIMITER} decide limits",
                        hits(keys=5000, limit=3, count=4))
    assert done.returncode == 0, done.stderr
    assert done.stdout == bytes([1, 1, 1, 0]) * 5000
