"""Names of processes: unique, and telling whether their bearer on this machine is dead."""

import os
import subprocess
import sys

import pytest

from paperwire.worker import owner
from paperwire.worker.owner import is_dead, name


def of(number):
    return f"{owner.this_machine()} {number} 0123abcd"


@pytest.fixture
def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_no_two_are_the_same():
    assert name() != name()


def test_a_process_that_ended_is_dead_and_one_that_lives_is_not(gone):
    assert is_dead(of(gone))
    assert not is_dead(of(os.getppid()))
    assert not is_dead(of(1))


def test_one_of_our_own_number_was_before_us():
    assert is_dead(of(os.getpid()))
    assert not is_dead(name())


@pytest.mark.parametrize("text", ["the one service", "", " ", "elsewhere 1 x", "host:1:abcd"])
def test_nobody_else_is_surely_dead(text, gone):
    assert not is_dead(text)
    assert not is_dead(f"another-boot/pid:[1] {gone} 0123abcd")
    assert not is_dead(f"{owner.this_machine()} many 0123abcd")


def test_where_the_system_tells_nothing_nobody_is_surely_dead(monkeypatch, gone, tmp_path):
    monkeypatch.setattr(owner, "_BOOT", tmp_path / "none")
    assert owner.this_machine() == ""
    assert not is_dead(name())
    assert not is_dead(f" {gone} 0123abcd")


def test_one_that_we_may_not_ask_lives(monkeypatch):
    def refuse(_number, _signal):
        raise PermissionError

    monkeypatch.setattr(owner.os, "kill", refuse)
    assert not is_dead(of(123456))
