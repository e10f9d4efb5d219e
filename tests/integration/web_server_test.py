"""What nginx/latchkey.conf and apache/latchkey.conf see to, each with its own means."""

import contextlib
import gzip
import http.client
import pathlib
import re
import secrets
import socket
import time

import pytest

from stack import places
from stack.processes import wait_until
from stack.sanitizers import patient
from support import faults
from support.site import token_of
from support.visitor import fresh_peer


def access_log(site):
    return (site.directory / f"log/{site.web_server.name}-access.log").read_text()


def head(method, target, *lines):
    return "\r\n".join((f"{method} {target} HTTP/1.1", "Host: 127.0.0.1", *lines, "", "")).encode()


@pytest.mark.parametrize("form", ["{path}", "{path}?utm_source=mail", "{path}/", "/{path}"])
def test_a_link_is_in_no_log_of_the_web_server(site, form):
    link = site.link_for(site.account())
    path = link.removeprefix(site.base_url)
    visitor = site.visitor()
    visitor.send("GET", form.format(path=path))
    visitor.send("HEAD", form.format(path=path))
    visitor.send("PUT", form.format(path=path))
    # A line that is written after them: they would be there by now.
    marker = f"/login?{secrets.token_hex(8)}"
    visitor.send("GET", marker)
    wait_until("the line", lambda: marker in access_log(site))
    for file in site.log_files():
        assert token_of(link) not in file.read_text(errors="replace"), file


def test_a_link_while_latchkey_is_away_is_in_no_log_either(make_site):
    site = make_site()
    link = site.link_for(site.account())
    site.latchkey.stop()
    assert faults.is_away(site.visitor().send("GET", link.removeprefix(site.base_url)))
    for file in site.log_files():
        assert token_of(link) not in file.read_text(errors="replace"), file
    # And as soon as it is back it answers: no time of waiting.
    site.latchkey.start()
    wait_until("the socket", lambda: site.visitor().send("GET", "/login").status == 200, seconds=5)


def test_while_latchkey_is_away_a_page_says_so(make_site):
    """In place of the web server's own, below a path too, whatever was sent; and only then."""
    site = make_site(path="/account")
    visitor = site.visitor()
    form = visitor.open("/login")
    assert not faults.is_away(visitor.get("/no_such_page"))
    site.latchkey.stop()
    replies = [visitor.get("/login"), visitor.get("/"), visitor.submit(form, email="a@example.org", password="x"),
               visitor.get("/reset_password/cut-short")]
    assert all(faults.is_away(reply) for reply in replies)
    policy = replies[0].header("Content-Security-Policy")
    assert "default-src 'none'" in policy and "form-action 'none'" in policy and "script" not in policy
    assert replies[0].header("X-Content-Type-Options") == "nosniff"
    assert replies[0].header("Content-Type").startswith("text/html")
    # It may stand under any address, so it refers to nothing but that address.
    assert re.findall(rb'(?:href|src|action)="([^"]*)"', replies[0].body) == [b""]
    assert b"url(" not in replies[0].body and b"<script" not in replies[0].body
    assert visitor.send("HEAD", "/account/login").body == b""


def test_the_page_for_no_answer_has_the_colours_of_the_others():
    """It holds its own few rules, so that it needs nobody; they are those of the style sheet."""
    sheet = (places.ROOT / "static/latchkey.css").read_text()
    page = (places.ROOT / "static/away.html").read_text()
    used = re.findall(r"(--[a-z-]+: #[0-9a-f]+);", page)
    assert len(used) == 14
    assert all(f"{one};" in sheet for one in used)


def test_style_and_script_come_with_their_type_and_may_be_kept(site):
    for name, kind in (("latchkey.css", "text/css"), ("latchkey.js", "application/javascript")):
        reply = site.visitor().send("GET", f"/static/{name}")
        assert reply.status == 200
        assert reply.header("Content-Type").split(";")[0] == kind
        assert reply.header("Cache-Control") == "public, max-age=3600"
        assert reply.header("X-Content-Type-Options") == "nosniff"
        assert reply.header("Content-Security-Policy") == "default-src 'none'"
        assert reply.header("Cross-Origin-Resource-Policy") == "same-origin"


@pytest.mark.parametrize("target", ["/static/", "/static/none.css", "/static/../etc/latchkey.toml",
                                    "/static/%2e%2e/etc/latchkey.toml", "/static../etc/latchkey.toml"])
