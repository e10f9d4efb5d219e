"""What Latchkey writes, other programs verify; what they wrote, Latchkey verifies."""

import base64
import functools
import hashlib
import pathlib

import pytest
import werkzeug.security

from stack import places
from stack.latchkey import make_hash
from stack.processes import run
from support.site import new_password, php_hash, php_verify


def scrypt(password, parameters, salt):
    """As werkzeug 2.3 and later write it; Debian 12's does not know it yet."""
    _, n, r, p = parameters.split(":")
    key = hashlib.scrypt(password.encode(), salt=salt.encode(), n=int(n), r=int(r), p=int(p),
                         maxmem=132 * int(n) * int(r) * int(p))
    return f"{parameters}${salt}${key.hex()}"


def scrypt_verify(password, stored):
    parameters, salt, _ = stored.split("$")
    return scrypt(password, parameters, salt) == stored


SCHEMES = {
    "argon2id": php_verify,
    "bcrypt": php_verify,
    "werkzeug-scrypt": scrypt_verify,
    "werkzeug-pbkdf2": lambda password, stored: werkzeug.security.check_password_hash(stored, password),
}


@functools.cache
def made_elsewhere(password):
    return {
        "argon2id": php_hash(password),
        "bcrypt": php_hash(password, "PASSWORD_BCRYPT"),
        "werkzeug-scrypt": scrypt(password, "scrypt:32768:8:1", "abcdefghijklmnop"),
        "werkzeug-pbkdf2": werkzeug.security.generate_password_hash(password, "pbkdf2:sha256"),
    }


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_is_written_verifies_elsewhere(make_site, scheme):
    site = make_site(settings={"site.scheme": scheme, "limits.enabled": False})
    verify = SCHEMES[scheme]
    # Blanks at the ends, letters beyond ASCII: kept byte for byte.
    password = "  Grüße aus Köln, 4711 🔑 ? "
    account = site.account()
    site.visitor().set_password(site.link_for(account), password)
    stored = site.hash_of(account)
    assert verify(password, stored)
    assert not verify(password.strip(), stored)
    assert site.visitor().can_sign_in(account.address, password)


@pytest.mark.parametrize("password, other", [
    ("Gru\u0308\u00dfe und Ku\u0308sse, 4711".encode(), "Gr\u00fc\u00dfe und K\u00fcsse, 4711".encode()),
    (b"nine purple \xff\xc3 hedgehogs", b"nine purple \xef\xbf\xbd hedgehogs")], ids=["NFD", "no UTF-8"])
def test_a_password_is_kept_byte_for_byte(site, password, other):
    """openwebwork/webwork2#912, wso2/product-is#4689: what was stored was not what people typed."""
    account = site.account()
    visitor = site.visitor()
    form = visitor.open(site.link_for(account))
    assert visitor.submit(form, password=password, password2=password).status == 303
    assert php_verify(password, site.hash_of(account))
    assert not php_verify(other, site.hash_of(account))
    assert site.visitor().can_sign_in(account.address, password)
    assert not site.visitor().can_sign_in(account.address, other)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_others_wrote_signs_in_and_is_replaced(site, scheme):
    password = new_password()
    account = site.account(stored_hash=made_elsewhere(password)[scheme])
    assert site.visitor().can_sign_in(account.address, password)
    assert not site.visitor().can_sign_in(account.address, password + "x")
    newer = new_password()
    site.visitor().set_password(site.link_for(account), newer)
    assert php_verify(newer, site.hash_of(account))


def test_bcrypt_refuses_what_it_would_cut(make_site):
    """CVE-2025-22228: over 72 bytes, two passwords with one beginning were one."""
    site = make_site(settings={"site.scheme": "bcrypt"})
    account = site.account()
    before = site.hash_of(account)
    reply = site.visitor().set_password(site.link_for(account), "Sesam öffne dich! " * 5)
    assert reply.status == 422
    assert "too long" in reply.page.wrong
    assert "72" in reply.page.wrong
    assert site.hash_of(account) == before


def test_the_command_makes_what_php_verifies():
    for scheme in ("argon2id", "bcrypt"):
        assert php_verify("correct horse battery staple",
                          make_hash("correct horse battery staple", scheme))


def legacy_verify(scheme):
    code = pathlib.Path(__file__).parent.parent / "support/legacy_hashes.php"
    return lambda password, stored: run(["php", code, scheme, stored], given=password) == "yes"


def django_verify(password, stored):
    """As Django's PBKDF2PasswordHasher and ScryptPasswordHasher do it."""
    method, *middle, digest = stored.split("$")
    if method == "scrypt":
        salt, n, r, p = middle
        again = hashlib.scrypt(password.encode(), salt=salt.encode(), n=int(n), r=int(r), p=int(p))
    else:
        rounds, salt = middle
        again = hashlib.pbkdf2_hmac(method.removeprefix("pbkdf2_"), password.encode(), salt.encode(),
                                    int(rounds))
    return base64.b64encode(again).decode() == digest


def perl_verify(password, stored):
    return run(["perl", "-e", "print crypt(join('', <STDIN>), $ARGV[0])", stored],
               given=password) == stored


WRITTEN = {
    **{scheme: legacy_verify(scheme) for scheme in (
        "phpass", "phpbb-phpass", "wordpress-bcrypt", "drupal", "mediawiki-pbkdf2", "mediawiki-argon2",
        "django-argon2", "django-bcrypt-sha256", "sha256-crypt", "sha512-crypt", "dovecot-blf-crypt",
        "dovecot-sha256-crypt", "dovecot-sha512-crypt", "dovecot-argon2id", "joomla-md5",
        "oscommerce-md5", "vbulletin", "mybb", "punbb", "opencart", "smf-sha1")},
    "django-pbkdf2": django_verify,
    "django-scrypt": django_verify,
    "yescrypt": perl_verify,
}


@pytest.mark.parametrize("scheme", WRITTEN)
def test_what_the_command_makes_verifies_elsewhere(scheme):
    password = "  Grüße aus Köln, 4711 🔑 '\"\\ "
    stored = make_hash(password, scheme)
    assert WRITTEN[scheme](password, stored)
    assert not WRITTEN[scheme](password.strip(), stored)


def test_every_scheme_that_writes_is_verified_elsewhere():
    listed = run([places.program("latchkey"), "hash", "schemes"]).splitlines()
    assert {line for line in listed if not line.endswith(" (read only)")} == {*WRITTEN, *SCHEMES}
