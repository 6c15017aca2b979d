"""How a process keeps its memory."""

import ctypes
from types import SimpleNamespace

from paperwire.bootstrap.limits import share_few_heaps


def test_a_service_has_few_heaps_for_all_its_threads(shell, monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(mallopt=lambda *option: asked.append(option)))
    assert shell("run", "--only", "nothing").code == 2
    assert asked == [(-8, 4)]


def test_a_machine_without_glibc_goes_without(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    share_few_heaps()
