"""latchkey schema --upgrade: tables of an earlier version become today's, and today's stay as they are."""

import subprocess

from stack import places

SHAPE = ("SELECT table_name, column_name, column_type, is_nullable, column_default, column_key "
         "FROM information_schema.columns WHERE table_schema = '{0}' ORDER BY table_name, column_name")
KEYS = ("SELECT DISTINCT table_name, index_name, column_name, seq_in_index FROM "
        "information_schema.statistics WHERE table_schema = '{0}' ORDER BY 1, 2, 4")


def shape(site):
    return [site.server.query(sql.format(site.outbox_schema)) for sql in (SHAPE, KEYS)]


def upgrade(site):
    done = subprocess.run([places.program("latchkey"), "schema", "--upgrade", "--config",
                           site.latchkey.config], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    site.server.query(done.stdout)


def test_what_an_earlier_version_lacks_is_added_and_notes_are_kept(make_site):
    site = make_site()
    today = shape(site)
    site.latchkey.stop()
    site.server.query(
        f"USE {site.outbox_schema}; "
        "INSERT INTO outbox (note_id, kind, address, account_id, peer, dropped_at, due_at) VALUES "
        "(REPEAT('n', 16), 'link', 'gone@example.org', '', '', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6)); "
        "ALTER TABLE outbox DROP COLUMN muted, DROP COLUMN reason, DROP COLUMN state, DROP KEY due; "
        "DROP TABLE outbox_ends")
    assert shape(site) != today
    upgrade(site)
    assert shape(site) == today
    assert site.server.query(f"SELECT address, muted, state FROM {site.outbox_schema}.outbox") == [
        ["gone@example.org", "0", "waiting"]]
    upgrade(site)
    assert shape(site) == today
    site.latchkey.start()
    site.wait_until_it_answers()
    assert site.link_for(site.account())


def test_it_takes_no_right_away_and_gives_none_but_the_usual(make_site):
    site = make_site()
    grants = [f"SHOW GRANTS FOR '{site.latchkey.settings[f'database.{part}.user']}'@'localhost'"
              for part in ("web", "mailer")]
    before = [sorted(site.server.query(sql)) for sql in grants]
    upgrade(site)
    assert [sorted(site.server.query(sql)) for sql in grants] == before
