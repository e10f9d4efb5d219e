"""Every page in every state, for people who see little, zoom far, or use no mouse: axe-core's rules,
320 pixels, 400 % zoom, the colours of the dark and of a forced palette."""

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from support import chromium as driven
from support.states import STATES, Sites, reach


@pytest.fixture(scope="module")
def sites(build_site):
    sites = Sites(build_site)
    yield sites
    sites.stop()


def targets_too_small(driver):
    """Links and buttons under 24 pixels, but for links within a sentence (WCAG 2.2, 2.5.8)."""
    return driver.execute_script("""
        return [...document.querySelectorAll('a, button, input:not([type=hidden]):not(.unseen)')]
            .filter((one) => getComputedStyle(one).display !== 'inline')
            .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 24)
            .map((one) => one.outerHTML.slice(0, 120));""")


def unseen_by_keyboard(driver):
    """Goes through the page by Tab; what can be clicked and was not reached, or shows no focus."""
    wanted = driver.execute_script("""
        document.activeElement.blur();
        window.reached = new Set();
        return document.querySelectorAll('a, button, input:not([type=hidden]):not(.unseen)').length;""")
    for _ in range(wanted + 3):
        driver.switch_to.active_element.send_keys(Keys.TAB)
        driver.execute_script("""
            const one = document.activeElement, look = getComputedStyle(one);
            if (parseFloat(look.outlineWidth) >= 2 && look.outlineStyle !== 'none') reached.add(one);""")
    return driver.execute_script("""
        return [...document.querySelectorAll('a, button, input:not([type=hidden]):not(.unseen)')]
            .filter((one) => !reached.has(one)).map((one) => one.outerHTML.slice(0, 120));""")


@pytest.mark.parametrize("name", STATES)
def test_a_page_is_for_everybody(driver, axe, sites, name):
    driven.show_as(driver, width=1000)
    reach(name, driver, sites)
    found = {}
    for look, settings in {"light": {"width": 1000}, "dark": {"width": 320, "dark": True}}.items():
        driven.show_as(driver, **settings)
        found[look] = driven.axe_findings(driver, axe)
    for look, settings in {"phone": {"width": 320, "height": 480},
                           "zoomed": {"width": 320, "height": 256, "scale": 4}}.items():
        driven.show_as(driver, **settings)
        found[look] = [*driven.overflow(driver), *targets_too_small(driver)]
    driven.show_as(driver, width=1000, forced_colours=True)
    found["keyboard"] = unseen_by_keyboard(driver)
    assert not {look: words for look, words in found.items() if words}


def test_the_rules_find_what_is_wrong(driver, axe):
    """What is said to be right above would prove nothing if nothing could be wrong."""
    driver.get("data:text/html,<title>x</title><p style='color:%23ccc'>pale</p><input>"
               "<div style='width:3000px'>wide</div><button style='width:9px;outline:0'></button>")
    driven.show_as(driver, width=1000)
    found = " ".join(driven.axe_findings(driver, axe))
    for rule in ("color-contrast", "label", "button-name", "html-has-lang"):
        assert f"{rule}:" in found
    assert driven.overflow(driver)
    assert targets_too_small(driver)
    assert unseen_by_keyboard(driver)


def test_what_is_wrong_is_seen_without_colours(driver, sites):
    """In a forced palette backgrounds go; borders and words must stay."""
    reach("set_password_too_short", driver, sites)
    driven.show_as(driver, width=1000, forced_colours=True)
    field = driver.find_element(By.NAME, "password")
    other = driver.find_element(By.NAME, "password2")
    assert field.value_of_css_property("border-top-width") != other.value_of_css_property(
        "border-top-width")
    button = driver.find_element(By.CSS_SELECTOR, "button[type=submit]")
    assert button.value_of_css_property("border-top-style") == "solid"
    assert button.value_of_css_property("border-top-color") != button.value_of_css_property(
        "background-color")
