"""A wire with an ear on it, which can change what a server says: a TCP proxy in threads of the caller."""

import contextlib
import socket
import threading


class Tap:
    def __init__(self, port, alter=lambda said: said):
        """port: of the server on this machine. alter(bytes): what a client gets of what the server says."""
        self.sent = bytearray()  # by clients
        self._server = port
        self._alter = alter
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._server))
            for source, drain, pass_on in ((client, server, self._hear), (server, client, self._alter)):
                threading.Thread(target=_carry, args=(source, drain, pass_on), daemon=True).start()

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
