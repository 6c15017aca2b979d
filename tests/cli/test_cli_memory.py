"""How a process keeps its memory."""

import ctypes
import subprocess
import sys
from types import SimpleNamespace

import pytest

from paperwire.bootstrap.limits import share_few_heaps


def test_a_service_has_few_heaps_for_all_its_threads(shell, monkeypatch):
    asked = []
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(mallopt=lambda *option: asked.append(option)))
    assert shell("run", "--only", "nothing").code == 2
    assert asked == [(-8, 4)]


def test_a_machine_without_glibc_goes_without(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace())
    share_few_heaps()


NEEDED_LATER = {"cryptography", "css_inline", "dkim", "bibtexparser", "rispy", "icalendar", "discord", "telegram"}


@pytest.mark.parametrize(
    ("modules", "needless"),
    [
        ("paperwire.bootstrap.serving", {*NEEDED_LATER, "alembic", "fastapi", "feedgen", "paperwire.web.app"}),
        ("paperwire.bootstrap.serving, paperwire.bootstrap.pages", {*NEEDED_LATER, "alembic"}),
    ],
    ids=["a process", "the pages"],
)
def test_what_few_processes_need_is_loaded_where_it_is_needed(modules, needless):
    program = f"import {modules}, sys; print(sorted({needless!r} & sys.modules.keys()))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "[]\n"
