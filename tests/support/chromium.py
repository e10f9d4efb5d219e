"""Chromium as the tests and `make screenshots` drive it, and axe-core, which it brings along."""

import base64
import contextlib
import json
import re
import tempfile
import urllib.request

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from stack import places

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-dev-shm-usage", "--window-size=1000,800",
         "--host-resolver-rules=MAP webmail.example 127.0.0.1"]


def start(profile, javascript=True, size=None):
    """profile: a directory of its own. size: the width of a phone to be taken for."""
    settings = Options()
    settings.binary_location = places.tool("chromium")
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        settings.add_argument(flag)
    if not javascript:
        settings.add_experimental_option("prefs", {
            "profile.managed_default_content_settings.javascript": 2})
    settings.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    if size:
        settings.add_experimental_option("mobileEmulation", {
            "deviceMetrics": {"width": size, "height": 640, "pixelRatio": 1.0}})
    driver = webdriver.Chrome(service=Service(places.tool("chromedriver")), options=settings)
    driver.set_page_load_timeout(20)
    return driver


@contextlib.contextmanager
def browser():
    with tempfile.TemporaryDirectory(prefix="latchkey-chromium-") as profile:
        driver = start(profile)
        try:
            yield driver
        finally:
            driver.quit()


def show_as(driver, *, width, height=800, scale=1, dark=False, forced_colours=False):
    """scale: device pixels for one of CSS, as a zoom or a fine screen makes them. Nothing moves, and
    scroll bars take no room."""
    driver.execute_cdp_cmd("Emulation.setScrollbarsHidden", {"hidden": True})
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
        "width": width, "height": height, "deviceScaleFactor": scale, "mobile": False})
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
        {"name": "prefers-reduced-motion", "value": "reduce"},
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
        {"name": "forced-colors", "value": "active" if forced_colours else "none"}]})


def overflow(driver):
    """What is cut off or would have to be scrolled to sideways."""
    return driver.execute_script("""
        const width = document.documentElement.clientWidth;
        const wide = [...document.querySelectorAll('body *:not(.unseen)')].filter((one) =>
            one.getBoundingClientRect().right > width + 1 || one.getBoundingClientRect().left < -1);
        if (document.documentElement.scrollWidth > width) wide.push(document.documentElement);
        return wide.map((one) => one.outerHTML.slice(0, 120));""")


def picture(driver):
    """A PNG of the whole page."""
    taken = driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png",
                                                              "captureBeyondViewport": True})
    return base64.b64decode(taken["data"])


def axe_source(driver):
    """axe-core as Chromium's own developer tools bring it: a template literal in their Lighthouse. The
    browser itself turns that into text."""
    address = driver.capabilities["goog:chromeOptions"]["debuggerAddress"]
    url = f"http://{address}/devtools/third_party/lighthouse/lighthouse-dt-bundle.js"
    with urllib.request.urlopen(url, timeout=20) as reply:
        bundle = reply.read().decode()
    literal = re.search(r"`/\*! axe v\d(?:[^`\\]|\\.)*`", bundle, re.DOTALL)
    assert literal, f"this Chromium's developer tools have no axe-core in {url}"
    driver.get("about:blank")
    return driver.execute_script("return " + literal.group(0))


def axe_findings(driver, source):
    """What axe-core has to say against the page: "rule: help: elements", one a line."""
    driver.execute_script(source)
    found = driver.execute_async_script("""
        const [done] = arguments;
        axe.run(document).then(
            (all) => done(JSON.stringify({passes: all.passes.length, found: all.violations})),
            (error) => done(JSON.stringify(
                {passes: 0, found: [{id: 'axe', help: String(error), nodes: []}]})));""")
    result = json.loads(found)
    assert result["passes"] > 0 or result["found"], "axe-core looked at nothing"
    return [f"{one['id']}: {one['help']}: {', '.join(node['html'] for node in one['nodes'])}"
            for one in result["found"]]
