"""latchkey-mailer without latchkeyd, notes straight into its outbox, and both beside a relay of a test's own."""

import contextlib
import itertools
import os
import signal
import subprocess
import threading
import time

from stack import places
from stack.latchkey import Latchkey, toml
from stack.mariadb import quote
from support.scripted_relay import ScriptedRelay

HASH = "$2y$04$" + "a" * 53  # no test knows its password
_names = itertools.count(1)


class Mailer:
    """Started anew whenever it was killed. Its envelope sender tells it from others."""

    def __init__(self, latchkey, name="mailer", **settings):
        """settings: with "__" for the dot, what differs from the Latchkey's."""
        self.sender = f"{name}@example.org"
        self.kills = []  # when
        self._config = str(latchkey.etc / f"{name}.toml")
        changed = {key.replace("__", "."): value for key, value in settings.items()}
        with open(self._config, "w") as file:
            file.write(toml({**latchkey.settings, "mail.bounces": self.sender, **changed}))
        self._log_path = latchkey.directory / f"log/{name}.log"
        self._log = open(self._log_path, "w")
        self._wake = os.eventfd(0, os.EFD_NONBLOCK)
        self._lock = threading.Lock()
        self._process = None
        self.start()

    def start(self):
        self._process = subprocess.Popen(
            [places.program("latchkey-mailer"), "--config", self._config, "--wake-fd", str(self._wake)],
            stdin=subprocess.DEVNULL, stderr=self._log, pass_fds=[self._wake])

    @property
    def pid(self):
        return self._process.pid

    def wake(self):
        os.eventfd_write(self._wake, 1)

    def kill(self):
        with self._lock:
            self._process.kill()
            self.kills.append(time.monotonic())
            self._process.wait()
            self.start()

    def log_text(self):
        return self._log_path.read_text(errors="replace")

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        status = self._process.wait()
        self._log.close()
        os.close(self._wake)
        return status


class Outbox:
    """A table of notes, and the accounts that they are for."""

    def __init__(self, site, schema=None):
        self._site = site
        self.schema = schema or site.outbox_schema
        self.table = f"{self.schema}.outbox"
        self._count = 0

    def drop(self, count):
        """Notes for accounts that are there."""
        self._site.query(
            "INSERT INTO users (email, password_hash) SELECT CONCAT('note', seq, '@example.org'), "
            f"'{HASH}' FROM seq_{self._count}_to_{self._count + count - 1}")
        # In the site's schema too: a sequence needs one.
        self._site.query(
            f"INSERT INTO {self.table} (note_id, kind, address, account_id, peer, dropped_at, due_at) "
            "SELECT RANDOM_BYTES(16), 'link', CONCAT('note', seq, '@example.org'), '', '', "
            f"UTC_TIMESTAMP(6), UTC_TIMESTAMP(6) FROM seq_{self._count}_to_{self._count + count - 1}")
        self._count += count

    def drop_for(self, address):
        """One note, for this address."""
        self._site.server.query(
            f"INSERT INTO {self.table} (note_id, kind, address, account_id, peer, dropped_at, due_at) VALUES "
            f"(RANDOM_BYTES(16), 'link', {quote(address)}, '', '', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6))")

    def make_due(self):
        """Instead of waiting for the next try's time."""
        self._site.server.change(f"UPDATE {self.table} SET due_at = UTC_TIMESTAMP(6) WHERE state = 'waiting'")

    def addresses(self):
        return [f"note{number}@example.org" for number in range(self._count)]

    def waiting(self):
        return int(self._site.server.query(
            f"SELECT COUNT(*) FROM {self.table} WHERE state = 'waiting'")[0][0])

    def ends(self):
        return dict(self._site.server.query(f"SELECT name, count FROM {self.schema}.outbox_ends"))


class Lane:
    """An outbox and a mailer of its own for each relay, so that several are tried at a time on one site."""

    def __init__(self, site, **settings):
        name = f"lane{next(_names)}"
        self.site = site
        self.relay = ScriptedRelay()
        self.latchkey = latchkey = Latchkey(site.directory / name, site.run_dir, {
            **site.latchkey.settings, "outbox.schema": f"{site.outbox_schema}_{name}",
            "relay.port": self.relay.port})
        latchkey.create_schema(site.server)
        self.outbox = Outbox(site, latchkey.settings["outbox.schema"])
        self.mailer = Mailer(latchkey, name, **settings)

    def drop(self, address):
        self.outbox.drop_for(address)
        self.mailer.wake()

    def make_due(self):
        self.outbox.make_due()
        self.mailer.wake()

    def note_of(self, address):
        """{"state": ...} of its row, or None where there is none."""
        columns = ["state", "tries", "reason"]
        rows = self.site.server.query(f"SELECT {', '.join(columns)}, lease_owner IS NOT NULL FROM "
                                      f"{self.outbox.table} WHERE address = {quote(address)}")
        return dict(zip([*columns, "leased"], rows[0])) if rows else None

    def stop(self):
        status = self.mailer.stop()
        self.relay.stop()
        return status


@contextlib.contextmanager
def lanes(*made):
    """Ends them; each mailer must have ended as it was asked to."""
    try:
        yield made
    finally:
        statuses = [one.stop() for one in made]
    assert statuses == [0] * len(made)
