"""By how much a process grows at most while it does something."""

import os
import re
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
_MAPS, _MEMORY = Path("/proc/self/maps"), Path("/proc/self/mem")


@contextmanager
def grown(most_kb):
    """Fail where a block makes this process grow by `most_kb` kB or more; what it had at its peak before is forgotten.

    `ru_maxrss` never forgets, not even what the process had that started this one: see proc_pid_clear_refs(5). All
    readable pages are read first: those that the kernel reclaimed while they were idle, of libraries or swapped out,
    would come back while the block runs and count as its growth. What it allocates still counts in full.
    """
    if not _FORGET.exists():
        pytest.skip("only Linux says how large a process was since a moment")
    _read_all_pages()
    _FORGET.write_text("5", encoding="ascii")
    before = _kb("VmRSS")
    yield
    assert _kb("VmHWM") - before < most_kb


def _read_all_pages():
    """Let every readable page of this process be resident; memory that was never written stays without pages."""
    buffer = bytearray(1 << 20)
    with _MEMORY.open("rb", buffering=0) as memory:
        for start, end in re.findall(r"^(\w+)-(\w+) r", _MAPS.read_text("utf-8", "replace"), re.MULTILINE):
            for at in range(int(start, 16), int(end, 16), len(buffer)):
                room = memoryview(buffer)[: min(len(buffer), int(end, 16) - at)]
                with suppress(OSError, OverflowError):  # of the kernel, or past the end of a file
                    os.preadv(memory.fileno(), [room], at)


def _kb(name):
    return int(re.search(rf"{name}:\s+(\d+)", _STATUS.read_text(encoding="ascii"))[1])
