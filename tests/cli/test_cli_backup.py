"""`backup`, `restore` and `move`: whole copies, nothing overwritten, and nothing sent before somebody has looked."""

import asyncio
import io
import os
import shutil
import stat
import tarfile
from datetime import UTC, date, datetime

import pytest
from cli_world import on
from sqlalchemy import insert

from databases import POSTGRES, created
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.deliveries import DeliveryRow, FailureRow
from paperwire.store.unit import Store


@pytest.fixture(scope="module")
def lab_folder(tmp_path_factory):
    """Where the first test leaves a copy of its lab for the others."""
    return tmp_path_factory.mktemp("lab") / "copy"


@pytest.fixture
def lab(shell, papers_file, lab_folder):
    """A SQLite database of three papers with a key of its own next to it."""
    shell.env(now="2026-01-06T12:00:00Z", sources__arxiv__enabled="false", sources__huggingface__enabled="false")
    if lab_folder.exists():
        shutil.copytree(lab_folder, shell.folder, dirs_exist_ok=True)
        return shell
    shell.file("papers.jsonl", papers_file)
    assert shell("import", "papers.jsonl").code == 0
    assert shell("run", "--once").code == 0
    shutil.copytree(shell.folder, lab_folder)
    return shell


def remove(lab):
    """Take away the database and its key."""
    for path in (*lab.folder.glob("paperwire.db*"), lab.folder / "secret.key"):
        path.unlink()


def names(path):
    with tarfile.open(path) as archive:
        return {member.name: member for member in archive}


@pytest.mark.whole
@pytest.mark.parametrize("name", ["copy.tar", "copy.tar.gz"])
def test_there_and_back_again(lab, name):
    key = (lab.folder / "secret.key").read_text()
    said = lab("backup", name)
    assert said.code == 0
    assert f"wrote {name}" in said.out
    assert "with the secret key" in said.out
    copy = lab.folder / name
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert set(names(copy)) == {"paperwire.db", "secret.key"}
    assert all(member.mode == 0o600 and member.uname == "" for member in names(copy).values())
    remove(lab)
    said = lab("restore", name)
    assert (said.code, said.err) == (0, "")
    assert "deliveries are on hold" in said.out
    assert (lab.folder / "secret.key").read_text() == key
    for restored in ("secret.key", "paperwire.db"):
        assert stat.S_IMODE((lab.folder / restored).stat().st_mode) == 0o600
    assert lab("search", "diffusion", "--json").json["total"] == 2
    assert lab("status", "--json").json["held_since"]
    assert not list(lab.folder.glob(".paperwire-*"))


def test_a_copy_is_made_while_a_service_writes(lab):
    store = Store.open(f"sqlite+aiosqlite:///{lab.folder}/paperwire.db", now=lambda: datetime.now(UTC))
    store.lock_service()
    try:
        assert lab("backup", "copy.tar").code == 0
    finally:
        asyncio.run(store.close())
    assert "paperwire.db" in names(lab.folder / "copy.tar")


def test_nothing_is_overwritten(lab):
    (lab.folder / "copy.tar").write_text("mine")
    said = lab("backup", "copy.tar")
    assert said.code == 1
    assert "copy.tar is there already" in said.err
    assert (lab.folder / "copy.tar").read_text() == "mine"
    lab("backup", "good.tar")
    said = lab("restore", "good.tar")
    assert said.code == 1
    assert "paperwire.db is there already" in said.err
    (lab.folder / "paperwire.db").unlink()
    (lab.folder / "paperwire.db-wal").touch()
    said = lab("restore", "good.tar")
    assert said.code == 1
    assert "paperwire.db-wal is there already" in said.err
    for path in lab.folder.glob("paperwire.db*"):
        path.unlink()
    said = lab("restore", "good.tar")
    assert said.code == 1
    assert "secret.key is there already" in said.err
    assert not (lab.folder / "paperwire.db").exists()


def test_a_key_in_the_settings_stays_there(lab):
    lab.env(secret_key="a key of more than thirty-two letters")
    assert "the secret key is in your settings" in lab("backup", "copy.tar").out
    assert set(names(lab.folder / "copy.tar")) == {"paperwire.db"}
    for path in lab.folder.glob("paperwire.db*"):
        path.unlink()
    before = (lab.folder / "secret.key").read_text()
    assert lab("restore", "copy.tar").code == 0  # the old key file is in nobody's way
    assert (lab.folder / "secret.key").read_text() == before


def test_a_copy_without_a_key_says_so(lab, monkeypatch):
    (lab.folder / "secret.key").unlink()
    assert "it holds no secret key" in lab("backup", "copy.tar").out
    for path in lab.folder.glob("paperwire.db*"):
        path.unlink()
    said = lab("restore", "copy.tar")
    assert said.code == 0
    assert "it holds no secret key" in said.err


def archive(path, **members):
    with tarfile.open(path, "w") as made:
        for name, content in members.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_db", ".db"))
            info.size = len(content)
            made.addfile(info, io.BytesIO(content))


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ({"other": b"x"}, "no database in it"),
        ({"paperwire_db": b"x" * 5000}, "no database of Paperwire"),
        ({"paperwire_db": b""}, "no database of Paperwire"),
        ({"..__paperwire_db": b"x"}, "no database in it"),
    ],
)
def test_what_is_no_backup_is_refused_and_leaves_nothing(shell, members, told):
    archive(shell.folder / "odd.tar", **members)
    said = shell("restore", "odd.tar")
    assert said.code == 1
    assert told in said.err
    assert not (shell.folder / "paperwire.db").exists()
    assert not (shell.folder.parent / "paperwire.db").exists()


