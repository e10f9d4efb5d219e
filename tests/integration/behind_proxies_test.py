"""Who the visitor is behind proxies: counted, and written down, is who the listed ones say.

Regressions of others: CVE-2020-35590, CVE-2023-49792 (a forged X-Forwarded-For is another peer).
"""

import http.client
import itertools
import os
import re
import shutil
import socket
import tempfile

import pytest

_numbers = itertools.count(1)


def elsewhere():
    """An address that nobody else has in this run."""
    number = next(_numbers)
    return f"203.0.{number // 250}.{1 + number % 250}"


def post(visitor, headers):
    page = visitor.open("/reset_password_request")
    return visitor.post("/reset_password_request",
                        {**page.form.fields(), "email": "nobody@example.org"}, headers=headers)


def peer_of(site, headers, visitor=None):
    """Whom the log names after such a request."""
    assert post(visitor or site.visitor(), headers).status in (303, 429)
    return re.findall(r"(?:reset_asked|limit_reached) peer=(\S+)", site.log_text())[-1]


@pytest.fixture(scope="module")
def behind(build_site):
    """A site whose visitors all come through proxies: 127/8 is listed, and so is 10/8."""
    site = build_site(settings={"peers.trusted_proxies": ["127.0.0.0/8", "10.0.0.0/8"]})
    yield site
    site.stop()
    site.remove_run_dir()


def test_one_visitor_behind_two_proxies_is_counted_once(behind):
    address = elsewhere()
    statuses = [post(behind.visitor(), [("X-Forwarded-For", address)]).status for _ in range(6)]
    assert statuses == [303] * 5 + [429]


def test_many_visitors_behind_one_proxy_are_counted_apart(behind):
    proxy = behind.visitor()
    assert {post(proxy, [("X-Forwarded-For", elsewhere())]).status for _ in range(8)} == {303}


def test_what_the_visitor_wrote_himself_stands_on_the_left_and_does_not_count(behind):
    address = elsewhere()
    statuses = [post(behind.visitor(), [("X-Forwarded-For", f"{elsewhere()}, {address}, 10.0.0.7")]).status
                for _ in range(6)]
    assert statuses == [303] * 5 + [429]


def test_a_header_that_comes_twice_is_one_list(behind):
    """nginx hands on two lines as two parameters, of which the FastCGI library finds the first."""
    address = elsewhere()
    assert peer_of(behind, [("X-Forwarded-For", elsewhere()), ("X-Forwarded-For", address)]) == address
    assert peer_of(behind, [("X-Forwarded-For", f"6.6.6.6, {address}"),
                            ("X-Forwarded-For", "10.0.0.1")]) == address


@pytest.mark.parametrize("header, peer", [
    ("203.0.113.77:4711", "203.0.113.77"), ("::ffff:203.0.113.78", "203.0.113.78"),
    ("[2001:db8::5]:443", "2001:db8::5"), ("2001:db8::6%eth0", "2001:db8::6")])
def test_ports_zones_and_brackets_are_read(behind, header, peer):
    assert peer_of(behind, [("X-Forwarded-For", f"6.6.6.6, {header}")]) == peer


@pytest.mark.parametrize("header", ["unknown", "_hidden", "127.1", "a" * 3000, "\"6.6.6.6", "6.6.6.6 x"])
def test_what_cannot_be_read_is_the_proxys_own_word(behind, header):
    proxy = behind.visitor()
    assert peer_of(behind, [("X-Forwarded-For", f"6.6.6.6, {header}")], proxy) == proxy.peer


def test_another_header_than_the_configured_one_says_nothing(behind):
    proxy = behind.visitor()
    assert peer_of(behind, [("Forwarded", "for=6.6.6.6"), ("X-Real-IP", "6.6.6.6")], proxy) == proxy.peer


def test_whoever_is_not_listed_is_not_believed(make_site):
    site = make_site(settings={"peers.trusted_proxies": ["10.0.0.0/8"]})
    visitor = site.visitor()
    assert peer_of(site, [("X-Forwarded-For", "6.6.6.6, 10.0.0.1")], visitor) == visitor.peer


@pytest.fixture
def by_socket(make_site):
    """make(proxies, forwarded): a site, and the path of a unix socket that its nginx listens on too."""
    directory = tempfile.mkdtemp()

    def make(proxies, forwarded="forwarded"):
        path = os.path.join(directory, "nginx.sock")
        settings = {"peers.trusted_proxies": proxies, "peers.forwarded": forwarded}
        return make_site(settings=settings, web_server="nginx",
                         web_server_extra={"nginx": f"listen unix:{path};"}), path

    yield make
    shutil.rmtree(directory)


def ask_by_socket(path, headers):
    """The status of a form that is not ours: refused, but counted. The log tells for whom."""
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(path)
    connection.request("POST", "/reset_password_request", body="email=a", headers={
        "Content-Type": "application/x-www-form-urlencoded", **headers})
    status = connection.getresponse().status
    connection.close()
    return status


def refused_peer(site):
    return re.findall(r"form_refused peer=(\S+)", site.log_text())[-1]


def test_a_proxy_may_come_by_a_unix_socket_and_speak_rfc_7239(by_socket):
    site, path = by_socket(["unix:"])
    header = 'for=6.6.6.6, for="[2001:db8::9]:4711";proto=https;by=unknown'
    assert ask_by_socket(path, {"Forwarded": header}) == 403
    assert refused_peer(site) == "2001:db8::9"
    assert ask_by_socket(path, {"Forwarded": "for=6.6.6.6, for=_hidden"}) == 403
    assert refused_peer(site) == "0.0.0.0"


def test_a_proxy_by_a_unix_socket_that_is_not_listed_is_not_believed(by_socket):
    site, path = by_socket([], forwarded="x-forwarded-for")
    assert ask_by_socket(path, {"X-Forwarded-For": "6.6.6.6"}) == 403
    assert refused_peer(site) == "0.0.0.0"
