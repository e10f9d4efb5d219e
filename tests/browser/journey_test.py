"""A person's path in Chromium: with a mouse, by keyboard, without JavaScript, on a small screen."""

import http.server
import json
import threading

import pytest
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from support.site import new_password

@pytest.fixture(scope="module")
def browser_site(build_site):
    """Without limits: all browsers come from one address."""
    site = build_site(settings={"limits.enabled": False})
    yield site
    site.stop()
    site.remove_run_dir()


def wait(driver, condition):
    # A page may be replaced while it is looked at.
    passing = [NoSuchElementException, StaleElementReferenceException]
    return WebDriverWait(driver, 10, ignored_exceptions=passing).until(condition)


def element(driver, name):
    return driver.find_element(By.NAME, name)


def notice(driver):
    return wait(driver, lambda one: one.find_element(By.CLASS_NAME, "notice").text)


def press_submit(driver):
    driver.find_element(By.CSS_SELECTOR, "main form button[type=submit]").click()


def complaints(driver):
    """What the console says: blocked by policy, not found, broken script."""
    return [entry["message"] for entry in driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING") and "favicon" not in entry["message"]]


def ask(driver, site, account):
    driver.get(site.base_url + "/login")
    driver.find_element(By.PARTIAL_LINK_TEXT, "Forgotten").click()
    element(driver, "email").send_keys(account.address)
    press_submit(driver)
    assert "Check your mail" in notice(driver)
    return site.link_in_mail(account)


def choose(driver, password):
    element(driver, "password").send_keys(password)
    element(driver, "password2").send_keys(password)
    press_submit(driver)


def sign_in(driver, account, password):
    element(driver, "email").send_keys(account.address)
    element(driver, "password").send_keys(password)
    press_submit(driver)
    assert wait(driver, lambda one: account.address in one.find_element(By.TAG_NAME, "main").text)


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "no-javascript"])
def test_back_into_the_account(browser_site, chromium, javascript):
    account, password = browser_site.account(), new_password()
    driver = chromium(javascript=javascript)
    link = ask(driver, browser_site, account)
    driver.get(link)
    assert driver.current_url == browser_site.base_url + "/reset_password"
    assert account.address in driver.find_element(By.TAG_NAME, "main").text
    choose(driver, password)
    assert "Your password is changed" in notice(driver)
    sign_in(driver, account, password)
    assert not complaints(driver)


def test_no_javascript_means_none(browser_site, chromium):
    """The case above would prove nothing if the switch did not work."""
    driver = chromium(javascript=False)
    driver.get("data:text/html,<title>off</title><script>document.title='on'</script>")
    assert driver.title == "off"


def test_by_keyboard_alone(browser_site, chromium):
    account, password = browser_site.account(), new_password()
    driver = chromium()

    def press(*keys):
        driver.switch_to.active_element.send_keys(*keys)

    def tab_to(condition, most=15):
        for _ in range(most):
            if condition(driver.switch_to.active_element):
                return
            press(Keys.TAB)
        raise AssertionError("the keyboard does not get there")

    driver.get(browser_site.base_url + "/reset_password_request")
    tab_to(lambda one: one.get_attribute("name") == "email")
    press(account.address, Keys.ENTER)
    assert "Check your mail" in notice(driver)
    driver.get(browser_site.link_in_mail(account))

    tab_to(lambda one: one.get_attribute("name") == "password")
    press("short", Keys.TAB)
    tab_to(lambda one: one.get_attribute("name") == "password2")
    press("short", Keys.ENTER)
    wrong = wait(driver, lambda one: one.find_element(By.CLASS_NAME, "wrong"))
    assert "too short" in wrong.text
    # The field that is wrong has the focus already, and says so.
    assert driver.switch_to.active_element.get_attribute("name") == "password"
    assert driver.switch_to.active_element.get_attribute("aria-invalid") == "true"

    press(password, Keys.TAB)
    tab_to(lambda one: one.get_attribute("name") == "password2")
    press(password)
    tab_to(lambda one: one.tag_name == "button" and one.get_attribute("type") == "submit")
    press(Keys.ENTER)
    assert "Your password is changed" in notice(driver)
    tab_to(lambda one: one.get_attribute("name") == "email")
    press(account.address, Keys.TAB)
    tab_to(lambda one: one.get_attribute("name") == "password")
    press(password, Keys.ENTER)
    assert wait(driver, lambda one: account.address in one.find_element(By.TAG_NAME, "main").text)


