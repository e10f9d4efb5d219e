"""GET /metrics: the sums over all processes, as Prometheus reads them, for listed peers alone."""

import re

from stack.processes import wait_until
from support.visitor import fresh_peer


def numbers(reply):
    """{sample: value}; every line has the form of Prometheus's text format."""
    assert reply.status == 200
    assert reply.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"
    found, typed = {}, set()
    for line in reply.body.decode().splitlines():
        if line.startswith("# TYPE "):
            typed.add(re.fullmatch(r"# TYPE (\w+) (counter|gauge)", line)[1])
        elif not line.startswith("# HELP "):
            name, labels, value = re.fullmatch(r'(\w+)(\{\w+="\w+"\})? (\d+)', line).groups()
            assert name in typed, line
            found[name + (labels or "")] = int(value)
    return found


def test_the_numbers_are_of_all_workers_and_outlive_them(make_site):
    site = make_site(settings={"limits.enabled": False})
    site.wait_for_programs("latchkey-web", 2)
    addresses = [site.account().address for _ in range(12)]
    for address in addresses:
        assert site.visitor().ask(address).status == 303
    for address in addresses:
        site.smtp.wait(address)
    wait_until("an empty outbox", site.outbox_is_empty)
    first = numbers(site.visitor().get("/metrics"))
    assert first["latchkey_links_asked_total"] == 12
    assert first['latchkey_notes_ended_total{end="sent"}'] == 12
    assert first["latchkey_database_up"] == 1
    site.restart()
    assert numbers(site.visitor().get("/metrics"))["latchkey_links_asked_total"] == 12


def test_there_is_no_such_page_for_others(make_site):
    peer = fresh_peer()
    site = make_site(settings={"peers.monitors": [peer]})
    visitor = site.visitor()
    assert visitor.get("/metrics").status == 404
    assert visitor.get("/metrics").body == visitor.get("/metricz").body
    visitor.peer = peer
    numbers(visitor.get("/metrics"))
    assert visitor.get("/metrics", headers=[("X-Forwarded-For", "192.0.2.1")]).status == 404
