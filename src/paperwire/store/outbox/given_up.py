"""What was given up or may have arrived: listed, owed again or dropped by an operator, reported to its place once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, select, true, tuple_, update
from sqlmodel import col

from paperwire.core.deliveries.due import Key
from paperwire.core.deliveries.ledger import GivenUpDelivery, GivenUpFilter, Unreported
from paperwire.core.papers.paper import Occasion
from paperwire.store.database.part import Part, paper_of, value_of
from paperwire.store.database.statements import keys as named_keys
from paperwire.store.database.statements import row_list
from paperwire.store.database.tables.base import State
from paperwire.store.database.tables.deliveries import DELIVERY, FAILURE, ITS_FAILURE, DeliveryRow, FailureRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.outbox.rousing import rouse

_IS_NAMED = tuple_(*FAILURE).in_(select(*named_keys("keys").c))
_GIVEN_UP = col(DeliveryRow.state).in_([State.GIVEN_UP, State.UNKNOWN])
_UNREPORTED = and_(col(DeliveryRow.state) == State.GIVEN_UP, col(FailureRow.notified_at).is_(None))


class GivenUp(Part):
    """Deliveries that were given up, inside one transaction."""

    async def listed(self, limit: int, *, unknown: bool = False) -> list[GivenUpDelivery]:
        """What was given up, or with `unknown` what may have arrived, the latest first."""
        about = (getattr(DeliveryRow, name) for name in ("destination", "occasion", "attempts", "settled_at"))
        statement = (
            select(PaperRow, *about, col(DestinationRow.channel), col(DestinationRow.title).label("of_place"))
            .add_columns(func.coalesce(col(FailureRow.unknowns), 0).label("unknowns"))
            .add_columns(func.coalesce(col(FailureRow.reason), "").label("reason"))
            .join_from(DeliveryRow, DestinationRow, col(DestinationRow.number) == col(DeliveryRow.destination))
            .join(PaperRow, col(PaperRow.number) == col(DeliveryRow.paper))
            .outerjoin(FailureRow, ITS_FAILURE)
            .where(col(DeliveryRow.state) == (State.UNKNOWN if unknown else State.GIVEN_UP))
            .order_by(col(DeliveryRow.settled_at).desc(), *DELIVERY)
            .limit(limit)
        )
        return [
            value_of(GivenUpDelivery, row, title=row.of_place, paper=paper_of(row), occasion=Occasion(row.occasion))
            for row in await self._db.execute(statement)
        ]

    async def retry(self, which: GivenUpFilter) -> int:
        """Owe what was given up or may have arrived again, as if it had never been tried; how many that were.

        Places get their turn at once, unless they are paused.
        """
        rows = await self._change(
            and_(_GIVEN_UP, _chosen_by(which)),
            {"state": int(State.OWED), "attempts": 0, "due_at": self._now, "settled_at": None},
        )
        await rouse(self._db, self._now, {place for place, _, _ in rows})
        return len(rows)

    async def drop(self, which: GivenUpFilter, *, owed: bool = False) -> int:
        """Neither list nor send it any more; with `owed` what is not sent yet instead. How many that were.

        A message that is on its way arrives.
        """
        state = col(DeliveryRow.state) == State.OWED if owed else _GIVEN_UP
        return len(
            await self._change(and_(state, _chosen_by(which)), {"state": int(State.DROPPED), "settled_at": self._now})
        )

    # --- what is reported to a place ----------------------------------------------------------------------------------

    async def places_with_unreported(self, channel: str) -> set[int]:
        """The places of a channel to which something that was given up there was not reported."""
        statement = (
            select(col(FailureRow.destination))
            .distinct()
            .join_from(FailureRow, DeliveryRow, ITS_FAILURE)
            .join(DestinationRow, col(DestinationRow.number) == col(FailureRow.destination))
            .where(_UNREPORTED, col(DestinationRow.channel) == channel)
        )
        return set((await self._db.execute(statement)).scalars().all())

    async def unreported(self, place: int) -> list[Unreported]:
        """What was given up at a place and not reported there, the oldest first."""
        statement = (
            select(PaperRow)
            .add_columns(col(DeliveryRow.occasion))
            .join_from(FailureRow, DeliveryRow, ITS_FAILURE)
            .join(PaperRow, col(PaperRow.number) == col(DeliveryRow.paper))
            .where(_UNREPORTED, col(FailureRow.destination) == place)
            .order_by(col(DeliveryRow.settled_at), col(DeliveryRow.paper), col(DeliveryRow.occasion))
        )
        return [Unreported(paper_of(row), Occasion(row.occasion)) for row in await self._db.execute(statement)]

    async def mark_reported(self, place: int, keys: Iterable[Key]) -> None:
        reported = update(FailureRow).where(_IS_NAMED).values(notified_at=self._now)
        rows = [(place, number, occasion.code) for number, occasion in keys]
        await self._db.execute(reported, {"keys": row_list(rows)})

    async def _change(self, which: ColumnElement[bool], values: dict[str, Any]) -> Sequence[tuple[int, int, int]]:
        """Change deliveries and forget why they failed; which ones. They are locked in the order that all keep to."""
        chosen = (
            select(*DELIVERY)
            .where(which)
            .order_by(*DELIVERY)
            .with_for_update()
            .cte("chosen")
            .prefix_with("MATERIALIZED")  # or PostgreSQL may look twice and take other rows
        )
        changed = update(DeliveryRow).where(tuple_(*DELIVERY).in_(select(chosen))).values(**values).returning(*DELIVERY)
        rows = [(place, number, code) for place, number, code in await self._db.execute(changed)]
        await self._db.execute(delete(FailureRow).where(_IS_NAMED), {"keys": row_list(rows)})
        return rows


def _chosen_by(which: GivenUpFilter) -> ColumnElement[bool]:
    place = true() if which.place is None else col(DeliveryRow.destination) == which.place
    return and_(place, true() if which.paper is None else col(DeliveryRow.paper) == which.paper)
