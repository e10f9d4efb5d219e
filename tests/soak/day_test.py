"""A day in minutes: traffic, reloads, kills, restarts of the database, outages of the relay.

No request fails without a page that says so, every note is accounted for, and nobody is mailed twice
without a fault that explains it. In its last third no process is replaced, and each one's memory and
descriptors stay what they were.

SOAK_MINUTES (30) and FAULTS_SEED change its length and order. In less than 3 minutes a process may not be warm
before it is measured.
"""

import collections
import concurrent.futures
import os
import pathlib
import random
import signal
import statistics
import threading
import time

import pytest

from stack.processes import wait_until
from support import faults
from support.load import Load, accounts

SECONDS = 60 * float(os.environ.get("SOAK_MINUTES") or 30)
SEED = int(os.environ.get("FAULTS_SEED") or 1)
CONNECTIONS = 16
# Where a part is away: our page, or the web server's for no answer. All have Retry-After.
SAID = {"502", "503", "504"}
MAILS_AT_A_TIME = 4  # relay.connections


@pytest.fixture
def site(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server, settings={"limits.enabled": False})
        site.query(accounts(CONNECTIONS, every=50, each=2000))
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
BY_DAY = [*[Day.reload] * 10, *[Day.kill_web] * 4, *[Day.kill_mailer] * 2, Day.restart_database,
          *[Day.lose_relay] * 3]
# What replaces no process of ours.
AT_NIGHT = [Day.restart_database, *[Day.lose_relay] * 3]


class Person:
    """Signs in, with the wrong password and the right one, time and again."""

    def __init__(self, site):
        self._site, self._account = site, site.account()
        self.seen = collections.Counter()
        self._over = threading.Event()
        self._pool = concurrent.futures.ThreadPoolExecutor(1)

    def __enter__(self):
        self._life = self._pool.submit(self._live)
        return self

    def __exit__(self, *_):
        self._over.set()
        self._life.result()
        self._pool.shutdown()

    def _live(self):
        while not self._over.wait(0.1):
            self.seen[self._sign_in("not this", 422)] += 1
            self.seen[self._sign_in(self._account.password, 303)] += 1

    def _sign_in(self, password, wanted):
        visitor = self._site.visitor()
        page = visitor.open("/login")
        reply = visitor.submit(page, email=self._account.address, password=password) \
            if page.status == 200 else page
        assert reply.status == wanted or str(reply.status) in SAID and reply.header("Retry-After")
        return reply.status


def size_of(pid):
    """(resident KiB, descriptors)"""
    process = pathlib.Path("/proc") / str(pid)
    line = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]), len(list((process / "fd").iterdir()))


def sizes(site):
    """{pid: (resident KiB, descriptors)}"""
    pids = [site.latchkey.child.pid, *site.program_pids("latchkey-web"), *site.program_pids("latchkey-mailer")]
    return {pid: size_of(pid) for pid in pids}


def has_one_generation(site):
    return len(site.program_pids("latchkey-web")) == 2 and len(site.program_pids("latchkey-mailer")) == 1


class Watch:
    """The sizes of the same processes, again and again: what they were in the first half, and in the second."""

    def __init__(self, site):
        self._site, self._seen = site, []

    def look(self):
        self._seen.append(sizes(self._site))

    def medians(self):
        """[(pid, (KiB, descriptors) in the first half, the same in the second)]"""
        assert len(self._seen) >= 4 and len({frozenset(seen) for seen in self._seen}) == 1, self._seen
        half = len(self._seen) // 2

        def median(pid, looks):
            return tuple(statistics.median_high(numbers) for numbers in zip(*(look[pid] for look in looks)))

        return [(pid, median(pid, self._seen[:half]), median(pid, self._seen[half:]))
                for pid in self._seen[0]]


def test_a_day_loses_nothing_and_grows_nothing(site, measured):
    chance, done = random.Random(SEED), collections.Counter()
    day, watch, begun = Day(site, chance), Watch(site), time.monotonic()

    def live(events, until, look=lambda: None):
        while time.monotonic() < begun + until * SECONDS:
            time.sleep(chance.uniform(0.5, 3))
            event = chance.choice(events)
            event(day)
            done[event.__name__] += 1
            look()

    with Load(site, CONNECTIONS, pause_ms=30) as load, Person(site) as person:
        live(BY_DAY, until=0.6)
        wait_until("one generation", lambda: has_one_generation(site), seconds=60)
        live(AT_NIGHT, until=0.7)  # each process has seen each of them
        live(AT_NIGHT, until=1, look=watch.look)
    odd, medians = collections.Counter(load.odd), watch.medians()
    say = f"seed {SEED}: {dict(done)}; {load}; {dict(odd)}; signing in {dict(person.seen)}; {medians}"
    measured(say, SECONDS)
    assert load.errors == {} and set(odd) <= SAID and load.unsaid == 0, say
    assert len(load.odd) < load.requests / 20, say
    assert person.seen[303] and person.seen[422], say
    for _, (kib, descriptors), (later_kib, later_descriptors) in medians:
        assert later_kib <= kib + 1024, say
        assert later_descriptors <= descriptors + 4, say
    check_notes(site, load, done, say)


def check_notes(site, load, done, say):
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
    ids = collections.defaultdict(list)
    for mail in site.smtp.mails():
        ids[mail.recipients[0]].append(mail.message["Message-ID"])
    assert {len(set(seen)) for seen in ids.values()} == {1}, say
    # What the relay took and the mailer could not write down, killed or without its database, is sent again
    # under the same id.
    repeated = sum(map(len, ids.values())) - len(ids)
    assert repeated <= MAILS_AT_A_TIME * (done["kill_mailer"] + done["restart_database"]), say
    assert faults.ends(site) == {"sent": len(ids), "no_account": len(notes)}, say
    assert load.accepted <= ids.keys() | notes.keys() <= load.sent, say
