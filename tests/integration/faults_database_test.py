"""The database dies, hangs, refuses: a page says so, nothing is lost, and all goes on with its return."""

import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import time

import pytest

from stack import places
from stack.processes import StackError, wait_until
from stack.sanitizers import patient
from support import faults
from support.site import OLD_PASSWORD, new_password

SERVING_AGAIN_S = 1


@pytest.fixture(scope="module")
def server_of_ours(make_server):
    with make_server() as server:
        yield server


@pytest.fixture
def broken(make_site, server_of_ours):
    """A site on a server that may be broken."""
    return make_site(on=server_of_ours, settings={"limits.enabled": False})


def serves_again(site, ask, account, mails_before):
    """(seconds until the form is taken, until the mail of it is there)"""
    started = time.monotonic()
    faults.seconds_until(lambda: ask(account.address).status == 303, SERVING_AGAIN_S)
    asked = time.monotonic() - started
    site.smtp.wait(account.address, mails_before + 1)
    return asked, time.monotonic() - started


def test_killed_and_started_again(broken, measured):
    account, other = broken.account(), broken.account()
    link = broken.link_for(account)
    broken.smtp.script.then("451 4.3.0 come back later")
    assert broken.visitor().ask(other.address).status == 303
    wait_until("a first try", lambda: "mail_deferred" in broken.log_text())
    visitor, ask = broken.visitor(), faults.asks(broken)
    form = visitor.open(link)

    broken.server.kill()
    assert faults.is_unavailable(ask(account.address))
    password = new_password()
    assert faults.is_unavailable(visitor.submit(form, password=password, password2=password))
    assert faults.is_unavailable(visitor.sign_in(account.address, OLD_PASSWORD))
    # A link is known without it. The page behind it says so, and is there again when it is loaded again.
    late = broken.visitor()
    assert faults.is_unavailable(late.open(link))
    assert faults.pages_without_database_go_on(broken)
    wait_until("the mailer's word", lambda: "database_lost" in broken.log_text())
    assert "service_unavailable" in broken.log_text()
    started_anew(broken, "latchkey-mailer")
    started_anew(broken, "latchkey-web")
    assert faults.is_unavailable(ask(account.address))

    broken.server.start_again()
    broken.server.change(f"UPDATE {broken.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6)")
    asked, mailed = serves_again(broken, ask, account, mails_before=1)
    measured("a form is taken again after", asked)
    measured("its mail is there after", mailed)
    assert mailed < patient(SERVING_AGAIN_S)
    assert broken.smtp.wait(other.address)  # what was dropped before
    wait_until("the mailer's other word", lambda: "database_back" in broken.log_text())
    assert late.get("/reset_password").status == 200
    assert visitor.set_password(link, new_password()).status == 303
    wait_until("an empty outbox", broken.outbox_is_empty)


def test_a_further_reason_why_the_mailer_has_no_database_is_told(broken):
    """A restore brings the database back, with an account that it does not let in."""
    user = f"'{broken.latchkey.settings['database.mailer.user']}'@'localhost'"
    wait_until("the mailer", lambda: "mailer_started" in broken.log_text())
    broken.server.query(f"ALTER USER {user} ACCOUNT LOCK")
    broken.server.kill()
    wait_until("its word", lambda: "database_lost" in broken.log_text())
    broken.server.start_again()
    wait_until("its other word", lambda: "account is locked" in broken.log_text())
    broken.server.query(f"ALTER USER {user} ACCOUNT UNLOCK")
    wait_until("that it is back", lambda: "database_back" in broken.log_text())
    told = re.findall(r"database_lost (.*)", broken.log_text())
    assert len(told) == len(set(told)) <= 4  # kMaxReasons in src/delivery/serve.cc


def started_anew(site, program):
    """Killed without a database, they start without one, and stay."""
    before = site.program_pids(program)
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    def others():
        pids = site.program_pids(program)
        return pids if len(pids) == len(before) and not set(before) & set(pids) else None

    after = wait_until(f"other {program}", others)
    time.sleep(0.5)
    assert site.program_pids(program) == after


def test_hanging_it_costs_the_timeout_of_a_new_connection_and_other_pages_go_on(broken, measured):
    account = broken.account()
    ask = faults.asks(broken)
    assert ask(account.address).status == 303
    # More than there are threads: 2 programs of 4.
    many = [faults.asks(broken) for _ in range(20)]
    time.sleep(1.2)  # A connection that was used within a second is trusted, for the longer IO_TIMEOUT_S.
    with faults.frozen(broken.server):
        reply, seconds = faults.taken(lambda: ask(account.address))
        assert faults.is_unavailable(reply)
        assert seconds < patient(faults.CONNECT_TIMEOUT_S + faults.IO_TIMEOUT_S) / 2
        measured("the first page says so after", seconds)
        replies = faults.at_once([lambda one=one: faults.taken(lambda: one("x@example.org"))
                                  for one in many])
        assert all(faults.is_unavailable(reply) for reply, _ in replies)

        def others_fail_at_once():
            replies = faults.at_once([lambda one=one: faults.taken(lambda: one("x@example.org"))
                                      for one in many[:16]])
            return sorted(seconds for _, seconds in replies)[13] < patient(1)

        # Once both programs know, one thread of each waits, nobody else does.
        wait_until("14 of 16 that wait for nothing", others_fail_at_once)
        going_on, seconds = faults.taken(lambda: faults.pages_without_database_go_on(broken))
        assert going_on and seconds < patient(1)
    asked, mailed = serves_again(broken, ask, account, mails_before=1)
    measured("a form is taken again after", asked)
    measured("its mail is there after", mailed)
    wait_until("an empty outbox", broken.outbox_is_empty)


