"""Many requests a second over kept connections, and what became of each: wrk, with a script of ours.

Four of five are the page with the form; the fifth sends it, each time for an address of its own, so
that whoever looks into the outbox sees what was taken twice.
"""

import os
import re
import signal
import subprocess

from stack import places
from stack.processes import end_with_parent

SCRIPT = """\
local number = 0
local threads = {}

function setup(thread)
  thread:set("name", #threads)
  table.insert(threads, thread)
end

function init(arguments)
  sent, odd = 0, ""
end

function request()
  number = number + 1
  if number % 5 ~= 0 then
    return wrk.format("GET", "@path@")
  end
  sent = sent + 1
  return wrk.format("POST", "@path@", {
    ["Content-Type"] = "application/x-www-form-urlencoded", ["Cookie"] = "@cookie@"},
    "csrf_token=@token@&once=t" .. name .. "n" .. sent ..
    "&email=load" .. name .. "n" .. sent .. "%40example.org")
end

function delay()
  return @pause_ms@
end

function response(status, headers, body)
  if status ~= 200 and status ~= 303 then
    odd = odd .. " " .. status
  end
end

function done(summary, latency, requests)
  local errors = summary.errors
  local sent, odd = 0, ""
  for _, thread in ipairs(threads) do
    sent = sent + thread:get("sent")
    odd = odd .. thread:get("odd")
  end
  io.write(string.format("requests=%d sent=%d connect=%d read=%d write=%d timeout=%d longest_ms=%d p99_ms=%d\\n",
    summary.requests, sent, errors.connect, errors.read, errors.write, errors.timeout,
    latency.max / 1000, latency:percentile(99) / 1000))
  io.write("odd:" .. odd .. "\\n")
end
"""


class Load:
    """with Load(site) as load: ... Then: load.requests, sent (forms), odd (statuses that none should
    have), errors ({} when no connection failed). The addresses are load0n1@example.org and so on."""

    def __init__(self, site, connections=32, pause_ms=15):
        """pause_ms: between two requests of one connection."""
        self.connections = connections
        visitor = site.visitor()
        fields = visitor.open("/reset_password_request").form.fields()
        cookie = "; ".join(f"{name}={value}" for name, value in visitor.jar.items())
        script = SCRIPT
        for name, value in (("path", site.path + "/reset_password_request"), ("cookie", cookie),
                            ("token", fields["csrf_token"]), ("pause_ms", str(pause_ms))):
            script = script.replace(f"@{name}@", value)
        path = site.directory / "load.lua"
        path.write_text(script)
        self._arguments = [places.tool("wrk"), "--threads", "1", "--connections", str(connections),
                           "--duration", "24h", "--timeout", "30s", "--latency",
                           "--script", str(path), site.origin()]

    def __enter__(self):
        self._process = subprocess.Popen(self._arguments, stdin=subprocess.DEVNULL, text=True,
                                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                         preexec_fn=end_with_parent())
        return self

    def __exit__(self, *_):
        self._end()

    def __str__(self):
        return (f"{self.requests} requests, {self.sent} of them forms, {self.rate:.0f}/s, "
                f"p99 {self.p99_ms} ms, longest {self.longest_ms} ms")

    def _end(self):
        self._process.send_signal(signal.SIGINT)
        self.words = self._process.communicate(timeout=60)[0]
        line = re.search(r"^requests=.*$", self.words, re.MULTILINE)
        assert line, self.words
        told = {name: int(value) for name, value in (part.split("=") for part in line[0].split())}
        self.requests, self.sent = told.pop("requests"), told.pop("sent")
        self.longest_ms, self.p99_ms = told.pop("longest_ms"), told.pop("p99_ms")
        self.odd = re.search(r"^odd:(.*)$", self.words, re.MULTILINE)[1].split()
        self.errors = {name: count for name, count in told.items() if count}
        self.rate = float(re.search(r"Requests/sec: +([0-9.]+)", self.words)[1])
