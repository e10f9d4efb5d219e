"""Connections to the database: what check-config counts is enough, also while old and new programs overlap.

Each thread has one at most. All of them are kept busy while the configuration is loaded again and again.
"""

import concurrent.futures
import contextlib
import re
import signal
import subprocess
import threading

from stack import places
from stack.processes import wait_until
from support import fastcgi
from support.load import Load, accounts

RELOADS = 20
CONNECTIONS = 32
SIGN_INS = 16  # at a time: more than there are threads that answer
SETTINGS = {"limits.enabled": False, "web.workers": 2, "web.threads": 4, "relay.connections": 2}


def needed(site):
    """By check-config."""
    told = subprocess.run([places.program("latchkey"), "check-config", "--config", site.latchkey.config],
                          capture_output=True, text=True, check=True, timeout=20).stdout
    return int(re.search(r"^connections: up to (\d+) to the database", told, re.MULTILINE)[1])


@contextlib.contextmanager
def many_sign_in(site):
    """Past the web server, by so many at a time, over and over. Their answers."""
    form = fastcgi.form_of(site, "/login", email="load0n1@example.org", password="not this")
    over, replies = threading.Event(), []

    def sign_in(connection):
        while not over.wait(0.02):
            replies.append(connection.ask(*form))

    with contextlib.ExitStack() as open_ones, concurrent.futures.ThreadPoolExecutor(SIGN_INS) as pool:
        connections = [open_ones.enter_context(fastcgi.Connection(site.latchkey.socket, seconds=40))
                       for _ in range(SIGN_INS)]
        running = [pool.submit(sign_in, connection) for connection in connections]
        try:
            yield replies
        finally:
            over.set()
        for one in running:
            one.result()


def reload(site, number):
    """The number-th."""
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("the reload", lambda: len(re.findall(" (?:configuration_reloaded|reload_refused) ",
                                                    site.log_text())) == number, seconds=60)
    assert "reload_refused" not in site.log_text()


def is_answered(reply):
    """Wrong, or that there are too many; not that the database is away."""
    return reply.status == 422 or dict(reply.headers).get("Retry-After") == "2"


def test_reloads_under_load_need_no_more_connections_than_check_config_says(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server, settings=SETTINGS)
        # Each address of the load is an account's, so that mailers are as busy.
        site.query(accounts(CONNECTIONS, every=1, each=1000))
        site.smtp.script.always = 0.05
        most = needed(site)
        # Nobody else has any meanwhile: the test itself asks before and afterwards only.
        server.query(f"SET GLOBAL max_connections = {most}; FLUSH STATUS")
        with Load(site, CONNECTIONS) as load, many_sign_in(site) as replies:
            for number in range(1, RELOADS + 1):
                reload(site, number)
        wait_until("the old ones' end", lambda: len(site.program_pids("latchkey-web")) == 2
                   and len(site.program_pids("latchkey-mailer")) == 1)
        told = {name: int(value) for name, value in server.query(
            "SHOW GLOBAL STATUS WHERE Variable_name IN "
            "('Max_used_connections', 'Connection_errors_max_connections')")}
        site.stop()
    assert told["Connection_errors_max_connections"] == 0
    assert "too many connections" not in site.log_text().lower()
    assert load.odd == [] and load.errors == {}, load.words
    assert replies and all(map(is_answered, replies))
    # More than one generation has, so that both were there.
    assert most // 2 < told["Max_used_connections"] <= most
