"""A relay that is spoken to under TLS only, and with a login: both ways of starting TLS."""

import ssl

import pytest
from aiosmtpd.smtp import AuthResult

from stack.latchkey import write_secret
from stack.processes import wait_until
from support.certificates import make_certificate

LOGIN, PASSWORD = "relay-login", "relay password"


@pytest.fixture
def make_relay(make_site, tmp_path):
    """make_relay("starttls", name="localhost"): a site, and the list of logins its relay has seen."""

    def make(tls, name="localhost", trusted=None):
        certificate, key = make_certificate(tmp_path, name)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        logins = []

        def authenticate(server, session, envelope, mechanism, data):
            logins.append((data.login.decode(), data.password.decode(), session.ssl is not None))
            return AuthResult(success=data.password == PASSWORD.encode())

        site = make_site(start=False, settings={
            "relay.host": "localhost", "relay.tls": tls, "relay.user": LOGIN,
            "relay.password_file": write_secret(tmp_path / "relay.secret", PASSWORD),
            "relay.ca_file": str(trusted or certificate)})
        site.smtp.options = {"authenticator": authenticate, "auth_required": True}
        if tls == "starttls":
            site.smtp.options.update(tls_context=context, require_starttls=True)
        else:
            site.smtp.options.update(auth_require_tls=False)
            site.smtp.implicit_tls = context
        site.start()
        return site, logins

    return make


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_goes_through_with_login_under_tls(make_relay, tls):
    site, logins = make_relay(tls)
    account = site.account()
    site.visitor().ask(account.address)
    mail, = site.smtp.wait(account.address)
    assert mail.links()
    assert [login[:2] for login in logins] == [(LOGIN, PASSWORD)]
    assert PASSWORD not in site.log_text()


def deferred(site):
    rows = site.server.query(f"SELECT reason FROM {site.outbox_schema}.outbox WHERE tries > 0 "
                             "AND lease_owner IS NULL AND reason != ''")
    return rows[0][0] if rows else None


@pytest.mark.parametrize("fault", ["another name", "unknown authority"])
def test_a_certificate_that_does_not_verify_gets_no_login_and_no_mail(make_relay, tmp_path, fault):
    other, _ = make_certificate(tmp_path, "other.example")
    if fault == "another name":
        site, logins = make_relay("starttls", name="relay.example")
    else:
        site, logins = make_relay("starttls", trusted=other)
    site.visitor().ask(site.account().address)
    wait_until("a try that failed", lambda: deferred(site))
    assert "SSL" in deferred(site) or "certificate" in deferred(site)
    assert logins == [] and site.smtp.mails() == []


def test_a_relay_without_tls_gets_no_login_and_no_mail(make_relay):
    site, logins = make_relay("starttls")
    site.smtp.stop()
    site.smtp.options = {}
    site.smtp.start()
    site.visitor().ask(site.account().address)
    wait_until("a try that failed", lambda: deferred(site))
    assert logins == [] and site.smtp.mails() == []
