"""One site with Latchkey: a users table, the mail server, latchkeyd and a web server.

Several stacks can share one database server: each has schemas and database users of its own.
"""

import http.client
import os
import pathlib
import urllib.parse

from . import mariadb as database
from . import places
from .apache import Apache
from .latchkey import Latchkey
from .nginx import Nginx
from .processes import StackError, wait_until
from .smtp import SmtpSink

USERS = ("CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(255) UNIQUE, "
         "password_hash VARCHAR(255))")
WEB_SERVERS = {kind.name: kind for kind in (Nginx, Apache)}


class Stack:
    def __init__(self, directory, run_dir, server, *, name="", port=None, path="", settings=None,
                 users=USERS, web_server="nginx", web_server_extra=None, on_mail=None):
        """server: a Mariadb that runs. name: ends the schemas' and database users' names. path: the
        base URL's. users: the statement that makes the table. web_server: nginx or apache.
        web_server_extra: {web server: more lines of its host}."""
        self.directory = pathlib.Path(directory)
        self.run_dir = run_dir
        self.server = server
        self.port = port or places.free_port()
        self.path = path
        self.base_url = f"http://127.0.0.1:{self.port}{path}"
        self.schema = f"site{name}"
        self.outbox_schema = f"latchkey{name}"
        self._users = users
        # A name of our own for the server's socket, so that a test can take the database away from
        # one stack and leave it to the others.
        self.database_socket = server.socket
        self.smtp = SmtpSink(self.directory / "mail", on_mail=on_mail)
        self.latchkey = Latchkey(self.directory, run_dir, {
            "base_url": self.base_url,
            "database.schema": self.schema, "outbox.schema": self.outbox_schema,
            "database.web.user": f"latchkey_web{name}", "database.mailer.user": f"latchkey_mailer{name}",
            **(settings or {})})
        if web_server not in WEB_SERVERS:
            raise StackError(f"{web_server}: no such web server; there are {' and '.join(WEB_SERVERS)}")
        self.web_server = WEB_SERVERS[web_server](self.directory, run_dir, self.port, self.latchkey.socket,
                                                  path, (web_server_extra or {}).get(web_server, ""))

    def start(self):
        self.smtp.start()
        self.server.query(f"CREATE DATABASE {self.schema} CHARACTER SET utf8mb4; "
                          f"USE {self.schema}; {self._users}")
        self.latchkey.settings.setdefault("database.socket", self.database_socket)
        self.latchkey.settings.setdefault("relay.port", self.smtp.port)
        self.latchkey.create_schema(self.server)
        self.latchkey.start()
        self.web_server.start()
        self.wait_until_it_answers()

    def wait_until_it_answers(self):
        wait_until("latchkeyd", self.answers, watched=self.latchkey.child)

    def answers(self):
        """Whether the page to ask for a link comes through the web server."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", f"{self.path}/reset_password_request")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def restart(self, **settings):
        """latchkeyd anew with other settings, whose names have "__" for the dot."""
        # The web server first: a draining worker waits for the connections that it keeps.
        self.web_server.stop()
        self.latchkey.stop()
        for name, value in settings.items():
            self.latchkey.settings[name.replace("__", ".")] = value
        self.latchkey.start()
        self.web_server.start()
        self.wait_until_it_answers()

    def stop(self):
        self.web_server.stop()
        status = self.latchkey.stop()
        self.smtp.stop()
        return status

    def query(self, sql):
        return self.server.query(sql, self.schema)

    def origin(self):
        parts = urllib.parse.urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    def log_files(self):
        return sorted(path for path in (self.directory / "log").iterdir() if path.is_file())

    def is_running(self):
        return all(part.is_running() for part in (self.latchkey.child, self.web_server, self.server))


def run_directory(directory):
    """directory/run, made, under a path short enough for sockets."""
    os.makedirs(os.path.join(directory, "run"), mode=0o700, exist_ok=True)
    return places.ShortPath(os.path.join(directory, "run"))
