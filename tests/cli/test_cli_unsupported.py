"""Databases that this version can't bring up to date: each command says so, and leaves them as they are."""

import sqlite3
import tarfile
from contextlib import closing

import pytest

from paperwire.store.unit import LAST_COMMIT_BEFORE

CHECK_OUT = f"check out commit {LAST_COMMIT_BEFORE}, run `paperwire"


@pytest.fixture
def older(migrated):
    """A shell over a database of the revision before the first one."""
    _stamp(migrated, "0023")
    return migrated


def _stamp(shell, revision):
    with closing(sqlite3.connect(shell.folder / "paperwire.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (revision,))


def _dump(shell):
    with closing(sqlite3.connect(shell.folder / "paperwire.db")) as connection:
        return [connection.execute(f"SELECT * FROM {name}").fetchall() for name in ("alembic_version", "counter")]  # noqa: S608 -- names above


def _pack(shell, name):
    with tarfile.open(shell.folder / name, "w") as made:
        made.add(shell.folder / "paperwire.db", "paperwire.db")
    (shell.folder / "paperwire.db").unlink()


@pytest.mark.parametrize(
    "command", [["migrate"], ["run"], ["run", "--once"], ["collect"], ["status"], ["backup", "copy.tar"]]
)
def test_an_older_database_names_the_commit_to_go_through(older, command):
    before = _dump(older)
    said = older(*command)
    assert said.code == 1
    assert said.out == ""
    assert said.err == (
        "paperwire: the database paperwire.db has schema 0023, and this version begins with 0024:"
        f" {CHECK_OUT} migrate` there, then come back\n"
    )
    assert _dump(older) == before


@pytest.mark.parametrize(
    ("revision", "named"), [("0023", f"{CHECK_OUT} migrate` there"), ("9999", "a newer Paperwire")]
)
def test_check_calls_it_broken(migrated, revision, named):
    _stamp(migrated, revision)
    said = migrated("check", "--json")
    assert said.code == 1
    (about,) = [one for one in said.json if one["subject"] == "database"]
    assert about["level"] == "broken"
    assert named in about["text"]


def test_an_older_backup_names_the_commit_that_restores_it(older):
    _pack(older, "old.tar")
    said = older("restore", "old.tar")
    assert (said.code, said.out) == (1, "")
    assert said.err == (
        f"paperwire: old.tar was written by an older Paperwire: {CHECK_OUT} restore old.tar` there, then come back\n"
    )
    assert [path.name for path in older.folder.glob("*.db*") if not path.name.endswith(".lock")] == []


def test_a_newer_backup_is_called_that(migrated):
    _stamp(migrated, "9999")
    _pack(migrated, "new.tar")
    said = migrated("restore", "new.tar")
    assert (said.code, said.err) == (1, "paperwire: new.tar was written by a newer Paperwire\n")
