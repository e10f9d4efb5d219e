"""A program of ours is killed or stopped, the relay is slow, a disk is full: it heals or it says why."""

import contextlib
import os
import signal
import subprocess
import threading
import time
import warnings

import pytest

from stack import places
from stack.latchkey import toml
from stack.mariadb import quote
from stack.processes import wait_until
from stack.sanitizers import patient
from support import faults


@pytest.fixture
def ours(make_site):
    return make_site(settings={"limits.enabled": False})


def only_pid(site, program):
    pid, = site.program_pids(program)
    return pid


def outbox(site, columns, where="TRUE"):
    return site.server.query(f"SELECT {columns} FROM {site.outbox_schema}.outbox WHERE {where}")


def test_a_mailer_killed_while_it_sends_sends_again_after_its_lease_under_the_same_id(ours):
    account, seen = ours.account(), []
    ours.smtp.on_message = lambda mail: seen.append(mail.message["Message-ID"])
    ours.smtp.script.then(60)
    assert ours.visitor().ask(account.address).status == 303
    wait_until("the relay has it", lambda: seen)
    pid = only_pid(ours, "latchkey-mailer")
    os.kill(pid, signal.SIGKILL)
    wait_until("another mailer", lambda: ours.program_pids("latchkey-mailer") not in ([], [pid]))
    wait_until("a line in the log", lambda: "worker_ended" in ours.log_text())
    # It is still the dead one's for the rest of the lease.
    other = ours.account()
    assert ours.link_for(other)
    assert not ours.smtp.mails(account.address)
    lease, = outbox(ours, "TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_until)",
                    f"address = {quote(account.address)}")
    assert 0 < int(lease[0]) <= 180
    ours.server.change(f"UPDATE {ours.outbox_schema}.outbox SET lease_until = UTC_TIMESTAMP(6)")
    assert ours.smtp.wait(account.address)
    wait_until("an empty outbox", ours.outbox_is_empty)
    assert len(ours.smtp.mails(account.address)) == 1
    assert seen[0] is not None and seen.count(seen[0]) == 2


def test_a_mailer_that_is_stopped_keeps_nobody_waiting(ours, measured):
    account = ours.account()
    pid = only_pid(ours, "latchkey-mailer")
    os.kill(pid, signal.SIGSTOP)
    try:
        reply, seconds = faults.taken(lambda: ours.visitor().ask(account.address))
        assert reply.status == 303 and seconds < patient(1)
        assert faults.outbox_states(ours) == ["waiting"]
    finally:
        os.kill(pid, signal.SIGCONT)
    _, seconds = faults.taken(lambda: ours.smtp.wait(account.address))
    measured("its mail is there after", seconds)
    assert seconds < patient(1)


def test_a_slow_relay_slows_no_page_and_gets_each_mail_once(ours):
    accounts = [ours.account() for _ in range(3)]
    ours.smtp.script.always = 0.7
    for account in accounts:
        reply, seconds = faults.taken(lambda who=account: ours.visitor().ask(who.address))
        assert reply.status == 303 and seconds < patient(0.5)
    for account in accounts:
        ours.smtp.wait(account.address)
    wait_until("an empty outbox", ours.outbox_is_empty)
    assert len(ours.smtp.mails()) == 3


def test_a_worker_killed_at_its_work_costs_at_most_the_request(ours):
    """The answer is the product's, or the web server's page for none; the next one is the product's."""
    visitor = ours.visitor()
    page = visitor.open("/login")
    replies, done = [], threading.Event()

    def sign_in():
        someone = ours.visitor()
        someone.jar = dict(visitor.jar)
        while not done.is_set():
            replies.append(someone.submit(page, email="nobody@example.org", password="y" * 20))

    threads = [threading.Thread(target=sign_in) for _ in range(6)]
    for thread in threads:
        thread.start()
    wait_until("an answer", lambda: any(reply.status == 422 for reply in replies))
    for _ in range(4):
        time.sleep(0.3)
        os.kill(ours.program_pids("latchkey-web")[0], signal.SIGKILL)
        ours.wait_for_programs("latchkey-web", 2)
    done.set()
    for thread in threads:
        thread.join()
    lost = [reply for reply in replies if reply.status != 422]
    # Often none is away: nginx asks another worker.
    assert all(faults.is_away(one) or faults.is_busy(one) for one in lost), [one.status for one in lost]
    assert ours.visitor().get("/login").status == 200


def test_the_limits_outlive_every_worker(make_site):
    site = make_site()
    asks = [faults.asks(site) for _ in range(2)]
    for _ in range(5):
        assert asks[0]("nobody@example.org").status == 303
    for pid in site.program_pids("latchkey-web"):
        os.kill(pid, signal.SIGKILL)
    wait_until("an answer", site.answers)
    assert asks[0]("nobody@example.org").status == 429
    statuses = [asks[1]("nobody@example.org").status for _ in range(6)]
    assert statuses == [303] * 5 + [429]


@contextlib.contextmanager
def small_disk(tmp_path, size_kib):
    """(a directory that is full after so much, what to run programs by). Without root it is a limit on
    each file's size instead, which says "too large" in place of "no space"."""
    directory = tmp_path / "disk"
    directory.mkdir()
    if os.geteuid() != 0:
        warnings.warn("not root, so no small disk can be mounted: files are limited instead")
        yield directory, ["bash", "-c", f"trap '' XFSZ; ulimit -f {size_kib}; exec \"$@\"", "bash"]
        return
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size_kib}k,mode=0700", "none",
                    str(directory)], check=True)
    try:
        yield directory, []
    finally:
        subprocess.run(["umount", "-l", str(directory)], check=True)


def check(site, enter, **settings):
    """latchkey-web --check with other settings."""
    path = site.directory / "etc/other.toml"
    path.write_text(toml({**site.latchkey.settings, **{
        name.replace("__", "."): value for name, value in settings.items()}}))
    return subprocess.run([*enter, places.program("latchkey-web"), "--config", str(path), "--check"],
                          capture_output=True, text=True, timeout=30)


def test_no_room_for_the_counters_is_told_at_start(site, tmp_path):
    with small_disk(tmp_path, size_kib=256) as (directory, enter):
        full = check(site, enter, limits__table=str(directory / "limits"), limits__words=1048576)
        assert full.returncode == 1
        assert "no space for the table" in full.stderr and str(directory) in full.stderr
        assert len(full.stderr.splitlines()) == 1
        assert check(site, enter, limits__table=str(directory / "limits"),
                     limits__words=16384).returncode == 0


def fill(directory):
    with contextlib.suppress(OSError), open(directory / "filler", "wb", buffering=0) as filler:
        while True:
            filler.write(b"x" * 4096)


def test_a_disk_that_fills_up_later_takes_no_counter_away(make_site, tmp_path):
    """The table's space is taken whole at the start: no later write can meet the disk's end."""
    with small_disk(tmp_path, size_kib=300) as (directory, _):
        site = make_site(settings={"limits.table": str(directory / "limits"), "limits.words": 16384})
        for table in directory.glob("limits*"):
            assert table.stat().st_blocks * 512 >= table.stat().st_size > 0
        if os.geteuid() == 0:
            fill(directory)
        for pid in site.program_pids("latchkey-web"):
            os.kill(pid, signal.SIGKILL)
        wait_until("an answer", site.answers)
        ask = faults.asks(site)
        assert [ask("nobody@example.org").status for _ in range(6)] == [303] * 5 + [429]
        site.wait_for_programs("latchkey-web", 2)
        site.stop()
