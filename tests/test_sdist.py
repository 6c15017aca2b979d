"""The source distribution has docs, changelog and tests; `.ci/sdist.py` builds it and runs some out of it."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
IGNORED = [line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
MADE = {"dist", "build", "htmlcov", "PKG-INFO", "setup.cfg"}
"""What stands in the sdist besides, or is made in the folder where it was unpacked."""


def top():
    """The names at the top that belong to the project: those that git tracks, or all that were unpacked."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return {entry.name for entry in ROOT.iterdir() if not any(entry.match(pattern) for pattern in IGNORED)} - MADE
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {name.partition("/")[0] for name in listed.split("\0") if name}


def test_every_file_at_the_top_goes_into_the_sdist():
    lines = [line.split() for line in (ROOT / "MANIFEST.in").read_text().splitlines()]
    named = {pattern for words in lines if words[0] in {"include", "graft"} for pattern in words[1:]}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    built_in = {"pyproject.toml", "MANIFEST.in", settings["readme"], *settings["license-files"]}
    for name in top() - built_in:
        assert any(Path(name).match(pattern) for pattern in named), f"{name} is in no line of MANIFEST.in"


SERVICE_FILES = [
    *(f"paperwire.db{end}" for end in ("", "-wal", "-shm", "-journal", ".lock", ".write", ".sent", ".release")),
    *(".env", "paperwire.env", "secrets/telegram"),
    *("terminal.history", "terminal.buttons"),
    *("paperwire.sent", "secret.key", "config.toml", "copy.tar.gz", ".venv/bin/python"),
]


@pytest.mark.parametrize("name", SERVICE_FILES)
def test_git_ignores_what_the_service_writes_into_the_working_folder(name):
    assert any(Path(part).match(pattern) for part in Path(name).parts for pattern in IGNORED), name


REGISTRY = re.compile(
    r"(?:pip|pipx|uv|uvx)\b[^\n]*\bpaperwire(?![./:-])\b(?!/)|['\"]paperwire\[|install ['\"`]?paperwire\b"
)
TEXTS = [
    *(path for end in ("md", "toml") for path in sorted(ROOT.glob(f"*.{end}"))),
    *(path for place in ("src", "docs", "benchmarks", ".ci") for path in sorted((ROOT / place).rglob("*.*"))),
]


def test_no_text_fetches_the_project_from_a_registry():
    """The name is no one's there, so anyone could take it: what is said to be installed is a clone."""
    asked = {
        "pip install paperwire",
        "pip install 'paperwire[train]'",
        "uvx paperwire demo",
        "install 'paperwire[onnx]'",
    }
    fine = {"pip install '.[train]' && paperwire meaning train", "pip install -q . && .venv/bin/paperwire run"}
    assert [one for one in asked if not REGISTRY.search(one)] == []
    assert [one for one in fine if REGISTRY.search(one.partition(" && ")[0])] == []
    found = []
    for path in TEXTS:
        if path.suffix not in {".md", ".py", ".toml", ".html"}:
            continue
        for line in path.read_text(encoding="utf-8").splitlines():
            commands = re.split(r"&&|;", line)
            found += [f"{path.relative_to(ROOT)}: {one.strip()}" for one in commands if REGISTRY.search(one)]
    assert found == ['pyproject.toml: "paperwire[onnx,static,train]",']  # of itself, from where it is installed


def test_what_the_manifest_names_is_there():
    for line in (ROOT / "MANIFEST.in").read_text().splitlines():
        verb, *patterns = line.split()
        for pattern in patterns if verb in {"include", "graft"} else ():
            assert list(ROOT.glob(pattern)), f"MANIFEST.in names {pattern}"
