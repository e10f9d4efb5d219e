""""This was not me": a link, a page with a button, and what an administrator can do besides."""

import json
import subprocess

import pytest

from stack import places
from stack.processes import wait_until
from support import spilled
from support.site import new_password, token_of


def command(site, *words, status=0):
    """What `latchkey` prints on the site's configuration."""
    done = subprocess.run([places.program("latchkey"), *words, "--config", site.latchkey.config],
                          capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout if status == 0 else done.stderr


def waiting_or_ended(site, address):
    notes = [json.loads(line) for line in command(site, "queue", "list", "--json").splitlines()]
    return [note for note in notes if note["address"] == address]


def wait_for_ends(site, address, count=1):
    """The address's notes that ended otherwise than sent, when there are as many."""

    def ended():
        return [note for note in waiting_or_ended(site, address) if note["state"] != "waiting"]

    wait_until(f"{count} ended", lambda: len(ended()) == count)
    return ended()


@pytest.fixture
def site(make_site):
    return make_site(settings={"limits.enabled": False})


def mailed(site, account):
    """The links of a mail to the account: the one to a new password, and "this was not me"."""
    link = site.link_for(account)
    not_me = site.smtp.mails(account.address)[-1].not_me_link()
    spilled.remember(token_of(not_me))
    return link, not_me


def leads_to_the_form(site, link):
    return site.visitor().open(link).path == f"{site.path}/reset_password"


def test_opening_the_link_changes_nothing_and_the_button_ends_everything(site):
    account = site.account()
    link, not_me = mailed(site, account)
    for _ in range(3):  # a mail scanner
        page = site.visitor().open(not_me)
        assert page.status == 200 and account.address in page.body.decode()
    assert leads_to_the_form(site, link)

    visitor = site.visitor()
    reply = visitor.submit(visitor.open(not_me))
    assert reply.status == 303
    assert "The links no longer work" in visitor.follow(reply).body.decode()
    assert not leads_to_the_form(site, link)
    # No more mail for a day, and nobody is told: the answer is the usual one.
    assert site.visitor().ask(account.address).status == 303
    note, = wait_for_ends(site, account.address)
    assert note["state"] == "muted" and "not me" in note["reason"]
    assert len(site.smtp.mails(account.address)) == 1
    # The same link again does no harm.
    assert visitor.submit(visitor.open(not_me)).status == 303


def test_an_administrator_mails_a_link_to_whom_no_mail_is_sent(site):
    account = site.account()
    command(site, "revoke", account.address)
    said = command(site, "link", account.address)
    assert account.address not in said and "http" not in said
    link = site.link_in_mail(account)
    assert "an administrator of" in site.smtp.mails(account.address)[0].text
    assert leads_to_the_form(site, link)
    assert site.visitor().set_password(link, new_password()).status == 303


def test_revoking_ends_links_and_sessions(site):
    account = site.account()
    visitor = site.visitor()
    assert visitor.sign_in(account.address, account.password).status == 303
    link = site.link_for(account)
    assert account.id in command(site, "revoke", account.address)
    assert not leads_to_the_form(site, link)
    assert visitor.open("/login").path == f"{site.path}/login"
    assert "no account" in command(site, "revoke", "nobody@example.org", status=1)
    assert "no account" in command(site, "link", "nobody@example.org", status=1)


def test_a_damaged_link_or_one_of_another_kind_says_nothing(site):
    account = site.account()
    link, not_me = mailed(site, account)
    for bad in (not_me[:-1], not_me.replace("/not_me/", "/not_me/x"),
                not_me.rpartition("/")[0] + "/" + token_of(link)):
        page = site.visitor().open(bad)
        assert "does not work" in page.body.decode() and account.address not in page.body.decode()
    assert leads_to_the_form(site, link)
    # Nor does the one end what the other is for.
    assert not leads_to_the_form(site, link.rpartition("/")[0] + "/" + token_of(not_me))


def test_the_queue_is_shown_retried_and_dropped(site):
    account = site.account()
    site.smtp.script.then("550 5.7.1 not wanted here")
    site.visitor().ask(account.address)
    wait_until("a note that failed", lambda: "failed 1" in command(site, "queue"))
    counts = json.loads(command(site, "queue", "--json"))
    assert counts["notes"] == {"failed": 1} and counts["ended"] == {"failed": 1}
    note, = waiting_or_ended(site, account.address)
    assert note["reason"] == "550 to the message" and note["tries"] == 1
    assert "550 to the message" in command(site, "queue", "list", "--state", "failed")
    assert command(site, "queue", "list", "--state", "waiting") == ""

    assert "no such note" in command(site, "queue", "retry", "0" * 8, status=1)
    command(site, "queue", "retry", "0", status=2)
    command(site, "queue", "retry", note["note"][:8])
    assert site.smtp.wait(account.address)[0].links()

    site.smtp.script.then("550 no", "550 no")
    for _ in range(2):
        site.visitor().ask(account.address)
    assert [note["state"] for note in wait_for_ends(site, account.address, count=2)] == ["failed"] * 2
    assert command(site, "queue", "drop", "all") == "dropped: 2\n"
    assert waiting_or_ended(site, account.address) == []


def test_the_browsers_languages_travel_with_the_note(make_site):
    site = make_site(settings={"relay.port": places.free_port()})
    visitor = site.visitor()
    for languages in ("de-CH, de;q=0.9, en;q=0.5", "de\t'; DROP TABLE", "x" * 201):
        page = visitor.open("/reset_password_request")
        visitor.send("POST", page.path, fields={**page.form.fields(), "email": "ann@example.org"},
                     headers=[("Origin", site.origin()), ("Accept-Language", languages)])
    kept = site.server.query(f"SELECT languages FROM {site.outbox_schema}.outbox ORDER BY languages")
    assert kept == [[""], [""], ["de-CH, de;q=0.9, en;q=0.5"]]
