"""A link works once, however many browsers race for it.

keycloak#37231 and others: affected rows that nobody looked at.
"""

import concurrent.futures
import threading

from support.site import new_password

RACERS = 32


def test_one_of_many_wins(make_site):
    site = make_site(settings={"limits.enabled": False, "web.threads": 8,
                               "hashing.queue": 8, "hashing.wait": "20s"})
    account = site.account()
    link = site.link_for(account)
    visitors = [site.visitor() for _ in range(RACERS)]
    forms = [visitor.open(link) for visitor in visitors]
    passwords = [new_password() for _ in visitors]
    start = threading.Barrier(RACERS)

    def race(visitor, form, password):
        start.wait()
        reply = visitor.submit(form, password=password, password2=password)
        return visitor.follow(reply).page.notice if reply.status == 303 else str(reply.status)

    with concurrent.futures.ThreadPoolExecutor(RACERS) as pool:
        notices = list(pool.map(race, visitors, forms, passwords))

    winners = [password for password, notice in zip(passwords, notices)
               if "Your password is changed" in notice]
    assert len(winners) == 1, notices
    assert sum("This link does not work" in notice for notice in notices) == RACERS - 1, notices
    assert site.visitor().can_sign_in(account.address, winners[0])

    sentinel = site.account()
    site.link_for(sentinel)
    assert len(site.smtp.mails(account.address)) == 2  # the link, and one notice
