"""Reloads and killed workers under load: no request is lost, and nobody is mailed twice.

RELOADS=1000 makes it longer (`make soak`); then it has the machine for itself, and the load is held to the
rate that is promised.
"""

import os
import random
import re
import signal
import time

import pytest

from stack.processes import wait_until
from stack.sanitizers import patient
from support import fastcgi, faults
from support.fastcgi import Connection
from support.load import Load, accounts, check_each_form_was_taken_once

RELOADS = int(os.environ.get("RELOADS") or 50)
KILLS = 12
CONNECTIONS = 32
LEAST_RATE = 1000 if RELOADS >= 1000 else 0


class Log:
    """What is new in the log at each look."""

    def __init__(self, site):
        self._file = open(site.latchkey.log, errors="replace")
        self._file.seek(0, os.SEEK_END)
        self._rest = ""

    def lines(self):
        *lines, self._rest = (self._rest + self._file.read()).split("\n")
        return lines


@pytest.fixture
def loaded(make_site):
    site = make_site(settings={"limits.enabled": False})
    site.query(accounts(CONNECTIONS, every=50, each=400))
    return site


def reload_and_wait(site, log):
    """SIGHUP, until the log tells of it."""
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("the reload", lambda: any("configuration_reloaded" in line for line in log.lines()),
               seconds=60)


def has_one_generation(site):
    return len(site.program_pids("latchkey-web")) == 2 and len(site.program_pids("latchkey-mailer")) == 1


def check_workers_left_by_themselves(site):
    """In time, or they had been killed; with 0; and no new one had to be started again."""
    left = re.findall(r"worker_left (.*)", site.log_text())
    assert left and {words.partition(" ")[2] for words in left} == {"status=0"}, left
    assert "worker_killed" not in site.log_text() and "worker_ended" not in site.log_text()


def test_reloads_under_load_lose_no_request_and_mail_nobody_twice(loaded, measured):
    log, began = Log(loaded), time.monotonic()
    with Load(loaded, CONNECTIONS) as load:
        for _ in range(RELOADS):
            reload_and_wait(loaded, log)
        taken = time.monotonic() - began
        wait_until("the old workers' end", lambda: has_one_generation(loaded))
    measured(f"{RELOADS} reloads, {load}", taken)
    assert load.odd == [] and load.errors == {}, load.words
    assert load.rate >= LEAST_RATE
    # None of them waits for an answer still.
    assert load.silence_ms < 1000 * patient(5)
    check_workers_left_by_themselves(loaded)
    check_each_form_was_taken_once(loaded, load)


def test_workers_killed_under_load_mail_nobody_twice(loaded, measured):
    """At most those that it had are lost, as 502 of nginx, which repeats most, or 503 of Apache."""
    chance = random.Random(1)
    with Load(loaded, CONNECTIONS) as load:
        for _ in range(KILLS):
            time.sleep(chance.uniform(0.1, 0.4))
            killed = chance.choice(loaded.program_pids("latchkey-web"))
            os.kill(killed, signal.SIGKILL)
            wait_until("two workers", lambda: killed not in loaded.program_pids("latchkey-web")
                       and has_one_generation(loaded))
    measured(f"{KILLS} kills, {load}", 0)
    assert load.errors == {}, load.words
    assert set(load.odd) <= {"502", "503"} and len(load.odd) <= KILLS * CONNECTIONS, load.words
    check_each_form_was_taken_once(loaded, load)


def handed_on(site, while_it_ends):
    """A connection past the web server, used before the reload, and asked again when that is over."""
    head = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/reset_password_request", "REMOTE_ADDR": "127.0.0.1"}
    log = Log(site)
    with Connection(site.latchkey.socket) as kept:
        assert kept.ask(head).status == 200
        while_it_ends(kept, lambda: reload_and_wait(site, log))
        assert kept.ask(head).status == 200


def test_with_no_time_to_drain_a_kept_connection_is_handed_on(make_site):
    def end(_, reload):
        reload()
        wait_until("the old workers' end", lambda: has_one_generation(site))

    site = make_site(settings={"web.drain": "0s"})
    handed_on(site, end)


def test_a_connection_that_is_answered_after_the_drain_time_is_handed_on(make_site):
    def end(kept, reload):
        # Of which only a part comes: its worker has to stay for a while.
        with Connection(site.latchkey.socket) as part:
            part.send(fastcgi.begin())
            form = fastcgi.request(*fastcgi.form_of(site, "/reset_password_request", email="x@example.org"))
            with faults.locked_outbox(site):
                kept.send(form)
                time.sleep(0.1)
                reload()
                time.sleep(1.5)
            assert kept.reply().status in (303, 503)
            assert worker in site.program_pids("latchkey-web")

    site = make_site(settings={"web.workers": 1, "web.drain": "1s"})
    worker, = site.program_pids("latchkey-web")
    handed_on(site, end)
