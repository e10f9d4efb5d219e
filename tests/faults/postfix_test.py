"""Debian's Postfix as the relay: under TLS, with a login, with a policy that says later, greylisting."""

import base64
import contextlib
import time

import pytest

from stack.latchkey import write_secret
from stack.processes import wait_until
from support.certificates import make_certificate
from support.dovecot import DovecotAuth
from support.mailer import HASH
from support.postfix import Policy, Postfix
from support.tap import Tap

LOGIN, PASSWORD = "relay-login", "relay-password-93b1"


@pytest.fixture
def ending():
    """What ends with the test, the last first."""
    with contextlib.ExitStack() as stack:
        yield stack


@pytest.fixture
def make_relayed(make_site, tmp_path, ending):
    """make_relayed(decide): a site whose relay is Postfix, which hands all it takes on to site.smtp.
    tapped: what the relay's words become on their way. settings: Latchkey's; main: more of main.cf."""

    def make(decide=lambda recipient: "DUNNO", tapped=lambda said: said, settings=None, main=None):
        certificate, key = make_certificate(tmp_path, "localhost")
        site = make_site(start=False, settings={
            "limits.enabled": False, "relay.host": "localhost", "relay.tls": "starttls",
            "relay.ca_file": str(certificate), "mail.bounces": "bounces@example.org", **(settings or {})})
        site.smtp.start()
        policy = Policy(decide)
        ending.callback(policy.stop)
        postfix = Postfix(site.smtp.port, **{
            "smtpd_tls_security_level": "encrypt", "smtpd_tls_cert_file": certificate,
            "smtpd_tls_key_file": key,
            "smtpd_recipient_restrictions": f"check_policy_service inet:127.0.0.1:{policy.port}",
            **(main or {})})
        ending.callback(postfix.stop)
        postfix.start()
        postfix.tap = Tap(postfix.port, tapped)
        ending.callback(postfix.tap.stop)
        site.latchkey.settings["relay.port"] = postfix.tap.port
        site.smtp.stop()
        site.start()
        return site, policy, postfix

    return make


def row(site, columns):
    rows = site.server.query(f"SELECT {columns} FROM {site.outbox_schema}.outbox")
    return rows[0] if rows else None


def make_due(site):
    site.server.change(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6)")


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


@pytest.fixture
def make_login(make_relayed, tmp_path, ending):
    """make_login("plain login"): as make_relayed, of a relay that takes mail of those only who log in, with
    these mechanisms; Dovecot knows the login."""

    def make(mechanisms, password=PASSWORD, main=None, **options):
        dovecot = DovecotAuth(LOGIN, PASSWORD, mechanisms)
        ending.callback(dovecot.stop)
        dovecot.start()
        return make_relayed(
            settings={"relay.user": LOGIN, "relay.password_file": write_secret(tmp_path / "login", password)},
            main={"smtpd_sasl_auth_enable": "yes", "smtpd_sasl_type": "dovecot",
                  "smtpd_sasl_path": dovecot.socket, "smtpd_sasl_security_options": "noanonymous",
                  "smtpd_relay_restrictions": "permit_sasl_authenticated, reject", **(main or {})},
            **options)

    return make


def shows_login(wire):
    """Whether somebody at the wire reads of a login."""
    secrets = [one.encode() for one in (LOGIN, PASSWORD)]
    # In any of the three phases of base64.
    coded = [base64.b64encode(b"x" * pad + secret)[4 * bool(pad):-4] for secret in secrets for pad in range(3)]
    return any(word in bytes(wire) for word in [b"AUTH", *secrets, *coded])


@pytest.mark.parametrize("mechanism", ["plain", "login", "cram-md5"])
def test_a_login_is_given_under_tls_and_nobody_at_the_wire_reads_it(make_login, mechanism):
    site, _, postfix = make_login(mechanism)
    account = site.account(stored_hash=HASH)
    site.visitor().ask(account.address)
    assert site.smtp.wait(account.address, seconds=30)[0].links()
    assert f"sasl_method={mechanism.upper()}, sasl_username={LOGIN}" in postfix.log()
    assert b"STARTTLS" in postfix.tap.sent and not shows_login(postfix.tap.sent)


def test_a_login_that_is_wrong_is_for_now_and_is_not_told(make_login):
    site, _, _ = make_login("plain", password="not-the-password")
    site.visitor().ask(site.account(stored_hash=HASH).address)
    wait_until("a first try", lambda: (row(site, "reason") or [""])[0] != "")
    assert row(site, "state, reason") == ["waiting", "535 before the message"]
    assert LOGIN not in site.log_text() and "not-the-password" not in site.log_text()
    assert site.smtp.mails() == []


def test_a_relay_that_wants_the_login_in_clear_does_not_get_it(make_login):
    site, _, postfix = make_login("plain login", main={"smtpd_tls_security_level": "none"})
    site.visitor().ask(site.account(stored_hash=HASH).address)
    wait_until("a first try", lambda: (row(site, "reason") or [""])[0] != "")
    assert b"EHLO" in postfix.tap.sent and not shows_login(postfix.tap.sent)
    assert row(site, "state") == ["waiting"] and site.smtp.mails() == []


def test_whoever_takes_starttls_out_of_the_relays_words_gets_no_login(make_login):
    """RFC 3207, 6: the man in the middle's move."""
    site, _, postfix = make_login(
        "plain login", main={"smtpd_tls_security_level": "may", "smtpd_tls_auth_only": "no"},
        tapped=lambda said: said.replace(b"250-STARTTLS", b"250-XNOTHING"))
    site.visitor().ask(site.account(stored_hash=HASH).address)
    wait_until("a first try", lambda: (row(site, "reason") or [""])[0] != "")
    assert b"EHLO" in postfix.tap.sent and not shows_login(postfix.tap.sent)
    assert row(site, "state") == ["waiting"] and site.smtp.mails() == []
