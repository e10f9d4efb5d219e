"""What is refused, with which status, and that a person is told what to do."""

import socket

import pytest


def form_of(visitor, path="/reset_password_request"):
    return visitor.open(path).form.fields()


def test_a_form_from_another_site_is_refused(site):
    """CVE-2022-35943: a page on a sibling host, which may plant cookies, got past the forms' token."""
    visitor = site.visitor()
    account = site.account()
    fields = {**form_of(visitor), "email": account.address}
    for headers in ([("Origin", "http://evil.example")], [("Sec-Fetch-Site", "cross-site")],
                    [("Sec-Fetch-Site", "same-site")], [("Origin", "null")]):
        reply = visitor.post("/reset_password_request", fields, headers=headers)
        assert reply.status == 403
    assert not site.smtp.mails(account.address)


def test_a_form_without_its_cookie_is_shown_again_with_the_address(site):
    visitor = site.visitor()
    fields = {**form_of(visitor), "email": "someone@example.org"}
    reply = visitor.post("/reset_password_request", fields, cookies={})
    assert reply.status == 403
    assert "send the form once more" in reply.page.notice
    assert reply.form.named("email")["value"] == "someone@example.org"
    # And now it works.
    visitor.jar = {line.split("=")[0]: line.split("=", 1)[1].split(";")[0] for line in reply.cookies()}
    assert visitor.submit(reply).status == 303


def test_a_form_of_another_visitor_is_refused(site):
    other = form_of(site.visitor())
    visitor = site.visitor()
    visitor.open("/login")
    fields = {**other, "email": "someone@example.org"}
    assert visitor.post("/reset_password_request", fields).status == 403
    assert visitor.post("/reset_password_request", {"email": "someone@example.org"}).status == 403


def test_signing_in_needs_a_form_of_ours(site):
    """Login CSRF, owncloud/core#8443, teleport#1356: nobody is signed in to somebody else's account."""
    account = site.account()
    visitor = site.visitor()
    reply = visitor.post("/login", {"email": account.address, "password": account.password},
                         headers=[("Origin", "http://evil.example")])
    assert reply.status == 403
    assert visitor.cookie("session") is None


@pytest.mark.parametrize("path", ["/no_such_page", "/login/", "/admin", "/reset_password_request/x",
                                  "//login", "/%6cogin"])
def test_other_paths_are_not_there(site, path):
    reply = site.visitor().send("GET", path)
    assert reply.status == 404
    assert "There is no such page" in reply.page.heading


@pytest.mark.parametrize("method, path, allowed", [
    ("POST", "/", "GET, HEAD"), ("GET", "/logout", "POST"), ("PUT", "/login", "GET, HEAD, POST"),
    ("DELETE", "/reset_password", "GET, HEAD, POST"), ("OPTIONS", "/login", "GET, HEAD, POST")])
def test_other_methods_are_refused_and_the_right_ones_named(site, method, path, allowed):
    reply = site.visitor().send(method, path, body=b"" if method == "POST" else None)
    assert reply.status == 405
    assert reply.header("Allow") == allowed


def test_a_form_over_8_kib_is_too_large(site):
    visitor = site.visitor()
    reply = visitor.post("/reset_password_request", {**form_of(visitor), "email": "x" * 9000})
    assert reply.status == 413
    assert "too much" in reply.page.heading.lower()
    # The connection that the body came by serves on.
    assert visitor.get("/login").status == 200


def test_what_is_far_too_large_the_web_server_refuses(site):
    visitor = site.visitor()
    assert visitor.post("/login", {"email": "x" * 100_000}).status == 413


@pytest.mark.parametrize("content_type", ["text/plain", "application/json", "",
                                          "multipart/form-data; boundary=x"])
def test_another_kind_of_body_is_refused(site, content_type):
    visitor = site.visitor()
    headers = [("Content-Type", content_type)] if content_type else []
    assert visitor.send("POST", "/login", body=b"email=x", headers=headers).status == 415


@pytest.mark.parametrize("typed", ["", "   ", "nobody", "nobody@", "@example.org", "a b@example.org",
                                   "x" * 300 + "@example.org", "<b>@example.org", "a@b@example.org"])
def test_what_is_no_address_is_said_to_be_none(site, typed):
    reply = site.visitor().ask(typed)
    assert reply.status == 422
    assert "not a full email address" in reply.page.wrong


def test_markup_in_a_field_comes_back_as_text(site):
    typed = "\"><script>alert(1)</script>'&amp;@x"
    reply = site.visitor().ask(typed)
    assert reply.status == 422
    assert b"<script>alert" not in reply.body
    assert reply.form.named("email")["value"] == typed


@pytest.mark.parametrize("body", ["email=%00", "email=a%00b@example.org", "&" * 8000, "=", "%", "%zz=%"])
def test_odd_bodies_are_refused_and_quickly(site, body):
    visitor = site.visitor()
    reply = visitor.send("POST", "/reset_password_request", body=body, headers=[
        ("Content-Type", "application/x-www-form-urlencoded")])
    assert reply.status in (400, 403)


def test_no_length_is_refused(site):
    """Straight to the socket: nginx fills the length in."""
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    connection.sendall(b"POST /login HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b" 411 " in connection.recv(4096).split(b"\r\n")[0]
    connection.close()


def test_a_chunked_form_is_a_form_behind_nginx(site):
    """Behind Apache it is refused: its snippet takes nothing that does not say its length."""
    visitor = site.visitor()
    fields = form_of(visitor)
    cookie = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
    body = f"csrf_token={fields['csrf_token']}&email=nobody%40example.org".encode()
    connection = socket.create_connection(("127.0.0.1", site.port), timeout=10)
    connection.sendall(
        b"POST /reset_password_request HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n"
        + f"Cookie: {cookie}\r\n\r\n{len(body):x}\r\n".encode() + body + b"\r\n0\r\n\r\n")
    wanted = b" 303 " if site.web_server.name == "nginx" else b" 411 "
    assert wanted in connection.recv(4096).split(b"\r\n")[0]
    connection.close()


def test_no_server_state_leads_past_the_token(site):
    """Nobody reaches the form without a good token in that very request (keycloak#40744: a reset that
    skipped its proofs)."""
    account = site.account()
    visitor = site.visitor()
    visitor.open(site.link_for(account))
    link_cookie = next(name for name in visitor.jar if "-link-" in name)
    visitor.jar.pop(link_cookie)
    reply = visitor.open("/reset_password")
    assert reply.path == "/login"
    assert "does not work" in reply.page.notice
