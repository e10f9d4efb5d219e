"""The mail as another mail program reads it."""

import email
import email.header
import email.utils
import html.parser
import re
import time

import pytest


class Text(html.parser.HTMLParser):
    """The HTML part's words and links."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.words, self.links, self.loads = "", [], []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "a":
            self.links.append(attributes.get("href"))
        self.loads += [attributes[name] for name in ("src", "background") if name in attributes]

    def handle_data(self, data):
        self.words += data


@pytest.fixture(scope="module")
def account(site):
    return site.account()


@pytest.fixture(scope="module")
def mail(site, account):
    site.visitor().ask(account.address)
    return site.smtp.wait(account.address)[0]


def test_the_link_stands_alone_on_its_line_and_survives_the_encoding(site, mail):
    """vaultwarden#7401, matomo#19354: links that mail programs cut or mangled."""
    link, = mail.links()
    assert re.fullmatch(re.escape(site.base_url) + r"/reset_password/[\w.-]+", link)
    assert "&" not in link
    assert link in Text(mail.html).links


def test_lines_are_short_and_end_in_crlf(mail):
    lines = mail.content.split(b"\r\n")
    assert all(len(line) <= 78 for line in lines)
    assert b"\n" not in mail.content.replace(b"\r\n", b"")


def test_the_headers(site, mail, account):
    message = mail.message
    assert message["From"].addresses[0].addr_spec == "accounts@example.org"
    assert message["From"].addresses[0].display_name == "Example"
    assert [one.addr_spec for one in message["To"].addresses] == [account.address]
    assert mail.recipients == [account.address]
    assert mail.sender == "accounts@example.org"
    assert message["Subject"] == "Reset your password for Example"
    assert abs(email.utils.parsedate_to_datetime(message["Date"]).timestamp() - time.time()) < 60
    assert re.fullmatch(r"<[\w.+-]+@[\w.-]+>", message["Message-ID"])
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["MIME-Version"] == "1.0"
    assert not message.defects
    for header in ("From", "To", "Subject", "Date", "Message-ID"):
        assert len(message.get_all(header)) == 1


def test_both_parts_say_the_same(mail, account):
    assert mail.message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.message.iter_parts()] == ["text/plain", "text/html"]
    for words in (mail.text, Text(mail.html).words):
        assert account.address in words
        assert "10 minutes" in words


def test_the_html_loads_nothing(mail):
    assert not Text(mail.html).loads
    assert "url(" not in mail.html
    assert "<script" not in mail.html


def test_markup_in_the_sites_name_is_text_in_the_html_part(make_site):
    """Keycloak CVE-2022-1274: markup in a mail that the site sends."""
    site = make_site(settings={"site_name": "Tom & <b>Jerry</b>"})
    account = site.account()
    site.visitor().ask(account.address)
    mail, = site.smtp.wait(account.address)
    assert "<b>Jerry" not in mail.html
    assert "Tom & <b>Jerry</b>" in Text(mail.html).words
    assert "Tom & <b>Jerry</b>" in mail.text
    assert "Tom & <b>Jerry</b>" in mail.message["Subject"]


def test_what_is_markup_in_an_address_is_text_in_the_html_part(site):
    """Keycloak CVE-2022-1274. RFC 5321 lets these characters into an address."""
    account = site.account("o'neil&ltb&amp`{x}@example.org")
    site.link_for(account)
    mail, = site.smtp.mails(account.address)
    assert account.address in Text(mail.html).words
    assert account.address in mail.text
    assert account.address not in mail.html


def test_a_name_beyond_ascii_arrives_whole(make_site):
    site = make_site(settings={"site_name": "Bücherstube „Zum Löwen“ 📚"})
    account = site.account()
    site.visitor().ask(account.address)
    mail, = site.smtp.wait(account.address)
    assert mail.message["Subject"].endswith("Bücherstube „Zum Löwen“ 📚")
    # (Python's newer parser adds a blank between encoded words here.)
    sender = email.message_from_bytes(mail.content)["From"]
    assert str(email.header.make_header(email.header.decode_header(sender))).startswith(
        "Bücherstube „Zum Löwen“ 📚 <")
    assert "Zum Löwen" in mail.text


def test_a_senders_domain_beyond_ascii_is_written_as_dns_has_it(make_site):
    """So that a relay needs no SMTPUTF8 for it."""
    site = make_site(start=False, settings={"mail.from": "post@bücher.example",
                                            "mail.bounces": "bounces@straße.example"})
    site.smtp.options = {"enable_SMTPUTF8": False}
    site.start()
    account = site.account()
    site.visitor().ask(account.address)
    mail, = site.smtp.wait(account.address)
    assert mail.message["From"].addresses[0].addr_spec == f"post@{'bücher.example'.encode('idna').decode()}"
    assert mail.message["Message-ID"].endswith("@xn--bcher-kva.example>")
    # By IDNA 2008 (UTS 46, nontransitional), which Python's codec is not.
    assert mail.sender == "bounces@xn--strae-oqa.example"


def test_several_accounts_of_one_address_get_one_mail_with_a_link_each(make_site):
    """Never "the first row"."""
    site = make_site(users="CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255), "
                           "password_hash VARCHAR(255))")
    accounts = [site.account("shared@example.org") for _ in range(3)]
    site.visitor().ask("shared@example.org")
    mail, = site.smtp.wait("shared@example.org")
    links = mail.links()
    assert len(set(links)) == 3
    hashes = [site.hash_of(account) for account in accounts]
    site.visitor().set_password(links[1], "Sesam-of-the-second-71d0c2")
    changed = [site.hash_of(account) != before for account, before in zip(accounts, hashes)]
    assert changed.count(True) == 1


def test_more_than_five_accounts_of_one_address_get_none(make_site):
    site = make_site(users="CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255), "
                           "password_hash VARCHAR(255))")
    for _ in range(6):
        site.account("crowd@example.org")
    site.visitor().ask("crowd@example.org")
    site.link_for(site.account())
    assert not site.smtp.mails("crowd@example.org")


@pytest.mark.parametrize("stored", ["", "NULL"])
def test_an_account_that_cannot_sign_in_gets_no_link(site, stored):
    """Keycloak GHSA-cf8f-w2c5-p5jr: a reset that woke a disabled account up."""
    account = site.account(stored_hash=stored)
    if stored == "NULL":
        site.query(f"UPDATE users SET password_hash = NULL WHERE id = {account.id}")
    site.visitor().ask(account.address)
    site.link_for(site.account())
    assert not site.smtp.mails(account.address)
