"""Many requests a second over kept connections, and what became of each: wrk, with a script of ours.

Four of five are the page with the form; the fifth sends it, each time for an address of its own, so
that whoever looks into the outbox sees what was taken twice. Each connection has a thread of wrk's, since
a thread knows only one request as the one that an answer belongs to.
"""

import os
import re
import signal
import subprocess

from stack import places
from stack.processes import end_with_parent, wait_until
from support import faults

SCRIPT = """\
local ffi = require("ffi")
ffi.cdef "typedef struct { long s; long ns; } latchkey_time; int clock_gettime(int, latchkey_time *);"
local time = ffi.new("latchkey_time")
local threads = {}

local function now()
  ffi.C.clock_gettime(1, time)
  return tonumber(time.s) + tonumber(time.ns) / 1e9
end

function setup(thread)
  thread:set("name", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  number, sent, answered, failed, silence, since = 0, 0, 0, "", 0, now()
end

-- wrk makes the first request of the first thread once more, before it begins.
function request()
  if asks ~= nil and number > 1 then
    failed = failed .. " " .. asks .. ":none"
  end
  number = number + 1
  if number % 5 ~= 0 then
    asks = "page"
    return wrk.format("GET", "@path@")
  end
  sent = sent + 1
  asks = sent
  return wrk.format("POST", "@path@", {
    ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = "@cookie@"},
    "csrf_token=@token@&once=t" .. name .. "n" .. sent ..
    "&email=load" .. name .. "n" .. sent .. "%40example.org")
end

function delay()
  return @pause_ms@
end

function response(status, headers, body)
  local good = status == 303
  if asks == "page" then
    good = status == 200 and body:find('name="csrf_token"', 1, true) ~= nil
  end
  if not good then
    failed = failed .. " " .. asks .. ":" .. status .. (headers["Retry-After"] and "r" or "")
  end
  asks = nil
  answered = answered + 1
  silence, since = math.max(silence, now() - since), now()
end

function done(summary, latency, requests)
  local errors = summary.errors
  for _, thread in ipairs(threads) do
    local asks, silence = thread:get("asks"), math.max(thread:get("silence"), now() - thread:get("since"))
    io.write(string.format("thread=%d sent=%d answered=%d asks=%s silence_ms=%d failed:%s\\n",
      thread:get("name"), thread:get("sent"), thread:get("answered"), asks or "nothing", silence * 1000,
      thread:get("failed")))
  end
  io.write(string.format("connect=%d read=%d write=%d timeout=%d longest_ms=%d p99_ms=%d\\n",
    errors.connect, errors.read, errors.write, errors.timeout,
    latency.max / 1000, latency:percentile(99) / 1000))
end
"""


class Load:
    """with Load(site) as load: ... Then: load.requests, odd (statuses that none should have, "none" where
    the connection ended in place of an answer), errors ({} when no connection failed), and the addresses
    of its forms, load0n1@example.org and so on: sent, and accepted, as the answer said."""

    def __init__(self, site, connections=32, pause_ms=15):
        """pause_ms: between two requests of one connection."""
        visitor = site.visitor()
        fields = visitor.open("/reset_password_request").form.fields()
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
        script = SCRIPT
        for name, value in (("path", site.path + "/reset_password_request"), ("cookie", cookie),
                            ("token", fields["csrf_token"]), ("pause_ms", str(pause_ms))):
            script = script.replace(f"@{name}@", value)
        path = site.directory / "load.lua"
        path.write_text(script)
        self._arguments = [places.tool("wrk"), "--threads", str(connections),
                           "--connections", str(connections), "--duration", "24h", "--timeout", "30s",
                           "--latency", "--script", str(path), site.origin()]

    def __enter__(self):
        self._process = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         preexec_fn=end_with_parent())
        return self

    def __exit__(self, *_):
        self._end()

    def __str__(self):
        return (f"{self.requests} requests, {len(self.sent)} of them forms, {self.rate:.0f}/s, "
                f"p99 {self.p99_ms} ms, longest {self.longest_ms} ms, "
                f"no connection silent for more than {self.silence_ms} ms")

    def _end(self):
        self._process.send_signal(signal.SIGINT)
        self.words = self._process.communicate(timeout=60)[0]
        self.requests, self.silence_ms, self.odd, self.unsaid = 0, 0, [], 0
        self.sent, refused, unanswered = set(), set(), set()
        for line in re.findall(r"^thread=.*$", self.words, re.MULTILINE):
            head, _, failed = line.partition(" failed:")
            told = dict(part.split("=") for part in head.split())
            thread = int(told["thread"])
            self.requests += int(told["answered"])
            self.silence_ms = max(self.silence_ms, int(told["silence_ms"]))
            self.sent |= {address_of(thread, number) for number in range(1, int(told["sent"]) + 1)}
            if told["asks"].isdigit():
                unanswered.add(address_of(thread, told["asks"]))
            for what, status in (one.split(":") for one in failed.split()):
                self.odd.append(status.removesuffix("r"))
                self.unsaid += not status.endswith("r")
                if what.isdigit():
                    refused.add(address_of(thread, what))
        assert self.sent, self.words
        self.accepted = self.sent - refused - unanswered
        line = re.search(r"^connect=.*$", self.words, re.MULTILINE)
        told = {name: int(value) for name, value in (part.split("=") for part in line[0].split())}
        self.longest_ms, self.p99_ms = told.pop("longest_ms"), told.pop("p99_ms")
        self.errors = {name: count for name, count in told.items() if count}
        self.rate = float(re.search(r"Requests/sec: +([0-9.]+)", self.words)[1])


def accounts(connections, every, each):
    """SQL that makes `each` accounts for every connection, where `every` 50 is of each 50th address."""
    return ("INSERT INTO users (email, password_hash) SELECT CONCAT('load', c.seq, 'n', "
            f"{every} * n.seq, '@example.org'), '$2y$04${'a' * 53}' "
            f"FROM seq_0_to_{connections - 1} c, seq_1_to_{each} n")


def check_each_form_was_taken_once(site, load):
    """By the notes that found no account, and the mails to those that did."""
    wait_until("an empty outbox", site.outbox_is_empty, seconds=60)
    notes = {address: int(count) for address, count in site.server.query(
        f"SELECT address, COUNT(*) FROM {site.outbox_schema}.outbox GROUP BY address")}
    mailed = {}
    for mail in site.smtp.mails():
        for address in mail.recipients:
            mailed[address] = mailed.get(address, 0) + 1
    assert notes and mailed and not notes.keys() & mailed.keys()
    assert {address: count for address, count in {**notes, **mailed}.items() if count != 1} == {}
    assert faults.ends(site) == {"sent": len(mailed), "no_account": len(notes)}
    # Those whose answer did not come may have been taken or not.
    assert load.accepted <= notes.keys() | mailed.keys() <= load.sent


def address_of(thread, number):
    return f"load{thread}n{number}@example.org"
