"""Starts and stops the gate's own PostgreSQL server: `.ci/postgres.py start FOLDER`, `.ci/postgres.py stop FOLDER`.

`start` prints the server's address, and on stderr which server that is. The server keeps its data in FOLDER, which
`stop` removes. It is fast and loses everything in a crash. Where no programs of a server are found, or they don't
work, the address is that of the server on 127.0.0.1:5432.
"""

import os
import pwd
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

RUNNING = "postgresql+psycopg://postgres@127.0.0.1:5432/test"
DEBIAN = Path("/usr/lib/postgresql")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "max_connections": "100",
}
_NEEDED = ("initdb", "pg_ctl", "postgres")
_ATTEMPTS = 3
"""Another process can take a free port before the server does."""


def programs() -> Path | None:
    """Return the folder of a server's programs: that of `pg_ctl` on PATH, otherwise Debian's newest version."""
    on_path = shutil.which("pg_ctl")
    versions = sorted((path for path in DEBIAN.glob("*/bin") if path.parent.name.isdigit()), key=_version, reverse=True)
    folders = [*([Path(on_path).resolve().parent] if on_path else []), *versions]
    return next((path for path in folders if all(os.access(path / name, os.X_OK) for name in _NEEDED)), None)


def start(folder: Path) -> tuple[str, str]:
    """Start a server with its data in `folder`; its address, and a sentence that says which it is."""
    found = programs()
    if found is None:
        return RUNNING, "no programs of a PostgreSQL server are here: the one on 127.0.0.1:5432 serves"
    user = _unprivileged()
    try:
        folder.mkdir()
        if user:
            shutil.chown(folder, user["user"], user["group"])
        cluster = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", "-D", "data"]
        _run(user, folder, found / "initdb", *cluster)
        port = _start(user, folder, found)
    except (OSError, subprocess.SubprocessError) as error:
        for name in ("said", "log"):
            if (folder / name).exists():
                print((folder / name).read_text(encoding="utf-8", errors="replace"), file=sys.stderr)
        stop(folder)
        return RUNNING, f"no PostgreSQL server can be started ({error}): the one on 127.0.0.1:5432 serves"
    address = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    return address, f"a throw-away server of {found} on port {port}"


def stop(folder: Path) -> None:
    """Stop the server whose data is in `folder`, if there is one, and remove the folder."""
    found = programs()
    if found is not None and (folder / "data" / "postmaster.pid").exists():
        _run(_unprivileged(), folder, found / "pg_ctl", "stop", "-D", "data", "-m", "immediate", "-w")
    shutil.rmtree(folder, ignore_errors=True)


def _start(user: dict[str, Any], folder: Path, found: Path) -> int:
    for attempt in range(1, _ATTEMPTS + 1):
        port = _free_port()
        options = " ".join(f"-c {name}={value}" for name, value in {**SETTINGS, "port": str(port)}.items())
        try:
            _run(user, folder, found / "pg_ctl", "start", "-D", "data", "-l", "log", "-w", "-t", "60", "-o", options)
            return port
        except subprocess.CalledProcessError:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError  # the last attempt returned or raised


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def _unprivileged() -> dict[str, Any]:
    """Arguments for a subprocess: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry.pw_gid for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    return {"user": name, "group": names[name], "extra_groups": []}


def _run(user: dict[str, Any], folder: Path, *command: str | Path) -> None:
    """Run a command in the folder; its output goes to a file, since a server would keep a pipe open."""
    with (folder / "said").open("ab") as said:
        subprocess.run(command, cwd=folder, stdout=said, stderr=said, check=True, timeout=120, **user)  # noqa: S603 -- ours


def _version(folder: Path) -> int:
    return int(folder.parent.name)


if __name__ == "__main__":
    asked, place = sys.argv[1], Path(sys.argv[2])
    if asked == "start":
        address, which = start(place)
        print(which, file=sys.stderr)
        print(address)
    else:
        stop(place)
