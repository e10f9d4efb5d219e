"""GET /healthz: what a load balancer goes by, for listed peers alone."""

import json

from stack.processes import wait_until


def health(site):
    reply = site.visitor().get("/healthz")
    return reply.status, json.loads(reply.body)


def wait_for(site, what, is_so):
    """The first answer that is so: each worker's may be a second old."""

    def look():
        status, told = health(site)
        return (status, told) if is_so(status, told) else None

    return wait_until(what, look)


def test_health_follows_the_database_and_counts_mail_that_waits(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server)
        status, told = wait_for(site, "health", lambda status, told: told["status"] == "good")
        assert (status, told["database_up"]) == (200, 1)
        assert told["hash_permits"] >= 1 and told["limit_words"] >= 65536

        site.smtp.stop()
        assert site.visitor().ask(site.account().address).status == 303
        site.server.change(f"UPDATE {site.outbox_schema}.outbox "
                           "SET dropped_at = dropped_at - INTERVAL 400 SECOND")
        status, told = wait_for(site, "the note's age",
                                lambda status, told: told["note_oldest_seconds"] >= 400)
        assert (status, told["status"]) == (200, "burdened")

        site.server.kill()
        status, told = wait_for(site, "503", lambda status, told: status == 503)
        assert (told["status"], told["database_up"]) == ("down", 0)
        site.server.start_again()
        wait_for(site, "200", lambda status, told: status == 200 and told["database_up"] == 1)


def test_to_others_there_is_no_such_page(make_site):
    site = make_site(settings={"peers.monitors": ["192.0.2.1"]})
    assert site.visitor().get("/healthz").status == 404
