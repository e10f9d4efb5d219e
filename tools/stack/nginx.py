"""A private nginx around the shipped snippets.

The files in nginx/ are used as they are, except that the paths of an installation become this run's,
and that the sub-path of the base URL is put in by the very sed line that the snippet names.
"""

import os
import re

from . import places
from .processes import Child, run, wait_until

MAIN = """\
{user}
daemon off;
worker_processes 1;
pid {run}/nginx.pid;
error_log {log}/nginx-error.log info;
events {{ worker_connections 512; }}
http {{
    access_log {log}/nginx-access.log combined;
    client_body_temp_path {temp}/body;
    fastcgi_temp_path {temp}/fastcgi;
    proxy_temp_path {temp}/proxy;
    uwsgi_temp_path {temp}/uwsgi;
    scgi_temp_path {temp}/scgi;
    include {etc}/latchkey-upstream.conf;
    server {{
        listen 127.0.0.1:{port};
        server_name _;
        {extra}
        include {etc}/latchkey.conf;
    }}
}}
"""


def sub_path_expression(snippet):
    """The sed expression that the snippet itself names for /account/."""
    return re.search(r"sed -e '(.*)'", snippet).group(1)


class Nginx:
    name = "nginx"

    def __init__(self, directory, run_dir, port, socket, path="", extra=""):
        """path: the base URL's ("/account", or "" for the root). extra: more lines of the server."""
        self.directory = str(directory)
        self.run_dir = run_dir
        self.port = port
        self._socket = socket
        self._path = path
        self._extra = extra
        self._child = None

    def _write_config(self):
        etc, log, temp = (os.path.join(self.directory, name) for name in ("etc", "log", "temp"))
        for path in (etc, log, temp):
            os.makedirs(path, exist_ok=True)
        upstream = (places.ROOT / "nginx/latchkey-upstream.conf").read_text()
        upstream = upstream.replace("/run/latchkey/web.sock", self._socket)
        snippet = (places.ROOT / "nginx/latchkey.conf").read_text()
        if self._path:
            expression = sub_path_expression(snippet).replace("/account/", self._path + "/")
            snippet = run(["sed", "-e", expression], given=snippet)
        snippet = snippet.replace("/usr/share/latchkey/static/", f"{places.ROOT}/static/")
        user = "user root root;" if os.geteuid() == 0 else ""
        main = MAIN.format(user=user, run=self.run_dir, log=log, temp=temp, etc=etc, port=self.port,
                           extra=self._extra)
        for name, text in (("latchkey-upstream.conf", upstream), ("latchkey.conf", snippet),
                           ("nginx.conf", main)):
            with open(os.path.join(etc, name), "w") as file:
                file.write(text)
        return os.path.join(etc, "nginx.conf"), log

    def start(self):
        config, log = self._write_config()
        self._child = Child([places.tool("nginx"), "-e", f"{log}/nginx-error.log", "-p", self.directory,
                             "-c", config], f"{log}/nginx-start.log")
        wait_until(f"nginx on 127.0.0.1:{self.port}", self._listens, watched=self._child)

    def _listens(self):
        return os.path.exists(os.path.join(self.run_dir, "nginx.pid")) and not places.is_free(self.port)

    def stop(self):
        if self._child is not None:
            self._child.stop()

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child is not None and self._child.is_running()
