"""A mail server that delivers to a directory, and can be told to fail.

It runs in a thread of the caller. Each mail becomes NNNN-<recipient>.eml, which appears whole or not
at all.
"""

import asyncio
import email
import email.policy
import os
import re
import socket
import threading

from aiosmtpd.smtp import SMTP

from . import places
from .sanitizers import patient


class Mail:
    """One message as it was taken from the wire."""

    def __init__(self, sender, recipients, content):
        self.sender = sender
        self.recipients = recipients
        self.content = content
        self.message = email.message_from_bytes(content, policy=email.policy.default)

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content().replace("\r\n", "\n")

    @property
    def html(self):
        return self.message.get_body(("html",)).get_content()

    def links(self):
        """The links with a token, each of which stands alone on its line."""
        return re.findall(r"^(https?://\S+/reset_password/(?!not_me/)\S+)$", self.text,
                          re.MULTILINE)

    def not_me_link(self):
        return re.search(r"^(https?://\S+/reset_password/not_me/\S+)$", self.text, re.MULTILINE)[1]


class Script:
    """What the server does with the next messages, one entry each: a reply ("451 4.3.0 later"),
    "close" (the connection ends after the message's final dot with no reply), a number (of seconds
    to wait before taking it), or None (take it). When it is used up, `always` holds."""

    def __init__(self):
        self._lock = threading.Lock()
        self._next = []
        self.always = None
        self.tries = 0

    def then(self, *replies):
        with self._lock:
            self._next.extend(replies)

    def take(self):
        with self._lock:
            self.tries += 1
            return self._next.pop(0) if self._next else self.always


class _Handler:
    def __init__(self, sink):
        self._sink = sink

    async def handle_DATA(self, server, session, envelope):
        mail = Mail(envelope.mail_from, list(envelope.rcpt_tos), envelope.original_content)
        self._sink.on_message(mail)
        reply = self._sink.script.take()
        if reply == "close":
            server.transport.abort()
            return "421 4.3.0 gone"
        if isinstance(reply, (int, float)):
            await asyncio.sleep(reply)
        elif reply is not None:
            return reply
        self._sink.keep(mail)
        return "250 2.0.0 taken"


class SmtpSink:
    def __init__(self, directory, port=0, on_mail=None):
        self.directory = str(directory)
        self.port = port
        self.script = Script()
        # Told of each message, also of one that is then refused.
        self.on_message = lambda mail: None
        # A test may set these before start(): options of aiosmtpd's SMTP, and a context for TLS from
        # the first byte.
        self.options = {}
        self.implicit_tls = None
        self._on_mail = on_mail
        self._mails = []
        self._arrived = threading.Condition()
        self._loop = None
        self._thread = None

    def start(self):
        os.makedirs(self.directory, exist_ok=True)
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.port = self.port or places.free_port()
        listener.bind(("127.0.0.1", self.port))
        self._loop = asyncio.new_event_loop()
        ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(listener, ready), daemon=True)
        self._thread.start()
        ready.wait()

    def _serve(self, listener, ready):
        def session():
            return SMTP(_Handler(self), hostname="sink.invalid", loop=self._loop,
                        **{"enable_SMTPUTF8": True, **self.options})

        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(
            session, sock=listener, ssl=self.implicit_tls))
        self._loop.call_soon(ready.set)
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    def stop(self):
        """Closes the port and every connection. start() opens the same port again."""
        if self._thread is None:
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._thread = None

    def keep(self, mail):
        with self._arrived:
            number = len(self._mails) + 1
            who = re.sub(r"[^A-Za-z0-9@._-]", "_", mail.recipients[0])[:60]
            path = os.path.join(self.directory, f"{number:04d}-{who}.eml")
            with open(path + ".tmp", "wb") as file:
                file.write(mail.content)
            os.rename(path + ".tmp", path)
            self._mails.append(mail)
            self._arrived.notify_all()
        if self._on_mail is not None:
            self._on_mail(mail)

    def mails(self, to=None):
        with self._arrived:
            return [mail for mail in self._mails if to is None or to in mail.recipients]

    def wait(self, to, count=1, seconds=15):
        """The mails to an address, once there are `count`. AssertionError if there never are."""
        def enough():
            return len([mail for mail in self._mails if to in mail.recipients]) >= count

        with self._arrived:
            assert self._arrived.wait_for(enough, patient(seconds)), f"no {count} mail(s) to {to} in {seconds} s"
        return self.mails(to)
