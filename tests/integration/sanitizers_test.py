"""That a sanitizer's report of a program is found, whoever started it and whatever became of it."""

import os
import subprocess
import sys

import pytest

from stack import places, sanitizers

FAULTS = {
    "address": "int main(int n, char**) { int* p = new int[1]; delete[] p; return p[n - 1]; }",
    "undefined": "int main(int n, char**) { return (2147483647 + n) == 0; }",
    "leak": "void* volatile kept; int main() { kept = new char[77]; kept = nullptr; }",
    "thread": "#include <thread>\nint x; int main() { std::thread t([] { ++x; }); ++x; t.join(); }",
}


@pytest.mark.parametrize("kind", FAULTS)
def test_what_is_reported_is_found(tmp_path, kind):
    flag = "address" if kind == "leak" else kind
    subprocess.run(["g++", "-x", "c++", "-O0", "-g", "-pthread", f"-fsanitize={flag}", "-o",
                    str(tmp_path / "faulty"), "-"], input=FAULTS[kind], text=True, check=True)
    (tmp_path / "good").symlink_to("/bin/true")
    environment = {**os.environ, **sanitizers.environment(tmp_path / "found")}
    # Started by another program, with nobody who reads what it says.
    for program in ("good", "faulty"):
        assert not sanitizers.reports(tmp_path / "found")
        subprocess.run(["sh", "-c", f"{tmp_path / program} & wait"], env=environment,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    words, = sanitizers.reports(tmp_path / "found").values()
    assert {"address": "heap-use-after-free", "undefined": "signed integer overflow",
            "leak": "77 byte(s)", "thread": "data race"}[kind] in words


# A program that all tests share ends after the last of them.
SHARED = """
import os
import pathlib
import pytest

pytest_plugins = ["conftest"]


@pytest.fixture(scope="session", autouse=True)
def program():
    yield
    where = os.environ["ASAN_OPTIONS"].rpartition("log_path=")[2]
    pathlib.Path(where + ".1").write_text({words!r})


def test_nothing():
    pass
"""


@pytest.mark.parametrize("words, status", [("", 0), ("it leaks", 1)])
def test_what_is_reported_after_the_last_test_fails_the_run(tmp_path, words, status):
    (tmp_path / "shared_test.py").write_text(SHARED.format(words=words))
    environment = {**os.environ, "BUILD": str(tmp_path / "sanitize-nothing"),
                   "PYTHONPATH": str(places.ROOT / "tests")}
    done = subprocess.run([sys.executable, "-B", "-m", "pytest", "-p", "no:cacheprovider", "-q",
                           "shared_test.py"], cwd=tmp_path, env=environment, capture_output=True, text=True,
                          timeout=60)
    assert done.returncode == status, done.stdout + done.stderr
    assert "1 passed" in done.stdout and words in done.stdout
