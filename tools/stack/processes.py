"""Programs that are started here, and end with whoever started them.

Each child has a session of its own, so a Ctrl-C in the terminal reaches only the caller, which then
stops its children in order. A child also asks the kernel for a SIGTERM when its parent dies, so that
not even a SIGKILL leaves anything behind. The kernel counts the thread that forked as the parent:
start children from the main thread only.
"""

import ctypes
import os
import signal
import subprocess
import time

from .sanitizers import patient

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class StackError(Exception):
    """Something of the stack cannot be started; the text is one line for a person."""


class Stopped(BaseException):
    """SIGTERM or Ctrl-C came."""


def stop_on_signals():
    """SIGINT, SIGTERM and SIGHUP raise Stopped in the main thread, once."""

    def stop(*_):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def wait_until(what, condition, seconds=15, watched=None):
    """Polls until condition() is true; its last value. StackError names `what` after the time, or
    as soon as the watched child has ended."""
    seconds = patient(seconds)
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if watched is not None and not watched.is_running():
            raise StackError(f"{what}: it ended with status {watched.status()}; {watched.last_words()}")
        if time.monotonic() > deadline:
            words = f"; {watched.last_words()}" if watched is not None else ""
            raise StackError(f"{what}: not within {seconds} s{words}")
        time.sleep(0.02)


def end_with_parent():
    """For preexec_fn."""
    parent = os.getpid()

    def before_exec():
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(127)

    return before_exec


class Child:
    """One program that was started here."""

    # Descriptors that every child keeps open: a lock that lasts until the last of them is gone.
    inherited = ()

    def __init__(self, arguments, log, cwd=None, environment=None, stdin=subprocess.DEVNULL,
                 inherited=()):
        """inherited: descriptors that this one keeps, besides."""
        self.name = os.path.basename(arguments[0])
        self.log = log
        with open(log, "ab") as output:
            self._process = subprocess.Popen(
                arguments, cwd=cwd, env=environment, stdin=stdin, stdout=output,
                stderr=output, start_new_session=True, pass_fds=[*self.inherited, *inherited],
                preexec_fn=end_with_parent())

    @property
    def pid(self):
        return self._process.pid

    def is_running(self):
        return self._process.poll() is None

    def status(self):
        return self._process.poll()

    def signal(self, number):
        if self.is_running():
            self._process.send_signal(number)

    def wait(self, seconds):
        return self._process.wait(seconds)

    def stop(self, seconds=15):
        """SIGTERM, and SIGKILL where that does not help. The exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def last_words(self):
        """The last line it wrote, and where the others are."""
        try:
            with open(self.log, errors="replace") as log:
                lines = [line.strip() for line in log if line.strip()]
        except OSError:
            lines = []
        return f"{lines[-1] if lines else '(it said nothing)'} ({self.log})"


def run(arguments, given=None, cwd=None, seconds=60):
    """Runs a program to its end and returns what it printed. StackError with its words if it fails."""
    try:
        process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, start_new_session=True,
                                   preexec_fn=end_with_parent())
    except FileNotFoundError:
        raise StackError(f"{arguments[0]}: no such program; tools/packages.demo and "
                         "tools/packages.check name the packages") from None
    try:
        printed, complaint = process.communicate(given, seconds)
    except subprocess.TimeoutExpired:
        raise StackError(f"{arguments[0]}: not done within {seconds} s") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        words = (complaint or printed).strip() or f"status {process.returncode}"
        raise StackError(f"{os.path.basename(arguments[0])}: {words}")
    return printed
