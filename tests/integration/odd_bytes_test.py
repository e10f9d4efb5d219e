"""SQL, GBK bytes, markup and line ends in every field: answered as text, stored nowhere, logged on one line."""

import re
import urllib.parse

import pytest

ODD = {"sql": b"' OR 1=1 -- ", "gbk": b"\xbf' OR 1=1 -- ", "stacked": b"x'; DROP TABLE users; -- ",
       "backslash": b"\\' OR '1'='1", "crlf": b"a@example.org\r\nSet-Cookie: evil=1", "lf": b"a@x.org\nX: y",
       "separator": "a@example.org\u2028b".encode(), "markup": b"<script>alert(1)</script>", "half": b"\xc3"}


def post(visitor, path, form, **typed):
    fields = {name: value.encode() for name, value in form.items()} | typed
    return visitor.send("POST", path, body=urllib.parse.urlencode(fields), headers=[
        ("Content-Type", "application/x-www-form-urlencoded"), ("Origin", visitor.stack.origin())])


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("path, names", [
    ("/reset_password_request", ["email", "csrf_token"]),
    ("/login", ["email", "password", "csrf_token"])])
def test_in_any_field_it_is_only_text(site, odd, path, names):
    """CVE-2020-26116 (CR and LF in headers), CVE-2006-2753 (SQL behind a byte of GBK), script."""
    site.account()
    accounts = site.query("SELECT COUNT(*), MD5(GROUP_CONCAT(password_hash)) FROM users")
    for name in names:
        visitor = site.visitor()
        form = visitor.open(path).form.fields()
        reply = post(visitor, path, form, **{"email": b"a@example.org", "password": b"x", name: odd})
        assert reply.status in (400, 403, 422, 303), name
        assert reply.status != 303 or path != "/login"
        assert b"<script>alert" not in reply.body
        assert not any("evil" in line for line in reply.cookies())
    assert site.query("SELECT COUNT(*), MD5(GROUP_CONCAT(password_hash)) FROM users") == accounts


def test_a_forged_origin_is_one_line_in_the_log_with_the_cure(site):
    visitor = site.visitor()
    form = visitor.open("/login").form.fields()
    reply = visitor.post("/login", {**form, "email": "a@example.org", "password": "x"},
                         headers=[("Origin", "http://other.example:81")])
    assert reply.status == 403
    line = [line for line in site.log_text().splitlines() if "other.example:81" in line][-1]
    assert "form_refused" in line and site.base_url in line and "base_url must be" in line


@pytest.mark.parametrize("body, why", [("email=a&email=b", "duplicate_field"), ("email=%00", "forbidden_byte")])
def test_the_log_says_what_was_wrong_with_a_form(site, body, why):
    visitor = site.visitor()
    reply = visitor.send("POST", "/reset_password_request", body=body, headers=[
        ("Content-Type", "application/x-www-form-urlencoded")])
    assert reply.status == 400
    assert "This form was damaged" in reply.page.heading
    assert re.search(rf"form_refused peer={visitor.peer} why={why}", site.log_text())


@pytest.mark.parametrize("path", ["/", "/login", "/reset_password_request", "/outcome", "/no_such_page"])
def test_head_is_get_without_its_body(site, path):
    visitor = site.visitor()
    get, head = visitor.get(path), visitor.send("HEAD", path)
    assert head.status == get.status
    assert head.body == b""
