"""Does what the Dockerfile does, without Docker, and tries the result: `.ci/container.py PYTHON`.

The wheel is built from the files of Docker's context alone and installed by the lock into an environment of its own,
out of which `init`, `check` and `demo` are run in an empty folder.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import environments

PATIENCE = 120.0
"""Seconds; a demo without a paper by then has failed."""
VERSION = "1.2.3"
"""What a release says in place of the tag, which is not in the context."""
_PAPER = re.compile(r"/papers/demo\.\d+")


def context(into: Path) -> None:
    """Copy what git knows of the context; `.dockerignore` must shut out everything and let names back in."""
    lines = [line for line in Path(".dockerignore").read_text(encoding="utf-8").splitlines() if line.strip()]
    names = [line.removeprefix("!") for line in lines if line.startswith("!")]
    if lines[0] != "*" or set(lines) - {"*", "**/__pycache__"} != {f"!{name}" for name in names}:
        sys.exit("container: .dockerignore is not `*` and a list of names; say here what it lets in now")
    files = _said("git", "ls-files", "-z", "--", *names).split("\0")
    for name in filter(None, files):
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(name, into / name, follow_symlinks=False)  # Docker keeps links too


def install(python: str, source: Path, environment: Path) -> Path:
    """Install by the lock, then the wheel of `source`; the program."""
    environments.equip(python, environment, source / "requirements.lock")
    pip = environment / "bin" / "pip"
    tag = {"SETUPTOOLS_SCM_PRETEND_VERSION_FOR_PAPERWIRE": VERSION}
    _said(pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", environment, source, **tag)
    _said(pip, "install", "--quiet", "--no-deps", *environment.glob("paperwire-*.whl"))
    return environment / "bin" / "paperwire"


def try_out(program: Path, folder: Path) -> None:
    """The version is the given one, `init` writes the example, `check` finds nothing broken, `demo` shows a paper."""
    if (version := _said(program, "--version").strip()) != f"paperwire {VERSION}":
        sys.exit(f"container: of version {VERSION} came {version}")
    _said(program, "init", cwd=folder)
    if (folder / "config.toml").read_bytes() != Path("config.example.toml").read_bytes():
        sys.exit("container: `init` does not write config.example.toml")
    print(_said(program, "check", cwd=folder))
    with subprocess.Popen(  # noqa: S603 -- our own program
        [program, "demo"],
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as demo:
        assert demo.stdin is not None  # noqa: S101 -- it is a pipe
        assert demo.stdout is not None  # noqa: S101 -- the same
        guard = threading.Timer(PATIENCE, demo.kill)
        guard.start()
        demo.stdin.write("/subscribe agents OR attention OR learning OR model OR graph\n")
        demo.stdin.flush()
        shown = ""
        while not _PAPER.search(shown) and (line := demo.stdout.readline()):
            shown += line
        demo.stdin.close()
        rest = demo.stdout.read()
        guard.cancel()
    if demo.returncode or not _PAPER.search(shown):
        sys.exit(f"container: `demo` ended with {demo.returncode} and showed:\n{shown}{rest}")
    print(shown)


def _said(*command: str | Path, cwd: Path | None = None, **more: str) -> str:
    """What a command says; whatever fails ends all."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PAPERWIRE_", "PYTHON"))}
    clean["PAPERWIRE_WEB__PORT"] = "0"  # whatever else runs here has the usual one
    ended = subprocess.run(command, cwd=cwd, env=clean | more, capture_output=True, text=True, check=False)  # noqa: S603 -- ours
    if ended.returncode:
        sys.exit(
            f"container: {' '.join(map(str, command))} ended with {ended.returncode}\n{ended.stdout}{ended.stderr}"
        )
    return ended.stdout


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("container: stopped"))  # so that nothing made here stays
    with tempfile.TemporaryDirectory(prefix="paperwire-container-") as made:
        place = Path(made)
        context(place / "context")
        (place / "empty").mkdir()
        try_out(install(sys.argv[1], place / "context", place / "environment"), place / "empty")
