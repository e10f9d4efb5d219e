"""So many tries in a minute, counted for all workers together, and an answer a person understands."""

import concurrent.futures
import pathlib
import re
import signal
import subprocess
import threading

from stack import places
from stack.processes import wait_until
from support.visitor import fresh_peer


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(len(items)) as pool:
        for done in [pool.submit(work, item) for item in items]:
            done.result()


def assert_too_many(reply, policy, count):
    assert reply.status == 429
    seconds = int(reply.header("Retry-After"))
    assert 1 <= seconds <= 60
    assert reply.header("Cache-Control") == "no-store"
    assert reply.header("RateLimit-Policy") == f'"{policy}";q={count};w=60'
    assert re.fullmatch(rf'"{policy}";r=0;t={seconds}', reply.header("RateLimit"))
    assert "Too many tries" in reply.page.notice


def test_the_sixth_request_for_a_link_waits(site):
    visitor = site.visitor()
    account = site.account()
    for _ in range(5):
        assert visitor.ask(account.address).status == 303
    assert_too_many(visitor.ask(account.address), "reset-request", 5)
    # Somebody else is not held up.
    assert site.visitor().ask(account.address).status == 303


def test_the_sixth_sign_in_waits_and_says_nothing_about_the_password(site):
    visitor = site.visitor()
    account = site.account()
    for _ in range(5):
        assert visitor.sign_in(account.address, "not the password").status == 422
    assert_too_many(visitor.sign_in(account.address, account.password), "login", 5)
    assert visitor.cookie("session") is None


def test_the_fourth_try_to_set_a_password_waits_with_the_form(site):
    visitor = site.visitor()
    account = site.account()
    form = visitor.open(site.link_for(account))
    for _ in range(3):
        assert visitor.submit(form, password="short", password2="short").status == 422
    before = site.hash_of(account)
    refused = visitor.submit(form, password="Sesam-9c1bd0e2aa41f", password2="Sesam-9c1bd0e2aa41f")
    assert_too_many(refused, "reset-password", 3)
    assert refused.form.named("password")
    assert site.hash_of(account) == before


def test_two_urls_of_one_form_are_not_two_chances(site):
    visitor = site.visitor()
    link = site.link_for(site.account())
    form = visitor.open(link).form.fields()
    path = "/reset_password/" + link.rsplit("/", 1)[1]
    for target in ("/reset_password", path, "/reset_password"):
        assert visitor.post(target, {**form, "password": "short", "password2": "short"}).status == 422
    assert visitor.post(path, {**form, "password": "short", "password2": "short"}).status == 429


def test_only_posts_count(site):
    visitor = site.visitor()
    for _ in range(8):
        assert visitor.get("/reset_password_request").status == 200
        assert visitor.get("/login").status == 200


def test_what_is_refused_counts_too(site):
    """Else a flood of broken forms would cost nothing."""
    visitor = site.visitor()
    for _ in range(5):
        assert visitor.post("/login", {"email": "x", "password": "y"}).status == 403
    assert visitor.post("/login", {"email": "x", "password": "y"}).status == 429


