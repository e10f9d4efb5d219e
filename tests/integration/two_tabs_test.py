"""Two links open in one browser: the form of one never sets the other's password."""

from support.site import new_password


def test_the_form_of_the_first_link_does_not_use_the_second(site):
    ann, bob = site.account(), site.account()
    browser = site.visitor()
    form_of_ann = browser.open(site.link_for(ann))
    form_of_bob = browser.open(site.link_for(bob))
    before = site.hash_of(ann), site.hash_of(bob)

    mixed = browser.submit(form_of_ann, password=(password := new_password()), password2=password)
    assert mixed.status == 409
    assert "Another link was opened" in mixed.page.heading
    assert (site.hash_of(ann), site.hash_of(bob)) == before

    password = new_password()
    assert browser.submit(form_of_bob, password=password, password2=password).status == 303
    assert site.visitor().can_sign_in(bob.address, password)
    assert site.hash_of(ann) == before[0]


def test_one_link_in_two_tabs_works_once(site):
    account = site.account()
    link = site.link_for(account)
    browser = site.visitor()
    first, second = browser.open(link), browser.open(link)
    password, other = new_password(), new_password()
    assert browser.submit(second, password=password, password2=password).status == 303
    late = browser.submit(first, password=other, password2=other)
    assert late.status == 303
    assert "link" in browser.follow(late).page.notice
    assert site.visitor().can_sign_in(account.address, password)


def test_a_newer_link_does_not_end_an_older_one_until_one_is_used(site):
    account = site.account()
    older = site.link_for(account)
    newer = site.link_for(account, count=2)
    assert site.visitor().open(older).path == "/reset_password"
    site.visitor().set_password(newer, new_password())
    assert "This link" in site.visitor().open(older).page.notice
