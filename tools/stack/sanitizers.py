"""What a build with SANITIZE= needs from whoever runs its programs: options, and a look at the reports.

A report goes into a file of its own, whoever the program belongs to: one that was started by another
program, was started again after it broke, or whose standard error nobody reads is seen all the same.
"""

import os
import pathlib

SUPPRESSIONS = pathlib.Path(__file__).resolve().parents[2] / "tests/support/sanitizers"
# A program's environment has one of these for each of the libraries that may be linked to it.
OPTIONS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1",
    "LSAN_OPTIONS": f"suppressions={SUPPRESSIONS}/leaks.txt:print_suppressions=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
    "TSAN_OPTIONS": f"suppressions={SUPPRESSIONS}/races.txt:second_deadlock_stack=1",
}


def is_on():
    """Whether the programs were built with SANITIZE=."""
    return pathlib.Path(os.environ.get("BUILD", "")).name.startswith("sanitize-")


def patient(amount):
    """A time or a size that is generous for an ordinary build, as much so for this one: sanitizers
    make programs slow and large. What a test says of an ordinary build is not changed by it."""
    return amount * 4 if is_on() else amount


def environment(directory):
    """What to add to a program's environment, so that it reports into the directory."""
    path = pathlib.Path(directory).absolute() / "report"
    path.parent.mkdir(parents=True, exist_ok=True)
    return {name: f"{options}:log_path={path}" for name, options in OPTIONS.items()}


def reports(directory):
    """{file: text} of all that was reported."""
    return {file: file.read_text(errors="replace")
            for file in sorted(pathlib.Path(directory).glob("report.*")) if file.stat().st_size > 0}
