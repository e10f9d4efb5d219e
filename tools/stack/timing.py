"""Whether the answer to asking for a link takes as long for one address as for another.

Samples are taken in turn over one kept connection, in an order of chance within each round, so that
what slows one address down slows the others too.
"""

import http.client
import math
import random
import re
import statistics
import time
import urllib.parse

from .processes import StackError

# A form is fetched anew after so many samples.
SAMPLES_A_FORM = 500


def ranks(values):
    """The rank of each, from 1, those that are equal sharing theirs; and the sizes of such groups."""
    order = sorted(range(len(values)), key=values.__getitem__)
    found, ties, start = [0.0] * len(values), [], 0
    while start < len(order):
        end = start
        while end < len(order) and values[order[end]] == values[order[start]]:
            end += 1
        for place in order[start:end]:
            found[place] = (start + 1 + end) / 2
        ties.append(end - start)
        start = end
    return found, ties


def mann_whitney(first, second):
    """The two-sided p of both being of one distribution: normal approximation, corrected for ties
    and continuity (Mann and Whitney 1947; Lehmann, Nonparametrics, 1.4)."""
    count1, count2 = len(first), len(second)
    both = count1 + count2
    found, ties = ranks([*first, *second])
    u = sum(found[:count1]) - count1 * (count1 + 1) / 2
    tied = sum(size ** 3 - size for size in ties) / (both * (both - 1))
    deviation = math.sqrt(count1 * count2 / 12 * (both + 1 - tied))
    if deviation == 0:
        return 1.0
    z = (abs(u - count1 * count2 / 2) - 0.5) / deviation
    return min(1.0, math.erfc(z / math.sqrt(2)))


class Comparison:
    """Of two lists of seconds."""

    LIMIT_S = 0.001
    LIMIT_P = 0.01

    def __init__(self, first, second):
        self.difference = statistics.median(first) - statistics.median(second)
        self.p = mann_whitney(first, second)

    def is_alike(self):
        return abs(self.difference) < self.LIMIT_S or self.p > self.LIMIT_P

    def __str__(self):
        return f"medians differ by {self.difference * 1000:+.3f} ms, Mann-Whitney p = {self.p:.3f}"


class Form:
    """The form to ask for a link, sent again and again over one connection."""

    def __init__(self, base_url, peer=None):
        parts = urllib.parse.urlsplit(base_url)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._target = parts.path.rstrip("/") + "/reset_password_request"
        kind = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}.get(parts.scheme)
        if kind is None or not parts.netloc:
            raise StackError(f"{base_url}: not a URL of http or https")
        self._connection = kind(parts.netloc, timeout=30,
                                source_address=(peer, 0) if peer else None)
        self._sent = 0
        self._cookies = {}
        self._token = None

    def _send(self, method, body=None):
        headers = {"Origin": self._origin, "Sec-Fetch-Site": "same-origin"}
        if self._cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(method, self._target, body, headers)
        response = self._connection.getresponse()
        return response, response.read().decode(errors="replace")

    def _open(self):
        response, page = self._send("GET")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if response.status != 200 or token is None:
            raise StackError(f"{self._target}: status {response.status}, and not the form to ask for a link")
        for line in response.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self._cookies[name] = value
        self._token = token.group(1)

    def seconds_for(self, address):
        """How long the answer took."""
        if self._sent % SAMPLES_A_FORM == 0:
            self._open()
        self._sent += 1
        body = urllib.parse.urlencode({"csrf_token": self._token, "email": address})
        started = time.perf_counter()
        response, _ = self._send("POST", body)
        seconds = time.perf_counter() - started
        if response.status == 429:
            raise StackError("the limit is reached: set limits.enabled = false, or a limits.reset_request "
                             "above the number of samples, for the time of the measurement")
        if response.status != 303:
            raise StackError(f"the answer to the form has status {response.status}")
        return seconds


def sample(form, addresses, rounds, on_round=lambda done: None):
    """{address: its times}"""
    times = {address: [] for address in addresses}
    chance = random.Random(1)
    for done in range(rounds):
        for address in chance.sample(addresses, len(addresses)):
            times[address].append(form.seconds_for(address))
        on_round(done + 1)
    return times
