"""What a person does in Chromium, on pages that are not Latchkey's too."""

from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait


def wait(driver, condition):
    # A page may be replaced while it is looked at.
    passing = [NoSuchElementException, StaleElementReferenceException]
    return WebDriverWait(driver, 15, ignored_exceptions=passing).until(condition)


def fill(driver, **fields):
    """By the fields' names. Not typed: chromedriver has no keys for what is beyond the BMP."""
    for name, text in fields.items():
        element = wait(driver, lambda one, name=name: one.find_element(By.NAME, name))
        driver.execute_script("arguments[0].value = arguments[1]", element, text)


def send(driver, button):
    """Presses the button (a CSS selector) and waits for another page."""
    page = driver.find_element(By.TAG_NAME, "html")
    driver.find_element(By.CSS_SELECTOR, button).click()
    wait(driver, lambda one: one.find_element(By.TAG_NAME, "html") != page)


def reset(driver, site, account, password):
    """The whole way through Latchkey."""
    driver.get(site.base_url + "/reset_password_request")
    fill(driver, email=account.address)
    send(driver, "main form button[type=submit]")
    driver.get(site.link_in_mail(account))
    fill(driver, password=password, password2=password)
    send(driver, "main form button[type=submit]")
    assert "Your password is changed" in driver.find_element(By.CLASS_NAME, "notice").text
