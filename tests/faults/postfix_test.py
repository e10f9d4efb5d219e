"""Debian's Postfix as the relay: under TLS with a login's worth of trust, with a policy that says later, greylisting."""

import subprocess
import time

import pytest

from stack.processes import wait_until
from support.postfix import Policy, Postfix

HASH = "$2y$04$" + "a" * 53


@pytest.fixture
def make_relayed(make_site, tmp_path):
    """make_relayed(decide): a site whose relay is Postfix, which hands all it takes on to site.smtp."""
    ending = []

    def make(decide=lambda recipient: "DUNNO"):
        certificate, key = tmp_path / "relay.crt", tmp_path / "relay.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
             "-nodes", "-days", "1", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
             "-out", certificate, "-keyout", key], check=True, capture_output=True)
        site = make_site(start=False, settings={
            "limits.enabled": False, "relay.host": "localhost", "relay.tls": "starttls",
            "relay.ca_file": str(certificate), "mail.bounces": "bounces@example.org"})
        site.smtp.start()
        policy = Policy(decide)
        ending.append(policy.stop)
        postfix = Postfix(site.smtp.port, **{
            "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": certificate,
            "smtpd_tls_key_file": key,
            "smtpd_recipient_restrictions": f"check_policy_service inet:127.0.0.1:{policy.port}"})
        ending.append(postfix.stop)
        postfix.start()
        site.latchkey.settings["relay.port"] = postfix.port
        site.smtp.stop()
        site.start()
        return site, policy, postfix

    yield make
    for end in reversed(ending):
        end()


def row(site, columns):
    rows = site.server.query(f"SELECT {columns} FROM {site.outbox_schema}.outbox")
    return rows[0] if rows else None


def make_due(site):
    site.server.query(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6)")


def test_mail_goes_through_under_tls_on_kept_connections_with_its_envelope(make_relayed):
    site, _, postfix = make_relayed()
    accounts = [site.account(stored_hash=HASH) for _ in range(20)]
    for account in accounts:
        site.visitor().ask(account.address)
    for account in accounts:
        mail, = site.smtp.wait(account.address, seconds=30)
        assert mail.links() and mail.sender == "bounces@example.org"
        assert mail.message["Message-ID"].endswith("@example.org>")
    # Fewer connections than mails: they were used again.
    assert postfix.log().count(": connect from") < len(accounts)
    assert "TLS connection established" not in site.log_text()


def test_later_by_policy_is_later(make_relayed):
    said = []
    site, _, _ = make_relayed(lambda recipient: "DUNNO" if said else "DEFER 4.7.1 come back")
    account = site.account(stored_hash=HASH)
    site.visitor().ask(account.address)
    wait_until("a first try", lambda: (row(site, "reason") or [""])[0].startswith("450"))
    assert site.smtp.mails() == []
    said.append(True)
    make_due(site)
    assert site.smtp.wait(account.address, seconds=30)[0].links()


def test_greylisting_lets_the_second_try_pass(make_relayed):
    first = {}

    def grey(recipient):
        since = first.setdefault(recipient, time.monotonic())
        return "DUNNO" if time.monotonic() - since > 3 else "DEFER_IF_PERMIT greylisted, try again"

    site, policy, _ = make_relayed(grey)
    account = site.account(stored_hash=HASH)
    site.visitor().ask(account.address)
    # By the mailer's own schedule: 5 to 6 seconds later.
    mail, = site.smtp.wait(account.address, seconds=30)
    assert mail.links() and policy.asked.count(account.address) == 2
    wait_until("an empty outbox", site.outbox_is_empty)


def test_no_for_good_ends_the_note_with_the_code(make_relayed):
    site, _, _ = make_relayed(lambda recipient: "REJECT not here")
    site.visitor().ask(site.account(stored_hash=HASH).address)
    wait_until("the end", lambda: (row(site, "state") or [""])[0] == "failed")
    assert row(site, "reason") == ["554 to RCPT"]
