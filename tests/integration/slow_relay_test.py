"""A relay that takes its time after a whole mail, as RFC 5321, 4.5.3.2.6, lets it: one mail, and only one."""

import collections
import threading
import time

import pytest

from stack.processes import wait_until
from support.mailer import HASH, Lane, Mailer, lanes

TIMEOUT_S, LEASE_S = 1, 3
SLOW_S = LEASE_S + 2


@pytest.fixture
def lane(site):
    with lanes(Lane(site, relay__timeout=f"{TIMEOUT_S}s", relay__answer_timeout="20s",
                    outbox__lease=f"{LEASE_S}s", relay__connections=2)) as made:
        yield made[0]


@pytest.fixture
def other(lane):
    """A mailer that would take over what it can."""
    mailer = Mailer(lane.latchkey, "other", relay__timeout=f"{TIMEOUT_S}s", outbox__lease=f"{LEASE_S}s")
    yield mailer
    assert mailer.stop() == 0


def test_its_answer_is_waited_for_while_nobody_takes_the_note_over(site, lane, other):
    slow = site.account(stored_hash=HASH).address
    quick = [site.account(stored_hash=HASH).address for _ in range(5)]
    pauses = [SLOW_S]
    lane.relay.on_step = lambda step, _: time.sleep(pauses.pop()) if step == "dot" and pauses else None
    lane.drop(slow)
    wait_until("a relay that has it", lambda: not pauses)
    began = time.monotonic()
    for address in quick:
        lane.drop(address)
    # They do not wait for it.
    wait_until("the others", lambda: all(lane.relay.delivered(address) for address in quick))
    assert time.monotonic() - began < SLOW_S - 1
    wait_until("the slow one's end", lambda: lane.outbox.waiting() == 0)
    assert time.monotonic() - began > SLOW_S - 1
    counts = collections.Counter(one.recipient for one in lane.relay.deliveries)
    assert counts == collections.Counter([slow, *quick])
    assert lane.outbox.ends() == {"sent": "6"}


def test_who_gets_no_connection_in_time_tries_later_and_holds_nobody_up(site):
    with lanes(Lane(site, relay__timeout="2s", relay__answer_timeout="20s", outbox__lease="10s",
                    relay__connections=1)) as made:
        lane = made[0]
        first, second, third = (site.account(stored_hash=HASH).address for _ in range(3))
        goes_on = threading.Event()
        begun = threading.Event()

        def on_step(step, _):
            if step == "dot" and not begun.is_set():
                begun.set()
                goes_on.wait(20)

        lane.relay.on_step = on_step
        lane.drop(first)
        begun.wait(15)
        lane.drop(second)
        wait_until("the second's reason", lambda: lane.note_of(second)["reason"])
        assert lane.note_of(second) == {
            "state": "waiting", "tries": "1", "reason": "every connection to the relay is taken", "leased": "0"}
        # What was not waited for any more is not sent when the connection is free; what waits is.
        lane.drop(third)
        wait_until("the third in line", lambda: lane.note_of(third)["leased"] == "1")
        goes_on.set()
        wait_until("the ends of both", lambda: lane.outbox.waiting() == 1)
        assert [one.recipient for one in lane.relay.deliveries] == [first, third]
        lane.make_due()
        wait_until("the second's end", lambda: lane.outbox.waiting() == 0)
        assert [one.recipient for one in lane.relay.deliveries] == [first, third, second]