def test_no_archive_at_all(shell):
    shell.file("odd.tar", "not a tar")
    said = shell("restore", "odd.tar")
    assert said.code == 1
    assert "odd.tar is not a backup" in said.err
    assert "gone.tar is not a backup" in shell("restore", "gone.tar").err


def test_a_damaged_database_is_refused(lab):
    lab("backup", "copy.tar")
    with tarfile.open(lab.folder / "copy.tar") as made:
        content = bytearray(made.extractfile("paperwire.db").read())
    page = 4096
    for start in range(page * 3, len(content) - page, page):
        content[start : start + 200] = b"\xff" * 200
    archive(lab.folder / "bad.tar", paperwire_db=bytes(content))
    remove(lab)
    said = lab("restore", "bad.tar")
    assert said.code == 1
    assert "damaged" in said.err or "no database of Paperwire" in said.err
    assert not (lab.folder / "paperwire.db").exists()


def test_where_nothing_can_be_written(lab):
    said = lab("backup", "missing/copy.tar")
    assert said.code == 1
    assert "cannot write missing/copy.tar: No such file or directory" in said.err


def test_a_restored_copy_stays_on_hold_when_the_service_runs(lab):
    lab("backup", "copy.tar")
    remove(lab)
    assert lab("restore", "copy.tar").code == 0
    assert lab("run", "--once").code == 0
    assert lab("status", "--json").json["held_since"]


def test_a_restored_copy_that_was_released_is_not_held_again(lab):
    lab("backup", "copy.tar")
    remove(lab)
    lab.file("paperwire.db.sent", "0123 7\n2026-01-05T08:00:50+00:00\n")
    here = f"sqlite+aiosqlite:///{lab.folder}/paperwire.db"
    assert lab("restore", "copy.tar").code == 0
    on(here, lambda unit: unit.settings.put("sent mark", "0123 6"))
    assert lab("outbox", "--release").code == 0
    assert lab("run", "--once").code == 0
    assert not lab("status", "--json").json["held_since"]


def test_postgresql_has_its_own_tools(stocked, database):
    if database.startswith("sqlite"):
        pytest.skip("this is about PostgreSQL")
    for command in ("backup", "restore"):
        said = stocked(command, "x.tar")
        assert said.code == 1
        assert "pg_dump" in said.err
    assert "is PostgreSQL already" in stocked("move", "postgresql+psycopg://127.0.0.1/x").err


# --- over to PostgreSQL ------------------------------------------------------------------------------------------


@pytest.fixture
def target(worker_id):
    """The address of a new, empty PostgreSQL database."""
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES is not set")
    with created(f"paperwire_move_{worker_id}_{os.getpid()}") as url:
        yield url


async def subscribed(unit, user, query):
    person = await unit.people.ensure(Actor(channel="telegram", user_id=user), "en")
    place = Place(channel="telegram", address=user, kind="private")
    there = await unit.places.ensure(place, person.number)
    made, _ = await unit.subscriptions.subscribe(
        person.number,
        parse(query),
        name="",
        occasions=frozenset({"arrival"}),
        cadence="instant",
        destinations=[there.number],
    )
    return person.number, made.number


async def failed_once(unit, user):
    """A delivery at a user's place that did not arrive at its first try."""
    place = await unit.places.at(Place(channel="telegram", address=user, kind="private"))
    (paper, *_) = await unit.papers.recent(date(2000, 1, 1))
    key = {"destination": place.number, "paper": paper.number, "occasion": 0}
    owed = {"due_at": unit.now, "state": 0, "attempts": 1}
    await unit.connection.execute(insert(DeliveryRow).values(key | owed))
    why = {"first_at": unit.now, "last_at": unit.now, "unknowns": 0, "reason": "no answer"}
    await unit.connection.execute(insert(FailureRow).values(key | why))


@pytest.mark.postgresql
def test_everything_goes_over_and_numbers_go_on(lab, target):
    here = f"sqlite+aiosqlite:///{lab.folder}/paperwire.db"
    first, _ = on(here, lambda unit: subscribed(unit, "1", "diffusion"))
    on(here, lambda unit: failed_once(unit, "1"))
    gone, last = on(here, lambda unit: subscribed(unit, "2", "models"))
    on(here, lambda unit: unit.people.forget(gone))
    said = lab("move", target)
    assert said.code == 0, said.err
    assert "rows of" in said.out
    assert "secret_key_file to " + str(lab.folder / "secret.key") in said.out
    lab.env(database__url=target)
    assert lab("search", "diffusion", "--json").json["total"] == 2
    told = lab("export", first).json
    assert told["subscriptions"][0]["text"] == "diffusion"
    assert [(one["state"], one["reason"]) for one in told["deliveries"]] == [("owed", "no answer")]
    assert lab("status", "--json").json["papers"] == 3
    person, number = on(target, lambda unit: subscribed(unit, "3", "heat"))
    assert person > gone
    assert number > last
    said = lab("move", target)
    assert "is PostgreSQL already" in said.err


@pytest.mark.postgresql
def test_a_target_that_holds_something_is_left_alone(lab, target):
    assert lab("move", target).code == 0
    said = lab("move", target)
    assert said.code == 1
    assert "holds papers or people already" in said.err


@pytest.mark.postgresql
def test_a_move_that_breaks_off_leaves_nothing(lab, target, monkeypatch):
    async def refuse(_db):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("paperwire.store.copies.index_all", refuse)
        assert lab("move", target).code == 130
    assert lab("move", target).code == 0


@pytest.mark.parametrize("url", ["sqlite+aiosqlite:///other.db", "nonsense"])
def test_only_to_postgresql(lab, url):
    said = lab("move", url)
    assert said.code == 2
    assert "postgresql+psycopg://" in said.err
