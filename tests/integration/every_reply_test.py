"""A relay that says anything at any step: every note ends as the reply asks, or is tried again and arrives."""

import pytest

from stack.processes import wait_until
from support.scripted_relay import RESET, SILENCE, ScriptedRelay

REPLIES = ["220 hello", "250 fine", "354 go on", "421 4.3.2 closing", "451 4.3.0 later", "452 4.3.1 full",
           "530 5.7.0 log in first", "550 5.7.1 no", "552 5.3.4 too much", "554 5.7.1 no", "garbage",
           "250 " + "x" * 2_000_000, SILENCE, RESET]
STEPS = ["greeting", "EHLO", "MAIL", "RCPT", "DATA", "dot"]
# RFC 5321, 4.2.1 and 4.3.2: what leads on at each step; 5xx of the message ends it, all else is for now.
LEADS_ON = {"greeting": "2", "EHLO": "2", "MAIL": "2", "RCPT": "2", "DATA": "3", "dot": "2"}
ENDS = [step for step in STEPS if step not in ("greeting", "EHLO")]


def leads_on(step, reply):
    return reply.startswith(LEADS_ON[step]) and len(reply) < 100


def ends(step, reply):
    return step in ENDS and reply[:3] in ("550", "552", "554")


@pytest.fixture(scope="module")
def relay():
    one = ScriptedRelay()
    yield one
    one.stop()


@pytest.fixture(scope="module")
def mailed(build_site, relay):
    site = build_site(settings={"limits.enabled": False, "relay.port": relay.port, "relay.timeout": "1s",
                                "outbox.lease": "3s", "relay.connections": 1})
    yield site
    site.stop()
    site.remove_run_dir()


def note_of(site, address):
    rows = site.server.query(
        "SELECT state, tries, reason, lease_owner IS NULL FROM "
        f"{site.outbox_schema}.outbox WHERE address = '{address}'")
    return rows[0] if rows else None


def first_try(site, address):
    """The note's row after its first try; None where it was sent."""
    def over():
        note = note_of(site, address)
        return note is None or (note[1] != "0" and note[3] == "1")

    wait_until("a first try", over)
    return note_of(site, address)


def make_due(site):
    site.server.query(f"UPDATE {site.outbox_schema}.outbox SET due_at = UTC_TIMESTAMP(6) "
                      "WHERE state = 'waiting'")


@pytest.mark.parametrize("step", STEPS)
def test_each_reply_is_taken_for_what_it_is(mailed, relay, step):
    for number, reply in enumerate(REPLIES):
        address = f"{step.lower()}{number}@example.org"
        mailed.account(address, "$2y$04$" + "a" * 53)
        relay.hang_up()
        pending = [reply]
        relay.says = lambda at: pending.pop() if at == step and pending else None
        assert mailed.visitor().ask(address).status == 303
        note = first_try(mailed, address)
        say = f"{step}: {reply[:20]}: {note}"
        if leads_on(step, reply):
            assert note is None or note[0] == "waiting", say
        elif ends(step, reply):
            assert note[0] == "failed" and note[2].startswith(reply[:3]), say
            assert relay.delivered(address) == []
            continue
        elif note is None:
            assert step == "EHLO", say  # HELO is tried then (RFC 5321, 3.2)
        else:
            assert note[0] == "waiting" and note[2] != "" and address not in note[2], say
        relay.says = lambda at: None
        make_due(mailed)
        wait_until("the note's end", lambda: (make_due(mailed), note_of(mailed, address))[1] is None)
        taken = relay.delivered(address)
        assert taken and len({one.id for one in taken}) == 1, say
        # Twice only where the relay may have taken it and its word for that was lost.
        assert len(taken) == 1 or step == "dot", say


def test_poisoned_notes_leave_no_byte_on_the_wire(mailed, relay):
    """GHSA-q86f, GHSA-g7hc-96xr-gvvx; CVE-2023-51764: written straight into the table, or stored by the site."""
    relay.says = lambda at: None
    poison = ["evil@example.org\r\nRCPT TO:<thief@example.org>", "<thief@example.org>", "a b@example.org",
              "evil@example.org\u2028x@example.org", "evil@example.org\0", '"evil\r\nX: y"@example.org',
              "evil@example.org\n.\r\nMAIL FROM:<thief@example.org>", "evil@example.org>", "@", "evil@",
              "evil@[127.0.0.1]", "evil@example.org SIZE=1", "evil%thief@example.org@example.org"]
    stored = [mailed.account(address, "$2y$04$" + "a" * 53).id for address in poison]
    row = ("(RANDOM_BYTES(16), '{kind}', X'{address}', X'{account}', '192.0.2.1\r\nBcc: x', '{languages}', "
           "UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")
    rows = [row.format(kind="link", address=one.encode().hex(), account="", languages="de\r\nX: y")
            for one in poison]
    rows += [row.format(kind="changed", address="", account=one.encode().hex(), languages="") for one in stored]
    rows += [row.format(kind="link\r\n", address=b"thief@example.org".hex(), account="", languages=""),
             row.format(kind="link", address="ff" * 300, account="", languages=""),
             row.format(kind="changed", address="", account=b"' OR 1 -- ".hex(), languages="")]
    before = len(relay.wire)
    mailed.server.query(f"INSERT INTO {mailed.outbox_schema}.outbox (note_id, kind, address, account_id, "
                        "peer, languages, dropped_at, due_at) VALUES " + ", ".join(rows))
    address = mailed.account(stored_hash="$2y$04$" + "a" * 53).address
    mailed.visitor().ask(address)
    wait_until("the good note's mail", lambda: relay.delivered(address))
    wait_until("an empty outbox", mailed.outbox_is_empty)
    wire = bytes(relay.wire[before:])
    assert wire.count(b"RCPT TO:") == 1 and f"RCPT TO:<{address}>".encode() in wire
    assert b"evil" not in wire and b"thief" not in wire
