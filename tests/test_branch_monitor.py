"""What coverage measures by `sys.monitoring` before Python 3.14 is what its tracer measures."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WAYS = """
import asyncio, contextlib

def ways(numbers):
    for number in numbers:
        if number > 1 and number != 3: yield number
        elif not number:
            continue
        try:
            1 / (number - 2)
        except ZeroDivisionError:
            yield None
        else:
            yield -number
    while numbers:
        match numbers.pop():
            case 1 | 2:
                pass
            case 7:
                return

async def waits(numbers):
    async with contextlib.AsyncExitStack():
        with contextlib.suppress(ValueError):
            return [number async for number in others(numbers) if number] or any(x > 5 for x in numbers)

async def others(numbers):
    for number in numbers:
        await asyncio.sleep(0)
        yield number

[list(ways(numbers)) for numbers in ([0, 1, 2, 3], [])] + [asyncio.run(waits([0]))]
if __name__ != "__main__":
    list(ways([7]))
"""
MEASURE = """
import json
import sys

import coverage

import branch_monitor

branch_monitor.install()
measured = coverage.Coverage(branch=True, data_file=None, include=["ways.py"])
measured.set_option("run:core", sys.argv[1] or None)
with measured.collect():
    tracer = type(measured._collector.tracers[0]).__name__
    exec(compile(open("ways.py").read(), "ways.py", "exec"), {"__name__": "__main__"})
measured.json_report(outfile="report.json")
(file,) = json.load(open("report.json"))["files"].values()
lines = [file["executed_lines"], file["missing_lines"]]
print(json.dumps([tracer, lines, sorted(file["executed_branches"]), sorted(file["missing_branches"])]))
"""


@pytest.mark.skipif(
    not (3, 12) <= sys.version_info < (3, 14), reason="coverage traces before Python 3.12, and monitors from 3.14"
)
def test_lines_and_branches_are_those_that_the_tracer_notes(tmp_path):
    (tmp_path / "ways.py").write_text(WAYS)
    (tmp_path / "measure.py").write_text(MEASURE)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COV")}

    def measured(core):
        command = [sys.executable, "measure.py", core]
        paths = {"PYTHONPATH": str(Path(__file__).parent)}
        return json.loads(
            subprocess.run(command, cwd=tmp_path, env=clean | paths, capture_output=True, check=True).stdout
        )

    tracer, *traced = measured("ctrace")
    monitor, *monitored = measured("")
    assert (tracer, monitor) == ("CTracer", "BranchMonitor")
    assert monitored == traced
    _lines, taken, missing = traced
    assert len(taken) > 10
    assert missing
