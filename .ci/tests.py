"""Runs pytest and runs each test that failed a second time, alone: `.ci/tests.py FILE [OPTION...] -- [PATH...]`.

A test that passes then is a defect too, mostly one of time, but no reason to stop; FILE lists all of them. The exit
status is 0 only if every test passed at one of its two tries and FILE lists three at most. What has no second try:
errors outside of tests (fixtures, collection, a worker that crashed) and any exit status of pytest but 1.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MOST = 3
"""Maximum tests that may need their second try in one run of the gate."""


class Outcomes:
    """A plugin of pytest that takes down which tests `failed`, and what `broke` besides."""

    def __init__(self) -> None:
        self.failed: list[str] = []
        self.broke: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Note a test that failed; before or after it, or when its process died, it broke."""
        if report.failed:
            (self.failed if report.when == "call" else self.broke).append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        """Note a file that cannot be read."""
        if report.failed:
            self.broke.append(report.nodeid)


def run(again: Path, options: list[str], paths: list[str]) -> str:
    """Run the tests; why they did not pass, or nothing."""
    outcomes = Outcomes()
    status = pytest.main([*options, *paths], plugins=[outcomes])
    if status == pytest.ExitCode.OK:
        return ""
    if status != pytest.ExitCode.TESTS_FAILED:
        return f"pytest ended with status {int(status)}"
    if outcomes.broke or not outcomes.failed:
        return f"broke outside of a test: {' '.join(outcomes.broke) or 'unknown'}"
    earlier = again.read_text(encoding="utf-8").splitlines() if again.exists() else []
    if len(earlier) + len(outcomes.failed) > MOST:
        return f"more than {MOST} tests failed, which are not tried again"
    for test in outcomes.failed:
        print(f"\n== again, alone: {test}", flush=True)
        if _alone(test, options):
            return f"failed twice: {test}"
        with again.open("a", encoding="utf-8") as file:
            file.write(f"{test}\n")
    return ""


def _alone(test: str, options: list[str]) -> int:
    """The exit status of one test in a process of its own, with nothing else running."""
    appended = ["--cov-append"] if "--cov" in options else []
    command = [sys.executable, "-m", "pytest", *options, *appended, "-n", "0", test]
    return subprocess.run(command, check=False).returncode  # noqa: S603 -- what this run of pytest was given


if __name__ == "__main__":
    written, *arguments = sys.argv[1:]
    separator = arguments.index("--")
    problem = run(Path(written), arguments[:separator], arguments[separator + 1 :])
    sys.stdout.flush()
    os.write(2, f"tests: {problem}\n".encode() if problem else b"")
    sys.exit(1 if problem else 0)
