"""A site whose people may type their user name instead of the address."""

import pytest

from support.site import new_password

USERS = ("CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) UNIQUE, "
         "password_hash VARCHAR(255), nick VARCHAR(60))")


@pytest.fixture(scope="module")
def named(build_site):
    site = build_site(users=USERS, settings={"site.login": "nick", "limits.enabled": False})
    yield site
    site.stop()
    site.remove_run_dir()


def account_of(site, nick):
    account = site.account()
    site.query(f"UPDATE users SET nick = '{nick}' WHERE id = {account.id}")
    return account


def test_the_whole_way_with_a_user_name(named):
    account = account_of(named, "Annabel")
    visitor = named.visitor()
    page = visitor.open("/reset_password_request")
    assert "Email address or user name" in page.body.decode()
    reply = visitor.submit(page, email=" annabel ")
    assert reply.status == 303
    password = new_password()
    assert visitor.set_password(named.link_in_mail(account), password).status == 303
    assert visitor.can_sign_in("Annabel", password)
    assert named.visitor().can_sign_in(account.address, password)


def test_a_known_and_an_unknown_name_get_the_same_answer(named):
    account = account_of(named, "berta")

    def answer(typed):
        visitor = named.visitor()
        page = visitor.open("/reset_password_request")
        reply = visitor.submit(page, email=typed)
        said = visitor.follow(reply).page.notice
        return reply.status, reply.header("Location"), reply.body, said

    assert answer("berta") == answer("nobody_at_all") == answer(account.address) == answer("x@example.org")
    assert len(named.smtp.wait(account.address, 2)) == 2


def test_a_name_that_is_somebodys_address_takes_nothing_from_them(named):
    victim = named.account()
    thief = account_of(named, victim.address)
    assert named.visitor().ask(victim.address).status == 303
    named.smtp.wait(victim.address)
    assert not named.smtp.mails(thief.address)


@pytest.mark.parametrize("typed", ["", "   ", "a" * 101, "a\x01b", "a\nb"])
def test_what_is_neither_is_said_so(named, typed):
    reply = named.visitor().ask(typed)
    assert reply.status == 422
    assert "neither an email address nor a user name" in reply.page.wrong


def test_without_that_column_a_name_is_no_address(site):
    reply = site.visitor().ask("annabel")
    assert reply.status == 422
    assert "not a full email address" in reply.page.wrong
