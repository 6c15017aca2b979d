"""What must outlive a restart and is no configuration, such as the authority of feed ids and the first start."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, select
from sqlmodel import col

from paperwire.store.database.statements import insert_new
from paperwire.store.part import Part
from paperwire.store.tables.papers import SourceStateRow
from paperwire.store.tables.service import SettingRow
from paperwire.store.tables.subscriptions import SubscriptionRow


class ServiceSettings(Part):
    """Texts under keys, inside one transaction."""

    async def get(self, key: str) -> str | None:
        """The text under a key, or None."""
        return (await self._db.execute(select(col(SettingRow.value)).where(col(SettingRow.key) == key))).scalar()

    async def put(self, key: str, value: str) -> None:
        """Store the text under a key instead of the one before."""
        new = insert_new(self._db, SettingRow).values(key=key, value=value)
        await self._db.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": value}))

    async def beginning(self, start: str) -> dict[str, str]:
        """The texts under all keys that begin so, by what follows."""
        keys = select(col(SettingRow.key), col(SettingRow.value)).where(col(SettingRow.key).startswith(start))
        return {row.key.removeprefix(start): row.value for row in await self._db.execute(keys.order_by(SettingRow.key))}

    async def remove(self, key: str) -> bool:
        """Forget the text under a key; whether there was one."""
        return (await self._db.execute(delete(SettingRow).where(col(SettingRow.key) == key))).rowcount == 1

    async def ensure(self, key: str, value: str) -> str:
        """The text under a key, which is `value` from now on if there was none; the first to say it wins."""
        new = insert_new(self._db, SettingRow).values(key=key, value=value)
        await self._db.execute(new.on_conflict_do_nothing())
        return (await self._db.execute(select(col(SettingRow.value)).where(col(SettingRow.key) == key))).scalar_one()

    async def ensure_locked(self, key: str, value: str) -> str:
        """The same, and no one else changes it before this transaction ends."""
        await self.ensure(key, value)
        statement = select(col(SettingRow.value)).where(col(SettingRow.key) == key)
        return (await self._db.execute(statement.with_for_update())).scalar_one()

    async def last_instant(self) -> datetime | None:
        """The latest instant of which the database knows that it has passed; None if it knows of none."""
        columns = (col(SourceStateRow.ok_at), col(SubscriptionRow.began_at))
        latest = [(await self._db.execute(select(func.max(instant)))).scalar() for instant in columns]
        return max((instant for instant in latest if instant is not None), default=None)
