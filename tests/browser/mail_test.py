"""The mails' HTML as a mail reader on a phone shows it: nothing to scroll sideways, dark where all is dark."""

import pytest

from support import chromium as driven
from support.mailer import HASH
from support.site import new_password

SITE_NAME = "Donaudampfschifffahrtsgesellschaftskapitänsmützenversand"
LONG = "a-person-with-a-name-of-which-there-is-no-shorter-form-at-all@" + "long-label." * 8 + "example.org"


@pytest.fixture(scope="module")
def mails(build_site):
    """{name: the HTML part}, the longest there are."""
    site = build_site(settings={"site_name": SITE_NAME, "limits.enabled": False},
                      users="CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255), "
                            "password_hash VARCHAR(255))")
    person = site.account(LONG)
    couple, _ = [site.account("b" + LONG, HASH) for _ in range(2)]
    site.visitor().set_password(site.link_for(person), new_password())
    site.visitor().ask(couple.address)
    link, changed = site.smtp.wait(person.address, 2)
    yield {"link": link.html, "changed": changed.html, "links": site.smtp.wait(couple.address)[0].html}
    site.stop()
    site.remove_run_dir()


def open_mail(driver, tmp_path, html):
    page = tmp_path / "mail.html"
    page.write_text(html)
    driver.get(page.as_uri())


def lightness(driver):
    """Of what is behind the words, and of the words: 0 to 255."""
    return driver.execute_script("""
        const look = getComputedStyle(document.querySelector('.card'));
        return [look.backgroundColor, look.color].map((one) => Math.max(...one.match(/[0-9]+/g).slice(0, 3)));""")


def findings(driver, axe):
    # A mail is no page: it has no landmarks.
    return [*driven.overflow(driver), *(words for words in driven.axe_findings(driver, axe)
                                        if not words.startswith(("landmark-one-main:", "region:")))]


@pytest.mark.parametrize("name", ["link", "links", "changed"])
def test_a_mail_fits_a_phone_and_is_read_in_the_dark(driver, axe, tmp_path, mails, name):
    open_mail(driver, tmp_path, mails[name])
    driven.show_as(driver, width=320, height=640)
    found = findings(driver, axe)
    ground, ink = lightness(driver)
    assert ground > 200 > 100 > ink
    driven.show_as(driver, width=320, height=640, dark=True)
    found += findings(driver, axe)
    ground, ink = lightness(driver)
    assert ground < 100 < 200 < ink
    assert not found
