"""Where things are: this repository, the built programs, and paths short enough for a socket."""

import getpass
import itertools
import os
import pathlib
import pwd
import shutil
import socket
import tempfile

from .processes import StackError

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_SOCKET_PATH_BYTES = 107


def build_dir():
    """BUILD from the environment, as the Makefile sets it; else build/."""
    return ROOT / os.environ.get("BUILD", "build")


def program(name):
    path = build_dir() / "bin" / name
    if not path.exists():
        raise StackError(f"{path} is missing; run `make`")
    return str(path)


def tool(name):
    """A program of the system; nginx and mariadbd are in sbin, which an ordinary PATH leaves out."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/bin")
    if path is None:
        raise StackError(f"{name}: no such program; tools/packages.demo and tools/packages.check name "
                         "the packages")
    return path


def user_name():
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return getpass.getuser()


# Below those that Linux gives to clients, any of which could have it before a server does, or while
# that is stopped. What runs side by side has ports of its own.
PORTS_OF_A_PROCESS = 300
_ports = itertools.cycle(range(PORTS_OF_A_PROCESS))


def free_port():
    """A port of 127.0.0.1 that nobody uses now."""
    first = 10000 + os.getpid() % 70 * PORTS_OF_A_PROCESS
    for _ in range(PORTS_OF_A_PROCESS):
        port = first + next(_ports)
        if is_free(port):
            return port
    raise StackError(f"127.0.0.1: no port from {first} on is free")


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class ShortPath:
    """A directory under a name that leaves room for a socket in it. A unix socket's path ends at 107
    bytes; for a deeper directory a link in the temporary directory leads there."""

    ROOM_BYTES = 24

    def __init__(self, directory):
        self._holder = None
        self.path = str(directory)
        if len(os.fsencode(self.path)) + self.ROOM_BYTES <= MAX_SOCKET_PATH_BYTES:
            return
        self._holder = tempfile.mkdtemp(prefix="latchkey-")
        self.path = os.path.join(self._holder, "run")
        os.symlink(directory, self.path)

    def remove(self):
        if self._holder is not None:
            os.unlink(self.path)
            os.rmdir(self._holder)
            self._holder = None
