"""make install: what lies where, that it runs from there, and that nothing is left after uninstall."""

import configparser
import os
import re
import shlex
import signal
import socket
import stat
import subprocess

import pytest

from stack import places
from stack.processes import Child, wait_until

PREFIX = "/opt/lk"
PROGRAMS = ["latchkeyd", "latchkey-web", "latchkey-mailer", "latchkey"]


def make(target, root):
    done = subprocess.run(["tools/install", target], cwd=places.ROOT, text=True, capture_output=True,
                          env={**os.environ, "BUILD": str(places.build_dir()), "DESTDIR": str(root),
                               "PREFIX": PREFIX})
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(root):
    return {f"/{path.relative_to(root)}": path for path in root.rglob("*") if not path.is_dir()}


@pytest.fixture
def root(tmp_path):
    make("install", tmp_path / "root")
    return tmp_path / "root"


def test_each_file_is_where_it_belongs_with_its_mode(root):
    found = files(root)
    listed = {path: mode for mode, _, path in map(str.split, make("list", root).splitlines())}
    links = {f"{PREFIX}/sbin/latchkey", f"{PREFIX}/sbin/latchkeyd"}
    assert set(found) == {*listed, *links, "/etc/latchkey/latchkey.toml"}
    for path, mode in listed.items():
        assert stat.S_IMODE(found[path].stat().st_mode) == int(mode, 8), path
    for name in PROGRAMS:
        assert f"{PREFIX}/libexec/latchkey/{name}" in found
    for directory, suffix in (("templates", ".tpl"), ("static", ".css"), ("static", ".js")):
        here = {path.name for path in (places.ROOT / directory).glob("*" + suffix)}
        assert here and here <= {path.name for path in
                                 (root / f"opt/lk/share/latchkey/{directory}").iterdir()}
    for path in (places.ROOT / "man").iterdir():
        assert f"{PREFIX}/share/man/man{path.suffix[1:]}/{path.name}" in found
    assert f"{PREFIX}/share/doc/latchkey/nginx/latchkey.conf" in found


def test_paths_in_files_are_those_of_the_prefix(root):
    texts = {path: file.read_text() for path, file in files(root).items()
             if not path.startswith(f"{PREFIX}/libexec") and not path.startswith(f"{PREFIX}/sbin")
             and "/share/man/" not in path and not path.endswith(".md")}
    assert not [path for path, text in texts.items() if "/usr/share/latchkey" in text
                or "/usr/libexec/latchkey" in text]
    unit = texts[f"{PREFIX}/lib/systemd/system/latchkey.service"]
    assert f"ExecStart={PREFIX}/libexec/latchkey/latchkeyd\n" in unit
    assert f'templates = "{PREFIX}/share/latchkey/templates"' in texts["/etc/latchkey/latchkey.toml"]


def test_no_link_of_a_document_leads_nowhere(root):
    documents = list((root / f"{PREFIX[1:]}/share/doc/latchkey").glob("*.md"))
    links = [(document, link) for document in documents
             for link in re.findall(r"\]\(([^)#:]+)\)", document.read_text())]
    assert links
    assert [(document.name, link) for document, link in links if not (document.parent / link).exists()] == []


def test_the_unit_is_as_narrow_as_systemd_asks(root):
    """Of 100 points of exposure; without its sandbox it would have 96."""
    unit = root / f"{PREFIX[1:]}/lib/systemd/system/latchkey.service"
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=25", str(unit)],
                            capture_output=True, text=True, timeout=60)
    assert judged.returncode == 0, judged.stdout[-2000:] + judged.stderr


@pytest.fixture
def service(root):
    """What the unit says of how latchkeyd runs."""
    unit = configparser.RawConfigParser(strict=False)  # a key may come again
    unit.optionxform = str
    unit.read(root / f"{PREFIX[1:]}/lib/systemd/system/latchkey.service")
    return unit["Service"]


def test_systemctl_reload_sends_the_main_process_a_hangup(service):
    with subprocess.Popen(["sleep", "20"]) as process:
        command = shlex.split(service["ExecReload"].replace("$MAINPID", str(process.pid)))
        subprocess.run(command, check=True, timeout=10)
        assert process.wait() == -signal.SIGHUP


