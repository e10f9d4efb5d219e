"""What the tests with real applications share: PHP, browsers, and sites that stand on applications."""

import pytest

from stack import stack
from support import chromium as driven
from support.application import ApplicationSite
from support.php import PhpFpm


@pytest.fixture(scope="module")
def php(run_root, request):
    directory = run_root / f"php-{request.module.__name__}"
    (directory / "log").mkdir(parents=True)
    run_dir = stack.run_directory(directory)
    php = PhpFpm(directory, run_dir.path)
    php.start()
    yield php
    php.stop()
    run_dir.remove()


@pytest.fixture(scope="module")
def build_application(build_site):
    """build_application(application, settings): an ApplicationSite that ends with the module."""
    made = []

    def build(application, settings, **options):
        made.append(build_site(kind=ApplicationSite, application=application, settings=settings,
                               web_server="nginx", web_server_extra={"nginx": application.nginx()},
                               **options))
        return made[-1]

    yield build
    for site in made:
        site.stop()
        site.remove_run_dir()


@pytest.fixture
def chromium(tmp_path):
    """chromium(): another browser, with a profile of its own."""
    started = []

    def start():
        started.append(driven.start(tmp_path / str(len(started))))
        return started[-1]

    yield start
    for driver in started:
        driver.quit()
