"""GET /healthz: what a load balancer goes by, for listed peers alone."""

import json

from stack.processes import wait_until
from support import faults


def health(site):
    reply = site.visitor().get("/healthz")
    return reply.status, json.loads(reply.body)


def test_health_follows_the_database_and_counts_mail_that_waits(make_server, make_site):
    with make_server() as server:
        site = make_site(on=server)
        status, told = health(site)
        assert (status, told["status"], told["database_up"]) == (200, "good", 1)
        assert told["hash_permits"] >= 1 and told["limit_words"] >= 65536

        site.smtp.stop()
        assert site.visitor().ask(site.account().address).status == 303
        site.server.query(f"UPDATE {site.outbox_schema}.outbox "
                          "SET dropped_at = dropped_at - INTERVAL 400 SECOND")
        wait_until("the note's age", lambda: health(site)[1]["note_oldest_seconds"] >= 400)
        status, told = health(site)
        assert (status, told["status"]) == (200, "burdened")

        site.server.kill()
        faults.seconds_until(lambda: health(site)[0] == 503, within=8)
        assert health(site)[1]["status"] == "down"
        site.server.start_again()
        faults.seconds_until(lambda: health(site)[0] == 200, within=8)


def test_to_others_there_is_no_such_page(make_site):
    site = make_site(settings={"peers.monitors": ["192.0.2.1"]})
    assert site.visitor().get("/healthz").status == 404
