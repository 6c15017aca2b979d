"""By how much a process grows at most while it does something."""

import re
from contextlib import contextmanager
from pathlib import Path

import pytest

_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@contextmanager
def grown(most_kb):
    """Fail where a block makes this process grow by `most_kb` kB or more; what it had at its peak before is forgotten.

    `ru_maxrss` never forgets, not even what the process had that started this one: see proc_pid_clear_refs(5).
    """
    if not _FORGET.exists():
        pytest.skip("only Linux says how large a process was since a moment")
    _FORGET.write_text("5", encoding="ascii")
    before = _kb("VmRSS")
    yield
    assert _kb("VmHWM") - before < most_kb


def _kb(name):
    return int(re.search(rf"{name}:\s+(\d+)", _STATUS.read_text(encoding="ascii"))[1])
