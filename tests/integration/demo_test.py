"""`make demo`: up in seconds, two side by side, gone without a trace."""

import contextlib
import http.client
import os
import pathlib
import signal
import subprocess
import time
import urllib.parse

import pytest

from stack import places
from stack.smtp import Mail
from support.visitor import Visitor

PASSWORD = "correct horse battery staple"


class Demo:
    def __init__(self, directory, **environment):
        self.directory = pathlib.Path(directory)
        self.environment = environment
        self.output = str(directory) + ".out"

    def start(self):
        with open(self.output, "w") as output:
            self.process = subprocess.Popen(
                [str(places.ROOT / "tools/demo")], stdout=output, stderr=output,
                env={**os.environ, "DEMO_DIR": str(self.directory), **self.environment})
        return self

    def said(self):
        return pathlib.Path(self.output).read_text()

    def wait_ready(self, seconds=40):
        deadline = time.monotonic() + seconds
        ready = self.directory / "ready"
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        self.base_url = ready.read_text().strip().rstrip("/")
        self.port = urllib.parse.urlsplit(self.base_url).port
        self.path = ""
        return self

    def origin(self):
        return self.base_url

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        return self.process.wait(30)

    def processes(self):
        """Those that name its directory."""
        name = str(self.directory).encode()
        found = []
        for path in pathlib.Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if path.name.isdigit() and name in (path / "cmdline").read_bytes():
                    found.append(path.name)
        return found


@pytest.fixture
def demo(tmp_path):
    made = []

    def make(name="demo", **environment):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        one = Demo(tmp_path / name, PORT=str(places.free_port()), **environment)
        made.append(one.start())
        return one

    yield make
    for one in made:
        if one.process.poll() is None:
            one.end()


def wait_for_mail(demo, number, seconds=15):
    deadline = time.monotonic() + seconds
    while not list((demo.directory / "mail").glob(f"{number:04d}-*.eml")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    path, = (demo.directory / "mail").glob(f"{number:04d}-*.eml")
    return Mail("", [], path.read_bytes())


def test_two_side_by_side_serve_and_end_without_a_trace(demo):
    one, other = demo("one"), demo("deep/" + "er/" * 30 + "other", LIMITS="off")
    for each in (one, other):
        each.wait_ready()
        visitor = Visitor(each)
        assert visitor.ask("user1000@example.org").status == 303
        link, = wait_for_mail(each, 1).links()
        assert link.startswith(each.base_url)
        assert visitor.open(link).path == "/reset_password"
        assert Visitor(each).can_sign_in("user1@example.org", PASSWORD)
        # The link stands on a line of its own in the terminal.
        time.sleep(0.1)
        assert link in each.said().splitlines()
        count = subprocess.run(
            ["mariadb", "--no-defaults", "--socket=run/mysql.sock", "-uroot", "-NBe",
             "SELECT COUNT(*), COUNT(DISTINCT password_hash) FROM users", "site"],
            cwd=each.directory, capture_output=True, text=True, check=True).stdout
        assert count.split() == ["1000", "1"]
        assert (each.directory / "run/latchkey.sock").exists()
    statuses = [Visitor(each, peer="127.9.9.9").ask("x@example.org").status
                for each in (one, other) for _ in range(6)]
    assert statuses == [303] * 5 + [429] + [303] * 6
    assert one.end(signal.SIGINT) == 0
    assert other.end(signal.SIGTERM) == 0
    for each in (one, other):
        assert not (each.directory / "ready").exists()
        assert not each.processes()


def test_after_a_kill_nothing_stays_and_it_starts_anew(demo):
    first = demo().wait_ready()
    first.end(signal.SIGKILL)
    assert (first.directory / "ready").exists()
    second = Demo(first.directory, **first.environment)
    second.start()
    try:
        # The old `ready` goes first.
        deadline = time.monotonic() + 10
        while (first.directory / "ready").exists():
            assert time.monotonic() < deadline, second.said()
            time.sleep(0.01)
        second.wait_ready()
        assert Visitor(second).ask("user7@example.org").status == 303
    finally:
        assert second.end() == 0
    assert not second.processes()


def test_a_port_in_use_is_one_line_and_exit_1(tmp_path):
    taken = http.client.socket.socket()
    taken.bind(("127.0.0.1", 0))
    taken.listen()
    port = taken.getsockname()[1]
    demo = Demo(tmp_path / "demo", PORT=str(port)).start()
    assert demo.process.wait(10) == 1
    assert demo.said().count("\n") == 1
    assert str(port) in demo.said() and "in use" in demo.said()
    taken.close()