def test_while_it_hangs_a_single_thread_that_answers_does_not_wait(make_site, server_of_ours):
    site = make_site(on=server_of_ours, settings={"limits.enabled": False, "web.workers": 1, "web.threads": 1})
    asks = [faults.asks(site) for _ in range(4)]
    time.sleep(1.2)  # As above.
    with faults.frozen(site.server):
        for _ in range(2):  # when it is not known, and when it is
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                replies = [pool.submit(ask, "x@example.org") for ask in asks]
                time.sleep(0.1)
                assert not all(reply.done() for reply in replies)
                going_on, seconds = faults.taken(lambda: faults.pages_without_database_go_on(site))
                assert going_on and seconds < patient(1)
                assert all(faults.is_unavailable(reply.result()) for reply in replies)
    wait_until("a form that is taken", lambda: asks[0]("x@example.org").status == 303)


def test_read_only_nothing_is_taken_and_nothing_is_lost(broken):
    account = broken.account()
    link = broken.link_for(account)
    stored = broken.hash_of(account)
    visitor, ask = broken.visitor(), faults.asks(broken)
    form = visitor.open(link)
    broken.server.query("SET GLOBAL read_only = 1")
    try:
        assert faults.is_unavailable(ask(account.address))
        password = new_password()
        reply = visitor.submit(form, password=password, password2=password)
        assert faults.is_unavailable(reply)
        assert "1290" in broken.log_text()
        # Reading goes on: opening the link, signing in.
        assert visitor.open(link).path == "/reset_password"
        assert broken.visitor().can_sign_in(account.address, OLD_PASSWORD)
    finally:
        broken.server.query("SET GLOBAL read_only = 0")
    assert broken.hash_of(account) == stored
    serves_again(broken, ask, account, mails_before=1)
    assert visitor.set_password(link, new_password()).status == 303


def test_out_of_connections(broken):
    account = broken.account()
    ask = faults.asks(broken)
    before = broken.server.query("SELECT @@max_connections")[0][0]
    broken.server.query("SET GLOBAL max_connections = 10; CREATE USER hog@localhost")
    hogs = []
    try:
        # Each tries until it has one.
        hogs = [subprocess.Popen(["/bin/sh", "-c", 'until "$@"; do sleep 0.05; done', "hog",
                                  places.tool("mariadb"), "--no-defaults", "--user=hog",
                                  f"--socket={broken.server.socket}", "-e", "SELECT SLEEP(60)"],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                for _ in range(12)]

        def is_out():
            # Whoever is faster than a hog keeps what it has.
            with contextlib.suppress(StackError):  # a hog stood in the door
                for part in ("web", "mailer"):
                    user = broken.latchkey.settings[f"database.{part}.user"]
                    broken.server.query(f"KILL USER '{user}'@'localhost'")
            return faults.is_unavailable(ask(account.address))

        wait_until("no connection left", is_out)
        wait_until("its reason", lambda: "1040" in broken.log_text())
        assert faults.pages_without_database_go_on(broken)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()

        def let_all_in():
            with contextlib.suppress(StackError):  # one that is on its way out stands in the door
                broken.server.query(f"SET GLOBAL max_connections = {before}")
                return True

        wait_until("a way in", let_all_in)
        broken.server.query("KILL USER hog@localhost; DROP USER hog@localhost")
    serves_again(broken, ask, account, len(broken.smtp.mails(account.address)))


def test_a_table_that_is_not_there_is_told_and_its_return_is_found(broken):
    """A restore under way; a GRANT that was forgotten is the same to us."""
    account = broken.account()
    ask = faults.asks(broken)
    # Without its table it would not start: that is a set-up to be put right.
    wait_until("the mailer", lambda: "mailer_started" in broken.log_text())
    broken.server.query(f"RENAME TABLE {broken.outbox_schema}.outbox TO {broken.outbox_schema}.away")
    assert faults.is_unavailable(ask(account.address))
    wait_until("the mailer's word", lambda: "database_lost" in broken.log_text())
    broken.server.query(f"RENAME TABLE {broken.outbox_schema}.away TO {broken.outbox_schema}.outbox")
    serves_again(broken, ask, account, mails_before=0)
