"""What the tests that break things share: they say what still works and how soon all works again."""

import contextlib
import secrets
import signal
import subprocess
import threading
import time

from stack import places
from stack.processes import wait_until
from stack.sanitizers import patient

# Latchkey's own timeout for the database, and for a new connection to it.
IO_TIMEOUT_S = 5
CONNECT_TIMEOUT_S = 2


def seconds_until(condition, within):
    """How long it took; AssertionError if it took longer."""
    within = patient(within)
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < within, f"not within {within} s"
        time.sleep(0.005)
    return time.monotonic() - started


def taken(call):
    """(what it returned, the seconds that it took)"""
    started = time.monotonic()
    value = call()
    return value, time.monotonic() - started


def asks(site):
    """A visitor with the form open, and what sends it: a new visitor each, for the limit's sake. As if
    the form had been opened again each time, for one that comes again is taken once."""
    visitor = site.visitor()
    page = visitor.open("/reset_password_request")
    return lambda address: visitor.submit(page, email=address, once=secrets.token_hex(16))


def is_unavailable(reply):
    """The page for a part of ours that is away."""
    return (reply.status == 503 and reply.header("Retry-After") == "5"
            and "nothing was changed" in reply.page.text)


def is_busy(reply):
    """The page when more is to be hashed than there are permits for."""
    return reply.status == 503 and reply.header("Retry-After") == "2"


def is_away(reply):
    """The page that the web server shows in place of an answer. Apache says 503 where nginx says 502."""
    return (reply.status in (502, 503, 504) and reply.header("Retry-After") == "5"
            and reply.header("Cache-Control") == "no-store"
            and reply.page.heading == "We cannot answer right now" and "try again" in reply.page.text)


def pages_without_database_go_on(site):
    return all(site.visitor().get(path).status == 200
               for path in ("/login", "/reset_password_request", "/static/latchkey.css"))


def outbox_states(site):
    return [row[0] for row in site.server.query(f"SELECT state FROM {site.outbox_schema}.outbox")]


def ends(site):
    """{"sent": 2, ...} as the mailer counted them."""
    return {name: int(count) for name, count in site.server.query(
        f"SELECT name, count FROM {site.outbox_schema}.outbox_ends")}


@contextlib.contextmanager
def frozen(process):
    """process: a Child or server with signal()."""
    process.signal(signal.SIGSTOP)
    try:
        yield
    finally:
        process.signal(signal.SIGCONT)


@contextlib.contextmanager
def client(site):
    """say(sql): to a connection that stays, as root."""
    with subprocess.Popen([places.tool("mariadb"), "--no-defaults", "--user=root", "--force", "--unbuffered",
                           "--skip-column-names", f"--socket={site.server.socket}", site.schema],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          text=True) as process:
        def say(sql):
            process.stdin.write(sql + ";\n")
            process.stdin.flush()

        yield say
        process.stdin.close()


@contextlib.contextmanager
def locked_outbox(site):
    """What forms store waits for the end of this; not much longer than a lock is waited for (src/db/db.cc)."""
    with client(site) as say:
        say(f"LOCK TABLES {site.outbox_schema}.outbox WRITE")
        wait_until("the lock", lambda: site.server.query(
            f"SHOW OPEN TABLES FROM {site.outbox_schema} WHERE `Table` = 'outbox' AND In_use > 0"))
        yield


def at_once(calls):
    """Runs them in threads of their own; what they returned, in their order."""
    results = [None] * len(calls)

    def run(index, call):
        results[index] = call()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
