"""WordPress: its own sign-in page takes the new password, and neither the old one nor an old session."""

import json
import pathlib
import shutil

import pytest
from selenium.webdriver.common.by import By

from stack import places
from stack.processes import run
from support import browsing
from support.application import ODD_PASSWORDS
from support.site import OLD_PASSWORD, new_password

SOURCE = "/usr/share/wordpress"
CONFIGURATION = """<?php
define('DB_NAME', '%(schema)s');
define('DB_USER', '%(user)s');
define('DB_PASSWORD', '%(password)s');
define('DB_HOST', 'localhost:%(socket)s');
define('DB_CHARSET', 'utf8mb4');
define('WP_HOME', '%(url)s');
define('WP_SITEURL', '%(url)s');
define('AUTH_KEY', 'a'); define('AUTH_SALT', 'b');
define('LOGGED_IN_KEY', 'c'); define('LOGGED_IN_SALT', 'd');
define('SECURE_AUTH_KEY', 'e'); define('SECURE_AUTH_SALT', 'f');
define('NONCE_KEY', 'g'); define('NONCE_SALT', 'h');
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""
CREATE = """
require $argv[1] . '/wp-load.php';
$given = json_decode(stream_get_contents(STDIN));
$id = wp_create_user($given->login, wp_slash($given->password), $given->address);
if (is_wp_error($id)) { fwrite(STDERR, $id->get_error_message()); exit(1); }
echo $id;
"""


# What README.md says of WordPress's own page for forgotten passwords.
CLOSED = "if ($arg_action = lostpassword) { return 302 /account/reset_password_request; }\n"


class WordPress:
    sign_in_path = "/wp-login.php"
    home_path = "/wp-admin/profile.php"

    def __init__(self, directory, php):
        self.root = pathlib.Path(directory) / "wordpress"
        self._php = php

    def nginx(self):
        return CLOSED + self._php.nginx(self.root)

    def install(self, site):
        """A copy of Debian's files with a configuration of its own; then its own page of installation."""
        shutil.copytree(SOURCE, self.root)
        user, password = site.database_user()
        (self.root / "wp-config.php").write_text(CONFIGURATION % {
            "schema": site.schema, "user": user, "password": password, "socket": site.server.socket,
            "url": site.root_url})
        done = site.visitor().post(site.root_url + "/wp-admin/install.php?step=2", {
            "weblog_title": "Example", "user_name": "root", "admin_password": "a first password",
            "admin_password2": "a first password", "pw_weak": "on", "blog_public": "0",
            "admin_email": "root@example.org", "language": ""})
        assert "WordPress has been installed" in done.body.decode(), done.body.decode()

    def create(self, login, address, password):
        given = json.dumps({"login": login, "address": address, "password": password})
        return run(["php", "-r", CREATE, "--", str(self.root)], given=given)

    def sign_in(self, visitor, login, password):
        page = visitor.open(visitor.stack.root_url + self.sign_in_path)
        return visitor.submit(page, log=login, pwd=password).status == 302

    def is_signed_in(self, visitor, login):
        reply = visitor.get(visitor.stack.root_url + self.home_path)
        return reply.status == 200 and f'value="{login}"' in reply.body.decode()


@pytest.fixture(scope="module")
def wordpress(run_root, php, build_application):
    return build_application(WordPress(run_root, php), {"site.preset": "wordpress", "site.prefix": "wp_"})


def sign_in(driver, site, login, password):
    driver.get(site.root_url + WordPress.sign_in_path)
    browsing.fill(driver, log=login, pwd=password)
    browsing.send(driver, "#wp-submit")


def is_signed_in(driver, site):
    driver.get(site.root_url + WordPress.home_path)
    return bool(driver.find_elements(By.ID, "wpadminbar"))


def test_its_own_page_for_forgotten_passwords_leads_to_latchkey(wordpress):
    assert CLOSED.strip() in (places.ROOT / "README.md").read_text()
    visitor = wordpress.visitor()
    page = visitor.open(wordpress.root_url + WordPress.sign_in_path).page
    [way] = [anchor for anchor in page.anchors if anchor and "lostpassword" in anchor]
    reply = visitor.open(way)
    assert reply.path == "/account/reset_password_request"
    assert reply.status == 200


def test_back_into_the_account(wordpress, chromium):
    member, password = wordpress.member(), new_password()
    browser = chromium()
    sign_in(browser, wordpress, member.login, OLD_PASSWORD)
    assert is_signed_in(browser, wordpress)

    browsing.reset(chromium(), wordpress, member, password)

    assert not is_signed_in(browser, wordpress)
    sign_in(browser, wordpress, member.login, OLD_PASSWORD)
    assert "is incorrect" in browser.find_element(By.ID, "login_error").text
    sign_in(browser, wordpress, member.login, password)
    assert is_signed_in(browser, wordpress)


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_what_wordpress_makes_of_a_password(wordpress, kind):
    member, password = wordpress.member(), ODD_PASSWORDS[kind]
    elsewhere = wordpress.visitor()
    assert WordPress.sign_in(wordpress.application, elsewhere, member.login, OLD_PASSWORD)
    wordpress.reset(member, password)
    assert not wordpress.application.is_signed_in(elsewhere, member.login)
    assert not wordpress.can_sign_in(member, OLD_PASSWORD)
    assert wordpress.can_sign_in(member, password)


def session_rows(site, member):
    return site.query("SELECT umeta_id FROM wp_usermeta WHERE meta_key = 'session_tokens' "
                      f"AND user_id = {member.id}")


def test_nothing_else_is_changed(wordpress):
    member = wordpress.member()
    assert wordpress.application.sign_in(wordpress.visitor(), member.login, OLD_PASSWORD)
    [[session]] = session_rows(wordpress, member)
    found = wordpress.difference_of_a_reset(member)
    assert found.changed.keys() == {("wp_users", (member.id.encode(),), "user_pass")}
    assert found.removed == {("wp_usermeta", (session.encode(),))}
    assert not found.added


def test_a_procedure_needs_no_right_to_the_table_of_roles(wordpress):
    """Another database user, since what was granted to the first one stays granted."""
    wordpress.latchkey.settings["site.procedure"] = True
    wordpress.latchkey.settings["database.web.user"] = "narrow"
    wordpress.latchkey.create_schema(wordpress.server)
    wordpress.restart()
    rights = wordpress.server.query("SHOW GRANTS FOR narrow@localhost")
    assert not [line for line in rights if "usermeta" in line[0]]
    member, password = wordpress.member(), new_password()
    elsewhere = wordpress.visitor()
    assert wordpress.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    wordpress.reset(member, password)
    assert session_rows(wordpress, member) == []
    assert not wordpress.application.is_signed_in(elsewhere, member.login)
    assert wordpress.can_sign_in(member, password)
