"""Requests to send papers to an address: kept until the reader there confirms them, and counted."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, insert, or_, select, update
from sqlmodel import col

from paperwire.core.mailbox import mailbox_of
from paperwire.ports.opt_ins import REMEMBERED, OptIn
from paperwire.store.database.locks import lock_opt_ins
from paperwire.store.database.part import Part, count_rows, value_of
from paperwire.store.database.tables.people import AccountRow, OptInRow


class OptIns(Part):
    """Requests inside one transaction."""

    async def count_for(self, channel: str, address: str, since: datetime) -> int:
        """How many requests for an address, or another of its mailbox, there were since then.

        No one adds a request until commit.
        """
        await lock_opt_ins(self._db)
        there = (col(OptInRow.channel) == channel, col(OptInRow.created_at) > since)
        addresses = (await self._db.execute(select(col(OptInRow.address)).where(*there))).scalars()
        mailbox = mailbox_of(address)
        return sum(mailbox_of(address_there) == mailbox for address_there in addresses)

    async def unconfirmed(self, since: datetime, client: str = "") -> int:
        """How many requests since then wait for a reader's yes, over all addresses, of clients that begin like this."""
        open_ones = (col(OptInRow.used_at).is_(None), col(OptInRow.address) != "", col(OptInRow.created_at) > since)
        of_client = col(OptInRow.client).startswith(client, autoescape=True)
        return await count_rows(self._db, OptInRow, *open_ones, of_client)

    async def asked_by(self, client: str, since: datetime) -> int:
        """How many requests a client made since then."""
        return await count_rows(self._db, OptInRow, col(OptInRow.client) == client, col(OptInRow.created_at) > since)

    async def add(  # noqa: PLR0913 -- all that a request is made of
        self, channel: str, address: str, *, client: str, person: int, locale: str, wanted: dict[str, Any]
    ) -> int:
        """Keep a request; its number. Old ones are forgotten."""
        await self.forget_old()
        values = {
            "channel": channel,
            "address": address,
            "client": client,
            "person": person or None,
            "locale": locale,
            "wanted": wanted,
            "created_at": self._now,
        }
        made = await self._db.execute(insert(OptInRow).values(values).returning(col(OptInRow.number)))
        return int(made.scalar_one())

    async def get(self, number: int) -> OptIn | None:
        """A request, or None if it is forgotten, or who made it is."""
        row = (await self._db.execute(select(OptInRow).where(col(OptInRow.number) == number))).first()
        return None if row is None or not row.wanted else value_of(OptIn, row, person=row.person or 0)

    async def use(self, number: int) -> bool:
        """Note that a request was confirmed; False if it was before."""
        fresh = (col(OptInRow.number) == number, col(OptInRow.used_at).is_(None))
        used = update(OptInRow).where(*fresh).values(used_at=self._now).returning(col(OptInRow.number))
        return (await self._db.execute(used)).first() is not None

    async def remove(self, number: int) -> None:
        """Forget a request that couldn't be delivered."""
        await self._db.execute(delete(OptInRow).where(col(OptInRow.number) == number))

    async def forget_old(self) -> None:
        """Forget the requests that can no longer be confirmed."""
        await self._db.execute(delete(OptInRow).where(col(OptInRow.created_at) < self._now - REMEMBERED))


def for_person(number: int) -> ColumnElement[bool]:
    """The condition of the requests that a person made, or that are for an address of theirs."""
    return or_(col(OptInRow.person) == number, for_their_address(number))


def for_their_address(number: int) -> ColumnElement[bool]:
    """The condition of the requests that are for an address of a person, made by anyone."""
    return exists().where(
        col(AccountRow.person) == number,
        col(AccountRow.channel) == col(OptInRow.channel),
        col(AccountRow.user_id) == col(OptInRow.address),
    )
