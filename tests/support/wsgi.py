"""An application in Python, as a process of its own behind the web server."""

import os

from stack import places
from stack.processes import Child, run, wait_until

NGINX = """\
        location / {
            proxy_pass http://127.0.0.1:%d;
            proxy_set_header Host $http_host;
        }
"""


class WsgiApplication:
    """A script of tests/apps with the commands migrate, create LOGIN ADDRESS, and serve PORT."""

    def __init__(self, script, log, **environment):
        self._script = str(places.ROOT / "tests/apps" / script)
        self._log = str(log)
        self._port = places.free_port()
        self._environment = environment
        self._child = None

    def nginx(self):
        return NGINX % self._port

    def _command(self, *arguments):
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        return ["/usr/bin/env", *settings, "/usr/bin/python3", "-B", self._script, *arguments]

    def install(self, site):
        user, password = site.database_user()
        self._environment |= {
            "SITE_DATABASE": site.schema, "SITE_DATABASE_USER": user, "SITE_DATABASE_PASSWORD": password,
            "SITE_DATABASE_SOCKET": site.server.socket}
        run(self._command("migrate"), seconds=120)
        self._child = Child(self._command("serve", str(self._port)), self._log)
        wait_until(os.path.basename(self._script), lambda: not places.is_free(self._port),
                   watched=self._child)

    def create(self, login, address, password):
        return run(self._command("create", login, address), given=password).strip()

    def stop(self):
        if self._child is not None:
            self._child.stop()