def test_systemd_asks_latchkeyd_alone_to_end_and_gives_it_the_time(service, root):
    """The others are latchkeyd's to end; systemd kills what is left after that time."""
    assert service["KillMode"] == "mixed"
    told = (root / "etc/latchkey/latchkey.toml").read_text()
    drain, = re.findall(r'^#?drain = "(\d+)s"$', told, re.MULTILINE)
    # As long as latchkeyd itself waits before it kills.
    assert int(re.fullmatch(r"(\d+)s?", service["TimeoutStopSec"])[1]) > int(drain) + 5


@pytest.mark.parametrize("page", sorted(path.name for path in (places.ROOT / "man").iterdir()))
def test_a_manual_page_is_set_without_a_warning(page):
    done = subprocess.run(["groff", "-mdoc", "-Tutf8", "-ww", "-z", str(places.ROOT / "man" / page)],
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_a_configuration_that_is_there_is_kept(root):
    configuration = root / "etc/latchkey/latchkey.toml"
    configuration.write_text("mine")
    make("install", root)
    assert configuration.read_text() == "mine"
    make("uninstall", root)
    assert list(files(root)) == ["/etc/latchkey/latchkey.toml"]


def test_nothing_is_left_of_it(root):
    make("uninstall", root)
    assert not files(root)
    assert not [path for path in root.rglob("*") if "latchkey" in path.name]


def test_what_others_put_beside_it_stays(root):
    secret = root / "etc/latchkey/token.secret"
    secret.write_text("x")
    make("uninstall", root)
    assert list(files(root)) == ["/etc/latchkey/token.secret"]


def test_it_runs_from_where_it_is(root, make_site):
    """The installed programs, found through the link in sbin, with the installed templates."""
    site = make_site(start=False, settings={
        "pages.templates": str(root / "opt/lk/share/latchkey/templates")})
    site.latchkey.program = str(root / "opt/lk/sbin/latchkeyd")
    site.start()
    link = site.link_for(site.account())
    assert "Choose a new password" in site.visitor().open(link).page.heading
    running = os.readlink(f"/proc/{site.program_pids('latchkey-web')[0]}/exe")
    assert running == str(root / "opt/lk/libexec/latchkey/latchkey-web")
    shown = subprocess.run([root / "opt/lk/sbin/latchkey", "check-config", "--config",
                            site.latchkey.config], capture_output=True, text=True)
    assert shown.returncode == 0, shown.stderr


ACTIVATED = ("import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ['LISTEN_PID'] = str(os.getpid()); "
             "os.environ['LISTEN_FDS'] = sys.argv[2]; os.execv(sys.argv[3], sys.argv[3:])")


@pytest.fixture
def handed_over(tmp_path):
    """A listening socket as a systemd socket unit makes it; its number."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "activated.sock"))
    listener.listen(64)
    listener.set_inheritable(True)
    Child.inherited = (listener.fileno(),)
    yield listener
    Child.inherited = ()
    listener.close()


def test_a_socket_that_systemd_hands_over_is_served_and_kept(make_site, handed_over):
    site = make_site()
    site.web_server.stop()
    site.latchkey.stop()
    log = str(site.directory / "log/activated.log")
    daemon = Child(["/usr/bin/python3", "-c", ACTIVATED, str(handed_over.fileno()), "1",
                    places.program("latchkeyd"), "--config", site.latchkey.config], log)
    path = handed_over.getsockname()
    os.symlink(path, site.latchkey.socket)
    site.web_server.start()
    wait_until("a page through the socket", site.answers, watched=daemon)
    site.web_server.stop()
    assert daemon.stop() == 0
    assert os.path.exists(path)


def test_two_sockets_from_systemd_are_refused(make_site, handed_over):
    site = make_site()
    log = str(site.directory / "log/activated.log")
    daemon = Child(["/usr/bin/python3", "-c", ACTIVATED, str(handed_over.fileno()), "2",
                    places.program("latchkeyd"), "--config", site.latchkey.config], log)
    assert daemon.wait(20) == 1
    with open(log) as words:
        assert "exactly one ListenStream" in words.read()
