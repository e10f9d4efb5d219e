"""What all pytest suites share: one database server and one site a run, and sites made to order."""

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

from stack import mariadb, places, stack  # noqa: E402
from support.site import Site  # noqa: E402

_names = itertools.count(1)
_log_files = []


def pytest_configure(config):
    config.addinivalue_line("markers", "last: runs after everything else")
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


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
    run_dir = stack.run_directory(run_root)
    server = mariadb.Mariadb(run_root / "mysql", run_dir.path, run_root / "log/mariadb.log")
    try:
        server.start()
        yield server
    finally:
        server.stop()
        run_dir.remove()


@pytest.fixture(scope="session")
def build_site(run_root, server):
    """build_site(settings=..., path=..., start=True): a Site, not yet ended by anybody."""

    def build(start=True, settings=None, **options):
        name = next(_names)
        directory = run_root / f"site{name}"
        directory.mkdir()
        run_dir = stack.run_directory(directory)
        site = Site(directory, run_dir.path, server, name=name,
                    settings={"web.workers": 2, "web.threads": 4, "web.drain": "3s",
                              **(settings or {})}, **options)
        _log_files.append(directory / "log")
        site.remove_run_dir = run_dir.remove
        # Through a link that is the site's alone, so that a test can cut it.
        site.database_socket = os.path.join(run_dir.path, "database.sock")
        os.symlink(server.socket, site.database_socket)
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
