"""The limiter's table, for long: many kills under load, and ThreadSanitizer over it."""

import subprocess

from stack import places

KILLS = 10_000


def test_ten_thousand_workers_killed_at_random(tmp_path):
    done = subprocess.run([places.build_dir() / "tests/limiter", "kill", tmp_path / "limits", str(KILLS)],
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr


def test_thread_sanitizer_finds_nothing(tmp_path):
    made = subprocess.run(["make", "-s", "SANITIZE=thread", "build/sanitize-thread/tests/limiter"],
                          cwd=places.ROOT, capture_output=True, text=True, timeout=600)
    assert made.returncode == 0, made.stderr
    done = subprocess.run([places.ROOT / "build/sanitize-thread/tests/limiter", "threads", tmp_path / "limits"],
                          capture_output=True, text=True, timeout=600)
    assert done.returncode == 0 and "ThreadSanitizer" not in done.stderr, done.stderr
