"""From SQLite to PostgreSQL: every row of every table, in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from sqlalchemy import Table, delete, exists, func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.errors import StoreError
from paperwire.store.search.word_index import renew_words
from paperwire.store.tables.base import Row
from paperwire.store.tables.papers import PaperRow
from paperwire.store.tables.people import PersonRow
from paperwire.store.tables.service import SettingRow
from paperwire.store.unit import Store

_ROWS_AT_ONCE = 2_000
# Who holds what, and whose turn it is, concerns processes of the database that is left.
_OF_THE_MOMENT = {"lease", "pace", "channel_state"}

_NUMBERS_USED = text("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")

Tell: TypeAlias = "Callable[[str, int, int], None]"
"""Hears after each piece: the table's name, how many of its rows are copied, and how many there are."""


async def move_all(source: Store, target: Store, tell: Tell) -> tuple[int, int]:
    """Copy all of a SQLite database into an empty PostgreSQL one; how many tables and rows that were.

    Nothing is there if it fails. Raises StoreError if the target holds papers or people already.
    """
    tables = [table for table in Row.metadata.sorted_tables if table.name not in _OF_THE_MOMENT]
    async with source.read() as origin, target.write() as there:
        if await _holds_anything(there.connection):
            raise StoreError(f"the database {target.where} holds papers or people already; nothing was copied")
        used: dict[str, int] = dict((await origin.connection.execute(_NUMBERS_USED)).all())
        copied = 0
        for table in tables:
            copied += await _copy(table, origin.connection, there.connection, tell)
            if table.name in used:
                await _count_on(table, used[table.name], there.connection)
        await there.connection.execute(delete(SettingRow).where(col(SettingRow.key) == "words"))
        await renew_words(there.connection)
    return len(tables), copied


async def _holds_anything(db: AsyncConnection) -> bool:
    return any((await db.execute(select(exists(select(PaperRow)), exists(select(PersonRow))))).one())


async def _copy(table: Table, origin: AsyncConnection, there: AsyncConnection, tell: Tell) -> int:
    total: int = (await origin.execute(select(func.count()).select_from(table))).scalar_one()
    await there.execute(delete(table))  # what a new database begins with
    copied = 0
    rows = await origin.stream(select(table))
    async for piece in rows.mappings().partitions(_ROWS_AT_ONCE):
        await there.execute(insert(table), [dict(row) for row in piece])
        copied += len(piece)
        tell(table.name, copied, total)
    return copied


async def _count_on(table: Table, last: int, db: AsyncConnection) -> None:
    """Let no number be given again that was given before, even to what is long deleted."""
    sequence = func.pg_get_serial_sequence(table.name, "number")
    await db.execute(select(func.setval(sequence, last)))
