"""One person's browser, as bytes: cookies, forms, redirects, and a peer address of its own.

All of 127/8 is this machine, so each visitor comes from another address and has the limits to itself.
"""

import http.client
import itertools
import urllib.parse

from support import spilled
from support.page import Page

_numbers = itertools.count(1)


def fresh_peer():
    number = next(_numbers)
    return f"127.{1 + number // 62500}.{number // 250 % 250}.{1 + number % 250}"


class Reply:
    def __init__(self, response, body, url):
        self.status = response.status
        self.headers = response.getheaders()
        self.body = body
        self.url = url
        self._page = None

    def header(self, name):
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    def cookies(self):
        """Each Set-Cookie line."""
        return [value for key, value in self.headers if key.lower() == "set-cookie"]

    @property
    def page(self):
        if self._page is None:
            self._page = Page(self.body.decode())
        return self._page

    @property
    def form(self):
        return self.page.forms[0]

    @property
    def path(self):
        return urllib.parse.urlsplit(self.url).path


class Visitor:
    def __init__(self, stack, peer=None):
        self.stack = stack
        self.peer = peer or fresh_peer()
        self.jar = {}

    def send(self, method, target, *, fields=None, body=None, headers=(), host=None, cookies=None):
        """One request, as it is told. fields: a dict, or a list of pairs for duplicates. host: another
        Host header. cookies: instead of the jar's."""
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers = [("Content-Type", "application/x-www-form-urlencoded"), *headers]
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.port, timeout=40,
                                                source_address=(self.peer, 0))
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host or f"127.0.0.1:{self.stack.port}")
        for name, value in headers:
            connection.putheader(name, value)
        jar = self.jar if cookies is None else cookies
        if jar:
            connection.putheader("Cookie", "; ".join(f"{name}={value}" for name, value in jar.items()))
        if body is not None and not any(name.lower() == "content-length" for name, _ in headers):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        reply = Reply(response, response.read(), urllib.parse.urljoin(self.stack.base_url, target))
        connection.close()
        self._keep_cookies(reply)
        return reply

    def _keep_cookies(self, reply):
        for line in reply.cookies():
            pair, *attributes = [part.strip() for part in line.split(";")]
            name, _, value = pair.partition("=")
            if any(one.lower() == "max-age=0" for one in attributes):
                self.jar.pop(name, None)
            else:
                self.jar[name] = value
                if "-flash-" not in name:
                    spilled.remember(value)

    def cookie_names(self):
        return set(self.jar)

    def cookie(self, what):
        """The value of the cookie with "-what-" in its name; None without it."""
        return next((value for name, value in self.jar.items() if f"-{what}-" in name), None)

    def _target(self, url):
        """A path from the root, of an absolute URL or of a path below the base URL."""
        if url.startswith("http"):
            parts = urllib.parse.urlsplit(url)
            return parts.path + (f"?{parts.query}" if parts.query else "")
        return self.stack.path + url

    def get(self, url, **options):
        return self.send("GET", self._target(url), **options)

    def post(self, url, fields, headers=None, **options):
        """As a browser posts a form of the same site."""
        if headers is None:
            headers = [("Origin", self.stack.origin()), ("Sec-Fetch-Site", "same-origin")]
        return self.send("POST", self._target(url), fields=fields, headers=headers, **options)

    def follow(self, reply):
        """To the end of the redirects."""
        for _ in range(5):
            if reply.status not in (301, 302, 303):
                return reply
            reply = self.send("GET", self._target(urllib.parse.urljoin(reply.url,
                                                                       reply.header("Location"))))
        raise AssertionError("too many redirects")

    def open(self, url):
        return self.follow(self.get(url))

    def submit(self, reply, form=None, **typed):
        """Fills in the page's form (its first, or the one with a field `form`) and sends it. The reply
        itself, not where it leads."""
        form = reply.form if form is None else reply.page.form_with(form)
        fields = {**form.fields(), **typed}
        for name in ("password", "password2"):
            if fields.get(name):
                spilled.remember(fields[name])
        spilled.remember(fields.get("csrf_token"))
        return self.send("POST", urllib.parse.urljoin(reply.path, form.action), fields=fields, headers=[
            ("Origin", self.stack.origin()), ("Sec-Fetch-Site", "same-origin")])

    # What people do.

    def ask(self, address):
        return self.submit(self.open("/reset_password_request"), email=address)

    def set_password(self, link, password):
        return self.submit(self.open(link), password=password, password2=password)

    def sign_in(self, address, password):
        return self.submit(self.open("/login"), email=address, password=password)

    def can_sign_in(self, address, password):
        reply = self.sign_in(address, password)
        assert reply.status in (303, 422), reply.status
        return reply.status == 303
