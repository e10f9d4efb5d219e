"""Latchkey itself: its configuration, its database users, and latchkeyd."""

import json
import os
import pathlib
import secrets

from . import places
from .processes import Child, run


def toml(settings):
    """{"base_url": ..., "web.threads": 2} as TOML text. A value of None leaves the key out."""
    tables = {}
    for key, value in settings.items():
        if value is not None:
            table, _, name = key.rpartition(".")
            tables.setdefault(table, []).append(f"{name} = {_value(value)}")
    lines = tables.pop("", [])
    for table in sorted(tables):
        lines += ["", f"[{table}]", *tables[table]]
    return "\n".join(lines) + "\n"


def _value(value):
    # JSON's texts, numbers, lists and booleans are TOML's too.
    return json.dumps(value, ensure_ascii=False)


def write_secret(path, text=None):
    """A file only its owner can read; a random secret if no text is given."""
    path = str(path)
    if os.path.exists(path):
        os.unlink(path)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write((text if text is not None else secrets.token_urlsafe(48)) + "\n")
    return path


class Latchkey:
    def __init__(self, directory, run_dir, settings):
        """settings: as toml() takes them; what is not said has the default of default_settings."""
        self.directory = pathlib.Path(directory)
        self.etc = self.directory / "etc"
        self.log = str(self.directory / "log/latchkey.log")
        self.config = str(self.etc / "latchkey.toml")
        for path in (self.etc, self.directory / "log"):
            path.mkdir(parents=True, exist_ok=True)
        self.socket = os.path.join(run_dir, "latchkey.sock")
        self.settings = {**self._defaults(run_dir), **settings}
        self.program = None  # latchkeyd; the one that was built, unless another is named
        self.listener = None  # a socket that it is handed as systemd does; None: it makes its own
        self.child = None

    def _defaults(self, run_dir):
        user = places.user_name()
        return {
            "site_name": "Example",
            "web.user": user, "mailer.user": user,
            "web.socket": self.socket, "web.socket_mode": "0600",
            "pages.templates": str(places.ROOT / "templates"),
            "database.web.user": "latchkey_web",
            "database.web.password_file": write_secret(self.etc / "database-web.secret"),
            "database.mailer.user": "latchkey_mailer",
            "database.mailer.password_file": write_secret(self.etc / "database-mailer.secret"),
            "database.schema": "site",
            "site.table": "users", "site.id": "id", "site.address": "email", "site.hash": "password_hash",
            "token.secret_files": [write_secret(self.etc / "token.secret")],
            "web.counters": os.path.join(run_dir, "counters"),
            "hashing.page": os.path.join(run_dir, "permits"),
            "limits.table": os.path.join(run_dir, "limits"), "limits.words": 65536,
            "mail.from": "accounts@example.org",
        }

    def write_config(self):
        with open(self.config, "w") as file:
            file.write(toml(self.settings))
        return self.config

    def create_schema(self, mariadb):
        """Latchkey's tables and database users, by the program's own SQL; then their passwords."""
        self.write_config()
        mariadb.query(run([places.program("latchkey"), "schema", "--config", self.config]))
        for part in ("web", "mailer"):
            user = self.settings[f"database.{part}.user"]
            password = pathlib.Path(self.settings[f"database.{part}.password_file"]).read_text().strip()
            mariadb.query(f"ALTER USER '{user}'@'localhost' IDENTIFIED BY '{password}' ACCOUNT UNLOCK")

    def start(self):
        self.write_config()
        arguments = [self.program or places.program("latchkeyd"), "--config", self.config]
        if self.listener is None:
            self.child = Child(arguments, self.log, cwd=str(self.directory))
            return
        # sd_listen_fds(3).
        number = self.listener.fileno()
        hand_over = f'exec 3<&{number}; LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
        self.child = Child(["bash", "-c", hand_over, "bash", *arguments], self.log,
                           cwd=str(self.directory), inherited=[number])

    def stop(self):
        return self.child.stop() if self.child is not None else None

    def token_secret(self):
        return pathlib.Path(self.settings["token.secret_files"][0]).read_text().strip()


def make_hash(password, scheme="argon2id"):
    return run([places.program("latchkey"), "hash", "make", "--scheme", scheme], given=password).strip()
