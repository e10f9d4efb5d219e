"""A site with templates of its own: file by file in the place of ours, and checked before they are used."""

import pathlib
import signal
import subprocess

import pytest

from stack import places
from stack.latchkey import toml
from stack.processes import wait_until
from support.site import new_password


def shipped(name):
    return (places.ROOT / "templates" / f"{name}.tpl").read_text()


@pytest.fixture(scope="module")
def own(build_site, tmp_path_factory):
    directory = tmp_path_factory.mktemp("templates")
    directory.chmod(0o755)
    directory.parent.chmod(0o755)
    (directory / "_head.tpl").write_text(shipped("_head") + "<p>Grocer & sons, {{SITE_NAME}}</p>\n")
    (directory / "mail_link.txt.tpl").write_text(shipped("mail_link.txt").replace("Hello", "Good day"))
    site = build_site(settings={"pages.overrides": str(directory)})
    yield site, directory
    site.stop()
    site.remove_run_dir()


def check(site):
    pathlib.Path(site.latchkey.config).write_text(toml(site.latchkey.settings))
    done = subprocess.run([places.program("latchkey"), "check-config", "--config", site.latchkey.config],
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


def test_pages_and_mails_are_the_sites_where_it_has_its_own(own):
    site, _ = own
    visitor = site.visitor()
    for path in ("/login", "/reset_password_request", "/no_such_page"):
        assert b"<p>Grocer & sons, Example</p>" in visitor.get(path).body
    account = site.account()
    site.link_for(account)
    mail = site.smtp.mails(account.address)[0]
    assert "Good day" in mail.text
    assert "Hello" not in mail.text


def test_a_line_of_one_dot_does_not_end_a_mail(own):
    """CVE-2023-51764: what stood behind it was another mail to some relays, with the line ends of unix."""
    site, directory = own
    smuggled = "\n.\nMAIL FROM:<thief@example.org>\nRCPT TO:<victim@example.org>\nDATA\nSubject: x\n\n.\n"
    overridden = directory / "mail_changed.txt.tpl"
    overridden.write_text(shipped("mail_changed.txt") + smuggled + "The end.\n")
    try:
        site.latchkey.child.signal(signal.SIGHUP)
        wait_until("the new template", lambda: "configuration_reloaded" in site.log_text())
        account = site.account()
        assert site.visitor().set_password(site.link_for(account), new_password()).status == 303
        mail = site.smtp.wait(account.address, 2)[-1]
    finally:
        overridden.unlink()
    assert mail.text.replace("\r\n", "\n").endswith(smuggled + "The end.\n")
    assert not any(line.startswith(b".") for line in mail.content.split(b"\r\n"))
    assert not site.smtp.mails("victim@example.org")


@pytest.mark.parametrize("name, old, new, words", [
    ("login", "{{SITE_NAME}}", "{{SITE_NAMES}}", ["{{SITE_NAMES}} is not a value this page gets",
                                                  "did you mean {{SITE_NAME}}?", "pages.overrides"]),
    ("login", 'name="csrf_token"', 'name="token"', ["lacks the field csrf_token"]),
    ("set_password", 'name="password2"', 'name="again"', ["lacks the field password2"]),
    ("request", "{{%AUTOESCAPE", "<!--{{%AUTOESCAPE", [":1: ", "escaped"]),
    ("_notice", "{{BASE}}", "{{BASE:none}}", [":9: {{BASE:none}}", "remove :none"]),
    ("mail_link.txt", "{{LINK}}", "", ["lacks {{LINK}}"]),
    ("mail_changed.html", "{{WHEN}}", "{{WHEM}}", ["did you mean {{WHEN}}?"])])
def test_a_mistake_is_found_before_it_is_used(own, name, old, new, words):
    site, directory = own
    status, said = check(site)
    assert status == 0, said
    path = directory / f"{name}.tpl"
    before = path.read_text() if path.exists() else None
    path.write_text(shipped(name).replace(old, new))
    try:
        status, said = check(site)
    finally:
        path.unlink() if before is None else path.write_text(before)
    assert status == 1
    for word in (str(path), *words):
        assert word in said, said
