"""What the browser's tests share: a Chromium that ends with the test, or with the file."""

import pytest

from support import chromium as driven


@pytest.fixture
def chromium(tmp_path):
    """chromium(javascript=True, size=None): another browser, with a profile of its own."""
    started = []

    def start(**options):
        started.append(driven.start(tmp_path / str(len(started)), **options))
        return started[-1]

    yield start
    for driver in started:
        driver.quit()


@pytest.fixture(scope="module")
def driver():
    with driven.browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def axe(driver):
    return driven.axe_source(driver)
