"""`health` before anything slow is loaded: a container asks it all day, and mostly all is well."""

from __future__ import annotations

import os
import sys
import tomllib
from http.client import HTTPConnection, HTTPException
from pathlib import Path

_QUESTIONS = {("health",): ("/healthz", b"alive\n"), ("health", "--ready"): ("/readyz", b"ready\n")}
_TIMEOUT = 4.0  # seconds
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- asked, not listened on


def is_well(arguments: list[str]) -> bool:
    """Ask the process and say that it is well; False if it isn't, for the full command to say why.

    Returns False at once for all other command lines.
    """
    if (question := _QUESTIONS.get(tuple(arguments))) is None:
        return False
    path, answer = question
    try:
        host, port = _address()
        connection = HTTPConnection(host, port, timeout=_TIMEOUT)
        connection.request("GET", path)
        if connection.getresponse().read(len(answer) + 1) != answer:
            return False
    except (OSError, HTTPException, ValueError):
        return False
    sys.stdout.write(answer.decode())
    return True


def _address() -> tuple[str, int]:
    """The `[ops]` address of the settings where they are as usual; raises ValueError where they can't be read."""
    file = Path(os.environ.get("PAPERWIRE_CONFIG") or "config.toml")
    ops = tomllib.loads(file.read_text(encoding="utf-8")).get("ops", {}) if file.exists() else {}
    host = os.environ.get("PAPERWIRE_OPS__HOST") or ops.get("host", "127.0.0.1")
    return near(str(host)), int(os.environ.get("PAPERWIRE_OPS__PORT") or ops.get("port", 8001))


def near(host: str) -> str:
    """Where on this machine to ask what listens on `host`."""
    return _EVERYWHERE.get(host, host)
