"""What a private nginx and a private Apache have in common."""

import os

from . import places
from .processes import Child, wait_until


class WebServer:
    # Also of its configuration and its pid file.
    name = ""

    def __init__(self, directory, run_dir, port, socket, path="", extra=""):
        """socket: Latchkey's. path: the base URL's ("/account", or "" for the root). extra: more lines
        for the host."""
        self.directory = str(directory)
        self.run_dir = run_dir
        self.port = port
        self._socket = socket
        self._path = path
        self._extra = extra
        self._child = None

    def _make_directories(self, *names):
        paths = [os.path.join(self.directory, name) for name in names]
        for path in paths:
            os.makedirs(path, exist_ok=True)
        return paths

    def _of_this_run(self, text):
        """A shipped file with the paths of an installation put right."""
        text = text.replace("/run/latchkey/web.sock", self._socket)
        return text.replace("/usr/share/latchkey/static/", f"{places.ROOT}/static/")

    def _write(self, etc, files):
        for name, text in files.items():
            with open(os.path.join(etc, name), "w") as file:
                file.write(text)
        return os.path.join(etc, f"{self.name}.conf")

    def _run(self, arguments, log):
        self._child = Child(arguments, f"{log}/{self.name}-start.log")
        wait_until(f"{self.name} on 127.0.0.1:{self.port}", self._listens, watched=self._child)

    def _listens(self):
        pid_file = os.path.join(self.run_dir, f"{self.name}.pid")
        return os.path.exists(pid_file) and not places.is_free(self.port)

    def stop(self):
        if self._child is not None:
            self._child.stop()

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child is not None and self._child.is_running()
