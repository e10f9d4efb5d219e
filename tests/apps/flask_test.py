"""A Flask site with werkzeug's hashes: what ends its sessions is a column that a reset changes."""

import pytest

from support.application import ODD_PASSWORDS
from support.site import OLD_PASSWORD, new_password
from support.wsgi import WsgiApplication


class Flask(WsgiApplication):
    sign_in_path = "/login"

    def sign_in(self, visitor, login, password):
        page = visitor.open(visitor.stack.root_url + self.sign_in_path)
        return visitor.submit(page, username=login, password=password).status == 302

    def is_signed_in(self, visitor, login):
        return login in visitor.open(visitor.stack.root_url + "/").page.text


@pytest.fixture(scope="module")
def build_flask(run_root, build_application):
    """build_flask(session column, more settings)"""
    started = []

    def build(session, settings=None):
        application = Flask("flask_site.py", run_root / "log/flask.log", SITE_SESSION=session)
        started.append(application)
        return build_application(application, {"site.preset": "flask", **(settings or {})})

    yield build
    for application in started:
        application.stop()


@pytest.fixture(scope="module")
def flask(build_flask):
    return build_flask("fs_uniquifier", {"site.set": ["{fs_uniquifier} = :random32hex"]})


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_back_into_the_account(flask, kind):
    member, password = flask.member(), ODD_PASSWORDS[kind]
    elsewhere = flask.visitor()
    assert flask.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    assert flask.application.is_signed_in(elsewhere, member.login)
    flask.reset(member, password)
    assert not flask.application.is_signed_in(elsewhere, member.login)
    assert not flask.can_sign_in(member, OLD_PASSWORD)
    assert flask.can_sign_in(member, password)


def test_a_session_of_the_account_s_number_is_out_of_reach(build_flask):
    """The preset as it comes: the new password is taken, the old one is not, and the old session stays,
    as etc/sites/flask.toml says."""
    site = build_flask("id")
    member, password = site.member(), new_password()
    elsewhere = site.visitor()
    assert site.application.sign_in(elsewhere, member.login, OLD_PASSWORD)
    site.reset(member, password)
    assert site.can_sign_in(member, password)
    assert not site.can_sign_in(member, OLD_PASSWORD)
    assert site.application.is_signed_in(elsewhere, member.login)
