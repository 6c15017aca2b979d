"""What a process is called where it holds leases, so that its successor on this machine can tell that it is dead."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_PIDS = Path("/proc/self/ns/pid")
_OURS: set[str] = set()


def this_machine() -> str:
    """This start of this machine and the set of process numbers we see; empty where the system does not tell."""
    try:
        return f"{_BOOT.read_text(encoding='ascii').strip()}/{_PIDS.readlink()}"
    except OSError:
        return ""


def name() -> str:
    """A name that no other process has: where it runs, its number there, and chance."""
    made = f"{this_machine()} {os.getpid()} {secrets.token_hex(4)}"
    _OURS.add(made)
    return made


def is_dead(owner: str) -> bool:
    """Whether the process of that name surely is gone; one on another machine never surely is."""
    place, _, process = owner.partition(" ")
    number = process.partition(" ")[0]
    if not place or place != this_machine() or not number.isdigit():
        return False
    if int(number) == os.getpid():
        return owner not in _OURS  # another of our number was before us
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def described(owner: str) -> str:
    """A process as an operator knows it: its number, and whether it runs on this machine."""
    place, _, process = owner.partition(" ")
    number = process.partition(" ")[0]
    return f"process {number}" if place == this_machine() else f"process {number} on another machine or in a container"