@pytest.fixture
def webmail():
    """A page on another site that shows one mail: its link."""
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            page = f'<!doctype html><title>Inbox</title><a id="link" href="{server.link}">open</a>'
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_link_clicked_in_a_webmail_page(browser_site, chromium, webmail):
    """Cookies must survive the redirect after a click on another site (SameSite=Strict ones do not),
    and the form must then be taken (a Referrer-Policy of no-referrer makes Origin "null")."""
    account, password = browser_site.account(), new_password()
    driver = chromium()
    webmail.link = ask(driver, browser_site, account)
    driver.get(f"http://webmail.example:{webmail.server_port}/")
    driver.find_element(By.ID, "link").click()
    wait(driver, lambda one: one.current_url == browser_site.base_url + "/reset_password")
    choose(driver, password)
    assert "Your password is changed" in notice(driver)
    sign_in(driver, account, password)


def test_the_token_is_in_no_request_but_its_own(browser_site, chromium, webmail):
    account = browser_site.account()
    driver = chromium()
    webmail.link = ask(driver, browser_site, account)
    token = webmail.link.rsplit("/", 1)[1]
    driver.get(f"http://webmail.example:{webmail.server_port}/")
    driver.get_log("performance")
    driver.get(webmail.link)
    driver.get(browser_site.base_url + "/login")
    requests = [message["params"]["request"] for message in messages(driver)
                if message["method"] == "Network.requestWillBeSent"]
    assert len(requests) >= 3
    assert sum(token in request["url"] for request in requests) == 1
    assert not any(token in request["headers"].get("Referer", "") for request in requests)
    assert all(request["url"].startswith(browser_site.base_url) for request in requests)
    # The way back does not lead to the link either.
    assert token not in driver.execute_script("return document.referrer")


def messages(driver):
    return [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]


def test_two_links_in_two_tabs(browser_site, chromium):
    ann, bob = browser_site.account(), browser_site.account()
    driver = chromium()
    links = [browser_site.link_for(one) for one in (ann, bob)]
    driver.get(links[0])
    first = driver.current_window_handle
    driver.switch_to.new_window("tab")
    driver.get(links[1])
    driver.switch_to.window(first)
    before = browser_site.hash_of(ann), browser_site.hash_of(bob)
    choose(driver, new_password())
    assert wait(driver, lambda one: "Another link was opened" in one.find_element(By.TAG_NAME, "h1").text)
    assert (browser_site.hash_of(ann), browser_site.hash_of(bob)) == before


@pytest.mark.parametrize("width", [320, 1000])
def test_no_page_scrolls_sideways(browser_site, chromium, width):
    account = browser_site.account("a-rather-long-name-of-a-person-with-a-mailbox@mail.department"
                                   ".university.example.org") if width == 320 else browser_site.account()
    driver = chromium(size=width)

    def assert_fits(what):
        assert driver.execute_script("return window.innerWidth") == width
        assert driver.execute_script(
            "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), what

    for path in ("/", "/login", "/reset_password_request", "/outcome", "/no_such_page"):
        driver.get(browser_site.base_url + path)
        assert_fits(path)
    link = ask(driver, browser_site, account)
    assert_fits("after asking")
    driver.get(link)
    assert_fits("the form")
    choose(driver, "short")
    assert_fits("the form with an error")


def test_every_field_has_a_label_and_what_a_password_manager_needs(browser_site, chromium):
    account = browser_site.account()
    driver = chromium()
    driver.get(browser_site.base_url + "/login")
    assert element(driver, "email").accessible_name == "Email address"
    assert element(driver, "password").accessible_name == "Password"
    assert element(driver, "password").get_attribute("autocomplete") == "current-password"
    driver.get(browser_site.link_for(account))
    for name in ("password", "password2"):
        assert element(driver, name).accessible_name
        assert element(driver, name).get_attribute("autocomplete") == "new-password"
    assert element(driver, "username").get_attribute("value") == account.address
    assert driver.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"
