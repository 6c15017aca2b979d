"""Which version of the rules wrote what is stored by them, and how far a renewal by this version's has come."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from paperwire.core.query.plan import PLAN_VERSION
from paperwire.core.search.indexed import INDEX_VERSION
from paperwire.errors import StoreUnsupported
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.service import SettingRow

_AFTER = " after "  # between the version and the number of the last row that was renewed, while some are left


@dataclass(frozen=True, slots=True)
class Renewed:
    """What is renewed when its rules change: the setting that says how far, and this version of the rules."""

    setting: str
    version: int

    async def is_ours(self, db: AsyncConnection) -> bool:
        """Whether this version wrote it, or is renewing it."""
        return (await self._stored(db)).partition(_AFTER)[0] == str(self.version)

    async def is_whole(self, db: AsyncConnection) -> bool:
        """Whether this version wrote all of it."""
        return await self._stored(db) == str(self.version)

    async def last(self, db: AsyncConnection) -> int | None:
        """The number of the last row that this version's renewal wrote, None if nothing is left to renew.

        Raises StoreUnsupported if another version wrote it: this process may not write any more.
        """
        version, _, last = (await self._stored(db)).partition(_AFTER)
        if version != str(self.version):
            raise StoreUnsupported(
                f"another version of Paperwire renewed what this one stores ({self.setting}); restart with that version"
            )
        return int(last) if last else None

    async def note(self, db: AsyncConnection, last: int | None) -> None:
        """Write down how far the renewal has come; None for its end."""
        value = str(self.version) if last is None else f"{self.version}{_AFTER}{last}"
        await db.execute(delete(SettingRow).where(col(SettingRow.key) == self.setting))
        await db.execute(insert_new(db, SettingRow).values(key=self.setting, value=value))

    async def _stored(self, db: AsyncConnection) -> str:
        value: str | None = await db.scalar(select(col(SettingRow.value)).where(col(SettingRow.key) == self.setting))
        return value or ""


QUERIES = Renewed("queries", PLAN_VERSION)
"""Keys and plans of queries."""
WORDS = Renewed("words", INDEX_VERSION)
"""The index of words."""
