"""latchkeyd: ends when asked, starts anew what fell, takes a new configuration without a pause."""

import os
import signal
import threading
import time

from stack import places
from stack.latchkey import toml
from stack.processes import Child, wait_until


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


def test_what_is_killed_comes_back(make_site):
    site = make_site()
    for program in ("latchkey-web", "latchkey-mailer"):
        pids = site.program_pids(program)
        os.kill(pids[0], signal.SIGKILL)
        wait_until(f"another {program}", lambda: len(site.program_pids(program)) == len(pids)
                   and pids[0] not in site.program_pids(program))
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


def test_reload_of_a_bad_configuration_is_refused_and_the_old_goes_on(make_site):
    site = make_site()
    # Whoever starts reads the file as it is then.
    wait_until("all have started", lambda: site.log_text().count("web_started") == 2
               and "mailer_started" in site.log_text())
    with open(site.latchkey.config, "w") as config:
        config.write(toml({**site.latchkey.settings, "web.thread": 8}))
    before = site.program_pids("latchkey-web")
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("a line in the log", lambda: "web.thread" in site.log_text())
    assert site.program_pids("latchkey-web") == before
    assert site.answers()
    assert site.link_for(site.account())


def test_a_second_one_does_not_take_the_socket(make_site):
    site = make_site()
    log = str(site.directory / "log/second.log")
    second = Child([places.program("latchkeyd"), "--config", site.latchkey.config], log)
    assert second.wait(20) == 1
    assert site.answers()
    with open(log) as words:
        assert site.latchkey.socket in words.read()
