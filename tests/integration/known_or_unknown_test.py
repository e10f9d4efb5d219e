"""The answer is the same bytes for an address that is known and one that is not, whatever is broken.

Django CVE-2024-45231; ltb-project: the throttle's answer told known from unknown.
"""

import os
import re

import pytest


def answer(site, address, visitor=None):
    """The whole answer to asking, and the page after it, without what is random or the clock's."""
    visitor = visitor or site.visitor()
    asked = visitor.ask(address)
    parts = [asked.status, without_chance(asked, address)]
    if asked.status == 303:
        page = visitor.follow(asked)
        parts += [page.status, without_chance(page, address)]
    return parts


def without_chance(reply, address):
    text = "\n".join(f"{name}: {value}" for name, value in reply.headers if name != "Date")
    text += "\n\n" + reply.body.decode()
    text = text.replace(address, "ADDRESS")
    text = re.sub(r'(name="(?:csrf_token|once)" value=")[\w.-]+', r"\1CHANCE", text)
    text = re.sub(r"(Set-Cookie: lk-\w+-\w+=)[\w.-]+", r"\1VALUE", text)
    return re.sub(r"(Retry-After: |;t=|wait )\d+", r"\1N", text)


@pytest.fixture(scope="module")
def quiet(build_site):
    site = build_site()
    yield site
    site.stop()
    site.remove_run_dir()


def addresses(site):
    known = site.account().address
    return known, known.replace("person", "nobody")


def test_when_all_is_well(quiet):
    known, unknown = addresses(quiet)
    assert answer(quiet, known) == answer(quiet, unknown)


def test_when_the_relay_is_down(quiet):
    known, unknown = addresses(quiet)
    quiet.smtp.stop()
    try:
        assert answer(quiet, known) == answer(quiet, unknown)
    finally:
        quiet.smtp.start()


def test_when_over_the_limit(quiet):
    known, unknown = addresses(quiet)
    both = []
    for address in (known, unknown):
        visitor = quiet.visitor()
        for _ in range(5):
            assert visitor.ask(address).status == 303
        both.append(answer(quiet, address, visitor))
    assert both[0][0] == 429
    assert both[0] == both[1]


def test_when_the_database_is_down(make_site):
    site = make_site()
    known, unknown = addresses(site)
    forms = [(site.visitor(), address) for address in (known, unknown)]
    pages = [visitor.open("/reset_password_request") for visitor, _ in forms]
    take_database_away(site)
    replies = [visitor.submit(page, email=address) for (visitor, address), page in zip(forms, pages)]
    assert [reply.status for reply in replies] == [503, 503]
    assert replies[0].header("Retry-After")
    texts = [without_chance(reply, address) for reply, (_, address) in zip(replies, forms)]
    assert texts[0] == texts[1]
    assert "nothing was changed" in replies[0].page.text

    give_database_back(site)
    visitor = site.visitor()
    assert visitor.ask(known).status == 303
    assert site.smtp.wait(known)


def take_database_away(site):
    os.unlink(site.database_socket)
    for part in ("web", "mailer"):
        user = site.latchkey.settings[f"database.{part}.user"]
        site.server.query(f"KILL HARD USER '{user}'@'localhost'")


def give_database_back(site):
    os.symlink(site.server.socket, site.database_socket)


def test_signing_in_says_the_same(quiet):
    known, unknown = addresses(quiet)
    replies = []
    for address in (known, unknown):
        reply = quiet.visitor().sign_in(address, "not-the-password-of-anybody")
        replies.append((reply.status, without_chance(reply, address)))
    assert replies[0][0] == 422
    assert replies[0] == replies[1]
