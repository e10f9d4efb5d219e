"""No token, password or session in any log of the whole run, nor in what `ps` shows.

devise#5281: tokens in a log.
"""

import pathlib

import pytest

from support import spilled
from support.site import new_password


def texts(directories):
    for directory in directories:
        for path in sorted(pathlib.Path(directory).iterdir()):
            yield path, path.read_text(errors="replace")


def test_the_search_would_find_one(tmp_path):
    """The search below is worth something."""
    password = new_password()
    (tmp_path / "some.log").write_text(f"password={password}")
    assert found_in(texts([tmp_path]))
    spilled.secrets.discard(password)


def found_in(all_texts):
    return [(str(path), secret[:4] + "...") for path, text in all_texts
            for secret in spilled.secrets
            if any(form in text for form in spilled.forms_of(secret))]


@pytest.mark.last
def test_no_secret_is_in_any_log(site, all_log_directories):
    account = site.account()
    visitor = site.visitor()
    visitor.set_password(site.link_for(account), new_password())
    assert len(spilled.secrets) > 5
    assert not found_in(texts(all_log_directories))


@pytest.mark.last
def test_no_secret_is_in_a_command_line(site):
    lines = [(pathlib.Path("/proc") / str(pid) / "cmdline").read_text()
             for name in ("latchkey-web", "latchkey-mailer") for pid in site.program_pids(name)]
    assert len(lines) == 3
    assert not found_in(enumerate(lines))


@pytest.mark.last
def test_no_whole_address_is_in_latchkeys_log(site):
    account = site.account()
    site.visitor().set_password(site.link_for(account), new_password())
    assert site.log_text()
    assert account.address not in site.log_text()


def test_the_web_servers_log_has_the_other_requests(site):
    """It is on, so that its silence about links means something."""
    site.visitor().get("/login")
    assert "GET /login" in (site.directory / f"log/{site.web_server.name}-access.log").read_text()
