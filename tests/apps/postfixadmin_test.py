"""PostfixAdmin's mailboxes: Dovecot's own `doveadm pw -t` judges what is written, and makes what is read."""

import subprocess

import pytest

from stack import mariadb, places
from stack.processes import run
from support import spilled, tables
from support.application import ODD_PASSWORDS, Member
from support.site import OLD_PASSWORD

SCHEMES = ["BLF-CRYPT", "SHA512-CRYPT", "SHA256-CRYPT", "MD5-CRYPT", "CRYPT", "ARGON2ID", "ARGON2I",
           "SSHA", "SSHA256", "SSHA512"]


def doveadm_hash(scheme, password):
    return run(["doveadm", "pw", "-s", scheme], given=f"{password}\n{password}\n").strip()


def doveadm_verify(password, stored):
    verified = subprocess.run(["doveadm", "pw", "-t", stored], input=f"{password}\n", text=True,
                              capture_output=True, check=False)
    return verified.returncode == 0 and "(verified)" in verified.stdout


def mailbox(site, name, scheme):
    """A mailbox with that scheme's hash of OLD_PASSWORD; its links go elsewhere."""
    login, address = f"{name}@mail.example", f"{name}@elsewhere.example.org"
    stored = mariadb.quote(doveadm_hash(scheme, OLD_PASSWORD))
    site.query("INSERT INTO mailbox (username, password, name, maildir, local_part, domain, email_other) "
               f"VALUES ('{login}', {stored}, '', '', '', '', '{address}')")
    return Member(login, address, OLD_PASSWORD, login)


def stored_of(site, member):
    return site.query(f"SELECT password FROM mailbox WHERE username = '{member.id}'")[0][0]


@pytest.fixture(scope="module")
def site(build_site):
    unset = {f"site.{key}": None for key in ("table", "id", "address", "hash")}
    site = build_site(users=tables.sql("postfixadmin"), settings={
        **unset, "site.preset": "postfixadmin", "limits.enabled": False})
    yield site
    site.stop()
    site.remove_run_dir()


@pytest.mark.parametrize("kind", ODD_PASSWORDS)
def test_dovecot_takes_the_new_password(site, kind):
    member = mailbox(site, f"odd{list(ODD_PASSWORDS).index(kind)}", "SHA512-CRYPT")
    password = ODD_PASSWORDS[kind]
    spilled.remember(password)
    # By the name of the mailbox; the mail goes to the other address.
    site.visitor().ask(member.login)
    assert site.visitor().set_password(site.link_in_mail(member), password).status == 303
    stored = stored_of(site, member)
    assert doveadm_verify(password, stored)
    assert not doveadm_verify(OLD_PASSWORD, stored)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_dovecot_wrote_signs_in(site, scheme):
    member = mailbox(site, scheme.lower(), scheme)
    verified = [subprocess.run(
        [places.program("latchkey"), "hash", "verify", "--preset", "postfixadmin", "--hash",
         stored_of(site, member)],
        input=password, text=True, check=False, capture_output=True).returncode
        for password in (OLD_PASSWORD, OLD_PASSWORD + "x")]
    assert verified == [0, 1]
    assert site.visitor().can_sign_in(member.login, OLD_PASSWORD)
