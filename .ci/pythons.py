"""Prints the oldest and the newest Python here that the project supports, one path a line; one line if it is one.

Looks along PATH and where pyenv keeps its versions. What cannot make an environment is named on stderr and left out.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

_REQUIRED = re.compile(r'^requires-python = ">=3\.(\d+)"', re.MULTILINE)
_NAME = re.compile(r"python3\.(\d+)")
_ASKED = "import sys; print(sys.version_info[1], sys.executable, flush=True); import ensurepip, venv"


def supported() -> dict[int, str]:
    """The first working Python of each minor version, the oldest first."""
    least = int(_REQUIRED.findall(Path("pyproject.toml").read_text(encoding="utf-8"))[0])
    folders = [*map(Path, os.get_exec_path()), *sorted(Path.home().glob(".pyenv/versions/*/bin"))]
    found: dict[int, str] = {}
    for folder in folders:
        for file in sorted(folder.glob("python3.*")):
            named = _NAME.fullmatch(file.name)
            minor = int(named[1]) if named else 0
            if minor >= least and minor not in found and (program := _program(file, minor)):
                found[minor] = program
    return dict(sorted(found.items()))


def _program(file: Path, minor: int) -> str:
    """The program of a name (a shim of pyenv may have none), if it is that version and can make an environment."""
    answer = subprocess.run([file, "-c", _ASKED], capture_output=True, text=True, check=False)  # noqa: S603 -- on PATH
    version, _, program = answer.stdout.strip().partition(" ")
    if version != str(minor):
        return ""
    if answer.returncode:
        print(f"{file} is left out: it has no ensurepip (on Debian the package python3-venv)", file=sys.stderr)
        return ""
    return program


if __name__ == "__main__":
    pythons = list(supported().values())
    if not pythons:
        sys.exit("no Python here is new enough and can make an environment")
    print(*dict.fromkeys([pythons[0], pythons[-1]]), sep="\n")
