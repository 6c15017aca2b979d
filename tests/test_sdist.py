"""The source distribution has docs, changelog and tests; `.ci/sdist.py` builds it and runs some out of it."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MADE = {"dist", "build", "htmlcov", "PKG-INFO", "setup.cfg"}


def test_every_file_at_the_top_goes_into_the_sdist():
    lines = [line.split() for line in (ROOT / "MANIFEST.in").read_text().splitlines()]
    named = {pattern for words in lines if words[0] in {"include", "graft"} for pattern in words[1:]}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    built_in = {"pyproject.toml", "MANIFEST.in", settings["readme"], *settings["license-files"]}
    ignored = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()} | {".git"}
    for entry in ROOT.iterdir():
        if entry.name not in built_in | MADE and not any(entry.match(pattern) for pattern in ignored):
            assert any(entry.match(pattern) for pattern in named), f"{entry.name} is in no line of MANIFEST.in"


def test_what_the_manifest_names_is_there():
    for line in (ROOT / "MANIFEST.in").read_text().splitlines():
        verb, *patterns = line.split()
        for pattern in patterns if verb in {"include", "graft"} else ():
            assert list(ROOT.glob(pattern)), f"MANIFEST.in names {pattern}"
