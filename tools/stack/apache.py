"""A private Apache around the shipped snippet.

The file in apache/ is used as it is, except that the paths of an installation become this run's; its
macro gets the sub-path of the base URL.
"""

import os

from . import places
from .processes import Child, wait_until

MODULES = "/usr/lib/apache2/modules"
# What Debian's apache2 enables by itself, and then what the snippet's a2enmod line names.
LOADED = ["mpm_event", "authn_core", "authz_core", "authz_host", "alias", "autoindex", "deflate", "dir",
          "env", "filter", "mime", "negotiation", "reqtimeout", "setenvif", "status",
          "proxy", "proxy_fcgi", "headers", "buffer", "macro"]

MAIN = """\
{modules}
ServerRoot "{directory}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{run}/apache.pid"
DefaultRuntimeDir "{run}"
Mutex sem
ErrorLog "{log}/apache-error.log"
LogLevel info
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
TypesConfig /dev/null
# As Debian has it.
AddOutputFilterByType DEFLATE text/html text/css application/javascript
<Directory "/">
    Require all denied
</Directory>
DocumentRoot "{directory}/htdocs"
<Directory "{directory}/htdocs">
    Require all granted
</Directory>
Include "{etc}/latchkey.conf"
<VirtualHost *>
    {extra}
    Use Latchkey "{path}"
    CustomLog "{log}/apache-access.log" combined env=!latchkey-link
</VirtualHost>
"""

# Apache refuses to answer visitors as root. So it is started as another user who, like nginx here,
# may open whatever root may: the checkout and the socket can be where nobody else gets to.
AS_ROOT = ["setpriv", "--reuid=www-data", "--regid=www-data", "--clear-groups",
           "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--pdeathsig=TERM"]


class Apache:
    name = "apache"

    def __init__(self, directory, run_dir, port, socket, path="", extra=""):
        """path: the base URL's ("/account", or "" for the root). extra: more lines of the host."""
        self.directory = str(directory)
        self.run_dir = run_dir
        self.port = port
        self._socket = socket
        self._path = path
        self._extra = extra
        self._child = None

    def _write_config(self):
        etc, log, site = (os.path.join(self.directory, name) for name in ("etc", "log", "htdocs"))
        for path in (etc, log, site):
            os.makedirs(path, exist_ok=True)
        snippet = (places.ROOT / "apache/latchkey.conf").read_text()
        snippet = snippet.replace("/run/latchkey/web.sock", self._socket)
        snippet = snippet.replace("/usr/share/latchkey/static/", f"{places.ROOT}/static/")
        modules = "\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in LOADED)
        main = MAIN.format(modules=modules, directory=self.directory, run=self.run_dir, log=log, etc=etc,
                           port=self.port, path=self._path, extra=self._extra)
        for name, text in (("latchkey.conf", snippet), ("apache.conf", main)):
            with open(os.path.join(etc, name), "w") as file:
                file.write(text)
        return os.path.join(etc, "apache.conf"), log

    def start(self):
        config, log = self._write_config()
        prefix = AS_ROOT if os.geteuid() == 0 else []
        self._child = Child([*prefix, places.tool("apache2"), "-d", self.directory, "-f", config,
                             "-D", "FOREGROUND", "-E", f"{log}/apache-start.log"],
                            f"{log}/apache-start.log")
        wait_until(f"apache on 127.0.0.1:{self.port}", self._listens, watched=self._child)

    def _listens(self):
        return os.path.exists(os.path.join(self.run_dir, "apache.pid")) and not places.is_free(self.port)

    def stop(self):
        if self._child is not None:
            self._child.stop()

    @property
    def pid(self):
        return self._child.pid

    def is_running(self):
        return self._child is not None and self._child.is_running()
