"""latchkeyd: ends when asked, starts anew what fell, takes a new configuration without a pause."""

import os
import pathlib
import re
import shutil
import signal
import threading
import time

import pytest

from stack import places
from stack.latchkey import toml, write_secret
from stack.processes import Child, wait_until
from stack.sanitizers import patient
from support import faults

PROGRAMS = ("latchkey-web", "latchkey-mailer")


def test_it_ends_when_asked_with_0_and_takes_all_along(make_site):
    site = make_site()
    pids = site.program_pids("latchkey-web") + site.program_pids("latchkey-mailer")
    assert len(pids) == 3
    site.web_server.stop()
    assert site.latchkey.stop() == 0
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids)


def test_a_request_on_its_way_is_answered_before_the_end(make_site):
    site = make_site(settings={"limits.enabled": False})
    visitor = site.visitor()
    page = visitor.open("/login")
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(
        site.visitor().send("POST", "/login", fields={**page.form.fields(), "email": "x@example.org",
                                                      "password": "y" * 20}, cookies=visitor.jar).status))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.05)
    site.latchkey.child.signal(signal.SIGTERM)
    for thread in threads:
        thread.join()
    # Those that came before the end were answered; the rest found nobody, which nginx says as 502 and
    # Apache as 503.
    assert set(statuses) <= {422, 502, 503}
    assert 422 in statuses
    assert site.latchkey.child.wait(15) == 0


def test_what_is_killed_is_back_within_a_second(make_site, measured):
    site = make_site()

    def seconds_without(program):
        pids = site.program_pids(program)
        os.kill(pids[0], signal.SIGKILL)
        return faults.seconds_until(lambda: pids[0] not in site.program_pids(program)
                                    and len(site.program_pids(program)) == len(pids), within=15)

    for program in PROGRAMS:
        # A machine may stall, but not each time.
        seconds = seconds_without(program)
        if seconds >= patient(1):
            time.sleep(3)  # a life so long that the next is started at once
            seconds = seconds_without(program)
        measured(f"another {program}", seconds)
        assert seconds < patient(1)
    assert site.link_for(site.account())


def program_directory(site):
    """One that is the site's alone, so that a test can put something else in a program's place."""
    directory = site.directory / "bin"
    directory.mkdir()
    # It looks for the others beside its own file, which a link would lead to.
    shutil.copy(places.program("latchkeyd"), directory)
    for program in PROGRAMS:
        os.symlink(places.program(program), directory / program)
    site.latchkey.program = str(directory / "latchkeyd")
    return directory


def put_in_place(path, text):
    """A script where a program is, at once: who starts it meets either."""
    script = path.with_suffix(".new")
    script.write_text(text)
    script.chmod(0o755)
    script.replace(path)


FAILS = """\
#!/bin/sh
case " $* " in *" --check "*) exit 0 ;; esac
exit 1
"""


def test_what_ends_at_once_is_started_later_and_later_until_it_is_whole_again(make_site):
    site = make_site(start=False, settings={"web.workers": 1})
    web = program_directory(site) / "latchkey-web"
    site.start()
    worker, = site.program_pids("latchkey-web")
    mailers = site.program_pids("latchkey-mailer")
    began = len(site.log_text())
    put_in_place(web, FAILS)
    os.kill(worker, signal.SIGKILL)
    time.sleep(3)
    log = site.log_text()[began:]
    ends = re.findall(r" worker_ended program=latchkey-web .* restart_in_ms=(\d+)", log)
    waits = [int(wait) for wait in ends]
    assert len(waits) >= 3 and waits == sorted(set(waits)), waits
    assert log.count(" worker_started program=latchkey-web ") <= 8
    assert site.program_pids("latchkey-mailer") == mailers
    web.unlink()
    os.symlink(places.program("latchkey-web"), web)
    wait_until("an answer", site.answers)
    assert site.link_for(site.account())


def test_it_survives_that_all_workers_are_killed(make_site):
    site = make_site()
    for pid in site.program_pids("latchkey-web"):
        os.kill(pid, signal.SIGKILL)
    wait_until("an answer", site.answers, seconds=10)
    assert site.latchkey.child.is_running()


