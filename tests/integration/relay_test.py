"""When the relay is away or says no: mail comes late, once, or never; nothing is lost unsaid."""

import time

import pytest


@pytest.fixture
def account(site):
    return site.account()


def wait_for_log(site, *words, seconds=15):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if any(all(word in line for word in words) for line in site.log_text().splitlines()):
            return
        time.sleep(0.05)
    raise AssertionError(f"no log line with {words}")


def wait_until_empty(site, seconds=15):
    deadline = time.monotonic() + seconds
    while not site.outbox_is_empty():
        assert time.monotonic() < deadline, "the outbox is not empty"
        time.sleep(0.05)


def test_down_then_up_the_mail_arrives(make_site):
    site = make_site()
    account = site.account()
    site.smtp.stop()
    assert site.visitor().ask(account.address).status == 303
    time.sleep(1)
    assert not site.outbox_is_empty()
    site.smtp.start()
    mail, = site.smtp.wait(account.address, seconds=20)
    assert mail.links()
    wait_until_empty(site)


def test_later_means_later_and_the_link_is_good_then(site, account):
    site.smtp.script.then("451 4.3.0 come back later")
    site.visitor().ask(account.address)
    mail, = site.smtp.wait(account.address, seconds=20)
    assert site.visitor().open(mail.links()[0]).path == "/reset_password"
    wait_until_empty(site)


def test_a_refusal_for_good_is_not_repeated(make_site):
    site = make_site()
    account = site.account()
    site.smtp.script.then("550 5.7.1 not wanted here")
    site.visitor().ask(account.address)
    deadline = time.monotonic() + 15
    while site.smtp.script.tries == 0:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(7)  # longer than the first pause before another try
    assert site.smtp.script.tries == 1
    assert "550" in site.log_text()
    assert account.address not in site.log_text()


def test_a_connection_lost_after_the_message_is_repeated_with_the_same_message_id(make_site):
    site = make_site()
    account = site.account()
    seen = []
    original = site.smtp.keep
    site.smtp.keep = lambda mail: (seen.append(mail.message["Message-ID"]), original(mail))
    site.smtp.script.then("close")
    site.visitor().ask(account.address)
    site.smtp.wait(account.address, seconds=20)
    assert site.smtp.script.tries == 2
    assert len(seen) == 1


def test_a_note_written_by_hand_cannot_add_a_recipient(make_site):
    """GHSA-q86f, GHSA-g7hc-96xr-gvvx: what gets into the table past the form stays off the wire."""
    site = make_site()
    account = site.account("real@example.org\r\nBcc: thief@example.org")
    for address in ("real@example.org\r\nRCPT TO:<thief@example.org>", "<thief@example.org>",
                    account.address, "a@example.org\u2028b@example.org"):
        hexed = address.encode().hex()
        site.server.query(
            f"INSERT INTO {site.outbox_schema}.outbox "
            "(note_id, kind, address, account_id, peer, dropped_at, due_at) VALUES (RANDOM_BYTES(16), "
            f"'link', X'{hexed}', '', '192.0.2.1', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")
    site.link_for(site.account())
    assert len(site.smtp.mails()) == 1
