"""Mail scanners open links: opening changes nothing, however often.

authelia#2994, authentik#8953, kratos#1142, fusionauth-issues#629.
"""

from support.site import new_password


def test_twenty_openings_then_one_use_then_no_other(site):
    account = site.account()
    link = site.link_for(account)
    before = site.hash_of(account)
    for method in ["GET", "HEAD"] * 10:
        reply = site.visitor().send(method, "/reset_password/" + link.rsplit("/", 1)[1])
        assert reply.status == 303
    assert site.hash_of(account) == before

    password = new_password()
    assert site.visitor().set_password(link, password).status == 303
    after = site.hash_of(account)
    assert after != before

    again = site.visitor()
    assert "This link" in again.open(link).page.notice
    assert site.hash_of(account) == after
    assert site.visitor().can_sign_in(account.address, password)


def test_a_head_request_has_no_body(site):
    reply = site.visitor().send("HEAD", "/reset_password_request")
    assert reply.status == 200
    assert reply.body == b""
    # Apache leaves it out.
    if site.web_server.name == "nginx":
        assert int(reply.header("Content-Length")) > 500
