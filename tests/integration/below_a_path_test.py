"""Below a path of the site's host: base_url = https://www.example.org/account, as the web server's
snippet says to do it."""

import pytest

from support.site import new_password


@pytest.fixture(scope="module")
def below(build_site):
    site = build_site(path="/account", web_server_extra={
        "nginx": "absolute_redirect off;\n        location = /elsewhere { return 204; }",
        "apache": 'Redirect 204 "/elsewhere"'})
    yield site
    site.stop()
    site.remove_run_dir()


def test_the_whole_way(below):
    account = below.account()
    visitor = below.visitor()
    visitor.follow(visitor.ask(account.address))
    link = below.link_in_mail(account)
    assert link.startswith(f"{below.base_url}/reset_password/")
    form = visitor.open(link)
    assert form.path == "/account/reset_password"
    password = new_password()
    changed = visitor.submit(form, password=password, password2=password)
    assert visitor.follow(changed).path == "/account/login"
    assert below.visitor().can_sign_in(account.address, password)


def test_style_and_script_are_found(below):
    for resource in below.visitor().get("/login").page.resources:
        assert resource.startswith("/account/static/")
        assert below.visitor().send("GET", resource).status == 200


def test_the_rest_of_the_host_is_the_sites(below):
    assert below.visitor().send("GET", "/elsewhere").status == 204
    assert below.visitor().send("GET", "/login").status == 404
    assert below.visitor().send("GET", "/account/login").status == 200


def test_the_well_known_page_stands_at_the_root(below):
    reply = below.visitor().send("GET", "/.well-known/change-password")
    assert reply.status == 302
    assert reply.header("Location") == "/account/reset_password_request"


def test_without_the_slash_it_leads_on(below):
    visitor = below.visitor()
    assert visitor.follow(visitor.send("GET", "/account")).status == 200
