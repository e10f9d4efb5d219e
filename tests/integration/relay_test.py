"""When the relay is away or says no: mail comes late, once, or never; nothing is lost unsaid."""

import pytest

from stack.processes import wait_until


@pytest.fixture
def account(site):
    return site.account()


def outbox(site, columns, where="TRUE"):
    return site.server.query(f"SELECT {columns} FROM {site.outbox_schema}.outbox WHERE {where}")


def make_due(site):
    """Instead of waiting for the next try's time."""
    site.server.change(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6)")


def try_again_at_once(site):
    """As soon as the first try has failed."""
    wait_until("a first try that failed",
               lambda: outbox(site, "tries", "tries > 0 AND lease_owner IS NULL AND reason != ''"))
    make_due(site)


def wait_until_empty(site):
    wait_until("an empty outbox", site.outbox_is_empty)


def test_down_then_up_the_mail_arrives(make_site):
    site = make_site()
    account = site.account()
    site.smtp.stop()
    assert site.visitor().ask(account.address).status == 303
    wait_until("a first try", lambda: outbox(site, "tries", "tries > 0 AND lease_owner IS NULL"))
    site.smtp.start()
    make_due(site)
    mail, = site.smtp.wait(account.address, seconds=20)
    assert mail.links()
    wait_until_empty(site)


def test_later_means_later_and_the_link_is_good_then(site, account):
    site.smtp.script.then("451 4.3.0 come back later")
    site.visitor().ask(account.address)
    try_again_at_once(site)
    mail, = site.smtp.wait(account.address, seconds=20)
    assert site.visitor().open(mail.links()[0]).path == "/reset_password"
    wait_until_empty(site)


def test_a_refusal_for_good_is_not_repeated(make_site):
    site = make_site()
    account = site.account()
    site.smtp.script.then("550 5.7.1 not wanted here")
    site.visitor().ask(account.address)
    wait_until("the end of the note", lambda: outbox(site, "state") == [["failed"]])
    make_due(site)
    site.link_for(site.account())
    assert site.smtp.script.tries == 2  # of two notes
    assert "550" in site.log_text()
    assert account.address not in site.log_text()


def test_a_connection_lost_after_the_message_is_repeated_with_the_same_message_id(make_site):
    site = make_site()
    account = site.account()
    seen = []
    site.smtp.on_message = lambda mail: seen.append(mail.message["Message-ID"])
    site.smtp.script.then("close")
    site.visitor().ask(account.address)
    try_again_at_once(site)
    site.smtp.wait(account.address, seconds=20)
    assert site.smtp.script.tries == 2
    assert seen[0] is not None and seen[0] == seen[1]


def test_a_note_written_by_hand_cannot_add_a_recipient(make_site):
    """GHSA-q86f, GHSA-g7hc-96xr-gvvx, CVE-2023-51764: what gets into the table past the form stays off
    the wire."""
    site = make_site()
    account = site.account("real@example.org\r\nBcc: thief@example.org")
    for address in ("real@example.org\r\nRCPT TO:<thief@example.org>", "<thief@example.org>",
                    account.address, "a@example.org\u2028b@example.org", '"a b"@example.org',
                    '"real@example.org> NOTIFY=NEVER"@example.org', "a@example.org, thief@example.org",
                    "a@example.org\n.\nMAIL FROM:<thief@example.org>", "a@example.org\r\n.\r\nQUIT"):
        hexed = address.encode().hex()
        site.server.query(
            f"INSERT INTO {site.outbox_schema}.outbox "
            "(note_id, kind, address, account_id, peer, dropped_at, due_at) VALUES (RANDOM_BYTES(16), "
            f"'link', X'{hexed}', '', '192.0.2.1', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")
    site.link_for(site.account())
    assert len(site.smtp.mails()) == 1
