"""Forgotten password, mail, link, new password, signed in: the whole way."""

from support.site import OLD_PASSWORD, new_password


def test_a_person_gets_back_in(site):
    account = site.account()
    visitor = site.visitor()

    asked = visitor.ask(account.address)
    assert asked.status == 303
    assert "Check your mail" in visitor.follow(asked).page.notice

    link = site.link_in_mail(account)
    assert link.startswith(site.base_url + "/reset_password/")
    form = visitor.open(link)
    assert form.status == 200
    assert form.path == "/reset_password"
    assert account.address in form.page.text

    password = new_password()
    changed = visitor.submit(form, password=password, password2=password)
    assert changed.status == 303
    assert "Your password is changed" in visitor.follow(changed).page.notice

    assert site.visitor().can_sign_in(account.address, password)
    assert not site.visitor().can_sign_in(account.address, OLD_PASSWORD)


def test_the_owner_is_told_of_the_change(site):
    account = site.account()
    site.visitor().set_password(site.link_for(account), new_password())
    notice = site.smtp.wait(account.address, count=2)[-1]
    assert not notice.links()
    assert "changed" in notice.message["Subject"]


def test_the_notice_is_shown_once(site):
    visitor = site.visitor()
    shown = visitor.follow(visitor.ask(site.account().address))
    assert shown.page.notice
    assert not visitor.open("/login").page.notice


def test_signing_in_and_out(site):
    account = site.account()
    visitor = site.visitor()
    home = visitor.follow(visitor.sign_in(account.address, account.password))
    assert account.address in home.page.text
    out = visitor.follow(visitor.submit(home))
    assert "You are signed out" in out.page.notice
    assert account.address not in visitor.open("/").page.text


def test_a_session_dies_with_a_reset(site):
    account = site.account()
    elsewhere = site.visitor()
    elsewhere.follow(elsewhere.sign_in(account.address, account.password))
    assert account.address in elsewhere.open("/").page.text
    site.visitor().set_password(site.link_for(account), new_password())
    assert account.address not in elsewhere.open("/").page.text


def test_what_was_typed_wrong_is_said_and_nothing_is_changed(site):
    account = site.account()
    visitor = site.visitor()
    before = site.hash_of(account)
    form = visitor.open(site.link_for(account))
    for first, second, words in (("hunter2-", "hunter2-", "too short"),
                                 ("passwordpassword", "passwordpassword", "too easy to guess"),
                                 (new_password(), new_password(), "not the same")):
        wrong = visitor.submit(form, password=first, password2=second)
        assert wrong.status == 422
        assert words in wrong.page.wrong
        assert first.encode() not in wrong.body
    assert site.hash_of(account) == before


def test_the_present_password_is_refused(site):
    account = site.account()
    wrong = site.visitor().set_password(site.link_for(account), OLD_PASSWORD)
    assert wrong.status == 422
    assert "you have already" in wrong.page.wrong
