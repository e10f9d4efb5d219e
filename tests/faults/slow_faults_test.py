"""Faults that take their time: a relay that hangs, a lease that runs out, a database's disk that is full."""

import os
import signal
import time

import pytest

from stack.processes import StackError, wait_until
from support import faults
from support.site import new_password

LEASE_S = 180
ANSWER_TIMEOUT_S = 60
WEB_SERVER_TIMEOUT_S = 30  # fastcgi_read_timeout


def outbox(site, columns):
    return site.server.query(f"SELECT {columns} FROM {site.outbox_schema}.outbox")


def test_a_relay_that_never_answers_is_given_up_and_the_mail_is_sent_once_more(make_site, measured):
    site = make_site(settings={"relay.answer_timeout": f"{ANSWER_TIMEOUT_S}s"})
    account = site.account()
    site.smtp.script.then(3600)
    assert site.visitor().ask(account.address).status == 303
    _, seconds = faults.taken(lambda: wait_until(
        "the try's end", lambda: "mail_deferred" in site.log_text(), seconds=ANSWER_TIMEOUT_S + 15))
    measured("a try was given up after", seconds)
    assert "no answer after the message" in site.log_text()
    assert site.smtp.wait(account.address, seconds=20)
    wait_until("an empty outbox", site.outbox_is_empty)


def test_workers_that_hang_are_given_up_and_a_page_says_so(make_site, measured):
    site = make_site()
    workers = site.program_pids("latchkey-web")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        reply, seconds = faults.taken(lambda: site.visitor().get("/login"))
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    assert reply.status == 504 and faults.is_away(reply)
    measured("the web server said so after", seconds)
    assert seconds < WEB_SERVER_TIMEOUT_S + 5
    wait_until("an answer", site.answers)


def test_a_killed_mailers_note_is_sent_when_its_lease_is_over(make_site, measured):
    site = make_site()
    account, seen = site.account(), []
    site.smtp.on_message = seen.append
    site.smtp.script.then(3600)
    assert site.visitor().ask(account.address).status == 303
    wait_until("the relay has it", lambda: seen)
    pid, = site.program_pids("latchkey-mailer")
    os.kill(pid, signal.SIGKILL)
    _, seconds = faults.taken(lambda: site.smtp.wait(account.address, seconds=LEASE_S + 10))
    measured("sent again after", seconds)
    wait_until("an empty outbox", site.outbox_is_empty)
    assert len(site.smtp.mails(account.address)) == 1


@pytest.fixture
def on_a_small_disk(make_server, make_site):
    """InnoDB in one file that cannot grow: to it and to us, a full disk."""
    with make_server("--innodb-file-per-table=0", "--innodb-data-file-path=ibdata1:12M;ibdata2:8M") as server:
        yield make_site(on=server, settings={"limits.enabled": False})


def test_a_full_disk_is_told_and_nothing_that_was_taken_is_lost(on_a_small_disk):
    site = on_a_small_disk
    account = site.account()
    link = site.link_for(account)
    ask, visitor = faults.asks(site), site.visitor()
    form = visitor.open(link)
    site.query("CREATE TABLE filler (text LONGBLOB)")
    site.smtp.script.always = "451 4.3.0 later"  # so that nothing that is sent makes room
    for size in (1 << 20, 1 << 16, 1 << 12, 1 << 8):
        fill(site, size)
    accepted, replies = 0, []
    for _ in range(3000):
        reply = ask("x" * 60 + "@" + "long." * 30 + "example.org")
        replies.append(reply)
        accepted += reply.status == 303
        if reply.status != 303:
            break
    assert faults.is_unavailable(replies[-1])
    assert "1114" in site.log_text()
    password = new_password()
    assert visitor.submit(form, password=password, password2=password).status in (303, 503)
    assert len(outbox(site, "state")) >= accepted
    site.server.stop()
    site.server.start_again("--innodb-data-file-path=ibdata1:12M;ibdata2:8M:autoextend")
    site.smtp.script.always = None
    site.server.change(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6)")
    assert ask(account.address).status == 303
    assert site.smtp.wait(account.address, 2, seconds=30)


def fill(site, size_bytes):
    try:
        for _ in range(4000):
            site.query(f"INSERT INTO filler VALUES (REPEAT('x', {size_bytes}))")
    except StackError as error:
        assert "1114" in str(error) or "full" in str(error)


def test_an_innodb_that_only_reads_takes_nothing_and_says_so(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server, settings={"limits.enabled": False})
        account = site.account()
        link = site.link_for(account)
        wait_until("an empty outbox", site.outbox_is_empty)
        ask = faults.asks(site)
        server.stop()
        server.start_again("--innodb-read-only=1")
        assert faults.is_unavailable(ask(account.address))
        assert site.visitor().open(link).path == "/reset_password"
        time.sleep(1)
        server.stop()
        server.start_again()
        faults.seconds_until(lambda: ask(account.address).status == 303, 1)
        assert site.smtp.wait(account.address, 2)
