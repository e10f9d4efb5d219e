"""Many ways to name two addresses: at most one mail, and only ever to the stored address.

GitLab CVE-2023-7028: an array of addresses sent the link to all of them.
"""

import pytest

from support.visitor import Visitor


def ask_with(site, fields, target="/reset_password_request"):
    visitor: Visitor = site.visitor()
    form = visitor.open("/reset_password_request").form
    token = ("csrf_token", form.fields()["csrf_token"])
    return visitor.post(target, [token, *fields])


def assert_no_mail_to(site, *addresses):
    # A later note is worked after an earlier one.
    sentinel = site.account()
    site.visitor().ask(sentinel.address)
    site.smtp.wait(sentinel.address)
    for address in addresses:
        assert not site.smtp.mails(address)


@pytest.mark.parametrize("second_name", ["email", "EMAIL", "Email"])
def test_a_field_given_twice_is_refused(site, second_name):
    victim, thief = site.account(), site.account()
    reply = ask_with(site, [("email", victim.address), (second_name, thief.address)])
    assert reply.status == 400
    assert_no_mail_to(site, victim.address, thief.address)


def test_a_field_in_the_query_is_refused(site):
    victim, thief = site.account(), site.account()
    reply = ask_with(site, [("email", victim.address)],
                     f"/reset_password_request?email={thief.address}")
    assert reply.status == 400
    assert_no_mail_to(site, victim.address, thief.address)


def test_an_array_is_no_address(site):
    victim, thief = site.account(), site.account()
    reply = ask_with(site, [("email[]", victim.address), ("email[]", thief.address)])
    assert reply.status in (400, 422)
    reply = ask_with(site, [("email[0]", victim.address), ("email[1]", thief.address)])
    assert reply.status == 422
    assert_no_mail_to(site, victim.address, thief.address)


@pytest.mark.parametrize("between", [",", ";", " ", "\t", "\n", "\r\n", "\r\nBcc: ", "%0a", "|"])
def test_two_addresses_in_one_field_reach_nobody(site, between):
    victim, thief = site.account(), site.account()
    reply = ask_with(site, [("email", f"{victim.address}{between}{thief.address}")])
    assert reply.status in (303, 422)
    assert_no_mail_to(site, victim.address, thief.address)


def test_blanks_around_an_address_and_its_case_do_not_matter(site):
    account = site.account()
    ask_with(site, [("email", f"  {account.address.upper()}\t")])
    mail, = site.smtp.wait(account.address)
    assert mail.recipients == [account.address]
