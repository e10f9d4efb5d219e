"""A wire with an ear on it, which can change what a server says: a TCP proxy in threads of the caller."""

import contextlib
import socket
import threading

from support.listening import Listening


class Tap:
    def __init__(self, port, alter=lambda said: said):
        """port: of the server on this machine. alter(bytes): what a client gets of what the server says."""
        self.sent = bytearray()  # by clients
        self._server = port
        self._alter = alter
        self._lock = threading.Lock()
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        self.stop = Listening(listener, self._join).stop

    def _join(self, client):
        server = socket.create_connection(("127.0.0.1", self._server))
        threading.Thread(target=_carry, args=(server, client, self._alter), daemon=True).start()
        _carry(client, server, self._hear)

    def _hear(self, data):
        with self._lock:
            self.sent += data
        return data


def _carry(source, drain, pass_on):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            drain.sendall(pass_on(data))
    for end in (source, drain):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
