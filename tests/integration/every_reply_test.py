"""A relay that says anything at any step: every note ends as the reply asks, or is tried again and arrives."""

import concurrent.futures
import itertools

import pytest

from stack.processes import wait_until
from support.mailer import HASH, Lane, lanes
from support.scripted_relay import RESET, SILENCE

REPLIES = ["220 hello", "250 fine", "354 go on", "421 4.3.2 closing", "451 4.3.0 later", "452 4.3.1 full",
           "530 5.7.0 log in first", "550 5.7.1 no", "552 5.3.4 too much", "554 5.7.1 no", "garbage",
           "250 " + "x" * 2_000_000, SILENCE, RESET]
# Whether it has PIPELINING, and takes DATA then whatever came before.
KINDS = [(False, False), (True, False), (True, True)]
STEPS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
# RFC 5321, 4.2.1 and 4.3.2: what leads on at each step; 5xx of the message ends it, all else is for now.
LEADS_ON = {"greeting": "2", "EHLO": "2", "MAIL": "2", "RCPT": "2", "DATA": "3", "dot": "2"}
ENDS = [step for step in STEPS if step not in ("greeting", "EHLO")]


def leads_on(step, reply):
    return reply.startswith(LEADS_ON[step]) and len(reply) < 100


def ends(step, reply):
    return step in ENDS and reply[:3] in ("550", "552", "554")


def make_lane(site):
    return Lane(site, relay__timeout="1s", relay__answer_timeout="1s", outbox__lease="3s", relay__connections=1)


@pytest.fixture(scope="module")
def site(build_site):
    """Of its own: what is stored here is not for other tests to find."""
    one = build_site()
    yield one
    one.stop()
    one.remove_run_dir()


@pytest.fixture(scope="module")
def lane_of(site):
    """A lane for each step: most replies cost waiting and no work."""
    with lanes(*[make_lane(site) for _ in STEPS]) as made:
        yield dict(zip(STEPS, made))


def first_try(lane, address):
    """The note after its first try; None where it was sent."""
    def over():
        note = lane.note_of(address)
        return note is None or (note["tries"] != "0" and note["leased"] == "0")

    wait_until("a first try", over)
    return lane.note_of(address)


def try_again_until_it_is_sent(lane, address):
    wait_until("the note's end", lambda: (lane.make_due(), lane.note_of(address))[1] is None)


def try_reply(lane, step, reply, address, kind):
    pending = [reply]
    lane.relay.pipelining, lane.relay.takes_data_for_nobody = kind
    lane.relay.hang_up()
    lane.relay.says = lambda at: pending.pop() if at == step and pending else None
    lane.drop(address)
    note = first_try(lane, address)
    say = f"{step}: {reply[:20]}: {note} {kind}"
    if leads_on(step, reply):
        assert note is None or note["state"] == "waiting", say
    elif ends(step, reply):
        assert note["state"] == "failed" and note["reason"].startswith(reply[:3]), say
        assert lane.relay.delivered(address) == []
        return
    elif note is None:
        assert step == "EHLO", say  # HELO is tried then (RFC 5321, 3.2)
    else:
        assert note["state"] == "waiting" and note["reason"] != "", say
        assert address not in note["reason"], say
    lane.relay.says = lambda at: None
    try_again_until_it_is_sent(lane, address)
    taken = lane.relay.delivered(address)
    assert taken and len({one.id for one in taken}) == 1, say
    # Twice only where the relay may have taken it and its word for that was lost.
    assert len(taken) == 1 or step == "dot", say


def test_each_reply_is_taken_for_what_it_is(site, lane_of):
    cases = list(itertools.product(KINDS, REPLIES))
    accounts = {step: [site.account(f"{step.lower()}{number}@reply.example", HASH).address
                       for number in range(len(cases))] for step in STEPS}

    def try_step(step):
        for address, (kind, reply) in zip(accounts[step], cases):
            try_reply(lane_of[step], step, reply, address, kind)

    with concurrent.futures.ThreadPoolExecutor(len(STEPS)) as pool:
        list(pool.map(try_step, STEPS))


def test_poisoned_notes_leave_no_byte_on_the_wire(site, lane_of):
    """GHSA-q86f, GHSA-g7hc-96xr-gvvx; CVE-2023-51764: written straight into the table, or stored by the site."""
    lane = lane_of["dot"]
    lane.relay.says = lambda at: None
    poison = ["evil@example.org\r\nRCPT TO:<thief@example.org>", "<thief@example.org>", "a b@example.org",
              "evil@example.org\u2028x@example.org", "evil@example.org\0", '"evil\r\nX: y"@example.org',
              "evil@example.org\n.\r\nMAIL FROM:<thief@example.org>", "evil@example.org>", "@", "evil@",
              "evil@[127.0.0.1]", "evil@example.org SIZE=1", "evil%thief@example.org@example.org"]
    stored = [site.account(address, HASH).id for address in poison]
    row = ("(RANDOM_BYTES(16), '{kind}', X'{address}', X'{account}', '192.0.2.1\r\nBcc: x', '{languages}', "
           "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")
    rows = [row.format(kind="link", address=one.encode().hex(), account="", languages="de\r\nX: y")
            for one in poison]
    rows += [row.format(kind="changed", address="", account=one.encode().hex(), languages="") for one in stored]
    rows += [row.format(kind="link\r\n", address=b"thief@example.org".hex(), account="", languages=""),
             row.format(kind="link", address="ff" * 300, account="", languages=""),
             row.format(kind="changed", address="", account=b"' OR 1 -- ".hex(), languages="")]
    before = len(lane.relay.wire)
    site.server.query(f"INSERT INTO {lane.outbox.table} (note_id, kind, address, account_id, "
                      "peer, languages, dropped_at, due_at) VALUES " + ", ".join(rows))
    address = site.account(stored_hash=HASH).address
    lane.drop(address)
    wait_until("the good note's mail", lambda: lane.relay.delivered(address))
    wait_until("an empty outbox", lambda: lane.outbox.waiting() == 0)
    wire = bytes(lane.relay.wire[before:])
    assert wire.count(b"RCPT TO:") == 1 and f"RCPT TO:<{address}>".encode() in wire
    assert b"evil" not in wire and b"thief" not in wire
