"""Dovecot's authentication server alone, which Postfix asks about logins (its SASL_README). Needs root."""

import pathlib
import shutil
import tempfile

from stack import places
from stack.processes import Child, wait_until

CONFIGURATION = """base_dir = {directory}/run
state_dir = {directory}/state
log_path = {directory}/log
protocols =
ssl = no
auth_mechanisms = {mechanisms}
passdb {{
  driver = passwd-file
  args = {directory}/logins
}}
userdb {{
  driver = static
  args = uid=65534 gid=65534 home=/nonexistent
}}
service auth {{
  unix_listener auth-relay {{
    mode = 0666
  }}
}}
"""


class DovecotAuth:
    def __init__(self, login, password, mechanisms="plain login"):
        """mechanisms: as auth_mechanisms has them."""
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-dovecot-"))
        self.directory.chmod(0o755)
        self.socket = self.directory / "run/auth-relay"
        self._log = self.directory / "log"
        (self.directory / "logins").write_text(f"{login}:{{PLAIN}}{password}\n")
        self._configuration = self.directory / "dovecot.conf"
        self._configuration.write_text(
            CONFIGURATION.format(directory=self.directory, mechanisms=mechanisms))
        self._child = None

    def start(self):
        self._child = Child([places.tool("dovecot"), "-F", "-c", str(self._configuration)], self._log)
        wait_until("Dovecot's socket", self.socket.exists, watched=self._child)

    def log(self):
        return self._log.read_text(errors="replace")

    def stop(self):
        if self._child is not None:
            self._child.stop()
        shutil.rmtree(self.directory, ignore_errors=True)
