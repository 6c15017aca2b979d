"""A process that does not ended is ended."""

import threading
from typing import ClassVar

from paperwire.cli import run


class Timer(threading.Timer):
    """Keeps those that were made."""

    made: ClassVar = []

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.made.append(self)


def test_a_process_that_hangs_while_it_stops_is_ended_the_hard_way(monkeypatch):
    codes = []
    monkeypatch.setattr(run.os, "_exit", codes.append)
    monkeypatch.setattr(run.threading, "Timer", Timer)
    monkeypatch.setattr(run, "LONGEST_STOP", 0.01)
    run._last_resort()
    timer = Timer.made.pop()
    assert timer.daemon  # it keeps no process that has ended
    assert timer.ident is not None  # it was started
    timer.join()
    assert codes == [1]
