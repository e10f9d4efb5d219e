"""Restarts of latchkeyd on systemd's socket, under load: no request is lost.

The socket stays open, as a socket unit's does, and each latchkeyd is handed it on descriptor 3.
"""

import re
import socket
import time

import pytest

from stack.processes import wait_until
from support.fastcgi import Connection
from support.load import Load

RESTARTS = 8


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


def test_restarts_on_a_socket_that_stays_lose_no_request(activated, measured):
    longest = 0
    with Load(activated, connections=16) as load:
        for _ in range(RESTARTS):
            time.sleep(0.5)
            began = time.monotonic()
            assert activated.latchkey.stop() == 0
            activated.latchkey.start()
            wait_until("the next", activated.answers)
            longest = max(longest, time.monotonic() - began)
    measured(f"{RESTARTS} restarts, {load}; nobody answered for at most", longest)
    assert load.odd == [] and load.errors == {}, load.words
    assert "connections_left" in activated.log_text()


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
