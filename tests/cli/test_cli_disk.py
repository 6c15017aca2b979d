"""A full disk of the database: processes can't report themselves, and none is said not to run for that."""

import shutil

import pytest
from cli_world import found, on

from paperwire.pipeline.reports import STALE


@pytest.fixture
def full(migrated, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=40_000))

    async def show(unit):
        await unit.leases.show_roles("a process", ["web"], STALE)

    on(f"sqlite+aiosqlite:///{migrated.folder}/paperwire.db", show)  # at 12:00
    return migrated


def test_the_disk_is_named_while_a_process_was_just_seen(full):
    full.env(now="2026-01-06T12:00:30Z")
    said = full("status").out
    assert "Processes: web 1" in said
    assert "⚠ the disk is full: 0.0 GB free in " in said
    assert "report itself" not in said


def test_the_last_report_of_a_process_is_named_and_none_is_said_not_to_run(full):
    full.env(now="2026-01-06T12:10:00Z")
    said = " ".join(full("status").out.split())
    assert "No process is running." not in said
    assert "no process could report itself since Tue 6 Jan 2026 12:00 UTC" in said


def test_with_room_there_is_no_process(migrated):
    assert "No process is running." in migrated("status").out


def test_check_says_so_too(full):
    full.env(now="2026-01-06T12:10:00Z")
    findings = found(full("check", "--json"))
    assert findings["disk"][0] == "broken"
    assert findings["processes"][0] == "warning"
    assert "no process could report itself since Tue 6 Jan 2026 12:00 UTC" in findings["processes"][1]
