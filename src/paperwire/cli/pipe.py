"""`bounce` before anything slow is loaded: most of what a mail server pipes here asks for nothing."""

from __future__ import annotations

import io
import os
import sys

from paperwire.core.bounces.report import LONGEST_MAIL, Report, read_report

_VARIABLES = ("ORIGINAL_RECIPIENT", "RECIPIENT", "LOCAL_PART_SUFFIX")
"""Where mail servers say whom a piped mail was for: Postfix, OpenSMTPD and others; Exim what follows the name."""
_WITH_VALUE = ("--config", "--log-level", "--recipient")
_CHUNK = 1 << 16


def settle_cheaply(arguments: list[str]) -> bool:
    """Read the mail of `paperwire bounce` and say why nothing is to be done about it; False if something may be.

    Then standard input can be read again. Returns False at once for all other command lines.
    """
    options = _options(arguments)
    if options is None:
        return False
    raw = read_mail()
    report = read_report(raw, options.get("--recipient") or recipient_from_pipe())
    if why := nothing_to_do(report):
        sys.stdout.write(f"{why}\n")
        return True
    sys.stdin = io.TextIOWrapper(io.BytesIO(raw))
    return False


def read_mail() -> bytes:
    """The first part of the mail on standard input; the rest is read as well, or the pipe would break."""
    raw = sys.stdin.buffer.read(LONGEST_MAIL)
    while sys.stdin.buffer.read(_CHUNK):
        pass
    return raw


def recipient_from_pipe() -> str:
    """The recipient, if the mail server names it."""
    name, text = next(((name, os.environ[name]) for name in _VARIABLES if os.environ.get(name)), ("", ""))
    return f"{text}@" if name == "LOCAL_PART_SUFFIX" else text


def nothing_to_do(report: Report | None) -> str:
    """Why a mail asks for nothing, empty if it asks for something."""
    if report is None:
        return "not a report of anything: ignored"
    if not report.names:
        return f"no address of this Paperwire is named: ignored ({report.reason})"
    return f"nothing changes: {report.reason}" if report.outcome == "noted" else ""


def _options(arguments: list[str]) -> dict[str, str] | None:
    """The options of a plain `bounce` that reads standard input; None for all other command lines."""
    options: dict[str, str] = {}
    command, left = "", list(arguments)
    while left:
        name, equals, value = left.pop(0).partition("=")
        if name in _WITH_VALUE and (equals or left):
            options[name] = value if equals else left.pop(0)
        elif name == "bounce" and not equals and not command:
            command = name
        else:
            return None
    return options if command else None
