"""Processes that are killed while they count leave nothing behind that others trip over."""

import subprocess

from stack import places

KILLS = 500  # 10,000 in tests/faults


def test_workers_killed_at_random_neither_stall_the_others_nor_lose_a_count(tmp_path):
    done = subprocess.run([places.build_dir() / "tests/limiter", "kill", tmp_path / "limits", str(KILLS)],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
