"""Restarts of latchkeyd on systemd's socket, under load: no request is lost, and nobody is mailed twice.

The socket stays open, as a socket unit's does, and each latchkeyd is handed it on descriptor 3. The
programs may be others after each restart.
"""

import os
import pathlib
import re
import shutil
import socket
import time

import pytest

from stack import places
from stack.processes import wait_until
from support.fastcgi import Connection
from support.load import Load, accounts, check_each_form_was_taken_once

RESTARTS = 8
CONNECTIONS = 16
PROGRAMS = ("latchkeyd", "latchkey-web", "latchkey-mailer")


@pytest.fixture
def activated(make_site):
    site = make_site(start=False, settings={"limits.enabled": False})
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(site.latchkey.socket)
        listener.listen(1024)
        site.latchkey.listener = listener
        site.start()
        yield site
        site.stop()


def copied_programs(directory):
    directory.mkdir()
    for program in PROGRAMS:
        shutil.copy(places.program(program), directory)
    return directory


def directories_of_programs(site):
    """Of the files that run: latchkeyd, two workers and the mailer."""
    children = [*site.program_pids("latchkey-web"), *site.program_pids("latchkey-mailer")]
    assert len(children) == 3
    return {pathlib.Path(os.readlink(f"/proc/{pid}/exe")).parent
            for pid in (site.latchkey.child.pid, *children)}


def test_restarts_with_other_programs_lose_no_request_and_mail_nobody_twice(activated, measured):
    copies = [copied_programs(activated.directory / name) for name in ("one", "other")]
    activated.query(accounts(CONNECTIONS, every=10, each=200))
    longest = 0
    with Load(activated, connections=CONNECTIONS) as load:
        for restart in range(RESTARTS):
            time.sleep(0.5)
            began = time.monotonic()
            assert activated.latchkey.stop() == 0
            copy = copies[restart % 2]
            activated.latchkey.program = str(copy / "latchkeyd")
            activated.latchkey.start()
            wait_until("the next", activated.answers)
            longest = max(longest, time.monotonic() - began)
            activated.wait_for_programs("latchkey-web", 2)
            activated.wait_for_programs("latchkey-mailer", 1)
            assert directories_of_programs(activated) == {copy}
    measured(f"{RESTARTS} restarts, {load}; nobody answered for at most", longest)
    assert load.odd == [] and load.errors == {}, load.words
    assert "connections_left" in activated.log_text()
    check_each_form_was_taken_once(activated, load)


def test_a_connection_that_the_web_server_kept_is_answered_by_the_next(activated):
    """By hand, since how many a web server keeps is its own affair."""
    activated.web_server.stop()
    head = {"REQUEST_METHOD": "GET", "REQUEST_URI": "/reset_password_request",
            "REMOTE_ADDR": "127.0.0.1"}
    # The second is accepted after the first.
    with Connection(activated.latchkey.socket) as unused, Connection(activated.latchkey.socket) as kept:
        assert kept.ask(head).status == 200
        activated.latchkey.stop()
        # And some of the web server's, where their end was not seen yet.
        assert int(re.search(r"connections_left=(\d+)", activated.log_text())[1]) >= 2
        activated.latchkey.start()
        assert kept.ask(head).status == 200
        assert kept.ask(head).status == 200
        assert unused.ask(head).status == 200
