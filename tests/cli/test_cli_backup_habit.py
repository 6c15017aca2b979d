"""`[backup]`: copies that `run` and migrations make by themselves, put back into a service that runs on."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cli_world import found

from paperwire.pipeline.backups import label_of
from paperwire.store.unit import HEAD

OLDER = Path(__file__).parents[1] / "store" / "filled_0024.sql.gz"


@pytest.fixture
def quiet(shell):
    """A shell whose service reads no source."""
    shell.env(sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    return shell


@pytest.fixture
def older(quiet):
    """The same over a database of an earlier schema."""
    with closing(sqlite3.connect(quiet.folder / "paperwire.db")) as connection:
        connection.executescript(gzip.decompress(OLDER.read_bytes()).decode())
    return quiet


def remove(shell):
    for path in (*shell.folder.glob("paperwire.db*"), shell.folder / "secret.key"):
        path.unlink()


def schema(shell):
    with closing(sqlite3.connect(shell.folder / "paperwire.db")) as connection:
        return connection.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.mark.whole
def test_the_service_copies_itself_and_runs_with_the_copy(quiet, papers_file):
    quiet.file("papers.jsonl", papers_file)
    assert quiet("import", "papers.jsonl").code == 0
    (quiet.folder / "copies").mkdir()
    quiet.env(backup__folder="copies")
    said = quiet("run", "--once")
    assert "copied the database" in said.err
    (copy,) = (quiet.folder / "copies").iterdir()
    assert found(quiet("check", "--json"))["backup"][0] == "ok"
    key = (quiet.folder / "secret.key").read_text()
    remove(quiet)
    assert quiet("restore", copy).code == 0
    assert (quiet.folder / "secret.key").read_text() == key
    said = quiet("run", "--once")
    assert said.code == 0
    assert "copied the database" not in said.err
    assert quiet("search", "diffusion", "--json").json["total"] == 2


def test_a_missing_folder_stops_no_service(quiet):
    quiet.env(backup__folder="gone")
    said = quiet("run", "--once")
    assert said.code == 0
    assert "the folder gone of [backup] isn't there" in said.err


@pytest.mark.whole
def test_a_migration_leaves_a_copy_that_is_a_way_back(older):
    said = older("migrate")
    assert said.code == 0
    assert schema(older) == HEAD
    (copy,) = older.folder.glob("paperwire-*-schema-0024.tar.gz")
    assert str(copy) in said.err
    assert older("migrate").err == ""
    shutil.unpack_archive(copy, older.folder / "way back", filter="data")
    with closing(sqlite3.connect(older.folder / "way back" / "paperwire.db")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchone() == ("0024",)
    for path in older.folder.glob("paperwire.db*"):
        path.unlink()
    assert older("restore", copy).code == 0
    assert schema(older) == HEAD


def test_a_migration_copies_into_the_folder_of_copies(older):
    (older.folder / "copies").mkdir()
    older.env(backup__folder="copies")
    assert older("migrate").code == 0
    assert len(list((older.folder / "copies").glob("*-schema-0024.tar.gz"))) == 1


def test_without_room_for_a_copy_no_migration_begins(older, monkeypatch):
    usage = shutil.disk_usage("/")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1_000_000))
    said = older("migrate")
    assert said.code == 1
    assert "MB are free" in said.err
    assert schema(older) == "0024"


def test_check_says_how_copies_are(quiet, monkeypatch):
    assert found(quiet("check", "--json"))["backup"] == (
        "ok",
        "no copies of the database are made: set backup.folder",
    )
    quiet.env(backup__folder="copies")
    assert found(quiet("check", "--json"))["backup"] == ("warning", "the folder copies isn't there")
    (quiet.folder / "copies").mkdir()
    assert found(quiet("check", "--json"))["backup"] == ("ok", "no copy in copies yet")
    (quiet.folder / "secret.key").write_text("a key\n")
    label = label_of(b"a key")
    (quiet.folder / "copies" / f"paperwire-20260105T075950Z-{label}.tar.gz").touch()
    assert found(quiet("check", "--json"))["backup"] == ("warning", "last copy in copies: Mon 5 Jan 2026 07:59 UTC")
    with monkeypatch.context() as kept:
        kept.setattr("os.access", lambda path, mode: False)
        assert found(quiet("check", "--json"))["backup"] == ("warning", "copies is not writable")


def test_postgresql_is_copied_by_its_own_tools(stocked, database):
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    assert found(stocked("check", "--json"))["backup"] == ("ok", "pg_dump makes them")
    stocked.env(backup__folder="copies")
    assert found(stocked("check", "--json"))["backup"][0] == "warning"
    said = stocked("run", "--once", "--only", "match")
    assert said.code == 0
    assert "backup is off" in said.err
