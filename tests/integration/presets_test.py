"""Every preset on the tables of its application: a reset changes what it must, and nothing else."""

import dataclasses
import re
import time

import pytest

from stack import places
from support import hashes, snapshot, tables
from support.site import OLD_PASSWORD, Account

# Quotes, a backslash, markup, umlauts both composed and not, an emoji, and blanks at the ends.
PASSWORD = '  It\'s "Köln" \\ <b>&amp; u\u0308 🔑 4711  '
OLD_DAY = b"20200101000000"


def is_now(value):
    return abs(int(value) - time.time()) < 300


def is_timestamp(value):
    return value > OLD_DAY and re.fullmatch(rb"\d{14}", value)


def is_random(value):
    return re.fullmatch(rb"[0-9a-f]{32}", value)


@dataclasses.dataclass
class Preset:
    hash: object                   # of support.hashes
    stored: str                    # "table.column"
    prefix: str = ""
    key: tuple = (b"5",)           # of Ann's row
    rows: tuple = ()               # further rows of hers that get the hash
    prepare: tuple = ()            # of support.hashes
    set: dict = dataclasses.field(default_factory=dict)  # column: value, or a test of it
    sessions: set = frozenset()    # rows that are gone: (table, key)
    also: dict = dataclasses.field(default_factory=dict)  # (table, key, column): value, elsewhere
    inactive: tuple = ("cas@example.org",)

    def prepared(self, password):
        for step in self.prepare:
            password = step(password)
        return password


PRESETS = {
    "generic": Preset(hashes.php("PASSWORD_ARGON2ID"), "users.password_hash", inactive=()),
    "wordpress": Preset(
        hashes.phpass, "wp_users.user_pass", "wp_", prepare=(hashes.addslashes, hashes.trim),
        set={"user_activation_key": b""}, sessions={("wp_usermeta", (b"2",))}),
    "mediawiki": Preset(
        hashes.mediawiki, "user.user_password", prepare=(hashes.nfc,),
        set={"user_token": is_random, "user_touched": is_timestamp, "user_newpassword": b"",
             "user_newpass_time": None, "user_password_expires": None},
        also={("bot_passwords", (b"5", b"bot"), "bp_password"): b""}),
    "drupal7": Preset(hashes.drupal, "users.pass", prepare=(hashes.trim,),
                      sessions={("sessions", (b"s1", b"")), ("sessions", (b"s2", b""))}),
    "drupal": Preset(
        hashes.php("PASSWORD_BCRYPT"), "users_field_data.pass", prepare=(hashes.trim,), key=(b"5", b"en"),
        rows=((b"5", b"de"),),
        sessions={("sessions", (b"s1",)), ("sessions", (b"s2",)), ("cache_entity", (b"values:user:5",))}),
    "phpbb": Preset(
        hashes.php("PASSWORD_ARGON2ID"), "phpbb_users.user_password", "phpbb_",
        prepare=(hashes.htmlspecialchars, hashes.nfc),
        set={"user_passchg": is_now, "user_login_attempts": b"0", "reset_token": b"",
             "reset_token_expiration": b"0"},
        sessions={("phpbb_sessions", (b"s1",)), ("phpbb_sessions_keys", (b"k1", b"5"))}),
    "joomla": Preset(
        hashes.php("PASSWORD_BCRYPT"), "jos_users.password", "jos_",
        set={"activation": b"", "requireReset": b"0"},
        sessions={("jos_session", (b"s1",)), ("jos_user_keys", (b"1",))}),
    "laravel": Preset(
        hashes.php("PASSWORD_BCRYPT"), "users.password", set={"remember_token": is_random},
        sessions={("sessions", (b"s1",)), ("password_reset_tokens", (b"ann@example.org",))}, inactive=()),
    "django": Preset(hashes.django, "auth_user.password", inactive=("cas@example.org", "dan@example.org")),
    "flask": Preset(hashes.werkzeug, "user.password_hash"),
    "postfixadmin": Preset(
        hashes.php("PASSWORD_BCRYPT", "{BLF-CRYPT}"), "mailbox.password", key=(b"ann@mail.example",),
        set={"token": b""}),
}


@pytest.fixture(scope="module", params=PRESETS)
def preset(request):
    return request.param


@pytest.fixture(scope="module")
def site(build_site, preset):
    """With nothing in [site] but what a person would write there."""
    unset = {f"site.{key}": None for key in ("table", "id", "address", "hash")}
    prefix = PRESETS[preset].prefix
    old_hash = PRESETS[preset].hash(PRESETS[preset].prepared(OLD_PASSWORD))
    site = build_site(users=tables.sql(preset, old_hash), settings={
        **unset, "site.preset": preset, **({"site.prefix": prefix} if prefix else {}),
        "limits.enabled": False, "web.workers": 1})
    yield site
    site.stop()
    site.remove_run_dir()


def test_none_is_left_out():
    assert {path.stem for path in (places.ROOT / "etc/sites").glob("*.toml")} == set(PRESETS)


def expected_cells(of):
    table, _, column = of.stored.partition(".")
    cells = {(table, key, column): bool for key in (of.key, *of.rows)}
    return cells | {(table, of.key, name): value for name, value in of.set.items()} | of.also


def test_who_may_not_sign_in_gets_no_mail(site, preset):
    for address in PRESETS[preset].inactive:
        site.visitor().ask(address)
    ann = Account("5", "ann@example.org", OLD_PASSWORD)
    site.link_for(ann)
    while not site.outbox_is_empty():
        time.sleep(0.05)
    assert [mail.recipients for mail in site.smtp.mails()] == [["ann@example.org"]]


def test_a_reset_changes_what_it_must_and_nothing_else(site, preset):
    of = PRESETS[preset]
    before = snapshot.take(site.server, site.schema)
    count = len(site.smtp.mails("ann@example.org")) + 1
    link = site.link_for(Account("5", "ann@example.org", OLD_PASSWORD), count)
    changed = site.visitor().set_password(link, PASSWORD)
    assert changed.status == 303, changed.page.wrong
    found = snapshot.compare(before, snapshot.take(site.server, site.schema))

    assert found.added == set()
    assert found.removed == set(of.sessions)
    expected = expected_cells(of)
    assert found.changed.keys() == expected.keys()
    for cell, (_, after) in found.changed.items():
        wanted = expected[cell]
        assert wanted(after) if callable(wanted) else after == wanted, cell
    table, _, column = of.stored.partition(".")
    hashed = {found.changed[table, key, column][1].decode() for key in (of.key, *of.rows)}
    assert len(hashed) == 1
    stored = hashed.pop()
    assert of.hash(of.prepared(PASSWORD), stored) == stored
    assert of.hash(of.prepared(PASSWORD + "x"), stored) != stored
