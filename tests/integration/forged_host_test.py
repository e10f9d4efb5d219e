"""The link comes from the configured base URL, whatever the visitor says the host is.

WordPress CVE-2017-8295, Keycloak CVE-2017-12161, ltb-project/self-service-password#755.
"""

import pytest

FORGED = {
    "host": {"host": "evil.example"},
    "host with port": {"host": "127.0.0.1:1"},
    "X-Forwarded-Host": {"more": [("X-Forwarded-Host", "evil.example"), ("X-Host", "evil.example"),
                                  ("Forwarded", "host=evil.example;proto=https")]},
    "X-Forwarded-Proto": {"more": [("X-Forwarded-Proto", "ftp"), ("X-Forwarded-Port", "1"),
                                   ("X-Original-URL", "/evil"), ("X-Forwarded-Prefix", "/evil")]},
    "absolute target": {"target": "http://evil.example/reset_password_request"},
}


@pytest.mark.parametrize("way", FORGED)
def test_the_link_names_our_host(site, way):
    forged = FORGED[way]
    account = site.account()
    visitor = site.visitor()
    fields = {**visitor.open("/reset_password_request").form.fields(), "email": account.address}
    reply = visitor.send("POST", forged.get("target", "/reset_password_request"), fields=fields,
                         headers=forged.get("more", []), host=forged.get("host"))
    assert reply.status == 303
    assert reply.header("Location").startswith("/")
    mail, = site.smtp.wait(account.address)
    link, = mail.links()
    assert link.startswith(site.base_url + "/reset_password/")
    assert b"evil" not in mail.content