def test_all_workers_count_together(make_site):
    site = make_site(settings={"web.workers": 4})
    site.wait_for_programs("latchkey-web", 4)
    peer = fresh_peer()
    visitors = [site.visitor(peer) for _ in range(24)]
    pages = [visitor.open("/reset_password_request") for visitor in visitors]
    start = threading.Barrier(len(visitors))
    statuses = []

    def ask(visitor, page):
        start.wait()
        statuses.append(visitor.submit(page, email="nobody@example.org").status)

    threads = [threading.Thread(target=ask, args=pair) for pair in zip(visitors, pages)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(303) == 5
    assert statuses.count(429) == 19
    assert visitors[0].submit(pages[0], email="nobody@example.org").status == 429


def test_counters_outlive_a_restart(make_site):
    site = make_site()
    visitor = site.visitor()
    for _ in range(5):
        assert visitor.ask("nobody@example.org").status == 303
    site.restart()
    assert visitor.ask("nobody@example.org").status == 429


def test_a_forged_forwarded_for_is_no_other_peer(site):
    """CVE-2020-35590, CVE-2023-49792."""
    visitor = site.visitor()
    statuses = []
    for number in range(6):
        page = visitor.open("/reset_password_request")
        statuses.append(visitor.post(
            "/reset_password_request", {**page.form.fields(), "email": "nobody@example.org"},
            headers=[("X-Forwarded-For", f"192.0.2.{number}"), ("X-Real-IP", f"192.0.2.{number}"),
                     ("Forwarded", f"for=192.0.2.{number}"), ("Client-IP", f"192.0.2.{number}"),
                     ("Remote-Addr", f"192.0.2.{number}"), ("Remote_Addr", f"192.0.2.{number}")]).status)
    assert statuses == [303] * 5 + [429]


def test_switched_off_they_are_off(make_site):
    site = make_site(settings={"limits.enabled": False})
    visitor = site.visitor()
    assert {visitor.ask("nobody@example.org").status for _ in range(12)} == {303}


def test_who_has_an_ipv6_network_has_one_limit(make_site):
    """Nextcloud CVE-2021-22915, and the token's form is limited too (CVE-2023-35172)."""
    site = make_site(settings={"peers.trusted_proxies": ["127.0.0.0/8"]})
    visitor = site.visitor()

    def post(path, number, network="2001:db8:7:1"):
        return visitor.post(path, {}, headers=[
            ("X-Forwarded-For", f"{network}::{number:x}")]).status

    for path, limit in (("/reset_password_request", 5), ("/reset_password", 3), ("/login", 5)):
        statuses = [post(path, number) for number in range(1, 60)]
        assert statuses.count(429) == 59 - limit, path
        assert post(path, 1, "2001:db8:8:1") != 429


def test_more_mails_than_its_limit_are_not_sent_to_an_account_and_nobody_is_told(make_site):
    site = make_site(settings={"peers.trusted_proxies": ["127.0.0.0/8"], "limits.account": "7/hour",
                               "web.workers": 2})
    account = site.account()
    forms = [site.visitor() for _ in range(16)]
    pages = [visitor.open("/reset_password_request") for visitor in forms]
    answers = []

    def ask(index):
        """Each peer asks twice."""
        visitor, page = forms[index], pages[index]
        fields = {**page.form.fields(), "email": account.address.upper() if index % 2 else account.address}
        for number in range(index, 1000, len(forms)):
            reply = visitor.post("/reset_password_request", {**fields, "once": f"once{number}"}, headers=[
                ("Origin", site.origin()), ("X-Forwarded-For", f"192.0.{number % 500 // 250}.{number % 250}")])
            answers.append((reply.status, reply.header("Location"), reply.body))

    in_parallel(ask, range(len(forms)))
    assert len(answers) == 1000
    assert set(answers) == {(303, site.path + "/login", b"")}
    wait_until("an empty outbox", site.outbox_is_empty)
    assert len(site.smtp.mails(account.address)) == 7
    ends = dict(site.server.query(f"SELECT name, count FROM {site.outbox_schema}.outbox_ends"))
    assert (ends["sent"], ends["muted"]) == ("7", "993")
    # Somebody else gets theirs.
    assert site.link_for(site.account())


def test_over_the_ceiling_everybody_waits_and_the_form_is_kept(make_site):
    site = make_site(settings={"limits.reset_request_ceiling": "3/30s"})
    for _ in range(3):
        assert site.visitor().ask("nobody@example.org").status == 303
    refused = site.visitor().ask("somebody@example.org")
    assert refused.status == 503
    assert 1 <= int(refused.header("Retry-After")) <= 30
    assert refused.header("RateLimit") is None
    assert "cannot do this right now" in refused.page.notice
    assert refused.form.fields()["email"] == "somebody@example.org"
    assert site.visitor().post("/reset_password_request", {}, headers=[]).status == 503
    assert site.visitor().sign_in("nobody@example.org", "not the password").status == 422


def test_a_dry_run_refuses_nobody_and_logs_whom_it_would(make_site):
    site = make_site(settings={"limits.dry_run": True, "limits.account": "2/hour"})
    account = site.account()
    visitor = site.visitor()
    assert {visitor.ask(account.address).status for _ in range(7)} == {303}
    assert len(site.smtp.wait(account.address, 7)) == 7
    lines = [line for line in site.log_text().splitlines() if "limit_reached" in line]
    assert sum("limit=reset-request refused=no" in line for line in lines) == 2
    assert sum("limit=account refused=no" in line for line in lines) == 5


def test_exempt_peers_are_not_counted(make_site):
    site = make_site(settings={"limits.exempt": ["127.99.0.0/16"]})
    visitor = site.visitor("127.99.3.4")
    assert {visitor.ask("nobody@example.org").status for _ in range(12)} == {303}


def test_counters_outlive_a_reload_that_changes_limits(make_site):
    site = make_site(settings={"limits.words": 16384})
    visitor = site.visitor()
    for _ in range(5):
        assert visitor.ask("nobody@example.org").status == 303
    site.latchkey.settings["limits.reset_request"] = "6/minute"
    site.latchkey.write_config()
    before = set(site.program_pids("latchkey-web"))
    site.latchkey.child.signal(signal.SIGHUP)
    wait_until("new workers", lambda: not before & set(site.program_pids("latchkey-web")), seconds=20)
    assert visitor.ask("nobody@example.org").status == 303
    assert_too_many(visitor.ask("nobody@example.org"), "reset-request", 6)


def latchkey(site, *arguments):
    return subprocess.run([places.program("latchkey"), *arguments, "--config", site.latchkey.config],
                          capture_output=True, text=True, timeout=30)


def tallies(text):
    """{limit: (admitted, refused, over the ceiling)}"""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: tuple(map(int, row[1:])) for row in rows if len(row) == 4 and row[1].isdigit()}


