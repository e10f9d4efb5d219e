"""Laravel's tables: PHP's password_verify takes the new password; old password and session are refused."""

import shutil

import pytest

from stack import mariadb, places
from support import tables
from support.application import ODD_PASSWORDS
from support.site import OLD_PASSWORD, php_hash


class Laravel:
    sign_in_path = "/index.php"

    def __init__(self, directory, php):
        self.root = directory / "laravel"
        self._php = php
        self._site = None

    def nginx(self):
        return self._php.nginx(self.root)

    def install(self, site):
        self._site = site
        site.query(tables.sql("laravel"))
        self.root.mkdir()
        shutil.copy(places.ROOT / "tests/apps/laravel_site.php", self.root / "index.php")
        user, password = site.database_user()
        (self.root / "site.ini").write_text(f"schema={site.schema}\nuser={user}\npassword={password}\n"
                                            f"socket={site.server.socket}\n")

    def create(self, login, address, password):
        stored = php_hash(password, "PASSWORD_BCRYPT", '["cost" => 12]')
        rows = self._site.query(
            "INSERT INTO users (name, email, password, remember_token, created_at, updated_at) VALUES "
            f"({mariadb.quote(login)}, {mariadb.quote(address)}, {mariadb.quote(stored)}, "
            "'an old token', NOW(), NOW()); SELECT LAST_INSERT_ID()")
        return rows[-1][0]

    def sign_in(self, visitor, login, password):
        page = visitor.open(visitor.stack.root_url + "/index.php")
        address = f"{login.lower()}@example.org"
        return visitor.submit(page, email=address, password=password).status == 302

    def is_signed_in(self, visitor, login):
        return f"{login.lower()}@" in visitor.open(visitor.stack.root_url + "/index.php").page.text


@pytest.fixture(scope="module")
def laravel(run_root, php, build_application):
    return build_application(Laravel(run_root, php), {"site.preset": "laravel"})


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_back_into_the_account(laravel, kind):
    member, password = laravel.member(), ODD_PASSWORDS[kind]
    elsewhere = laravel.visitor()
    assert laravel.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    assert laravel.application.is_signed_in(elsewhere, member.login)
    laravel.reset(member, password)
    assert not laravel.application.is_signed_in(elsewhere, member.login)
    assert not laravel.can_sign_in(member, OLD_PASSWORD)
    assert laravel.can_sign_in(member, password)
