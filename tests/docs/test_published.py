"""Until Paperwire is published anywhere, nothing that people read tells them to fetch it by its name."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FETCHES = re.compile(
    r"(?:pip3? install|pipx (?:install|run)|uv tool install|uvx|uv add|docker pull)\s(?:-\S+\s)*paperwire\b"
    r"|image:\s*\S*/paperwire",
)
"""A name on a registry; `uv tool install .` and `build: .` are none."""


def test_no_command_or_error_fetches_it_by_name():
    read = [
        ROOT / name for name in ("README.md", "CONTRIBUTING.md", "Dockerfile", "compose.yaml", "compose.postgres.yaml")
    ]
    for folder, kinds in (("docs", "*.md"), ("examples", "*"), ("contrib", "*"), ("src", "*.py"), ("src", "*.html")):
        read += [file for file in (ROOT / folder).rglob(kinds) if file.is_file()]
    hits = [f"{file.relative_to(ROOT)}: {hit[0]}" for file in read for hit in FETCHES.finditer(file.read_text("utf-8"))]
    assert hits == []
