"""A private nginx around the shipped snippets.

The files in nginx/ are used as they are, except that the paths of an installation become this run's,
and that the sub-path of the base URL is put in by the very sed line that the snippet names.
"""

import os
import re

from . import places
from .processes import run
from .web_server import WebServer

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


class Nginx(WebServer):
    name = "nginx"

    def start(self):
        etc, log, temp = self._make_directories("etc", "log", "temp")
        upstream = (places.ROOT / "nginx/latchkey-upstream.conf").read_text()
        snippet = (places.ROOT / "nginx/latchkey.conf").read_text()
        if self._path:
            expression = sub_path_expression(snippet).replace("/account/", self._path + "/")
            snippet = run(["sed", "-e", expression], given=snippet)
        user = "user root root;" if os.geteuid() == 0 else ""
        main = MAIN.format(user=user, run=self.run_dir, log=log, temp=temp, etc=etc, port=self.port,
                           extra=self._extra)
        config = self._write(etc, {"latchkey-upstream.conf": self._of_this_run(upstream),
                                   "latchkey.conf": self._of_this_run(snippet), "nginx.conf": main})
        self._run([places.tool("nginx"), "-e", f"{log}/nginx-error.log", "-p", self.directory,
                   "-c", config], log)
