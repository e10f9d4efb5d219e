"""What a token is, seen by PyJWT and Python's own HMAC, and what is refused."""

import base64
import hashlib
import hmac
import json
import time
import urllib.parse

import jwt
import pytest

from stack.latchkey import write_secret
from support.site import new_password, token_of


def hkdf(secret, info, length=32):
    """RFC 5869 with an empty salt."""
    key = hmac.digest(b"\0" * 32, secret, "sha256")
    block = output = b""
    while len(output) < length:
        block = hmac.digest(key, block + info + bytes([len(output) // 32 + 1]), "sha256")
        output += block
    return output[:length]


def key_of(site, purpose="reset"):
    return hkdf(site.latchkey.token_secret().encode(), b"latchkey/v1/" + purpose.encode())


def taken_apart(site, token):
    header = jwt.get_unverified_header(token)
    claims = jwt.decode(token, key_of(site), algorithms=["HS256"], audience=f"{site.base_url}#reset",
                        issuer=site.base_url)
    return header, claims


def opens(site, token):
    """Whether it leads to the form for a new password."""
    return site.visitor().open("/reset_password/" + urllib.parse.quote(token, safe="")).path == "/reset_password"


def is_recognised(site, token):
    """Whether it becomes a cookie: by what it says of itself, no account is looked up."""
    reply = site.visitor().get("/reset_password/" + urllib.parse.quote(token, safe=""))
    return reply.header("Location") == "/reset_password"


@pytest.fixture
def token(site):
    return token_of(site.link_for(site.account()))


def test_pyjwt_reads_it(site):
    account = site.account()
    header, claims = taken_apart(site, token_of(site.link_for(account)))
    kid = hashlib.sha256(b"latchkey/v1/kid" + site.latchkey.token_secret().encode()).hexdigest()[:8]
    assert header == {"alg": "HS256", "typ": "reset+jwt", "kid": kid}
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp", "fpr"}
    assert claims["sub"] == account.id
    assert claims["exp"] - claims["iat"] == 600
    assert abs(claims["iat"] - time.time()) < 30


def test_one_made_by_pyjwt_is_accepted(site):
    account = site.account()
    header, claims = taken_apart(site, token_of(site.link_for(account)))
    claims["iat"] -= 5
    made = jwt.encode(claims, key_of(site), algorithm="HS256", headers=header)
    password = new_password()
    assert site.visitor().set_password(f"{site.base_url}/reset_password/{made}", password).status == 303
    assert site.visitor().can_sign_in(account.address, password)


@pytest.mark.parametrize("purpose", ["session", "form", "flash", "binding", "limiter"])
def test_one_signed_for_another_purpose_is_refused(site, token, purpose):
    header, claims = taken_apart(site, token)
    assert not opens(site, jwt.encode(claims, key_of(site, purpose), algorithm="HS256", headers=header))


def test_a_session_is_no_link_and_a_link_no_session(site, token):
    account = site.account()
    visitor = site.visitor()
    visitor.sign_in(account.address, account.password)
    assert not opens(site, visitor.cookie("session"))
    name = next(name for name in visitor.jar if "-session-" in name)
    home = site.visitor().get("/", cookies={name: token})
    assert "You are not signed in" in home.page.text


@pytest.mark.parametrize("change", [{"typ": "session+jwt"}, {"typ": "JWT"}, {"kid": "00000000"}])
def test_a_changed_header_is_refused(site, token, change):
    header, claims = taken_apart(site, token)
    assert not opens(site, jwt.encode(claims, key_of(site), headers={**header, **change}))


@pytest.mark.parametrize("change", [{"sub": "1"}, {"fpr": "x"}], ids=str)
def test_what_only_the_database_can_tell_is_told_by_the_page_behind_it(site, token, change):
    header, claims = taken_apart(site, token)
    made = jwt.encode({**claims, **change}, key_of(site), headers=header)
    assert is_recognised(site, made) and not opens(site, made)


@pytest.mark.parametrize("change", [
    {"aud": "http://evil.example#reset"}, {"iss": "http://evil.example"}, {"exp": 1}, {"exp": "soon"}, {"exp": 10 ** 7}, {"iat": 120}, {"extra": 1}], ids=str)
def test_a_changed_claim_is_refused(site, token, change):
    header, claims = taken_apart(site, token)
    assert claims["sub"] != "1"
    # From now.
    change = {name: value + int(time.time()) if name in ("exp", "iat") and value in (120, 10 ** 7)
              else value for name, value in change.items()}
    made = jwt.encode({**claims, **change}, key_of(site), headers=header)
    assert not is_recognised(site, made) and not opens(site, made)


def test_no_signature_is_no_token(site, token):
    header, claims = taken_apart(site, token)
    unsigned = jwt.encode(claims, None, algorithm="none", headers={**header, "alg": "none"})
    parts = token.split(".")
    bare = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "reset+jwt"}).encode())
    for bad in (unsigned, parts[0] + "." + parts[1] + ".", bare.decode().rstrip("=") + "." + parts[1] + ".",
                token[:-1], token + "A", token.swapcase(), ".".join(parts[:2])):
        assert not opens(site, bad)


@pytest.mark.parametrize("text", ["0", "null", "'", "' OR 1=1 -- ", "1", "undefined", "\0", " ", "a.b.c",
                                  "../../etc/passwd", "x" * 2049, "[]", "%00", "🔑"])
def test_what_is_no_token_is_refused(site, text):
    """Joomla CVE-2008-3681, Devise CVE-2013-0233: never "the first account"."""
    first = site.query("SELECT MIN(id) FROM users")[0][0]
    before = site.query(f"SELECT password_hash FROM users WHERE id = {first}")
    assert not opens(site, text)
    assert site.query(f"SELECT password_hash FROM users WHERE id = {first}") == before


def test_ten_kilobytes_are_refused(site):
    assert site.visitor().get("/reset_password/" + "x" * 10240).status in (303, 400, 414)


def test_the_empty_token_is_no_page(site):
    assert site.visitor().get("/reset_password/").status in (303, 404)


def test_it_dies_with_a_change_of_the_address(site):
    """parse-server#5104: a link from before the change still worked."""
    account = site.account()
    link = site.link_for(account)
    site.query(f"UPDATE users SET email = CONCAT('new-', email) WHERE id = {account.id}")
    assert not opens(site, token_of(link))


def test_it_dies_with_a_change_of_the_password_elsewhere(site):
    """parse-server#5104."""
    account = site.account()
    visitor = site.visitor()
    form = visitor.open(site.link_for(account))
    site.query(f"UPDATE users SET password_hash = 'changed elsewhere' WHERE id = {account.id}")
    reply = visitor.submit(form, password=(password := new_password()), password2=password)
    assert "does not work" in visitor.follow(reply).page.notice
    assert site.hash_of(account) == "changed elsewhere"


def test_an_old_one_says_that_it_is_old(make_site):
    site = make_site(settings={"token.link_life": "1s"})
    link = site.link_for(site.account())
    time.sleep(1.2)
    assert "This link is too old" in site.visitor().open(link).page.notice


def test_after_a_change_of_the_secret_the_old_one_verifies_as_long_as_it_is_listed(make_site):
    site = make_site()
    link = site.link_for(site.account())
    old, = site.latchkey.settings["token.secret_files"]
    new = write_secret(site.latchkey.etc / "token-2.secret")
    site.restart(token__secret_files=[new, old])
    assert opens(site, token_of(link))
    site.restart(token__secret_files=[new])
    assert not opens(site, token_of(link))
