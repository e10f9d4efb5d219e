"""So many tries in a minute, counted for all workers together, and an answer a person understands."""

import re
import threading

from support.visitor import fresh_peer


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
    assert len(site.program_pids("latchkey-web")) == 4
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
    # Two processes that insert an absent key in one instant may each admit the limit (ratelimit.h).
    assert 5 <= statuses.count(303) <= 10
    assert statuses.count(303) + statuses.count(429) == 24
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
