"""Django: its administration takes the new password, and neither the old one nor an old session."""

import pytest
from selenium.webdriver.common.by import By

from support import browsing
from support.application import ODD_PASSWORDS
from support.site import OLD_PASSWORD, new_password
from support.wsgi import WsgiApplication


class Django(WsgiApplication):
    sign_in_path = "/admin/login/?next=/admin/"
    home_path = "/admin/"

    def sign_in(self, visitor, login, password):
        page = visitor.open(visitor.stack.root_url + self.sign_in_path)
        return visitor.submit(page, username=login, password=password).status == 302

    def is_signed_in(self, visitor, login):
        return login in visitor.open(visitor.stack.root_url + self.home_path).page.text


@pytest.fixture(scope="module")
def django(run_root, build_application):
    application = Django("django_site.py", run_root / "log/django.log")
    yield build_application(application, {"site.preset": "django"})
    application.stop()


def sign_in(driver, site, login, password):
    driver.get(site.root_url + Django.sign_in_path)
    browsing.fill(driver, username=login, password=password)
    browsing.send(driver, "#login-form input[type=submit]")


def is_signed_in(driver, site, login):
    driver.get(site.root_url + Django.home_path)
    return login in driver.find_element(By.TAG_NAME, "body").get_attribute("textContent")


def test_back_into_the_account(django, chromium):
    member, password = django.member(), new_password()
    browser = chromium()
    sign_in(browser, django, member.login, OLD_PASSWORD)
    assert is_signed_in(browser, django, member.login)

    django.reset(member, password)

    assert not is_signed_in(browser, django, member.login)
    sign_in(browser, django, member.login, OLD_PASSWORD)
    assert "Please enter the correct" in browser.find_element(By.CLASS_NAME, "errornote").text
    sign_in(browser, django, member.login, password)
    assert is_signed_in(browser, django, member.login)


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_what_django_makes_of_a_password(django, kind):
    member, password = django.member(), ODD_PASSWORDS[kind]
    elsewhere = django.visitor()
    assert django.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    django.reset(member, password)
    assert not django.application.is_signed_in(elsewhere, member.login)
    assert not django.can_sign_in(member, OLD_PASSWORD)
    assert django.can_sign_in(member, password)


def test_nothing_else_is_changed(django):
    member = django.member()
    assert django.application.sign_in(django.visitor(), member.login, OLD_PASSWORD)
    found = django.difference_of_a_reset(member)
    assert found.changed.keys() == {("auth_user", (member.id.encode(),), "password")}
    assert not found.removed
    assert not found.added
