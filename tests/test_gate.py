"""The gate's own rule: what failed by name is tried once more, alone, and named; anything else fails it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / ".ci" / "tests.py"
FLAKY = """
def test_{name}(request):
    tried = request.path.with_name("{name}")
    tried.touch()
    assert len(list(request.path.parent.glob("{name}*"))) > 1, tried.rename(tried.with_name("{name} before"))
"""


@pytest.fixture
def gate(tmp_path):
    """Run the gate's tests over a file of that text; the exit status, all that was said, and what passed alone."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    again = tmp_path / "again"

    def run(text, *options):
        (tmp_path / "test_it.py").write_text(text)
        command = [sys.executable, SCRIPT, again, "-p", "no:cacheprovider", "-p", "xdist", *options, "--", "test_it.py"]
        few = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # they take longer to load than all this to run
        ended = subprocess.run(command, cwd=tmp_path, env=few, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr, again.read_text().splitlines() if again.exists() else []

    return run


def test_what_passes_needs_no_second_try(gate):
    code, said, again = gate("def test_fine(): pass")
    assert (code, again) == (0, [])
    assert "1 passed in" in said


def test_what_passes_alone_is_written_down(gate):
    code, said, again = gate(FLAKY.format(name="a") + "def test_fine(): pass")
    assert (code, again) == (0, ["test_it.py::test_a"])
    assert "1 failed, 1 passed in" in said
    assert "once more, alone: test_it.py::test_a" in said
    assert "1 passed in" in said


def test_the_same_with_processes_beside_each_other(gate):
    code, _, again = gate(FLAKY.format(name="a"), "-n", "2")
    assert (code, again) == (0, ["test_it.py::test_a"])


def test_what_fails_twice_fails_the_gate(gate):
    code, said, again = gate("def test_wrong(): assert False")
    assert (code, again) == (1, [])
    assert said.endswith("tests: failed twice: test_it.py::test_wrong\n")


def test_three_in_all_may_be_tried_again_and_no_more(gate):
    assert gate("".join(FLAKY.format(name=name) for name in "ab"))[0] == 0
    assert gate(FLAKY.format(name="c"))[0] == 0
    code, said, again = gate(FLAKY.format(name="d"))
    assert (code, len(again)) == (1, 3)
    assert said.endswith("tests: more than 3 tests failed, which are not tried again\n")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("import nowhere", "pytest ended with status 2"),
        ("", "pytest ended with status 5"),
        ("def test_a(request): raise KeyboardInterrupt", "pytest ended with status 2"),
        (
            "import pytest\n@pytest.fixture\ndef a(): raise OSError\ndef test_a(a): pass",
            "broke outside of a test: test_it.py::test_a",
        ),
    ],
    ids=["unreadable", "no tests", "interrupted", "fixture"],
)
def test_anything_but_a_failed_test_fails_the_gate(gate, text, problem):
    code, said, again = gate(text)
    assert (code, again) == (1, [])
    assert said.endswith(f"tests: {problem}\n")


def test_a_process_that_dies_fails_the_gate(gate):
    code, said, again = gate("import os\ndef test_a(): os._exit(3)", "-n", "1", "--max-worker-restart", "0")
    assert (code, again) == (1, [])
    assert "tests: broke outside of a test: test_it.py::test_a" in said


def test_a_test_that_hangs_fails_by_name(gate):
    code, said, again = gate("import time\ndef test_a(): time.sleep(60)", "-p", "pytest_timeout", "--timeout", "0.3")
    assert (code, again) == (1, [])
    assert said.endswith("tests: failed twice: test_it.py::test_a\n")
