"""What the database holds for equal is not equal: no mail for a look-alike, none to what was typed.

Django CVE-2019-19844 and Directus GHSA-qw9g-7549-7wg5: a dotless i matched, and the mail went to the
address as typed. WordPress CVE-2008-4106: trailing blanks and truncation made twins.
"""

import pytest

TABLE = ("CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, "
         "email VARCHAR(255) CHARACTER SET {charset} COLLATE {collation}, password_hash VARCHAR(255))")
LOOKALIKES = ["m\u0131ke@example.org", "m\u00efke@example.org", "mi\u212ae@example.org",
              "\uff4dike@example.org", "mi\u200bke@example.org", "mike@ex\u00e4mple.org",
              "mike@example.org\u00a0", "m\u0130ke@example.org"]


@pytest.fixture(scope="module", params=[("utf8mb4", "utf8mb4_general_ci"),
                                        ("utf8mb4", "utf8mb4_unicode_ci"),
                                        ("latin1", "latin1_swedish_ci")], ids=lambda one: one[1])
def collated(request, build_site):
    charset, collation = request.param
    site = build_site(users=TABLE.format(charset=charset, collation=collation),
                      settings={"limits.enabled": False})
    site.account("mike@example.org")
    yield site
    site.stop()
    site.remove_run_dir()


def test_a_lookalike_gets_no_mail(collated):
    for typed in LOOKALIKES:
        assert collated.visitor().ask(typed).status in (303, 422)
    sentinel = collated.account()
    collated.link_for(sentinel)
    recipients = {one for mail in collated.smtp.mails() for one in mail.recipients}
    assert recipients == {sentinel.address}


def test_the_real_one_still_does(collated):
    collated.visitor().ask("Mike@Example.org")
    assert collated.smtp.wait("mike@example.org")


def test_of_twins_only_the_exact_one_is_served(collated):
    """As a table without a unique index may hold them; `=` matches both rows."""
    real = collated.account("ann@example.org")
    twin = collated.account("ann@example.org  ")
    before = collated.hash_of(twin)
    link = collated.link_for(real)
    collated.visitor().set_password(link, "Sesam-for-ann-5f2c77e1")
    assert collated.hash_of(twin) == before
    assert collated.visitor().can_sign_in(real.address, "Sesam-for-ann-5f2c77e1")
