"""How many files the process may have open, and how many of them are for connections."""

import resource

import pytest

from paperwire.bootstrap.limits import most_connections, raise_limit

ENDLESS = resource.RLIM_INFINITY


@pytest.fixture
def limits(monkeypatch):
    """What the system has been told, beginning with what a test puts there."""
    state = {"now": (1024, 4096)}
    monkeypatch.setattr(resource, "getrlimit", lambda _which: state["now"])
    monkeypatch.setattr(resource, "setrlimit", lambda _which, pair: state.update(now=pair))
    return state


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((1024, 4096), (4096, 4096)),
        ((1024, ENDLESS), (65_536, ENDLESS)),
        ((4096, 4096), (4096, 4096)),
        ((ENDLESS, ENDLESS), (ENDLESS, ENDLESS)),
        ((100_000, ENDLESS), (100_000, ENDLESS)),
    ],
)
def test_the_soft_limit_is_raised_to_the_hard_one(limits, before, after):
    limits["now"] = before
    raise_limit()
    assert limits["now"] == after


def test_a_system_that_refuses_is_let_be(limits, monkeypatch):
    def refuse(_which, _pair):
        raise ValueError("not allowed to raise maximum limit")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    raise_limit()
    assert limits["now"] == (1024, 4096)


@pytest.mark.parametrize(("soft", "most"), [(1024, 512), (1, 1), (65_536, 4000), (ENDLESS, 4000)])
def test_half_of_the_files_are_kept_for_the_service(limits, soft, most):
    limits["now"] = (soft, ENDLESS)
    assert most_connections() == most