def test_the_administrator_sees_what_was_counted_and_lets_a_peer_go_on(make_site):
    site = make_site(settings={"limits.account": "5/hour"})
    visitor = site.visitor()
    account = site.account()
    for _ in range(5):
        assert visitor.ask(account.address).status == 303
    for _ in range(2):
        assert visitor.ask(account.address).status == 429
    shown = latchkey(site, "limits")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith("2 counters of 65536 live, 0 evictions\n")
    assert tallies(shown.stdout) == {"reset-request": (5, 2, 0), "reset-password": (0, 0, 0),
                                     "login": (0, 0, 0), "account": (5, 0, 0)}
    assert latchkey(site, "limits", "clear", visitor.peer).stdout == "1 counter cleared\n"
    assert visitor.ask(account.address).status == 303
    wait_until("the muted note's end", site.outbox_is_empty)
    assert len(site.smtp.mails(account.address)) == 5
    assert latchkey(site, "limits", "clear", account.address.upper()).stdout == "1 counter cleared\n"
    assert visitor.ask(account.address).status == 303
    assert len(site.smtp.wait(account.address, 6)) == 6
    assert latchkey(site, "limits", "clear", "192.0.2.77").stdout == "0 counters cleared\n"
    assert latchkey(site, "limits", "clear").returncode == 2


def test_a_watch_shows_what_came_since(make_site):
    site = make_site()
    with subprocess.Popen([places.program("latchkey"), "limits", "--watch", "--config",
                           site.latchkey.config], stdout=subprocess.PIPE, text=True) as watch:
        try:
            assert watch.stdout.readline().startswith("0 counters")
            assert site.visitor().ask("nobody@example.org").status == 303
            row = next(line.split() for line in watch.stdout if line.startswith("reset-request") and "+1" in line)
            assert row == ["reset-request", "1", "+1", "0", "+0", "0", "+0"]
        finally:
            watch.terminate()


def test_check_config_says_how_large_the_table_is_and_what_the_ceilings_ask(make_site):
    site = make_site(settings={"limits.words": None})
    assert ("limits: a table of 1048576 words, 8192 KiB; under the ceilings up to 438000 counters live "
            "at once\n") in latchkey(site, "check-config").stdout
    site.restart(limits__words=1000)
    said = latchkey(site, "check-config").stdout
    assert "a table of 1024 words, 8 KiB" in said and "some may be lost" in said


def test_nonsense_is_told_with_line_and_column(make_site):
    site = make_site()
    path = pathlib.Path(site.latchkey.config)
    good = path.read_text()
    for value, words in [('"5/minuet"', "N/minute"), ('"256/minute"', "255"), ('"5/600h"', "24 days"),
                         ("5", "in quotes"), ('"64/minute"', "ipv6_48_factor")]:
        path.write_text(good.replace("[limits]\n", f"[limits]\n   login  =  {value}\n"))
        line = path.read_text().split("\n").index(f"   login  =  {value}") + 1
        said = latchkey(site, "check-config")
        assert said.returncode == 1
        assert said.stderr.startswith(f"{path}:{line}:14: limits.login: "), said.stderr
        assert words in said.stderr
