"""Asking, and signing in, take as long whether there is an account or not.

keycloak#26625, laravel#46465: the time told known addresses from unknown ones.
"""

import itertools
import random
import statistics
import subprocess
import time

import pytest

from stack import places, timing
from stack.latchkey import make_hash
from support.site import php_hash

ROUNDS = 2000
SIGN_INS = 15


@pytest.fixture(scope="module")
def unlimited(build_site):
    site = build_site(settings={"limits.enabled": False})
    yield site
    site.stop()
    site.remove_run_dir()


# By hand: U = 0, variance 25/12 * 11, z = 12/4.78714; the example in scipy's documentation of
# mannwhitneyu; by hand with ties: U = 9.5, variance 30/12 * (12 - 144/110), z = 5/5.16984.
@pytest.mark.parametrize("first, second, p", [
    ([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], 0.012186),
    ([19, 22, 16, 29, 24], [20, 11, 17, 12], 0.111347),
    ([1, 1, 2, 2, 3], [1, 2, 2, 3, 3, 3], 0.333470),
    ([5, 5, 5], [5, 5, 5], 1.0)])
def test_the_statistics_are_the_books(first, second, p):
    assert timing.mann_whitney(first, second) == pytest.approx(p, abs=1e-6)
    assert timing.mann_whitney(second, first) == pytest.approx(p, abs=1e-6)


def test_a_difference_would_be_seen():
    chance = random.Random(7)
    fast = [0.004 + chance.gauss(0, 0.001) for _ in range(ROUNDS)]
    slow = [0.0055 + chance.gauss(0, 0.001) for _ in range(ROUNDS)]
    assert not timing.Comparison(fast, slow).is_alike()
    assert timing.Comparison(fast, [one + 0.0001 for one in fast]).is_alike()


def test_asking_takes_as_long_for_everybody(unlimited, measured):
    known = unlimited.account().address
    disabled = unlimited.account(stored_hash="!").address
    unknown = known.replace("person", "nobody")
    addresses = [known, unknown, disabled]
    times = timing.sample(timing.Form(unlimited.base_url), addresses, ROUNDS)
    measured("the median answer takes", statistics.median(times[known]))
    for one, other in itertools.combinations(addresses, 2):
        comparison = timing.Comparison(times[one], times[other])
        assert comparison.is_alike(), f"{one}, {other}: {comparison}"


def test_the_tool_for_a_live_site_says_the_same_and_names_the_limits(unlimited, site):
    def run(one, samples):
        return subprocess.run([str(places.ROOT / "tools/timing"), one.base_url, one.account().address,
                               str(samples)], capture_output=True, text=True, timeout=60)

    ran = run(unlimited, 400)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "200 mails" in ran.stdout and ran.stdout.rstrip().endswith(": alike")
    refused = run(site, 400)
    assert refused.returncode == 2
    assert "limits.enabled" in refused.stderr


def test_signing_in_costs_one_hash_whoever_it_is(unlimited, measured):
    """One of what is written, argon2id, even where the account's own is cheaper or none."""
    cheap = php_hash("x" * 20, options='["memory_cost" => 1024, "time_cost" => 1, "threads" => 1]')
    kinds = {
        "known": unlimited.account(stored_hash=make_hash("x" * 20)).address,
        "unknown": "nobody-at-all@example.org",
        "disabled": unlimited.account(stored_hash="!").address,
        "cheaper argon2id": unlimited.account(stored_hash=cheap).address,
        "cheaper bcrypt": unlimited.account(stored_hash=php_hash(
            "x" * 20, "PASSWORD_BCRYPT", '["cost" => 4]')).address,
    }
    visitor = unlimited.visitor()
    page = visitor.open("/login")
    times = {kind: [] for kind in kinds}
    for _ in range(SIGN_INS):
        for kind in random.sample(list(kinds), len(kinds)):
            started = time.perf_counter()
            reply = visitor.submit(page, email=kinds[kind], password="not-the-password-of-anybody")
            times[kind].append(time.perf_counter() - started)
            assert reply.status == 422
    medians = {kind: statistics.median(taken) for kind, taken in times.items()}
    for kind, median in medians.items():
        measured(f"refused, {kind}", median)
        # A hash takes several times what the rest does: without it this would be a quarter.
        assert 0.7 < median / medians["known"] < 1.4, medians
