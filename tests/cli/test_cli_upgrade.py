"""Upgrades with PostgreSQL: no migration next to running processes, and none of these goes on with a newer schema."""

from datetime import timedelta

import pytest
from cli_world import on

from paperwire.worker import owner as owners

ELSEWHERE = "boot/pid:[1] 17 ab"


@pytest.fixture
def shared(stocked, database):
    """A shell over a PostgreSQL database whose index of words is to be renewed."""
    if database.startswith("sqlite"):
        pytest.skip("one process runs on SQLite, under a lock")

    async def age(unit):
        await unit.settings.put("words", "older")

    on(database, age)
    return stocked


def beats(database, owner, *roles):
    async def show(unit):
        await unit.leases.start_heartbeat(owner, timedelta(seconds=30))
        await unit.leases.show_roles(owner, roles, timedelta(seconds=30))

    on(database, show)


@pytest.mark.parametrize("command", [["migrate"], ["run"], ["import", "papers.jsonl"]])
def test_others_that_run_are_named_and_waited_for(shared, database, command):
    here = owners.name()
    beats(database, ELSEWHERE, "web")
    beats(database, here, "collect", "match")
    said = shared(*command)
    assert said.code == 1
    assert f"process {here.split(' ')[1]} (collect, match)" in said.err
    assert "process 17 on another machine or in a container (web)" in said.err
    assert "migrate --while-running" in said.err

    async def version(unit):
        return await unit.settings.get("words")

    assert on(database, version) == "older"


def test_processes_that_are_gone_hold_up_nothing(shared, database):
    beats(database, f"{owners.this_machine()} 4000000 ab")
    assert shared("migrate").code == 0
    assert shared("search", "diffusion", "--json").json["total"] == 2


def test_a_migration_may_go_on_next_to_others(shared, database):
    beats(database, ELSEWHERE, "web")
    assert shared("migrate", "--while-running").code == 0
    assert shared("migrate").code == 0
