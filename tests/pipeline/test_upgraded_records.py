"""A filled database of the first schema is upgraded: what its records said is told to no one, what is new once."""

import shutil
from dataclasses import replace
from datetime import date

import pytest
from pipeline_world import Scene
from sqlalchemy import MetaData, func, insert, select

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.store import unit
from paperwire.store.database.engine import create_private
from paperwire.store.migrations import upgrade
from paperwire.store.unit import Store

NEXT = "accepted at ICLR 2026. Code: https://github.com/a/b"
STATED = {
    "Accepted": {"comment": "Accepted at NeurIPS 2025"},
    "Deposited": {"comment": "Code: https://zenodo.org/records/123"},
    "Referred": {"journal_ref": "Phys. Rev. B 112, 1 (2025)", "doi": "10.1103/abcd"},
    "Extended": {"comment": "Extended version of a paper. Accepted at AAAI 2026"},
    "Listed": {"comment": "12 pages"},
}
LIST = HubEntry(organisation="Maps", submitter="Ada", project_url="https://github.com/ada/maps")
PAGE = HubEntry(models=("a/b",), model_count=1)
LIST_DAY = date(2026, 1, 5)
QUERIES = ("venue:any", "has:code", "co:accepted", "org:maps", "by:ada", "has:model", "has:project")


def reflected(connection):
    tables = MetaData()
    names = lambda name, _: not name.startswith(("paper_words", "sqlite_", "alembic"))  # noqa: E731 -- a line
    tables.reflect(connection, only=names)
    return tables.sorted_tables


def rows_of(connection):
    return {
        table.name: [dict(row._mapping) for row in connection.execute(table.select())]
        for table in reflected(connection)
    }


def make_first(connection, rows):
    """Make the first schema with these rows, of which it knows no later tables and columns."""
    upgrade(connection, unit.FIRST_REVISION)
    for table in reflected(connection):
        columns = table.columns.keys()
        known = [{name: row[name] for name in columns if name in row} for row in rows.get(table.name, ())]
        connection.execute(table.delete())
        if known:
            connection.execute(insert(table), known)
        if (
            connection.dialect.name == "postgresql"
            and getattr(table.columns.get("number"), "autoincrement", False) is True
        ):
            sequence = func.pg_get_serial_sequence(table.name, "number")
            connection.execute(select(func.setval(sequence, 1000)))


@pytest.fixture
async def upgraded(new_database, sqlite_template, tmp_path, clock):
    """A scene over what a filled database of the first schema became; who saved all papers is at address 1."""
    shutil.copy(sqlite_template, tmp_path / "before.db")
    filled = Store.open(f"sqlite+aiosqlite:///{tmp_path / 'before.db'}", now=clock)
    before = Scene(filled, clock)
    place, _ = await before.subscribe("1", "nothing")
    for title, about in STATED.items():
        await before.announce(title, **about)
    await state(before, "Listed", source="huggingface", kind=EventKind.LISTED)
    async with filled.write() as writing:
        numbers = [(await writing.papers.get(before.page(title).events[0].paper.id)).number for title in STATED]
        await writing.people.save_papers((await writing.places.get(place)).owner, numbers)
        rows = await writing.connection.run_sync(rows_of)
    await filled.close()
    rows["setting"] = [row for row in rows["setting"] if row["key"] not in {"words", "queries"}]
    store = Store.open(new_database, now=clock)
    if store.file is not None:
        create_private(store.file)
    async with store._transaction(store._writing) as connection:
        await connection.run_sync(make_first, rows)
    await store.migrate()
    clock.advance(days=10)
    scene = Scene(store, clock)
    for number, query in enumerate(QUERIES, 1):
        await scene.subscribe(str(number), query)
    yield scene
    await store.close()


async def state(scene, title, *, source="arxiv", kind=EventKind.CHANGED, **about):
    """A source says how the record of a paper reads, of the day of its list; that is matched and delivered."""
    scene.clock.advance(hours=1)
    page = scene.page(title, kind=kind, **about)
    events = tuple(
        replace(event, source=source, day=LIST_DAY, paper=replace(event.paper, source=source)) for event in page.events
    )
    scene.source.says["all"].append(replace(page, events=events))
    await scene.collector.poll(early=True)
    await scene.matching.run()
    await scene.deliver()


def lines_of(message):
    return "\n".join("".join(span.text for span in line) for item in message.items for line in item.lines)


async def test_what_history_knew_is_told_to_no_one_and_what_is_new_once(upgraded):
    for night in range(2):
        for title, about in STATED.items():
            await state(upgraded, title, **about | {"comment": f"{about.get('comment', '')} {'.' * night}"})
        await state(upgraded, "Listed", source="huggingface", kind=EventKind.LISTED, hub=LIST)
        await state(upgraded, "Listed", source="huggingface", version=0, hub=PAGE)
    assert {address: list(map(lines_of, messages)) for address, messages in upgraded.post.arrived.items()} == {}
    assert await upgraded.owed() == 0
    for _ in range(2):
        await state(upgraded, "Extended", comment=NEXT)
    told = {address: upgraded.post.titles(address) for address in map(str, range(1, len(QUERIES) + 1))}
    assert told == {"1": [["Extended"]], "2": [["Extended"]]} | {address: [] for address in "4567"} | {"3": told["3"]}
