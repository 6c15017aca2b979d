"""The gate's own rules: a test that failed is run again alone and named, any other failure fails the gate; which
PostgreSQL it takes."""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

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
    assert "again, alone: test_it.py::test_a" in said
    assert "1 passed in" in said


@pytest.mark.whole
def test_the_same_with_several_processes(gate):
    code, _, again = gate(FLAKY.format(name="a"), "-n", "2")
    assert (code, again) == (0, ["test_it.py::test_a"])


def test_what_fails_twice_fails_the_gate(gate):
    code, said, again = gate("def test_wrong(): assert False")
    assert (code, again) == (1, [])
    assert said.endswith("tests: failed twice: test_it.py::test_wrong\n")


@pytest.mark.whole
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


def loaded(name):
    """A program of the gate as a module."""
    spec = importlib.util.spec_from_file_location(f"gate_{name}", SCRIPT.with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def postgres_program():
    return loaded("postgres")


def test_without_programs_the_server_that_runs_serves(postgres_program, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(postgres_program, "DEBIAN", tmp_path)
    address, sentence = postgres_program.start(tmp_path / "data")
    assert address == postgres_program.RUNNING
    assert sentence == "no programs of a PostgreSQL server are here: the one on 127.0.0.1:5432 serves"
    postgres_program.stop(tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_if_the_programs_fail_the_server_that_runs_serves(postgres_program, monkeypatch, tmp_path):
    for name in ("initdb", "pg_ctl", "postgres"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    address, sentence = postgres_program.start(tmp_path / "data")
    assert address == postgres_program.RUNNING
    assert "can be started" in sentence
    assert not (tmp_path / "data").exists()


def test_the_throw_away_server_is_another_and_leaves_nothing(postgres_program):
    if postgres_program.programs() is None:
        pytest.skip("no programs of a PostgreSQL server are here")
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o711)  # as a server that root starts runs as another user
        folder = Path(made, "server")
        address, sentence = postgres_program.start(folder)
        if address == postgres_program.RUNNING:
            pytest.skip(sentence)
        try:
            assert sentence.startswith("a throw-away server of ")
            plain = make_url(address).set(drivername="postgresql").render_as_string()
            with psycopg.connect(plain) as connection:
                assert connection.execute("SHOW fsync").fetchone() == ("off",)
        finally:
            postgres_program.stop(folder)
        assert not folder.exists()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(plain, connect_timeout=5)


def test_a_proof_that_passed_gets_its_day(tmp_path):
    table = tmp_path / "proofs.md"
    table.write_text((SCRIPT.parent / "proofs.md").read_text())
    before = table.read_text().splitlines()
    loaded("proofs").note(table, "long", "abc1234")
    after = table.read_text().splitlines()
    assert after[:-1] == before[:-1]
    assert re.fullmatch(r"\| long \| .* \| \d{4}-\d\d-\d\d, abc1234 \|", after[-1])


def test_every_step_that_slow_notes_is_in_its_table():
    noted = re.findall(r"proofs\.md (\w+) ", SCRIPT.with_name("slow").read_text())
    assert re.findall(r"^\| (\w+) \|", SCRIPT.with_name("proofs.md").read_text(), re.MULTILINE) == ["step", *noted]


def test_where_uv_fails_pip_makes_the_environment_from_scratch(monkeypatch, tmp_path):
    environments, ran = loaded("environments"), []

    def run(program, *arguments):
        ran.append((program, *arguments[:3]))
        if program == "uv":
            raise subprocess.CalledProcessError(1, program)

    monkeypatch.setenv("GATE_UV", "uv")
    monkeypatch.setattr(environments, "_run", run)
    said = environments.equip(sys.executable, tmp_path / "env", tmp_path / "a.lock")
    assert said.endswith("has what a.lock names, by pip")
    assert ran[0] == ("uv", "venv", "--quiet", "--clear")
    assert ran[1:] == [
        (sys.executable, "-m", "venv", "--clear"),
        (str(tmp_path / "env" / "bin" / "python"), "-m", "pip", "install"),
    ]
