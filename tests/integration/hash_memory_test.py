"""A worker is as large after its hashes as before: what they took goes back to the system at once.

Else each thread would keep what its largest one took, megabytes times threads times workers, whatever the
permits bound. And while there is one permit, there is one hash's memory, however many sign in.
"""

import concurrent.futures
import contextlib
import pathlib
import re
import threading
import time

import pytest

from support import fastcgi
from support.site import new_password

THREADS = 8
MIB = 1 << 20


@pytest.fixture(scope="module")
def one_worker(build_site):
    site = build_site(settings={"limits.enabled": False, "web.workers": 1, "web.threads": 2 * THREADS,
                                "hashing.permits": THREADS, "hashing.queue": THREADS,
                                "hashing.wait": "20s"})
    yield site
    site.stop()
    site.remove_run_dir()


def resident_bytes(worker, field="VmRSS"):
    status = pathlib.Path(f"/proc/{worker}/status").read_text()
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


def scrypt(size_bytes, lanes):
    """As werkzeug writes it: 128 * N * r bytes, for each lane anew. No password has this digest."""
    return f"scrypt:{size_bytes // 1024}:8:{lanes}$abcdefghijklmnop$" + "0" * 128


def sign_in_everywhere(site, stored_hash, times):
    """By as many visitors as there are threads that hash, all of them at once."""
    account = site.account(stored_hash=stored_hash)

    def sign_in(visitor, page):
        return visitor.submit(page, email=account.address, password=new_password()).status

    with concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        for _ in range(times):
            visitors = [site.visitor() for _ in range(THREADS)]
            pages = [visitor.open("/login") for visitor in visitors]
            assert set(pool.map(sign_in, visitors, pages)) == {422}


# jemalloc left to itself keeps blocks of less than 8 MiB, glibc's malloc those of less than 32.
@pytest.mark.parametrize("mib, lanes", [(4, 4), (16, 1), (32, 1)])
def test_a_worker_keeps_nothing_of_what_its_hashes_took(one_worker, mib, lanes):
    sign_in_everywhere(one_worker, scrypt(MIB // 64, lanes=128), times=2)
    worker, = one_worker.program_pids("latchkey-web")
    before = resident_bytes(worker)
    sign_in_everywhere(one_worker, scrypt(mib * MIB, lanes), times=2)
    # Measured: half a mebibyte at most; 32, 112 and 224 with jemalloc's threshold off.
    grown = resident_bytes(worker) - before
    assert grown < mib * MIB


@contextlib.contextmanager
def most_at_once(workers):
    """A list with the most that these had together at any look; there is one each millisecond or so."""
    most, over = [0], threading.Event()

    def look():
        while not over.is_set():
            most[0] = max(most[0], sum(map(resident_bytes, workers)))
            time.sleep(0.001)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield most
    finally:
        over.set()
        thread.join()


def sign_in_at(site, workers, stored_hash):
    """At each by half of THREADS, twice, and all of them at once."""
    form = fastcgi.form_of(site, "/login", email=site.account(stored_hash=stored_hash).address,
                           password=new_password())

    def sign_in(connection):
        return {connection.ask(*form).status for _ in range(2)}

    with contextlib.ExitStack() as open_ones, concurrent.futures.ThreadPoolExecutor(THREADS) as pool:
        connections = [open_ones.enter_context(fastcgi.connected_to(site, worker))
                       for worker in workers for _ in range(THREADS // 2)]
        assert set().union(*pool.map(sign_in, connections)) == {422}


def test_with_one_permit_both_workers_together_take_the_memory_of_one_hash(make_site):
    size = 64 * MIB
    site = make_site(settings={"limits.enabled": False, "web.threads": 2 * THREADS, "hashing.permits": 1,
                               "hashing.queue": THREADS, "hashing.wait": "20s"})
    # No password has this digest.
    stored_hash = f"$argon2id$v=19$m={size // 1024},t=2,p=1${'A' * 22}${'A' * 43}"
    workers = site.program_pids("latchkey-web")
    sign_in_at(site, workers, stored_hash)
    before = {worker: resident_bytes(worker) for worker in workers}
    for worker in workers:
        # proc(5): the peak begins anew.
        pathlib.Path(f"/proc/{worker}/clear_refs").write_text("5")
    with most_at_once(workers) as most:
        sign_in_at(site, workers, stored_hash)
    peaks = [resident_bytes(worker, "VmHWM") - before[worker] for worker in workers]
    together = most[0] - sum(before.values())
    # Each had its turns, but no two hashes were under way at once. Measured: 64 MiB each, and together.
    assert min(peaks) > 0.9 * size
    assert max(*peaks, together) < 1.5 * size
