"""A mail server at the level of bytes: what it says at each step is a test's to choose, and each byte is kept.

Steps: greeting, EHLO, MAIL, RCPT, DATA, body (some of the message is there), dot (all of it is), after
(the reply to it is out), QUIT.
"""

import contextlib
import re
import socket
import threading
import time

from support.listening import Listening

RESET, SILENCE = "reset", "silence"
GOOD = {"greeting": "220 relay.invalid", "EHLO": "250-relay.invalid\r\n250 SMTPUTF8", "MAIL": "250 ok",
        "RCPT": "250 ok", "DATA": "354 go on", "dot": "250 taken", "RSET": "250 ok", "QUIT": "221 bye"}


class Delivery:
    """A message whose 250 is out, or was about to be."""

    def __init__(self, sender, recipient, content):
        self.sender = sender
        self.recipient = recipient
        self.content = content
        named = re.search(rb"^Message-ID: <([^>]+)@", content, re.IGNORECASE | re.MULTILINE)
        self.id = named[1].decode() if named else None
        self.at = time.monotonic()


class ScriptedRelay:
    def __init__(self, says=None, on_step=None):
        """says(step): what to say at that step instead of GOOD's, or None: a reply without its line end,
        RESET, SILENCE. on_step(step, envelope): told before the reply. Both are called by the
        connections' threads."""
        self.says = says or (lambda step: None)
        self.on_step = on_step or (lambda step, envelope: None)
        self.pipelining = False  # RFC 2920
        self.takes_data_for_nobody = False  # DATA gets its 354 whatever came before, as RFC 2920 allows
        self.wire = bytearray()  # all that came from clients
        self.deliveries = []
        self.connections = 0
        self._lock = threading.Lock()
        self._clients = set()
        listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.port = listener.getsockname()[1]
        self.stop = Listening(listener, self._converse).stop

    def forget(self):
        """What was delivered, and each byte of it."""
        with self._lock:
            self.deliveries.clear()
            self.wire.clear()

    def hang_up(self):
        """Ends the connections that clients keep: the next message needs a new one, from its greeting on."""
        with self._lock:
            for client in self._clients:
                with contextlib.suppress(OSError):  # it hung up itself
                    client.shutdown(socket.SHUT_RDWR)
            self._clients.clear()

    def delivered(self, recipient):
        with self._lock:
            return [one for one in self.deliveries if one.recipient == recipient]

    def _converse(self, client):
        with self._lock:
            self.connections += 1
            self._clients.add(client)
        with client:
            try:
                _Conversation(self, client).run()
            except (OSError, EOFError):
                pass
            finally:
                with self._lock:
                    self._clients.discard(client)

    def _received(self, data):
        with self._lock:
            self.wire += data

    def _deliver(self, delivery):
        with self._lock:
            self.deliveries.append(delivery)


class _Conversation:
    def __init__(self, relay, client):
        self._relay = relay
        self._client = client
        self._unread = b""
        self._sender = self._recipient = None

    def _more(self):
        data = self._client.recv(65536)
        if not data:
            raise EOFError
        self._relay._received(data)
        self._unread += data

    def _until(self, end):
        while end not in self._unread:
            self._more()
        head, _, self._unread = self._unread.partition(end)
        return head

    def _choose(self, step):
        """What to say at this step."""
        self._relay.on_step(step, self._sender)
        said = self._relay.says(step)
        if said is not None:
            return said
        if step == "EHLO" and self._relay.pipelining:
            return "250-relay.invalid\r\n250-PIPELINING\r\n250 SMTPUTF8"
        if step == "RCPT" and self._sender is None or step == "DATA" and self._is_for_nobody():
            return "503 5.5.1 out of order"
        if step == "dot" and self._recipient is None:
            return "554 5.5.1 no valid recipients"
        return GOOD[step]

    def _is_for_nobody(self):
        return self._recipient is None and not self._relay.takes_data_for_nobody

    def _say(self, said):
        if said == RESET:
            # No FIN: what is under way is lost too.
            self._client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            raise EOFError
        if said == SILENCE:
            while self._client.recv(65536):
                pass
            raise EOFError
        self._client.sendall(said.encode() + b"\r\n")

    def run(self):
        self._say(self._choose("greeting"))
        while True:
            line = self._until(b"\r\n").decode()
            verb = line[:4].upper()
            path = re.search("<(.*)>", line)
            if verb == "MAIL":
                self._sender, self._recipient = path[1], None
            said = self._choose(verb if verb in GOOD else "RSET")
            if verb == "MAIL" and not said.startswith("2"):
                self._sender = None
            elif verb == "RCPT" and said.startswith("2"):
                self._recipient = path[1]
            self._say(said)
            if verb == "DATA" and said.startswith("3"):
                self._take_message()
            elif verb == "QUIT":
                return

    def _take_message(self):
        if not self._unread:
            self._more()
        self._relay.on_step("body", self._sender)
        # The end of DATA's line is the first of the message's end, where that is all of it.
        self._unread = b"\r\n" + self._unread
        content = self._until(b"\r\n.\r\n")[2:]
        delivery = Delivery(self._sender, self._recipient, content)
        said = self._choose("dot")
        # A 2xx takes it; where no reply of any sense comes, it may have been taken.
        if said[:1] not in ("4", "5") and delivery.recipient is not None:
            self._relay._deliver(delivery)
        self._say(said)
        self._relay.on_step("after", self._sender)
