"""What all pytest suites share: one database server and one site a run, and sites made to order.

LATCHKEY_TEST_SERVER=apache puts them behind Apache instead of nginx.
"""

import contextlib
import itertools
import os
import pathlib
import shutil
import signal
import sys

import pytest

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(TESTS), str(TESTS.parent / "tools")]

from stack import mariadb, places, sanitizers, stack  # noqa: E402
from support.site import Site  # noqa: E402

WEB_SERVER = os.environ.get("LATCHKEY_TEST_SERVER") or "nginx"
_names = itertools.count(1)
_log_files = []
_measured = []
_seen_reports = {}
_sanitizer_reports = places.build_dir() / "test-run/reports" / str(os.getpid())
if sanitizers.is_on():
    os.environ.update(sanitizers.environment(_sanitizer_reports))
# Nothing in them is about the web server, so once is enough.
ONCE = ["integration/wire_test.py", "integration/presets_test.py", "integration/every_reply_test.py",
        "integration/full_tmpfs_test.py", "integration/like_flask_limiter_test.py",
        "integration/killed_workers_test.py", "integration/sanitizers_test.py",
        "integration/hash_memory_test.py"]
# About how the programs get their memory, which a sanitizer replaces by a way of its own.
OF_MEMORY = ["integration/hash_memory_test.py"]
collect_ignore = [*(ONCE if WEB_SERVER != "nginx" else []), *(OF_MEMORY if sanitizers.is_on() else [])]


def pytest_configure(config):
    config.addinivalue_line("markers", "last: runs after everything else")
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_sessionfinish(session):
    """What was reported after the last test: programs that several shared had to end first."""
    for words in _new_reports():
        print(f"\n{words}")
        session.exitstatus = 1


def _new_reports():
    if not sanitizers.is_on():
        return
    for file, text in sanitizers.reports(_sanitizer_reports).items():
        if _seen_reports.get(file) != text:
            _seen_reports[file] = text
            yield f"{file}:\n{text}"


@pytest.fixture(autouse=True)
def clean():
    """With SANITIZE=: no program of ours has anything reported of it."""
    yield
    words = "\n".join(_new_reports())
    assert not words, words


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_terminal_summary(terminalreporter):
    for line in _measured:
        terminalreporter.write_line(f"measured: {line}")


@pytest.fixture
def measured(request):
    """measured(what, seconds): a line of the summary."""
    return lambda what, seconds: _measured.append(
        f"{request.node.name}: {what}: {seconds * 1000:.1f} ms")


@pytest.fixture(scope="session")
def run_root(request):
    """This run's directory; it stays when a test failed."""
    root = places.build_dir() / "test-run" / str(os.getpid())
    shutil.rmtree(root, ignore_errors=True)
    (root / "log").mkdir(parents=True)
    yield root
    if not request.session.testsfailed:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def server(run_root):
    with database_server(run_root) as server:
        yield server


@contextlib.contextmanager
def database_server(directory, *options):
    (directory / "log").mkdir(parents=True, exist_ok=True)
    run_dir = stack.run_directory(directory)
    server = mariadb.Mariadb(directory / "mysql", run_dir.path, directory / "log/mariadb.log")
    try:
        server.start(*options)
        yield server
    finally:
        server.signal(signal.SIGCONT)
        server.stop()
        run_dir.remove()


@pytest.fixture(scope="session")
def make_server(run_root):
    """make_server(option...): a context with a server of its own, to be broken."""
    return lambda *options: database_server(run_root / f"server{next(_names)}", *options)


@pytest.fixture(scope="session")
def build_site(run_root, server):
    """build_site(settings=..., path=..., start=True, on=..., kind=Site): a Site, not yet ended by
    anybody. on: its database server, if not the one that most share."""

    def build(start=True, settings=None, on=None, kind=Site, **options):
        name = next(_names)
        directory = run_root / f"site{name}"
        directory.mkdir()
        run_dir = stack.run_directory(directory)
        site = kind(directory, run_dir.path, on or server, name=name,
                    settings={"web.workers": 2, "web.threads": 4, "web.drain": "3s",
                              **(settings or {})}, **{"web_server": WEB_SERVER, **options})
        _log_files.append(directory / "log")
        site.remove_run_dir = run_dir.remove
        # Through a link that is the site's alone, so that a test can cut it.
        site.database_socket = os.path.join(run_dir.path, "database.sock")
        os.symlink(site.server.socket, site.database_socket)
        if start:
            try:
                site.start()
            except BaseException:
                site.stop()
                raise
        return site

    return build


@pytest.fixture(scope="session")
def site(build_site):
    """The site most tests share: the default configuration."""
    site = build_site()
    yield site
    site.stop()
    site.remove_run_dir()


@pytest.fixture
def make_site(build_site):
    """Sites with a configuration of their own, ended with the test."""
    made = []

    def make(**options):
        made.append(build_site(**options))
        return made[-1]

    yield make
    for one in made:
        one.stop()
        one.remove_run_dir()


@pytest.fixture(scope="session")
def all_log_directories():
    return _log_files
