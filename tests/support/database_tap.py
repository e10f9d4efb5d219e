"""A database's socket with somebody at it who answers in the server's place, or hangs up.

It knows of the client's protocol what it needs: a client says one packet and waits for the reply.
https://mariadb.com/kb/en/clientserver-protocol/
"""

import contextlib
import select
import socket
import struct

from support.listening import Listening

QUERY, PREPARE, EXECUTE = 3, 22, 23
# What happened to the statement before the connection ended, for who cannot see it.
CUT_BEFORE, CUT_AFTER = "cut before", "cut after"
CONNECT, TOO_MANY = "CONNECT", 1040


class DatabaseTap:
    def __init__(self, server, path, decide=lambda verb: None):
        """server: its socket. path: ours. decide(verb): told the first word of each statement ("UPDATE",
        "COMMIT") before it runs, or CONNECT; None lets it, an error's number refuses it as a server does that rolled
        the transaction back, CUT_BEFORE and CUT_AFTER end the connection. Called by threads of our own."""
        self.decide = decide
        self._server = str(server)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        listener.listen(100)
        self.stop = Listening(listener, self._converse).stop

    def _converse(self, client):
        with client, socket.socket(socket.AF_UNIX) as server, contextlib.suppress(OSError, EOFError):
            refused = self.decide(CONNECT)
            if refused is not None:
                # As yet no protocol is agreed on, so without an SQLSTATE.
                client.sendall(_packet(0, struct.pack("<BH", 0xFF, refused) + b"Too many connections"))
                return
            server.connect(self._server)
            _Conversation(self, client, server).run()


class _Conversation:
    def __init__(self, tap, client, server):
        self._tap = tap
        self._client = client
        self._server = server
        self._verbs = {}  # of prepared statements, by their number
        self._prepares = None

    def run(self):
        while True:
            ready, _, _ = select.select([self._client, self._server], [], [])
            if self._server in ready:
                self._pass_reply()
            else:
                self._take_command(_some(self._client))

    def _pass_reply(self):
        data = _some(self._server)
        if self._prepares is not None and data[4] == 0:
            self._verbs[data[5:9]] = self._prepares
        self._prepares = None
        self._client.sendall(data)

    def _take_command(self, data):
        verb = self._verb_of(data)
        decided = self._tap.decide(verb) if verb else None
        if decided == CUT_BEFORE:
            raise EOFError
        if decided == CUT_AFTER:
            self._server.sendall(data)
            _some(self._server)
            raise EOFError
        if decided is None:
            self._server.sendall(data)
            return
        self._server.sendall(b"\x09\0\0\0\x03ROLLBACK")
        _some(self._server)
        self._client.sendall(_packet(1, struct.pack("<BH", 0xFF, decided) + b"#40001" + b"said by a test"))

    def _verb_of(self, data):
        """None of what is no statement that runs."""
        if len(data) < 5 or data[3] != 0:
            return None
        if data[4] == QUERY:
            return data[5:].split()[0].decode()
        if data[4] == PREPARE:
            self._prepares = data[5:].split()[0].decode()
        return self._verbs.get(data[5:9]) if data[4] == EXECUTE else None


def _packet(number, words):
    return struct.pack("<I", len(words))[:3] + bytes([number]) + words


def _some(end):
    data = end.recv(1 << 20)
    if not data:
        raise EOFError
    return data
