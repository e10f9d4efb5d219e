"""The database fails while mail is on its way: no note is lost, stuck or sent twice."""

import collections
import contextlib
import itertools
import random
import threading
import time

import pytest

from stack.processes import wait_until
from support import faults
from support.database_tap import CONNECT, CUT_AFTER, CUT_BEFORE, TOO_MANY, DatabaseTap
from support.mailer import Lane, lanes

NOTES = 300
_taps = itertools.count()


@pytest.fixture(scope="module")
def site(make_server, build_site):
    with make_server() as server:
        site = build_site(on=server)
        yield site
        site.stop()
        site.remove_run_dir()


@pytest.fixture
def make_lane(site):
    """make_lane(): notes of its own in an outbox of its own, sent one each few milliseconds."""
    with contextlib.ExitStack() as ending:

        def make(**settings):
            site.query("TRUNCATE users")
            lane = Lane(site, **{"relay__timeout": "1s", "relay__answer_timeout": "1s", "outbox__lease": "90s", "relay__connections": 2,
                                 **settings})
            ending.enter_context(lanes(lane))
            lane.relay.on_step = lambda step, _: time.sleep(0.01) if step == "dot" else None
            return lane

        yield make


@pytest.fixture
def make_tapped(site, make_lane):
    """make_tapped(decide): a lane whose mailer reaches the database through a tap."""
    with contextlib.ExitStack() as ending:
        def make(decide):
            path = f"{site.run_dir}/tap{next(_taps)}.sock"
            tap = DatabaseTap(site.server.socket, path, decide)
            ending.callback(tap.stop)
            return make_lane(database__socket=path)

        yield make


@contextlib.contextmanager
def sending(lane):
    """Begins in the midst of it; waits for the end, which no lease has to run out for."""
    lane.outbox.drop(NOTES)
    lane.mailer.wake()
    wait_until("mail on its way", lambda: len(lane.relay.deliveries) > NOTES // 10)
    yield
    assert len(lane.relay.deliveries) < NOTES, "all was sent before the fault"
    wait_until("an empty outbox", lambda: lane.outbox.waiting() == 0, seconds=30)


def check_each_arrived_once(lane):
    counts = collections.Counter(one.recipient for one in lane.relay.deliveries)
    assert [address for address in lane.outbox.addresses() if not counts[address]] == []
    assert {address: count for address, count in counts.items() if count > 1} == {}
    assert lane.outbox.ends() == {"sent": str(NOTES)}


def test_killed_and_started_again(site, make_lane):
    lane = make_lane()
    with sending(lane):
        site.server.kill()
        time.sleep(1)
        site.server.start_again()
    check_each_arrived_once(lane)


def test_hanging(site, make_lane):
    lane = make_lane()
    with sending(lane):
        with faults.frozen(site.server):
            time.sleep(faults.IO_TIMEOUT_S + 3)
    check_each_arrived_once(lane)


def test_read_only(site, make_lane):
    lane = make_lane()
    with sending(lane):
        site.server.query("SET GLOBAL read_only = 1")
        time.sleep(2)
        site.server.query("SET GLOBAL read_only = 0")
    check_each_arrived_once(lane)
    assert "1290" in lane.mailer.log_text()


def test_out_of_connections(make_tapped):
    refusing, refused = threading.Event(), []

    def decide(said):
        if not refusing.is_set():
            return None
        refused.append(said)
        return TOO_MANY if said == CONNECT else CUT_BEFORE

    lane = make_tapped(decide)
    with sending(lane):
        refusing.set()
        wait_until("mailers that ask again", lambda: refused.count(CONNECT) > 3)
        # Not each that is refused is worth a word: who asks again may be let in.
        wait_until("the mailer's word", lambda: "1040" in lane.mailer.log_text())
        refusing.clear()
    check_each_arrived_once(lane)


def test_locked_for_longer_than_is_waited_for(site, make_lane):
    lane = make_lane()
    with faults.client(site) as say, sending(lane):
        # Three waits of 3 s: the first and what is repeated.
        say(f"START TRANSACTION; SELECT COUNT(*) FROM {lane.outbox.table} FOR UPDATE; SELECT SLEEP(10); ROLLBACK")
        wait_until("the mailer's word", lambda: "1205" in lane.mailer.log_text())
    check_each_arrived_once(lane)


def test_in_deadlocks_of_which_it_is_the_victim(site, make_lane):
    """Locks in the other order, by transactions that are heavier, so that the server ends the mailer's."""
    lane = make_lane()
    site.query("CREATE TABLE weight (id INT PRIMARY KEY) SELECT seq id FROM seq_1_to_500")
    deadlocks = "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Innodb_deadlocks'"
    before = int(site.server.query(deadlocks)[0][0])
    with faults.client(site) as say, sending(lane):
        for _ in range(40):
            say(f"START TRANSACTION; UPDATE weight SET id = -id; UPDATE {lane.outbox.schema}.outbox_ends "
                f"SET count = count; SELECT COUNT(*) FROM {lane.outbox.table} FOR UPDATE; ROLLBACK")
            time.sleep(0.02)
    check_each_arrived_once(lane)
    assert int(site.server.query(deadlocks)[0][0]) > before


@pytest.mark.parametrize("verb, fault", [
    ("COMMIT", 1205), *itertools.product(["COMMIT", "UPDATE", "DELETE", "INSERT", "SELECT"],
                                         [1213, CUT_BEFORE, CUT_AFTER])])
def test_each_statement_fails_sometimes(make_tapped, verb, fault):
    """A deadlock at COMMIT is what Galera says of a transaction that another node has overtaken."""
    chance, failed, lock = random.Random(f"{verb} {fault}"), [], threading.Lock()
    failing = threading.Event()

    def decide(said):
        with lock:
            if said != verb or not failing.is_set() or chance.random() > 0.3:
                return None
            failed.append(said)
            return fault

    lane = make_tapped(decide)
    failing.set()
    with sending(lane):
        time.sleep(0.5)
        failing.clear()
    assert failed
    check_each_arrived_once(lane)
