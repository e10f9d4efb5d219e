"""Mailers that are killed at every step and at random: no note is lost, none twice without that reason.

KILLS=10000 makes it longer (`make soak`).
"""

import collections
import os
import random
import threading
import time

import pytest

from stack.processes import wait_until
from support.mailer import Mailer, Outbox
from support.scripted_relay import ScriptedRelay

KILLS = int(os.environ.get("KILLS") or 1000)
SEED = int(os.environ.get("FAULTS_SEED") or 1)
LEASE_S = 3
# What the mailer is at when the relay hears of each.
STEPS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "body", "dot", "after"]
# All of a short message is under way when its first bytes are there.
MAY_BE_TAKEN = ["body", "dot", "after"]


@pytest.fixture
def relay():
    one = ScriptedRelay()
    yield one
    one.stop()


@pytest.fixture
def site(make_server, make_site, relay):
    with make_server() as server:
        site = make_site(on=server, settings={
            "relay.port": relay.port, "relay.timeout": "1s", "relay.answer_timeout": "1s", "outbox.lease": f"{LEASE_S}s"})
        # Mailers of the test's own instead; and nobody asks.
        site.web_server.stop()
        site.latchkey.stop()
        yield site
        site.web_server.start()


@pytest.fixture
def make_mailer(site):
    made = []

    def make():
        made.append(Mailer(site.latchkey, f"mailer{len(made)}"))
        return made[-1]

    yield make
    assert [one.stop() for one in made] == [0] * len(made)


def check_all_arrived(outbox, relay, mailers):
    """Each note once; twice only if its first mailer was killed just after, and under one Message-ID."""
    by_address = collections.defaultdict(list)
    for one in relay.deliveries:
        by_address[one.recipient].append(one)
    assert set(by_address) == set(outbox.addresses())
    by_sender = {one.sender: one for one in mailers}
    repeated = 0
    for address, taken in by_address.items():
        assert len({one.id for one in taken}) == 1, address
        for one in taken[:-1]:
            repeated += 1
            kills = by_sender[one.sender].kills
            assert any(-0.2 < at - one.at < 1 for at in kills), (address, one.at, kills[-5:])
    return repeated


@pytest.mark.parametrize("step", STEPS)
def test_a_mailer_killed_at_this_step_loses_nothing(site, relay, make_mailer, step):
    outbox = Outbox(site)
    mailer = make_mailer()
    armed = threading.Event()
    armed.set()

    def kill_once(at, _):
        if at == step and armed.is_set():
            armed.clear()
            mailer.kill()

    relay.on_step = kill_once
    outbox.drop(1)
    began = time.monotonic()
    wait_until("the note's end", lambda: outbox.waiting() == 0, seconds=30)
    # Not stuck beyond its lease; what it takes to start and send comes on top.
    assert time.monotonic() - began < LEASE_S + 6
    assert mailer.kills and outbox.ends()["sent"] == "1"
    repeated = check_all_arrived(outbox, relay, [mailer])
    assert repeated <= (1 if step in MAY_BE_TAKEN else 0)


def test_killed_at_random_four_mailers_lose_nothing(site, relay, make_mailer, measured):
    outbox = Outbox(site)
    mailers = [make_mailer() for _ in range(4)]
    chance = random.Random(SEED)
    began = time.monotonic()
    for kill in range(KILLS):
        if kill % 50 == 0:
            outbox.drop(100)
        time.sleep(chance.uniform(0, 0.1))
        chance.choice(mailers).kill()
    wait_until("an empty outbox", lambda: outbox.waiting() == 0, seconds=60)
    repeated = check_all_arrived(outbox, relay, mailers)
    measured(f"{KILLS} kills (seed {SEED}), {len(outbox.addresses())} notes, sent twice: {repeated}",
             time.monotonic() - began)
    assert outbox.ends() == {"sent": str(len(outbox.addresses()))}


def test_two_mailers_send_no_note_twice(site, relay, make_mailer):
    outbox = Outbox(site)
    mailers = [make_mailer() for _ in range(2)]
    outbox.drop(1000)
    wait_until("an empty outbox", lambda: outbox.waiting() == 0, seconds=60)
    assert check_all_arrived(outbox, relay, mailers) == 0
    assert len(relay.deliveries) == 1000
    assert {one.sender for one in relay.deliveries} == {one.sender for one in mailers}
