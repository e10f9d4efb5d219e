"""A mistake in the set-up: one line that names file, line and cure; exit status 1; no socket."""

import os
import pathlib
import re
import subprocess

import pytest

from stack import places
from stack.latchkey import toml, write_secret


def start(site, program="latchkeyd", text=None):
    """Writes the configuration and starts the program, which is to end. (status, what it said)"""
    config = pathlib.Path(site.latchkey.config)
    config.write_text(text if text is not None else toml(site.latchkey.settings))
    done = subprocess.run([places.program(program), "--config", str(config)], capture_output=True,
                          text=True, timeout=20, stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr + done.stdout


@pytest.fixture(scope="module")
def shared_stopped(build_site):
    """Of a site that does not run, so that it may be broken again and again."""
    site = build_site()
    site.web_server.stop()
    site.latchkey.stop()
    if os.path.exists(site.latchkey.socket):
        os.unlink(site.latchkey.socket)
    good = dict(site.latchkey.settings)
    yield site, good
    site.smtp.stop()
    site.remove_run_dir()


@pytest.fixture
def broken(shared_stopped):
    site, good = shared_stopped
    site.latchkey.settings = dict(good)
    return site


def line_of(site, key):
    table, _, name = key.rpartition(".")
    text = toml(site.latchkey.settings).splitlines()
    first = text.index(f"[{table}]") if table else 0
    return next(number for number, line in enumerate(text[first:], first + 1)
                if line.startswith(f"{name} ="))


def assert_refused(site, key, *words):
    status, said = start(site)
    assert status == 1
    lines = [line for line in said.splitlines() if line.strip()]
    complaint = [line for line in lines if f"{site.latchkey.config}:{line_of(site, key)}" in line]
    assert len(complaint) == 1, said
    for word in (key, *words):
        assert word in complaint[0]
    assert ";" in complaint[0] or "did you mean" in complaint[0], "it names no cure"
    assert not os.path.exists(site.latchkey.socket)


@pytest.mark.parametrize("key, value, words", [
    ("web.thread", 8, ["web.threads"]),
    ("bas_url", "http://x.example", ["base_url"]),
    ("web.threads", "8", ["integer"]),
    ("web.threads", 0, ["1"]),
    ("base_url", "ftp://x.example", []),
    ("site.scheme", "md5", ["argon2id"]),
    ("site.table", "no_such_table", []),
    ("site.hash", "no_such_column", []),
    ("site.address", "users; DROP TABLE users", []),
    ("pages.templates", "/nonexistent/templates", []),
    ("token.secret_files", ["/nonexistent/secret"], []),
    ("database.web.password_file", "/nonexistent/secret", []),
    ("limits.reset_request", "5 per minute", ["N/minute"]),
    ("token.link_life", "25h", ["24h"]),
    ("token.link_life", 600, []),
    ("mail.from", "nobody", []),
    ("relay.host", "mail.example.org", ["tls"]),
], ids=lambda one: one if isinstance(one, str) else None)
def test_it_names_file_line_and_cure(broken, key, value, words):
    broken.latchkey.settings[key] = value
    if key == "relay.host":
        key = "relay.tls"
        broken.latchkey.settings[key] = "none"
    assert_refused(broken, key, *words)


def test_an_empty_secret_is_refused(broken):
    path = write_secret(broken.latchkey.etc / "short.secret", "")
    broken.latchkey.settings["token.secret_files"] = [path]
    assert_refused(broken, "token.secret_files", "is empty")


@pytest.mark.parametrize("secret", ["short", "x" * 31])
def test_a_short_secret_is_refused(broken, secret):
    path = write_secret(broken.latchkey.etc / "short.secret", secret)
    broken.latchkey.settings["token.secret_files"] = [path]
    assert_refused(broken, "token.secret_files", "32")


def test_a_missing_key_is_named(broken):
    broken.latchkey.settings["base_url"] = None
    status, said = start(broken)
    assert status == 1
    assert broken.latchkey.config in said and "base_url" in said


def test_what_is_no_toml_is_said_with_its_line(broken):
    status, said = start(broken, text="base_url = \"http://x.example\"\nsite_name = Example\n")
    assert status == 1
    assert f"{broken.latchkey.config}:2" in said


def test_no_file_at_all(broken):
    done = subprocess.run([places.program("latchkeyd"), "--config", "/nonexistent/latchkey.toml"],
                          capture_output=True, text=True, timeout=10)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "/nonexistent/latchkey.toml" in done.stderr


def test_a_broken_template_is_said_with_its_line(broken, tmp_path):
    for path in (places.ROOT / "templates").iterdir():
        (tmp_path / path.name).write_text(path.read_text())
    login = tmp_path / "login.tpl"
    login.write_text(login.read_text() + "{{#NEVER_CLOSED}}\n")
    broken.latchkey.settings["pages.templates"] = str(tmp_path)
    status, said = start(broken)
    assert status == 1
    assert re.search(rf"{re.escape(str(login))}:\d+", said)


def test_a_hash_column_that_is_too_short_is_found_at_start(make_site):
    site = make_site(users="CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255), "
                           "password_hash VARCHAR(60))", settings={"site.scheme": "bcrypt"})
    site.web_server.stop()
    site.latchkey.stop()
    site.latchkey.settings["site.scheme"] = "argon2id"
    assert_refused_at_table(site)


def assert_refused_at_table(site):
    status, said = start(site)
    assert status == 1
    assert f"{site.latchkey.config}:{line_of(site, 'site.hash')}" in said
    assert "password_hash" in said



def check_config(site):
    config = pathlib.Path(site.latchkey.config)
    config.write_text(toml(site.latchkey.settings))
    return subprocess.run([places.program("latchkey"), "check-config", "--config", str(config)],
                          capture_output=True, text=True, timeout=20)


def test_check_config_counts_the_connections_to_the_database(broken):
    """Two generations of workers x threads, and of two threads a relay connection and one more."""
    broken.latchkey.settings.update({"web.workers": 3, "web.threads": 5, "relay.connections": 2})
    good = check_config(broken)
    assert good.returncode == 0, good.stderr
    assert "connections: up to 40 to the database, 30 of 3 workers with 5 threads and 10 of the mailer" \
        in good.stdout
    user = broken.latchkey.settings["database.mailer.user"]
    broken.server.query(f"ALTER USER '{user}'@'localhost' WITH MAX_USER_CONNECTIONS 9")
    few = check_config(broken)
    broken.server.query(f"ALTER USER '{user}'@'localhost' WITH MAX_USER_CONNECTIONS 0")
    assert few.returncode == 1
    assert f"web.threads: the database's max_user_connections for {user} is 9, but up to 10" in few.stderr
    most = int(broken.server.query("SELECT @@GLOBAL.max_connections")[0][0])
    broken.latchkey.settings["web.threads"] = most // 3
    many = check_config(broken)
    assert many.returncode == 1
    line = line_of(broken, "web.threads")
    assert f"{broken.latchkey.config}:{line}:" in many.stderr
    assert f"max_connections is {most}, but up to" in many.stderr and len(many.stderr.splitlines()) == 1


def test_check_config_says_the_same_and_ok_where_all_is_well(broken):
    good = check_config(broken)
    assert good.returncode == 0, good.stderr
    assert "ok" in good.stdout
    broken.latchkey.settings["site.hash"] = "no_such_column"
    bad = check_config(broken)
    assert bad.returncode == 1
    assert "no_such_column" in bad.stderr + bad.stdout
