"""Connections killed while passwords are being set: what the page says is true, and notices match.

KILL comes at any moment of the transaction, COMMIT included, whose outcome the client then cannot know.
"""

import contextlib
import random
import subprocess
import threading
import time

import pytest

from stack import places
from stack.processes import wait_until
from support.site import new_password, php_verify

ROUNDS = 100


@contextlib.contextmanager
def killer(site):
    """kill(): ends every connection of the web program, as quickly as a server takes statements."""
    user = site.latchkey.settings["database.web.user"]
    client = subprocess.Popen([places.tool("mariadb"), "--no-defaults", "--user=root", "--force",
                               f"--socket={site.server.socket}"], stdin=subprocess.PIPE, text=True,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill():
        client.stdin.write(f"KILL USER '{user}'@'localhost';\n")
        client.stdin.flush()

    try:
        yield kill
    finally:
        client.stdin.close()
        client.wait(10)


@pytest.fixture(scope="module")
def site_of_ours(make_server, build_site):
    with make_server("--innodb-flush-log-at-trx-commit=1") as server:
        site = build_site(on=server, settings={"limits.enabled": False})
        yield site
        site.stop()
        site.remove_run_dir()


def told(reply, visitor):
    """What the page says of the password."""
    if reply.status == 303:
        notice = visitor.follow(reply).page.notice
        return "set" if "Your password is changed" in notice else f"303: {notice}"
    if "nothing was changed" in reply.page.text:
        return "not set"
    assert reply.status == 503 and "cannot see whether" in reply.page.text, reply.page.text
    return "unknown"


def set_under_fire(site, kill, account):
    visitor, password = site.visitor(), new_password()
    form = visitor.open(site.link_for(account))
    done = threading.Event()

    def fire():
        while not done.wait(random.uniform(0.0005, 0.02)):
            kill()

    thread = threading.Thread(target=fire)
    thread.start()
    try:
        reply = visitor.submit(form, password=password, password2=password)
    finally:
        done.set()
        thread.join()
    time.sleep(0.05)  # the last shots
    return told(reply, visitor), password


def test_what_the_page_says_is_so_and_each_change_has_its_notice(site_of_ours, measured):
    site = site_of_ours
    outcomes = []
    with killer(site) as kill:
        for _ in range(ROUNDS):
            account = site.account()
            before = site.hash_of(account)
            outcomes.append((account, before, *set_under_fire(site, kill, account)))
    wait_until("an empty outbox", site.outbox_is_empty, seconds=60)
    words = [word for _, _, word, _ in outcomes]
    for word in sorted(set(words)):
        measured(f"{word}: {words.count(word)} of {ROUNDS}", 0)
    assert set(words) <= {"set", "not set", "unknown"}
    assert words.count("set") > 0 and words.count("set") < ROUNDS
    for account, before, word, password in outcomes:
        after = site.hash_of(account)
        changed = after != before
        assert word == "unknown" or changed == (word == "set"), (account.id, word)
        assert not changed or php_verify(password, after)
        notices = [mail for mail in site.smtp.mails(account.address) if not mail.links()]
        assert len(notices) == (1 if changed else 0), (account.id, word)
