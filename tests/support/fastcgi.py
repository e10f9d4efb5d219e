"""The web server's end of FastCGI 1.0, byte by byte, so that a test can also send what none would."""

import os
import pathlib
import signal
import socket
import struct
import urllib.parse

from stack.processes import wait_until
from support.visitor import fresh_peer

BEGIN_REQUEST, ABORT_REQUEST, END_REQUEST, PARAMS, STDIN, STDOUT = range(1, 7)
GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = range(9, 12)
RESPONDER = 1
KEEP_CONNECTION = 1


def record(kind, content=b"", request_id=1, padding=0):
    return struct.pack("!BBHHBx", 1, kind, request_id, len(content), padding) + content + bytes(padding)


def _length(size):
    return struct.pack("!B", size) if size < 128 else struct.pack("!I", size | 1 << 31)


def pairs(parameters):
    encoded = [(name.encode(), value.encode()) for name, value in parameters.items()]
    return b"".join(_length(len(name)) + _length(len(value)) + name + value for name, value in encoded)


def begin(keep=True, request_id=1, role=RESPONDER):
    return record(BEGIN_REQUEST, struct.pack("!HB5x", role, KEEP_CONNECTION if keep else 0), request_id)


def stream(kind, content, request_id=1, piece=65535):
    """In records of `piece` bytes, and the empty one that ends it."""
    return b"".join(record(kind, content[at:at + piece], request_id)
                    for at in range(0, len(content), piece)) + record(kind, b"", request_id)


def request(parameters, body=b"", keep=True, request_id=1, piece=65535):
    return (begin(keep, request_id) + stream(PARAMS, pairs(parameters), request_id, piece)
            + stream(STDIN, body, request_id, piece))


def form_of(site, path, **fields):
    """(parameters, body) of a request that sends this page's form, for a connection past the web server."""
    visitor = site.visitor()
    body = urllib.parse.urlencode({**visitor.open(path).form.fields(), **fields}).encode()
    return {"REQUEST_METHOD": "POST", "REQUEST_URI": site.path + path, "REMOTE_ADDR": visitor.peer,
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in visitor.jar.items()),
            "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body))}, body


class Reply:
    def __init__(self, output, end):
        head, _, self.body = output.partition(b"\r\n\r\n")
        self.headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        self.status = int(dict(self.headers)["Status"].split()[0])
        self.app_status, self.protocol_status = struct.unpack("!IB3x", end)


class Connection:
    def __init__(self, path, seconds=10):
        self.socket = socket.socket(socket.AF_UNIX)
        # While the queue is full a blocking socket waits for its turn; one with Python's timeout fails.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", seconds, 0))
        self.socket.connect(path)
        self.socket.settimeout(seconds)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, content):
        self.socket.sendall(content)

    def send_as_far_as_it_goes(self, content):
        """The other end may close before it has read all."""
        try:
            self.socket.sendall(content)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def no_more(self):
        self.socket.shutdown(socket.SHUT_WR)

    def _exactly(self, size):
        content = b""
        while len(content) < size:
            try:
                piece = self.socket.recv(size - len(content))
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            content += piece
        return content

    def record(self):
        """(kind, request id, content), or None when the other end has closed."""
        header = self._exactly(8)
        if header is None:
            return None
        _, kind, request_id, size, padding = struct.unpack("!BBHHBx", header)
        content = self._exactly(size + padding)
        return None if content is None else (kind, request_id, content[:size])

    def reply(self, request_id=1):
        """The answer, or None when the other end closed before it was whole."""
        output = b""
        while True:
            found = self.record()
            if found is None:
                return None
            kind, its_id, content = found
            assert its_id == request_id, found
            if kind == END_REQUEST:
                return Reply(output, content)
            assert kind == STDOUT, found
            output += content

    def ask(self, *arguments, **options):
        self.send(request(*arguments, **options))
        return self.reply()

    def is_closed(self):
        """By the other end, within the time; what it sent before is passed over."""
        try:
            while self.socket.recv(4096):
                pass
        except ConnectionResetError:
            pass
        except TimeoutError:
            return False
        return True


def _states_of_threads(pid):
    """Of proc(5); T: stopped."""
    return {(task / "stat").read_text().rpartition(")")[2].split()[0]
            for task in pathlib.Path(f"/proc/{pid}/task").iterdir()}


def connected_to(site, worker):
    """A connection past the web server that this worker has taken: no other one was awake."""
    others = [pid for pid in site.program_pids("latchkey-web") if pid != worker]
    for pid in others:
        os.kill(pid, signal.SIGSTOP)
    wait_until("the others' rest", lambda: set().union(*map(_states_of_threads, others)) == {"T"})
    try:
        connection = Connection(site.latchkey.socket, seconds=40)
        assert connection.ask({"REQUEST_METHOD": "GET", "REQUEST_URI": f"{site.path}/login",
                               "REMOTE_ADDR": fresh_peer()}).status == 200
        return connection
    finally:
        for pid in others:
            os.kill(pid, signal.SIGCONT)
