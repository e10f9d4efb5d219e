"""A private Apache around the shipped snippet.

The file in apache/ is used as it is, except that the paths of an installation become this run's; its
macro gets the sub-path of the base URL.
"""

import os

from . import places
from .web_server import WebServer

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


class Apache(WebServer):
    name = "apache"

    def start(self):
        etc, log, _ = self._make_directories("etc", "log", "htdocs")
        snippet = (places.ROOT / "apache/latchkey.conf").read_text()
        modules = "\n".join(f'LoadModule {name}_module "{MODULES}/mod_{name}.so"' for name in LOADED)
        main = MAIN.format(modules=modules, directory=self.directory, run=self.run_dir, log=log, etc=etc,
                           port=self.port, path=self._path, extra=self._extra)
        config = self._write(etc, {"latchkey.conf": self._of_this_run(snippet), "apache.conf": main})
        prefix = AS_ROOT if os.geteuid() == 0 else []
        self._run([*prefix, places.tool("apache2"), "-d", self.directory, "-f", config,
                   "-D", "FOREGROUND", "-E", f"{log}/apache-start.log"], log)
