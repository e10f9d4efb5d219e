"""Every page in every state a person can bring it into, for a look at each: STATES.

A state is a function that takes a driver, with no cookies of an earlier one, and a Sites, and leaves the
browser showing it.
"""

import os

from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.site import new_password

STATES = {}


def state(function):
    STATES[function.__name__] = function
    return function


class Sites:
    """The sites that the states need, each started when one first asks for it."""

    KINDS = {
        "usual": {"limits.enabled": False},
        "narrow": {"limits.reset_request": "1/hour", "limits.reset_password": "1/hour",
                   "limits.login": "1/hour"},
        "brief": {"limits.enabled": False, "token.link_life": "1s"},
        "bcrypt": {"limits.enabled": False, "site.scheme": "bcrypt"},
        "own sign-in": {"limits.enabled": False, "pages.login": False,
                        "pages.login_url": "https://www.example.org/login",
                        "pages.home_url": "https://www.example.org/"},
    }

    def __init__(self, build):
        self._build = build
        self._sites = {}

    def __getitem__(self, kind):
        if kind not in self._sites:
            self._sites[kind] = self._build(settings=self.KINDS[kind])
        return self._sites[kind]

    def stop(self):
        for site in self._sites.values():
            site.stop()
            site.remove_run_dir()


def _fill(driver, **fields):
    for name, text in fields.items():
        driver.find_element(By.NAME, name).send_keys(text)


def _send(driver, **fields):
    _fill(driver, **fields)
    page = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.CSS_SELECTOR, "main form button[type=submit]").click()
    WebDriverWait(driver, 10).until(lambda one: one.find_element(By.TAG_NAME, "html") != page)


def _ask(driver, site, address):
    driver.get(site.base_url + "/reset_password_request")
    _send(driver, email=address)


def _open_link(driver, site):
    driver.get(site.link_for(site.account()))


def _choose(driver, first, second=None):
    _send(driver, password=first, password2=first if second is None else second)


def _sign_in(driver, site, account, password):
    driver.get(site.base_url + "/login")
    _send(driver, email=account.address, password=password)


@state
def home_signed_out(driver, sites):
    driver.get(sites["usual"].base_url + "/")


@state
def home_signed_in(driver, sites):
    account = sites["usual"].account()
    _sign_in(driver, sites["usual"], account, account.password)


@state
def home_signed_in_already(driver, sites):
    home_signed_in(driver, sites)
    driver.get(sites["usual"].base_url + "/reset_password_request")


@state
def login(driver, sites):
    driver.get(sites["usual"].base_url + "/login")


@state
def login_wrong(driver, sites):
    _sign_in(driver, sites["usual"], sites["usual"].account(), "not the password")


@state
def login_signed_out(driver, sites):
    home_signed_in(driver, sites)
    _send(driver)


@state
def login_password_changed(driver, sites):
    _open_link(driver, sites["usual"])
    _choose(driver, new_password())


@state
def login_too_many(driver, sites):
    for _ in range(2):
        _sign_in(driver, sites["narrow"], sites["usual"].account(), "not the password")


@state
def request(driver, sites):
    driver.get(sites["usual"].base_url + "/reset_password_request")


@state
def request_no_address(driver, sites):
    _ask(driver, sites["usual"], "ann.example.org")


@state
def request_check_mail(driver, sites):
    _ask(driver, sites["usual"], "nobody@example.org")


@state
def not_me(driver, sites):
    site = sites["usual"]
    account = site.account()
    site.link_for(account)
    driver.get(site.smtp.mails(account.address)[-1].not_me_link())


@state
def not_me_said(driver, sites):
    not_me(driver, sites)
    _send(driver)


@state
def request_form_expired(driver, sites):
    request(driver, sites)
    driver.delete_all_cookies()
    _send(driver, email="ann@example.org")


@state
def request_too_many(driver, sites):
    for _ in range(2):
        _ask(driver, sites["narrow"], "nobody@example.org")


@state
def request_unavailable(driver, sites):
    """The database is away: only its name is, so that the other sites keep it."""
    site = sites["brief"]
    driver.get(site.base_url + "/reset_password_request")
    os.rename(site.database_socket, site.database_socket + ".away")
    try:
        for pid in site.server.query(
                "SELECT id FROM information_schema.processlist WHERE user = "
                f"'{site.latchkey.settings['database.web.user']}'"):
            site.server.query(f"KILL {pid[0]}")
        _send(driver, email="ann@example.org")
    finally:
        os.rename(site.database_socket + ".away", site.database_socket)


@state
def set_password(driver, sites):
    _open_link(driver, sites["usual"])


@state
def set_password_too_short(driver, sites):
    _open_link(driver, sites["usual"])
    _choose(driver, "short")


@state
def set_password_too_long(driver, sites):
    _open_link(driver, sites["bcrypt"])
    _choose(driver, new_password() * 4)


@state
def set_password_guessable(driver, sites):
    _open_link(driver, sites["usual"])
    _choose(driver, "password" * 3)


@state
def set_password_current(driver, sites):
    account = sites["usual"].account()
    driver.get(sites["usual"].link_for(account))
    _choose(driver, account.password)


@state
def set_password_different(driver, sites):
    _open_link(driver, sites["usual"])
    _choose(driver, new_password(), new_password())


@state
def set_password_typed_and_shown(driver, sites):
    _open_link(driver, sites["usual"])
    _fill(driver, password="a few words typed", password2="a few words typed")
    driver.find_element(By.CLASS_NAME, "reveal").click()


@state
def other_link(driver, sites):
    site = sites["usual"]
    links = [site.link_for(site.account()) for _ in range(2)]
    driver.get(links[0])
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(links[1])
    driver.close()
    driver.switch_to.window(first)
    _choose(driver, new_password())


@state
def outcome(driver, sites):
    driver.get(sites["own sign-in"].base_url + "/outcome")


@state
def outcome_password_changed(driver, sites):
    _open_link(driver, sites["own sign-in"])
    _choose(driver, new_password())


@state
def link_bad(driver, sites):
    driver.get(sites["usual"].base_url + "/reset_password/cut-short")


@state
def link_too_old(driver, sites):
    site = sites["brief"]
    link = site.link_for(site.account())
    old = "This link is too old"
    for _ in range(40):
        driver.get(link)
        if old in driver.find_element(By.TAG_NAME, "main").text:
            return
    raise AssertionError("the link does not grow old")


@state
def no_such_page(driver, sites):
    driver.get(sites["usual"].base_url + "/no_such_page")


@state
def wrong_method(driver, sites):
    driver.get(sites["usual"].base_url + "/logout")


@state
def form_damaged(driver, sites):
    request(driver, sites)
    driver.execute_script(
        "const field = document.getElementById('email'); field.after(field.cloneNode())")
    _send(driver)


@state
def away(driver, sites):
    """The web server's page where nobody of ours answers."""
    site = sites["brief"]
    site.latchkey.stop()
    driver.get(site.base_url + "/login")
    site.latchkey.start()
    site.wait_until_it_answers()


def reach(name, driver, sites):
    driver.delete_all_cookies()
    STATES[name](driver, sites)
