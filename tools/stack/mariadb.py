"""A private MariaDB that answers on a unix socket only; root has no password on it."""

import os
import shutil
import signal

from . import places
from .processes import Child, StackError, run, wait_until

# For a server that is thrown away: small, and no waiting for the disk.
FAST = ["--skip-networking", "--skip-name-resolve", "--skip-log-bin", "--skip-slave-start",
        "--innodb-buffer-pool-size=32M", "--innodb-log-file-size=16M", "--key-buffer-size=1M",
        "--innodb-flush-log-at-trx-commit=2", "--innodb-use-native-aio=0", "--skip-innodb-doublewrite",
        "--performance-schema=OFF", "--max-connections=300", "--table-open-cache=200",
        "--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci"]


def as_user():
    return ["--user=root"] if os.geteuid() == 0 else []


class Mariadb:
    def __init__(self, data, run_dir, log):
        """data: the server's directory, made anew. run_dir: a short path (places.ShortPath)."""
        self.data = str(data)
        self.socket = os.path.join(run_dir, "mysql.sock")
        self.log = str(log)
        self._pid_file = os.path.join(run_dir, "mysql.pid")
        self._own = self._options = ()
        self._child = None

    def start(self, *options):
        """options: more of mariadbd's."""
        # A directory of its own for temporary tables, too: a server that starts clears away whatever
        # another has in a shared one.
        temporary = f"{self.data}.tmp"
        for directory in (self.data, temporary):
            shutil.rmtree(directory, ignore_errors=True)
            os.makedirs(directory)
        self._own = ["--no-defaults", f"--datadir={self.data}", f"--tmpdir={temporary}"]
        run([places.tool("mariadb-install-db"), *self._own,
             "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
             "--innodb-log-file-size=16M", *as_user()])
        self._options = options
        self.start_again()

    def start_again(self, *options):
        """With what is in its directory, after stop() or kill(); options: for this time only."""
        self._child = Child(
            [places.tool("mariadbd"), *self._own, f"--socket={self.socket}",
             f"--pid-file={self._pid_file}", *FAST, *self._options, *options,
             *as_user()], self.log)
        wait_until("the database", self._answers, watched=self._child)

    def kill(self):
        """SIGKILL: as if the machine had lost it."""
        self._child.signal(signal.SIGKILL)
        self._child.wait(10)

    def signal(self, number):
        if self._child is not None:
            self._child.signal(number)

    def stop(self):
        if self._child is not None:
            self._child.stop()

    def is_running(self):
        return self._child is not None and self._child.is_running()

    def pid(self):
        return self._child.pid

    def _answers(self):
        try:
            return os.path.exists(self.socket) and self.query("SELECT 1") == [["1"]]
        except StackError:
            return False

    def query(self, sql, schema=None):
        """Runs statements as root; rows as lists of texts ("NULL" for NULL)."""
        arguments = [places.tool("mariadb"), "--no-defaults", f"--socket={self.socket}", "--user=root",
                     "--batch", "--skip-column-names", "--default-character-set=utf8mb4"]
        printed = run([*arguments, *([schema] if schema else [])], given=sql)
        return [line.split("\t") for line in printed.splitlines()]

    def change(self, statement):
        """As query, of one statement: again where it is the victim of a deadlock with the programs."""
        while True:
            try:
                return self.query(statement)
            except StackError as error:
                if "ERROR 1213" not in str(error):
                    raise


def quote(text):
    """A text as an SQL literal that no character can end."""
    if text is None:
        return "NULL"
    data = text if isinstance(text, bytes) else text.encode()
    return f"CONVERT(X'{data.hex()}' USING utf8mb4)" if data else "''"
