"""A million random traces, decided by our table and by Flask-Limiter, whose clock we replace."""

import array
import random
import subprocess
import types

import flask
import flask_limiter
import limits
import limits.storage.memory
import limits.strategies
import pytest

from stack import places

TICK_MS = 125  # binary fractions of a second, so that the peer's floats are exact
WINDOWS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
TRACES = 1_000_000
THROUGH_FLASK = 300


def gaps(window_ms):
    """What may pass before a hit: mostly little, and all that is near the end of a window."""
    return [0, 0, 0, 0, 0, 0, TICK_MS, TICK_MS, window_ms // 4, window_ms // 4, window_ms // 2,
            window_ms - TICK_MS, window_ms, window_ms, window_ms + TICK_MS, 3 * window_ms]


KINDS = [(limits.parse(f"{count}/{unit}"), count, seconds * 1000, gaps(seconds * 1000))
         for unit, seconds in WINDOWS.items() for count in (1, 2, 3, 5)]


@pytest.fixture
def clock(monkeypatch):
    """The peer's time.time(), in seconds."""
    now = types.SimpleNamespace(seconds=1_780_000_000.0)
    monkeypatch.setattr(limits.storage.memory, "time",
                        types.SimpleNamespace(time=lambda: now.seconds))
    return now


def random_traces(seed, count):
    """(kind, [(ms that pass, which key)])"""
    chance = random.Random(seed)
    for _ in range(count):
        dice = chance.randbytes(10)
        kind = KINDS[dice[0] % len(KINDS)]
        steps = [(kind[3][one & 15], one >> 4 & one >> 5 & 1) for one in dice[2:3 + dice[1] % 7]]
        yield kind, steps


def quiet(storage):
    """Its clean-up in a thread of its own looks at the real clock; what is counted does not need it."""
    storage.timer.cancel()
    storage.timer = types.SimpleNamespace(is_alive=lambda: True)
    return storage


def ours(tmp_path, traces):
    words = array.array("I")
    for (_, count, window_ms, _), steps in traces:
        words.extend((count, window_ms, len(steps)))
        words.extend([2 * ms + key for ms, key in steps])
    done = subprocess.run([places.build_dir() / "tests/limiter", "decide", tmp_path / "limits"],
                          input=words.tobytes(), capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_million_traces_are_decided_as_its_fixed_window_decides_them(tmp_path, clock, request):
    seed = random.SystemRandom().randrange(1 << 32)
    storage = quiet(limits.storage.memory.MemoryStorage())
    hit = limits.strategies.FixedWindowRateLimiter(storage).hit
    traces = list(random_traces(seed, TRACES))
    theirs = bytearray()
    for (item, *_), steps in traces:
        for ms, key in steps:
            clock.seconds += ms / 1000
            theirs.append(hit(item, "ab"[key]))
        storage.storage.clear()
        storage.expirations.clear()
    decided = ours(tmp_path, traces)
    assert theirs.count(0) > len(theirs) / 10, "hardly anything was refused: the traces test nothing"
    assert decided == theirs, f"seed {seed}: {first_difference(traces, decided, theirs)}"


def first_difference(traces, decided, theirs):
    at = 0
    for (item, *_), steps in traces:
        part = slice(at, at + len(steps))
        if decided[part] != theirs[part]:
            return f"{item}: {steps}: ours {list(decided[part])}, theirs {list(theirs[part])}"
        at += len(steps)
    return "another number of answers"


def test_its_extension_in_a_flask_application_decides_the_same(tmp_path, clock):
    """The whole of it, by requests: what stands above the engine adds nothing."""
    traces = list(random_traces(7, THROUGH_FLASK))
    theirs = bytearray()
    for (item, *_), steps in traces:
        app = flask.Flask("peer")
        limiter = flask_limiter.Limiter(lambda: flask.request.headers["Peer"], app=app,
                                        storage_uri="memory://", strategy="fixed-window")
        quiet(limiter.storage)

        @app.post("/login")
        @limiter.limit(f"{item.amount} per {item.GRANULARITY.name}")
        def login():
            return "in"

        client = app.test_client()
        for ms, key in steps:
            clock.seconds += ms / 1000
            status = client.post("/login", headers={"Peer": "ab"[key]}).status_code
            assert status in (200, 429)
            theirs.append(status == 200)
    assert ours(tmp_path, traces) == theirs
