"""Installs a lock into an environment: `.ci/environments.py PYTHON FOLDER LOCK`.

By uv if `GATE_UV` names it, otherwise, or where that fails, by venv and pip; both check the hashes of the lock. What
is there already by the lock stays, in a second; an environment of another Python, or without pip, is made from scratch.
"""

import os
import subprocess
import sys
from pathlib import Path

_VERSION = "import sys; print(sys.version)"


def equip(python: str, folder: Path, lock: Path) -> str:
    """Install the lock for that Python; a sentence that says by what."""
    is_new = _version(folder / "bin" / "python") != _version(python) or not (folder / "bin" / "pip").exists()
    program = str(folder / "bin" / "python")
    wanted = ["--quiet", "--require-hashes", "-r", str(lock)]
    uv = os.environ.get("GATE_UV", "")
    if uv:
        try:
            if is_new:
                _run(uv, "venv", "--quiet", "--clear", "--seed", "--python", python, str(folder))
            _run(uv, "pip", "install", "--python", program, *wanted)
            return f"{folder} has what {lock.name} names, by uv"
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"uv failed ({error}), so venv and pip do it", file=sys.stderr)
            is_new = True
    if is_new:
        _run(python, "-m", "venv", "--clear", str(folder))
    _run(program, "-m", "pip", "install", *wanted)
    return f"{folder} has what {lock.name} names, by pip"


def _version(python: str | Path) -> str:
    try:
        return subprocess.run([python, "-c", _VERSION], capture_output=True, text=True, check=True).stdout  # noqa: S603 -- ours
    except (OSError, subprocess.CalledProcessError):
        return ""


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 -- ours


if __name__ == "__main__":
    try:
        print(equip(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
    except subprocess.CalledProcessError as error:
        sys.exit(f"environment: {error}")
