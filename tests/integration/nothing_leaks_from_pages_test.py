"""No third party, no token in a URL that stays, and the headers that every page has.

natlas#139 (Referer), flask-security#829 (a policy so strict that the site's own forms broke).
"""

import re

import pytest

PAGES = ["/", "/login", "/reset_password_request", "/outcome", "/no_such_page"]


def assert_page_headers(reply):
    assert reply.header("Cache-Control") == "no-store"
    assert reply.header("X-Content-Type-Options") == "nosniff"
    assert reply.header("Referrer-Policy") == "same-origin"
    policy = reply.header("Content-Security-Policy")
    for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'",
                 "form-action 'self'"):
        assert part in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_the_headers_and_only_our_resources(site, path):
    reply = site.visitor().get(path)
    assert_page_headers(reply)
    for resource in reply.page.resources:
        assert resource.startswith("/static/")


def test_the_token_leaves_the_url(site):
    visitor = site.visitor()
    link = site.link_for(site.account())
    opened = visitor.get(link)
    assert opened.status == 303
    assert opened.header("Location") == "/reset_password"
    assert_page_headers(opened)
    form = visitor.follow(opened)
    assert_page_headers(form)
    assert link.rsplit("/", 1)[1].encode() not in form.body


def test_cookies_are_lax_and_out_of_reach_of_scripts(site):
    account = site.account()
    visitor = site.visitor()
    lines = [line for reply in (visitor.get("/login"), visitor.sign_in(account.address, account.password),
                                site.visitor().ask(account.address),
                                site.visitor().get(site.link_for(account, count=2)))
             for line in reply.cookies()]
    assert len(lines) >= 4
    for line in lines:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line
        assert "Domain" not in line


def test_style_and_script_come_from_the_web_server_with_headers(site):
    resources = site.visitor().get("/login").page.resources
    assert resources
    for resource in resources:
        reply = site.visitor().send("GET", resource)
        assert reply.status == 200
        assert reply.header("X-Content-Type-Options") == "nosniff"
        assert "max-age" in reply.header("Cache-Control")
        assert re.match(r"text/css|application/javascript|text/javascript", reply.header("Content-Type"))


def test_password_managers_find_the_page(site):
    reply = site.visitor().get("/.well-known/change-password")
    assert reply.status == 302
    assert reply.header("Location").endswith("/reset_password_request")
