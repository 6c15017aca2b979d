"""Processes of the product, each forked from one that has imported it: a start costs no second of imports."""

import asyncio
import multiprocessing
import os
import pkgutil
import sys
from multiprocessing import forkserver

import paperwire

_CONTEXT = multiprocessing.get_context("forkserver")
_MODULES = [one.name for one in pkgutil.walk_packages(paperwire.__path__, "paperwire.")]
_CONTEXT.set_forkserver_preload([name for name in _MODULES if "migrations" not in name and "__main__" not in name])


def stop():
    """End the process of which they are forked, so that what it covered is written before that is counted.

    It waits for all of them, and a test that failed may have left one.
    """
    for process in multiprocessing.active_children():
        process.kill()
    forkserver._forkserver._stop()


class Forked:
    """A process that runs Python text as `python -c` does, its input and output being files."""

    def __init__(self, text, arguments, *, folder, environment, stdin=os.devnull, stdout, stderr):
        self._process = _CONTEXT.Process(
            target=_run, args=(text, arguments, folder, environment, (stdin, stdout, stderr)), daemon=True
        )

    async def start(self):
        """Begin it; the first one waits for the imports."""
        await asyncio.to_thread(self._process.start)
        return self

    @property
    def pid(self):
        return self._process.pid

    @property
    def returncode(self):
        """As `subprocess` has it; None while the process runs."""
        return self._process.exitcode

    def send_signal(self, sign):
        os.kill(self.pid, sign)

    async def wait(self):
        """Wait for its end; the exit code."""
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, ended.set)
        try:
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        return self.returncode


def _run(text, arguments, folder, environment, files):
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, file in enumerate(files):
        opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND if number else os.O_RDONLY, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w", buffering=1)  # noqa: SIM115 -- descriptors
    sys.argv = ["-c", *arguments]
    exec(text, {"__name__": "__main__"})  # noqa: S102 -- the text is the tests' own
