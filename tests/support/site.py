"""A stack with words for what the tests do: accounts, visitors, links."""

import dataclasses
import functools
import itertools
import os
import pathlib
import secrets
import subprocess

from stack import mariadb, stack
from stack.processes import wait_until
from support import spilled
from support.visitor import Visitor

_numbers = itertools.count(1)


@functools.cache
def php_hash(password, algorithm="PASSWORD_ARGON2ID", options="[]"):
    """Made by PHP and not by the code under test."""
    code = f'echo password_hash(stream_get_contents(STDIN), {algorithm}, {options});'
    return subprocess.run(["php", "-r", code], input=password, text=True, check=True,
                          capture_output=True).stdout


def php_verify(password, stored):
    """password: text, or bytes that are none."""
    code = ('[$p, $h] = explode("\\n", stream_get_contents(STDIN), 2); '
            'echo password_verify($p, $h) ? "yes" : "no";')
    typed = password if isinstance(password, bytes) else password.encode()
    return subprocess.run(["php", "-r", code], input=typed + b"\n" + stored.encode(), check=True,
                          capture_output=True).stdout == b"yes"


def new_password():
    """Nobody's, hard to guess."""
    password = "Sesam-" + secrets.token_hex(12)
    spilled.remember(password)
    return password


OLD_PASSWORD = "the-old-one-" + secrets.token_hex(6)
spilled.remember(OLD_PASSWORD)


@dataclasses.dataclass
class Account:
    id: str
    address: str
    password: str


class Site(stack.Stack):
    def start(self):
        super().start()
        # It answers with the first worker already, and tests count them.
        workers = self.latchkey.settings.get("web.workers", len(os.sched_getaffinity(0)))
        self.wait_for_programs("latchkey-web", workers)
        self.wait_for_programs("latchkey-mailer", 1)

    def visitor(self, peer=None):
        return Visitor(self, peer)

    def account(self, address=None, stored_hash=None):
        """A new row of the users table. Its password is OLD_PASSWORD unless a hash is given."""
        address = f"person{next(_numbers)}@example.org" if address is None else address
        stored_hash = php_hash(OLD_PASSWORD) if stored_hash is None else stored_hash
        rows = self.query(f"INSERT INTO users (email, password_hash) VALUES ({mariadb.quote(address)}, "
                          f"{mariadb.quote(stored_hash)}); SELECT LAST_INSERT_ID()")
        return Account(rows[-1][0], address, OLD_PASSWORD)

    def hash_of(self, account):
        return self.query(f"SELECT password_hash FROM users WHERE id = {account.id}")[0][0]

    def link_for(self, account, count=1):
        """Asks for a link as a new visitor; the newest of `count` mails to the address."""
        reply = self.visitor().ask(account.address)
        assert reply.status == 303, reply.status
        return self.link_in_mail(account, count)

    def link_in_mail(self, account, count=1):
        links = self.smtp.wait(account.address, count)[-1].links()
        assert len(links) == 1
        spilled.remember(token_of(links[0]))
        return links[0]

    def outbox_is_empty(self):
        return self.server.query(f"SELECT COUNT(*) FROM {self.outbox_schema}.outbox "
                                 "WHERE state = 'waiting'")[0][0] == "0"

    def log_text(self):
        with open(self.latchkey.log, errors="replace") as log:
            return log.read()

    def program_pids(self, name):
        """The running processes of latchkeyd with that program's name."""
        return [int(path.name) for path in pathlib.Path("/proc").iterdir()
                if path.name.isdigit() and self._is_child(path, name)]

    def wait_for_programs(self, name, count):
        """Until as many of it run: one that has died is back within a second, not at once."""
        wait_until(f"{count} running {name}", lambda: len(self.program_pids(name)) == count)

    def _is_child(self, process, name):
        try:
            parent = int((process / "stat").read_text().rpartition(")")[2].split()[1])
            program = (process / "cmdline").read_bytes().split(b"\0")[0].decode()
        except OSError:
            return False
        return parent == self.latchkey.child.pid and program.endswith("/" + name)


def token_of(link):
    return link.rsplit("/", 1)[1]
