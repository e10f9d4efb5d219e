"""A worker is as large after its hashes as before: what they took goes back to the system at once.

Else each thread would keep what its largest one took, megabytes times threads times workers, whatever the
permits bound.
"""

import concurrent.futures
import pathlib
import re

import pytest

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


def resident_bytes(site):
    worker, = site.program_pids("latchkey-web")
    status = pathlib.Path(f"/proc/{worker}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


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
    before = resident_bytes(one_worker)
    sign_in_everywhere(one_worker, scrypt(mib * MIB, lanes), times=2)
    # Measured: half a mebibyte at most; 32, 112 and 224 with jemalloc's threshold off.
    grown = resident_bytes(one_worker) - before
    assert grown < mib * MIB
