"""Copies that a service makes at intervals: when, how many, and that a full disk or a missing folder stops nothing."""

import asyncio
import fcntl
import os
import shutil
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from math import isnan
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from paperwire import observe
from paperwire.errors import StoreError
from paperwire.pipeline import backups
from paperwire.pipeline.backups import Backups, copy_before_migration, label_of, latest_copy, write_copy
from paperwire.store import copies
from paperwire.store.unit import Store

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


class Usage(NamedTuple):
    total: float
    used: float
    free: float


@pytest.fixture
async def file_store(tmp_path, sqlite_template, clock):
    shutil.copy(sqlite_template, tmp_path / "paperwire.db")
    store = Store.open(f"sqlite+aiosqlite:///{tmp_path}/paperwire.db", now=clock)
    yield store
    await store.close()


@pytest.fixture
def habit(file_store, tmp_path, clock):
    (tmp_path / "copies").mkdir()
    (tmp_path / "secret.key").write_text("a key")
    return Backups(
        store=file_store,
        key=tmp_path / "secret.key",
        folder=tmp_path / "copies",
        label="mine",
        every=DAY,
        keep=2,
        now=clock,
        troubles={},
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def copied_at():
    return observe.REGISTRY.get_sample_value("paperwire_backup_last_success_timestamp_seconds")


async def test_a_copy_is_made_at_every_interval_and_the_oldest_go(habit, clock):
    (habit.folder / "paperwire-of-mine.tar.gz").touch()
    (habit.folder / "paperwire-of-mineZ.tar.gz").touch()
    assert await habit.run() == DAY
    clock.advance(hours=23)
    assert await habit.run() == HOUR
    for _ in range(3):
        clock.advance(hours=24)
        assert await habit.run() == DAY
    assert names(habit.folder) == [
        "paperwire-20260108T065950Z-mine.tar.gz",
        "paperwire-20260109T065950Z-mine.tar.gz",
        "paperwire-of-mine.tar.gz",
        "paperwire-of-mineZ.tar.gz",
    ]
    assert latest_copy(habit.folder, "mine", clock()) == clock().replace(microsecond=0)
    assert habit.troubles == {}


async def test_a_restart_makes_no_other_copy_and_a_clock_set_back_does(habit, clock):
    await habit.run()
    clock.advance(seconds=60)
    assert await habit.run() == DAY - timedelta(minutes=1)
    clock.advance(hours=-2)
    assert await habit.run() == DAY
    assert len(names(habit.folder)) == 2


async def test_services_that_share_a_folder_keep_their_own_copies(habit, file_store, clock):
    other = replace(habit, label=label_of(b"another key"))
    assert label_of(b"a key") != other.label
    for _ in range(3):
        assert [await habit.run(), await other.run()] == [DAY, DAY]
        for label in ("mine", other.label):
            await copy_before_migration(file_store, None, habit.folder, label, "0024", clock())
        clock.advance(hours=24)
    for label in ("mine", other.label):
        assert len(list(habit.folder.glob(f"*-{label}.tar.gz"))) == 2
        assert len(list(habit.folder.glob(f"*-{label}-schema-0024.tar.gz"))) == 2


async def test_copies_of_a_time_to_come_go_first(habit, file_store, tmp_path, clock):
    clock.advance(hours=24 * 30)  # the clock was wrong
    for _ in range(2):
        await habit.run()
        await copy_before_migration(file_store, None, tmp_path, "mine", "0024", clock())
        clock.advance(hours=24)
    clock.advance(hours=-24 * 32)
    made = clock()
    await habit.run()
    assert latest_copy(habit.folder, "mine", clock()) == made.replace(microsecond=0)
    clock.advance(hours=1)
    assert await habit.run() == DAY - HOUR  # a restart makes no other
    assert (await copy_before_migration(file_store, None, tmp_path, "mine", "0024", clock())).exists()


async def test_what_a_killed_process_left_is_deleted_and_what_another_makes_stays(habit):
    left, others = (habit.folder / f".paperwire-unfinished-{name}" for name in ("left", "others"))
    for folder in (left, others):
        folder.mkdir()
        (folder / "paperwire.db").touch()
    handle = os.open(others, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    await habit.run()
    os.close(handle)
    assert not left.exists()
    assert (others / "paperwire.db").exists()


@pytest.mark.parametrize("loss", ["folder", "room"])
async def test_without_folder_or_room_the_service_goes_on_and_says_so(habit, clock, monkeypatch, loss):
    with monkeypatch.context() as lost, capture_logs() as logs:
        if loss == "folder":
            habit.folder.rmdir()
        else:
            lost.setattr(shutil, "disk_usage", lambda _: Usage(1e9, 1e9, 50_000_000))
        assert await habit.run() == HOUR
        since = clock()
        clock.advance(hours=1)
        assert await habit.run() == HOUR
    trouble = habit.troubles["backup"]
    assert (trouble.since, trouble.next_at, trouble.database) == (since, clock() + HOUR, False)
    assert ("isn't there" if loss == "folder" else "50 MB are free") in trouble.reason
    assert [line["event"] for line in logs] == ["no copy of the database"] * 2
    assert isnan(copied_at())  # which an alert goes by: there is a folder, and never was a copy
    habit.folder.mkdir(exist_ok=True)
    assert await habit.run() == DAY
    assert habit.troubles == {}
    assert copied_at() == clock().timestamp()
    assert len(names(habit.folder)) == 1


async def test_what_fails_while_it_is_written_leaves_nothing(habit, monkeypatch):
    def refuse(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.os, "fsync", refuse)
    await habit.run()
    assert "No space left on device" in habit.troubles["backup"].reason
    assert names(habit.folder) == []


@pytest.mark.parametrize("at", ["copying", "packing"])
async def test_a_stop_ends_a_copy_at_once_and_leaves_nothing(habit, monkeypatch, at):
    began = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wait_for(stop):
        loop.call_soon_threadsafe(began.set)
        assert stop.wait(60)

    if at == "copying":
        copy = copies._copy
        monkeypatch.setattr(copies, "_STEPS", 1)
        monkeypatch.setattr(copies, "_copy", lambda file, target, stop: (wait_for(stop), copy(file, target, stop)))
    else:
        pack = backups._pack
        monkeypatch.setattr(backups, "_pack", lambda *about: (wait_for(about[-1]), pack(*about)))
    running = asyncio.create_task(habit.run())
    await began.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert names(habit.folder) == []


async def test_before_migrations_the_last_two_are_kept(habit, file_store, clock):
    for revision in ("0001", "0002", "0003"):
        clock.advance(hours=1)
        target = await copy_before_migration(file_store, habit.key, habit.folder, "mine", revision, clock())
    assert names(habit.folder) == [
        "paperwire-20260105T095950Z-mine-schema-0002.tar.gz",
        "paperwire-20260105T105950Z-mine-schema-0003.tar.gz",
    ]
    assert latest_copy(habit.folder, "mine", clock()) is None
    with tarfile.open(target) as made:
        assert made.getnames() == ["paperwire.db", "secret.key"]


async def test_a_copy_is_a_whole_database(habit, file_store, tmp_path):
    assert await write_copy(file_store, None, tmp_path / "plain.tar") is False
    with tarfile.open(tmp_path / "plain.tar") as made:
        (tmp_path / "copied.db").write_bytes(made.extractfile("paperwire.db").read())
    with closing(sqlite3.connect(tmp_path / "copied.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_it_is_for_sqlite(clock, tmp_path):
    store = Store.open("postgresql+psycopg://127.0.0.1/x", now=clock)
    with pytest.raises(StoreError, match="pg_dump"):
        await write_copy(store, None, tmp_path / "x.tar")
    await store.close()