def test_nothing_else_is_served_from_the_disk(site, target):
    assert site.visitor().send("GET", target).status in (400, 403, 404)


def test_pages_are_not_compressed(site):
    """BREACH: they hold secrets beside what a visitor typed."""
    reply = site.visitor().send("GET", "/login", headers=[("Accept-Encoding", "gzip, br, deflate")])
    assert reply.header("Content-Encoding") is None
    assert b"<form" in reply.body
    assert not reply.body.startswith(gzip.compress(b"")[:2])


def test_the_headers_of_a_page_are_those_that_latchkey_sent(site):
    reply = site.visitor().send("GET", "/login")
    names = [name.lower() for name, _ in reply.headers]
    for name in ("content-security-policy", "referrer-policy", "x-content-type-options",
                 "cache-control"):
        assert names.count(name) == 1, name
    assert reply.header("Cache-Control") == "no-store"


def test_password_managers_find_the_page(site):
    reply = site.visitor().send("GET", "/.well-known/change-password", host="evil.example")
    assert reply.status == 302
    assert "evil" not in reply.header("Location")
    assert reply.header("Location").endswith("/reset_password_request")


@pytest.mark.parametrize("size, ours", [(9_000, True), (15_000, True), (70_000, False),
                                        (5_000_000, False)])
def test_a_large_body_is_refused_by_latchkey_and_a_larger_one_by_the_web_server(site, size, ours):
    with socket.create_connection(("127.0.0.1", site.port), timeout=10,
                                  source_address=(fresh_peer(), 0)) as connection:
        connection.sendall(head("POST", "/login", f"Content-Length: {size}", "Connection: close",
                                "Content-Type: application/x-www-form-urlencoded"))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(b"x" * size)
        response = http.client.HTTPResponse(connection)
        response.begin()
        assert response.status == 413
        assert ("too much" in response.read().decode().lower()) == ours


def test_slow_forms_hold_no_worker(make_site):
    """More of them than there are threads; each has sent its head and half of its body."""
    site = make_site(settings={"web.workers": 1, "web.threads": 2})
    slow = []
    try:
        for _ in range(8):
            connection = socket.create_connection(("127.0.0.1", site.port), timeout=10,
                                                  source_address=(fresh_peer(), 0))
            connection.sendall(head("POST", "/login", "Content-Length: 100", "Connection: close",
                                    "Content-Type: application/x-www-form-urlencoded") + b"email=")
            slow.append(connection)
        time.sleep(0.3)
        started = time.monotonic()
        assert site.visitor().get("/login").status == 200
        assert time.monotonic() - started < patient(1)
        # They were being listened to.
        slow[0].sendall(b"x" * 94)
        assert b" 403 " in slow[0].recv(4096).split(b"\r\n")[0]
    finally:
        for connection in slow:
            connection.close()


def test_a_form_never_touches_the_disk(make_site):
    site = make_site()
    before = temporary_files(site)
    with socket.create_connection(("127.0.0.1", site.port), timeout=10,
                                  source_address=(fresh_peer(), 0)) as connection:
        connection.sendall(head("POST", "/login", "Content-Length: 16000", "Connection: close",
                                "Content-Type: application/x-www-form-urlencoded"))
        for _ in range(16):
            connection.sendall(b"x" * 1000)
            time.sleep(0.02)
            assert temporary_files(site) == before
        assert b" 413 " in connection.recv(4096).split(b"\r\n")[0]


def temporary_files(site):
    """Files for a moment that the web server's processes have open."""
    found = []
    group = site.web_server.pid
    for process in pathlib.Path("/proc").iterdir():
        try:
            if process.name.isdigit() and (int(process.name) == group or parent_of(process) == group):
                found += [str(fd.readlink()) for fd in (process / "fd").iterdir()]
        except OSError:
            continue
    assert found
    return sorted(name for name in found if name.startswith("/") and ("/temp/" in name or "/tmp/" in name
                                                                      or name.endswith("(deleted)")))


def parent_of(process):
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])


def test_connections_to_latchkey_are_kept(site):
    """Otherwise each request would cost one."""
    visitor = site.visitor()
    counts = []
    for _ in range(3):
        for _ in range(10):
            visitor.get("/login")
        counts.append(sum(1 for pid in site.program_pids("latchkey-web")
                          for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir() if is_socket(fd)))
    assert counts[-1] > len(site.program_pids("latchkey-web"))


def is_socket(descriptor):
    try:
        return str(descriptor.readlink()).startswith("socket:")
    except OSError:
        return False
