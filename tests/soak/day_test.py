"""A day in minutes: traffic, reloads, kills, restarts of the database, outages of the relay.

No request fails without a page that says so, every note is accounted for, nobody is mailed twice
without a fault that explains it, and memory and descriptors stay flat.

SOAK_MINUTES (30) and FAULTS_SEED change its length and order.
"""

import collections
import os
import pathlib
import random
import signal
import time

import pytest

from stack.processes import wait_until
from support import faults
from support.load import Load

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES") or 30)
SEED = int(os.environ.get("FAULTS_SEED") or 1)
# Every 50th address of the load is an account's.
ACCOUNTS = ("INSERT INTO users (email, password_hash) SELECT CONCAT('load0n', 50 * seq, '@example.org'), "
            f"'$2y$04${'a' * 53}' FROM seq_1_to_40000")
# Where a part is away: our page, or the web server's for no answer.
SAID = {"502", "503", "504"}


@pytest.fixture
def site(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server, settings={"limits.enabled": False})
        site.query(ACCOUNTS)
        yield site


class Day:
    def __init__(self, site, chance):
        self._site = site
        self._chance = chance

    def reload(self):
        self._site.latchkey.child.signal(signal.SIGHUP)

    def kill_web(self):
        self._kill("latchkey-web")

    def kill_mailer(self):
        self._kill("latchkey-mailer")

    def restart_database(self):
        self._site.server.kill()
        time.sleep(self._chance.uniform(0, 2))
        self._site.server.start_again()

    def lose_relay(self):
        self._site.smtp.stop()
        time.sleep(self._chance.uniform(0, 3))
        self._site.smtp.start()

    def _kill(self, program):
        pids = self._site.program_pids(program)
        if pids:
            os.kill(self._chance.choice(pids), signal.SIGKILL)


# How often, of 20 events.
SHARES = [*[Day.reload] * 10, *[Day.kill_web] * 4, *[Day.kill_mailer] * 2, Day.restart_database,
          *[Day.lose_relay] * 3]


def size_of(pid):
    """(resident KiB, descriptors)"""
    process = pathlib.Path("/proc") / str(pid)
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]), len(list((process / "fd").iterdir()))


def sizes(site):
    """Of latchkeyd, and the largest of each program."""
    found = {"latchkeyd": size_of(site.latchkey.child.pid)}
    for name in ("latchkey-web", "latchkey-mailer"):
        found[name] = tuple(map(max, zip(*(size_of(pid) for pid in site.program_pids(name)))))
    return found


def has_one_generation(site):
    return len(site.program_pids("latchkey-web")) == 2 and len(site.program_pids("latchkey-mailer")) == 1


def test_a_day_loses_nothing_and_grows_nothing(site, measured):
    chance, done, before = random.Random(SEED), collections.Counter(), None
    day, end = Day(site, chance), time.monotonic() + SECONDS
    with Load(site, connections=16, pause_ms=30) as load:
        while time.monotonic() < end:
            time.sleep(chance.uniform(0.5, 3))
            event = chance.choice(SHARES)
            event(day)
            done[event.__name__] += 1
            if before is None and sum(done.values()) > 20:
                wait_until("one generation", lambda: has_one_generation(site), seconds=60)
                before = sizes(site)
        wait_until("one generation", lambda: has_one_generation(site), seconds=60)
        time.sleep(5)
        after = sizes(site)
    odd = collections.Counter(load.odd)
    say = f"seed {SEED}: {dict(done)}; {load}; {dict(odd)}; {before} {after}"
    measured(say, SECONDS)
    assert load.errors == {} and set(odd) <= SAID, say
    for name, (kib, descriptors) in after.items():
        assert kib < 1.3 * before[name][0] + 4096, say
        assert descriptors <= before[name][1] + 16, say
    check_notes(site, load, sum(odd.values()), say)


def check_notes(site, load, lost, say):
    """Each note that was taken is sent or kept with its reason, as often as it was counted."""
    def is_empty():
        site.server.change(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6), "
                           "lease_until = IF(lease_owner IS NULL, NULL, UTC_TIMESTAMP(6)) "
                           "WHERE state = 'waiting'")
        time.sleep(0.5)
        return site.outbox_is_empty()

    wait_until("an empty outbox", is_empty, seconds=120)
    notes = {address: int(count) for address, count in site.server.query(
        f"SELECT address, COUNT(*) FROM {site.outbox_schema}.outbox GROUP BY address")}
    assert {count for count in notes.values()} == {1}, say
    ids = collections.defaultdict(set)
    for mail in site.smtp.mails():
        ids[mail.recipients[0]].add(mail.message["Message-ID"])
    # A mailer that was killed after the relay took it sends it again under the same id.
    assert {len(seen) for seen in ids.values()} == {1}, say
    assert faults.ends(site) == {"sent": len(ids), "no_account": len(notes)}, say
    assert load.sent - load.connections - lost <= len(ids) + len(notes) <= load.sent, say