def test_reload_takes_the_new_and_loses_no_request(make_site):
    site = make_site(settings={"limits.enabled": False})
    statuses, stop = [], threading.Event()

    def visit():
        visitor = site.visitor()
        page = visitor.open("/reset_password_request")
        while not stop.is_set():
            statuses.append(visitor.submit(page, email="nobody@example.org").status)

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    before = set(site.program_pids("latchkey-web"))
    site.latchkey.settings["site_name"] = "Renamed"
    site.latchkey.write_config()
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("the new name", lambda: "Renamed" in site.visitor().get("/login").page.title)
    wait_until("the old workers' end", lambda: not before & set(site.program_pids("latchkey-web")),
               seconds=20)
    stop.set()
    for thread in threads:
        thread.join()
    assert set(statuses) == {303}
    site.wait_for_programs("latchkey-mailer", 1)


def unknown_key(site):
    config = pathlib.Path(site.latchkey.config)
    config.write_text(toml({**site.latchkey.settings, "web.thread": 8}))
    return "latchkeyd", [str(config), "web.thread"], site.latchkey.write_config


def unclosed_section(site):
    page = pathlib.Path(site.latchkey.settings["pages.overrides"]) / "login.tpl"
    good = page.read_text()
    page.write_text(good + "{{#NEVER_CLOSED}}\n")
    return "latchkey-web", [str(page)], lambda: page.write_text(good)


def short_secret(site):
    path, = site.latchkey.settings["token.secret_files"]
    good = site.latchkey.token_secret()
    write_secret(path, "x" * 31)
    return "latchkey-(?:web|mailer)", [path, "token.secret_files"], lambda: write_secret(path, good)


def secret_gone(site):
    path = pathlib.Path(site.latchkey.settings["database.web.password_file"])
    good = path.read_text().strip()
    path.unlink()
    return "latchkey-web", [str(path), "database.web.password_file"], lambda: write_secret(path, good)


def relay_in_clear(site):
    config = pathlib.Path(site.latchkey.config)
    config.write_text(toml({**site.latchkey.settings, "relay.host": "mail.example.org", "relay.tls": "none"}))
    return "latchkey-mailer", [str(config), "relay.tls"], site.latchkey.write_config


def programs(site):
    return {program: sorted(site.program_pids(program)) for program in PROGRAMS}


# latchkeyd itself finds the first, the programs' --check the others.
MISTAKES = [unknown_key, unclosed_section, short_secret, secret_gone, relay_in_clear]


@pytest.mark.parametrize("break_it", MISTAKES, ids=lambda one: one.__name__)
def test_a_bad_reload_is_refused_the_old_go_on_and_a_mended_one_is_taken(make_site, tmp_path, break_it):
    shutil.copy(places.ROOT / "templates/login.tpl", tmp_path)
    site = make_site(settings={"pages.overrides": str(tmp_path)})
    # Whoever starts reads the files as they are then.
    wait_until("all have started", lambda: site.log_text().count("web_started") == 2
               and "mailer_started" in site.log_text())
    before, account = programs(site), site.account()

    program, names, mend = break_it(site)
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("a line in the log", lambda: "reload_refused" in site.log_text())
    # Time for a second line, and for whoever was asked to end.
    time.sleep(0.5)
    refusal, = [line for line in site.log_text().splitlines() if "reload_refused" in line]
    assert re.search(f" program={program} ", refusal) and all(name in refusal for name in names), refusal
    assert "configuration_reloaded" not in site.log_text()
    assert programs(site) == before
    assert site.link_for(account)
    assert site.visitor().can_sign_in(account.address, account.password)

    mend()
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("the reload", lambda: "configuration_reloaded" in site.log_text())
    wait_until("new ones alone", lambda: [len(pids) for pids in programs(site).values()] == [2, 1]
               and not any(set(programs(site)[one]) & set(before[one]) for one in PROGRAMS))
    assert site.log_text().count("reload_refused") == 1
    assert site.link_for(account, count=2)
    assert site.visitor().can_sign_in(account.address, account.password)


def test_a_second_one_does_not_take_the_socket(make_site):
    site = make_site()
    log = str(site.directory / "log/second.log")
    second = Child([places.program("latchkeyd"), "--config", site.latchkey.config], log)
    assert second.wait(20) == 1
    assert site.answers()
    with open(log) as words:
        assert site.latchkey.socket in words.read()
