"""Debian's Postfix as a relay, privately: its own configuration, queue and port. Needs root, as its master does."""

import pathlib
import shutil
import socketserver
import subprocess
import tempfile
import threading

from stack import places

# What takes a message in, and hands it on to `relayhost`. No chroot: a private queue has none.
MASTER = """{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
tlsmgr unix - - n 1000? 1 tlsmgr
postlog unix-dgram n - n - 1 postlogd
"""


class Policy:
    """What Postfix asks before each recipient (its SMTPD_POLICY_README). decide(recipient): an action,
    "DUNNO", "DEFER later" ..."""

    def __init__(self, decide):
        outer = self
        self.asked = []
        self.decide = decide

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                facts = {}
                for line in self.rfile:
                    name, _, value = line.decode().rstrip("\n").partition("=")
                    if name:
                        facts[name] = value
                        continue
                    outer.asked.append(facts["recipient"])
                    self.wfile.write(f"action={outer.decide(facts['recipient'])}\n\n".encode())
                    facts = {}

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Postfix:
    def __init__(self, next_port, **settings):
        """next_port: of the SMTP server on this machine that it delivers to. settings: of main.cf."""
        # Its own users must be able to go through, so not below a directory of ours.
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="latchkey-postfix-"))
        self.directory.chmod(0o755)
        self.port = places.free_port()
        etc = self.directory / "etc"
        for name in ("etc", "queue", "data", "log"):
            (self.directory / name).mkdir()
        shutil.chown(self.directory / "data", "postfix")
        main = {"compatibility_level": "3.6", "queue_directory": self.directory / "queue",
                "data_directory": self.directory / "data", "maillog_file": self.directory / "log/mail.log",
                "maillog_file_prefixes": self.directory, "inet_interfaces": "127.0.0.1",
                "inet_protocols": "ipv4", "myhostname": "relay.invalid", "mydestination": "",
                "relayhost": f"[127.0.0.1]:{next_port}", "mynetworks": "127.0.0.0/8",
                "smtpd_relay_restrictions": "permit_mynetworks, reject", "smtputf8_enable": "yes",
                "default_database_type": "texthash", "alias_maps": "", "alias_database": "",
                "local_recipient_maps": "", "biff": "no", **settings}
        (etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in main.items()))
        (etc / "master.cf").write_text(MASTER.format(port=f"127.0.0.1:{self.port}"))

    def _command(self, word):
        return subprocess.run([places.tool("postfix"), "-c", self.directory / "etc", word],
                              capture_output=True, text=True)

    def start(self):
        started = self._command("start")
        assert started.returncode == 0, started.stderr + self.log()

    def log(self):
        path = self.directory / "log/mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self):
        self._command("stop")
        shutil.rmtree(self.directory, ignore_errors=True)
