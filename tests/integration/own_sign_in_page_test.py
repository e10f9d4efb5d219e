"""A site with a sign-in page of its own: Latchkey resets, and shows the way there."""

import pytest

from support.site import new_password

LOGIN = "https://www.example.org/sign-in?from=reset"


@pytest.fixture(scope="module")
def elsewhere(build_site):
    site = build_site(settings={"pages.login": False, "pages.login_url": LOGIN,
                                "pages.home_url": "https://shop.example.org/"})
    yield site
    site.stop()
    site.remove_run_dir()


def test_the_whole_way_ends_with_the_way_to_sign_in(elsewhere):
    account = elsewhere.account()
    visitor = elsewhere.visitor()
    asked = visitor.follow(visitor.ask(account.address))
    assert asked.path == "/outcome"
    assert "Check your mail" in asked.page.notice

    changed = visitor.set_password(elsewhere.link_in_mail(account), new_password())
    assert changed.status == 303
    outcome = visitor.follow(changed)
    assert outcome.path == "/outcome"
    assert "Your password is changed" in outcome.page.notice
    assert LOGIN in outcome.page.anchors


def test_a_bad_link_is_said_there(elsewhere):
    reply = elsewhere.visitor().open("/reset_password/a.b.c")
    assert reply.path == "/outcome"
    assert "does not work" in reply.page.notice


def test_there_is_no_sign_in_page(elsewhere):
    assert elsewhere.visitor().get("/login").status == 404
    assert elsewhere.visitor().post("/login", {"email": "a@example.org", "password": "x"}).status == 404


def test_the_first_page_is_the_sites(elsewhere):
    reply = elsewhere.visitor().get("/")
    assert reply.status == 303
    assert reply.header("Location") == "https://shop.example.org/"


def test_forms_may_lead_to_the_sites_pages(elsewhere):
    policy = elsewhere.visitor().get("/reset_password_request").header("Content-Security-Policy")
    form_action = next(part for part in policy.split(";") if "form-action" in part).split()
    assert form_action[1:] == ["'self'", "https://www.example.org", "https://shop.example.org"]


NAMED = """
        location = /reset_password_request {
            fastcgi_pass latchkey;
            fastcgi_param REQUEST_METHOD $request_method;
            fastcgi_param REQUEST_URI $request_uri;
            fastcgi_param REMOTE_ADDR $remote_addr;
            fastcgi_param REMOTE_USER $arg_user;
        }
"""


@pytest.mark.parametrize("trusted", [True, False])
def test_whom_the_web_server_names_is_sent_home_if_that_counts(make_site, trusted):
    site = make_site(web_server="nginx", web_server_extra={"nginx": NAMED}, settings={
        "pages.login": False, "pages.login_url": LOGIN, "pages.home_url": "https://shop.example.org/",
        "peers.trust_remote_user": trusted})
    visitor = site.visitor()
    named = visitor.get("/reset_password_request?user=ann")
    assert named.status == (303 if trusted else 200)
    if trusted:
        assert visitor.get(named.header("Location")).header("Location") == "https://shop.example.org/"
    # No header of a visitor's says it.
    assert visitor.get("/reset_password_request", headers=[
        ("Remote-User", "ann"), ("REMOTE_USER", "ann"), ("X-Remote-User", "ann")]).status == 200
