"""MediaWiki: its own sign-in page takes the new password, and neither the old one nor an old session."""

import pathlib

import pytest
from selenium.webdriver.common.by import By

from stack.processes import run
from support import browsing
from support.application import ODD_PASSWORDS
from support.site import OLD_PASSWORD, new_password

SOURCE = "/usr/share/mediawiki"
# What the installer's settings leave to Debian's directories goes elsewhere.
MORE_SETTINGS = """
$wgCacheDirectory = '%(directory)s/cache';
$wgUploadDirectory = '%(directory)s/images';
$wgEnableEmail = false;
"""


class MediaWiki:
    sign_in_path = "/index.php?title=Special:UserLogin"

    def __init__(self, php):
        self._php = php
        self._site = None

    def nginx(self):
        return self._php.nginx(SOURCE)

    def _maintain(self, script, *arguments):
        return run(["env", f"MW_CONFIG_FILE={self._php.mediawiki_settings}", "php",
                    f"{SOURCE}/maintenance/{script}.php", *arguments], seconds=120)

    def install(self, site):
        """By its own script, with settings and caches in a directory of ours."""
        user, password = site.database_user()
        directory = pathlib.Path(self._php.directory)
        run(["php", f"{SOURCE}/maintenance/install.php", "--confpath", str(directory),
             "--dbserver", f"localhost:{site.server.socket}", "--dbname", site.schema,
             "--dbuser", user, "--dbpass", password, "--installdbuser", user, "--installdbpass", password,
             "--server", site.root_url, "--scriptpath", "", "--pass", "a first passphrase",
             "Example", "Root"], seconds=180)
        with open(self._php.mediawiki_settings, "a") as settings:
            settings.write(MORE_SETTINGS % {"directory": directory})
        self._site = site

    def create(self, login, address, password):
        self._maintain("createAndPromote", login, password)
        self._maintain("resetUserEmail", "--no-reset-password", login, address)
        return self._site.query(f"SELECT user_id FROM user WHERE user_name = '{login}'")[0][0]

    def sign_in(self, visitor, login, password):
        page = visitor.open(visitor.stack.root_url + self.sign_in_path)
        return visitor.submit(page, form="wpPassword", wpName=login, wpPassword=password).status == 302

    def is_signed_in(self, visitor, login):
        reply = visitor.get(visitor.stack.root_url + "/api.php?action=query&meta=userinfo&format=json")
        return f'"name":"{login}"' in reply.body.decode()


@pytest.fixture(scope="module")
def mediawiki(php, build_application):
    return build_application(MediaWiki(php), {"site.preset": "mediawiki"})


def sign_in(driver, site, login, password):
    driver.get(site.root_url + MediaWiki.sign_in_path)
    browsing.fill(driver, wpName=login, wpPassword=password)
    browsing.send(driver, "#wpLoginAttempt")


def is_signed_in(driver, site, login):
    driver.get(site.root_url + "/index.php?title=Special:Preferences")
    return login in driver.find_element(By.ID, "p-personal").text


def test_back_into_the_account(mediawiki, chromium):
    member, password = mediawiki.member(), new_password()
    browser = chromium()
    sign_in(browser, mediawiki, member.login, OLD_PASSWORD)
    assert is_signed_in(browser, mediawiki, member.login)

    mediawiki.reset(member, password)

    assert not is_signed_in(browser, mediawiki, member.login)
    sign_in(browser, mediawiki, member.login, OLD_PASSWORD)
    assert "Incorrect username or password" in browser.find_element(By.CLASS_NAME, "mw-message-box").text
    sign_in(browser, mediawiki, member.login, password)
    assert is_signed_in(browser, mediawiki, member.login)


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_what_mediawiki_makes_of_a_password(mediawiki, kind):
    member, password = mediawiki.member(), ODD_PASSWORDS[kind]
    elsewhere = mediawiki.visitor()
    assert mediawiki.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    mediawiki.reset(member, password)
    assert not mediawiki.application.is_signed_in(elsewhere, member.login)
    assert not mediawiki.can_sign_in(member, OLD_PASSWORD)
    assert mediawiki.can_sign_in(member, password)


def test_nothing_else_is_changed(mediawiki):
    member = mediawiki.member()
    assert mediawiki.application.sign_in(mediawiki.visitor(), member.login, OLD_PASSWORD)
    # Signing in has touched it as well, maybe in this very second.
    mediawiki.query(f"UPDATE user SET user_touched = '20240101000000' WHERE user_id = {member.id}")
    found = mediawiki.difference_of_a_reset(member)
    row = ("user", (member.id.encode(),))
    assert found.changed.keys() == {(*row, column)
                                    for column in ("user_password", "user_token", "user_touched")}
    assert not found.removed
    assert not found.added
