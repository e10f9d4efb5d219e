"""Reloads under load: no request fails, nobody is mailed twice, and the old workers leave.

RELOADS=1000 makes it longer (`make soak`).
"""

import os
import signal
import time

from stack.processes import wait_until
from support.load import Load

RELOADS = int(os.environ.get("RELOADS") or 50)
LOADED = {"limits.enabled": False, "log.level": "info"}


class Log:
    """What is new in the log at each look."""

    def __init__(self, site):
        self._file = open(site.latchkey.log, errors="replace")
        self._file.seek(0, os.SEEK_END)
        self._rest = ""

    def lines(self):
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        return lines


def reload_and_wait(site, log):
    """SIGHUP, until the log tells of it."""
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("the reload", lambda: any("configuration_reloaded" in line for line in log.lines()),
               seconds=60)


def test_reloads_under_load_lose_no_request_and_mail_nobody_twice(make_site, measured):
    site = make_site(settings=LOADED)
    began = time.monotonic()
    with Load(site, seconds=3600) as load:
        log = Log(site)
        for _ in range(RELOADS):
            reload_and_wait(site, log)
        taken = time.monotonic() - began
        wait_until("the old workers' end", lambda: len(site.program_pids("latchkey-web")) == 2
                   and len(site.program_pids("latchkey-mailer")) == 1)
    measured(f"{RELOADS} reloads, {load.requests} requests, {load.sent} forms, {load.rate:.0f}/s, "
             f"p99 {load.p99_ms} ms, longest {load.longest_ms} ms", taken)
    assert load.odd == [] and load.errors == {}, load.words
    assert site.log_text().count("worker_killed") == 0
    assert load.rate >= 1000, load.words
