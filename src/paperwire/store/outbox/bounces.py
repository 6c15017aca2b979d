"""Messages that came back without saying that their address is gone: counted, until the place pauses for a while.

A place has at most one row. While only `days` are counted both times are NULL. A paused place has `probe_at`, after
which it is opened for one message, the probe; once that was sent, at `probed_at`, the place is on hold for `SILENCE`.
If the probe comes back the place pauses again, otherwise the row goes. A place that a person opened has no row, and one
that was paused for another reason meanwhile gets no probe.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, delete, exists, literal, select, type_coerce, update
from sqlmodel import col

from paperwire.core.messages.failures import is_unreachable
from paperwire.core.text.clean import clean
from paperwire.store.database.part import Part
from paperwire.store.database.statements import among, insert_new, number_list
from paperwire.store.database.tables.base import State, UTCDateTime
from paperwire.store.database.tables.deliveries import BounceRow, DeliveryRow, DigestRow
from paperwire.store.database.tables.people import DestinationRow

SILENCE = timedelta(days=5)
"""How long mail servers try before they return a mail: a probe that did not come back by then arrived."""
FIRST_PROBE, NEXT_PROBE = timedelta(days=7), timedelta(days=28)
"""How long a place that paused for messages that came back waits for its probe, and for each one after that."""
_MOST_DAYS = 8
_KEPT_DAYS = 90
_DAY = 86_400_000_000
_LONGEST_REASON = 100
_OPEN = exists().where(col(DestinationRow.number) == col(BounceRow.destination), col(DestinationRow.paused) == "")
_PROBED = (
    update(BounceRow)
    .where(
        among(col(BounceRow.destination), "places"),
        col(BounceRow.probe_at).is_not(None),
        col(BounceRow.probed_at).is_(None),
        _OPEN,
    )
    .values(probed_at=bindparam("at", type_=UTCDateTime))
    .returning(col(BounceRow.destination))
)


class Bounces(Part):
    """What came back, inside one transaction."""

    async def count(self, number: int, reason: str) -> str:
        """Count a message to a place that came back, once a day; why the place is to be paused now, or nothing.

        What comes back to a paused place, or before its probe was sent, is an earlier message and counts not.
        """
        new = insert_new(self._db, BounceRow).values(destination=number, days="", reason="", probes=0)
        await self._db.execute(new.on_conflict_do_nothing())
        this = col(BounceRow.destination) == number
        row = (await self._db.execute(select(BounceRow).where(this).with_for_update())).one()
        is_open = col(DestinationRow.paused) == ""
        if await self._db.scalar(select(is_open).where(col(DestinationRow.number) == number)) is not True:
            return ""
        if row.probed_at is not None:
            return await self._pause(number, f"after a pause {reason}", NEXT_PROBE, row.probes + 1)
        days = [date.fromisoformat(day) for day in row.days.split()]
        today = self._now.date()
        if row.probe_at is not None or today in days:
            return ""
        days = [day for day in [*days, today] if day > today - timedelta(days=_KEPT_DAYS)][-_MOST_DAYS:]
        await self._db.execute(update(BounceRow).where(this).values(days=" ".join(day.isoformat() for day in days)))
        if not is_unreachable(days, await self._days_sent(number, days[0])):
            return ""
        return await self._pause(number, f"on several days {reason}", FIRST_PROBE, 0)

    async def forget(self, number: int) -> None:
        """Forget what came back from a place that a person opens."""
        await self._db.execute(delete(BounceRow).where(col(BounceRow.destination) == number))

    async def probed(self, numbers: Iterable[int]) -> None:
        """Hold back those of these places, which just got a message, for which that was the probe."""
        probed = (await self._db.scalars(_PROBED, {"places": number_list(numbers), "at": self._now})).all()
        if probed:
            until = self._now + SILENCE
            these = update(DestinationRow).where(col(DestinationRow.number).in_(probed))
            await self._db.execute(these.values(hold_until=until, asked_until=until))

    async def due_probes(self) -> list[int]:
        """The places that are to be opened for a probe; forgets places whose last one did not come back."""
        answered = delete(BounceRow).where(col(BounceRow.probed_at) <= self._now - SILENCE)
        await self._db.execute(answered)
        paused = and_(
            col(DestinationRow.number) == col(BounceRow.destination),
            col(DestinationRow.paused) == col(BounceRow.reason),
        )
        due = select(col(BounceRow.destination)).join(DestinationRow, paused)
        waiting = due.where(col(BounceRow.probe_at) <= self._now, col(BounceRow.probed_at).is_(None))
        return list((await self._db.scalars(waiting.order_by(col(BounceRow.destination)))).all())

    async def _pause(self, number: int, reason: str, wait: timedelta, probes: int) -> str:
        reason = clean(reason, _LONGEST_REASON)
        paused = {"reason": reason, "probe_at": self._now + wait, "probed_at": None, "probes": probes, "days": ""}
        await self._db.execute(update(BounceRow).where(col(BounceRow.destination) == number).values(**paused))
        return reason

    async def _days_sent(self, number: int, since: date) -> set[date]:
        """The days (UTC) after `since` on which a message went to a place."""
        of_delivery = and_(col(DeliveryRow.destination) == number, col(DeliveryRow.state) == State.SENT)
        of_digest = and_(col(DigestRow.destination) == number, col(DigestRow.sent) > 0)
        sent = _days(col(DeliveryRow.settled_at), of_delivery).union(_days(col(DigestRow.closed_at), of_digest))
        days = {date(1970, 1, 1) + timedelta(days=day) for day in (await self._db.scalars(sent)).all()}
        return {day for day in days if day > since}


def _days(at: Any, which: Any) -> Any:
    day = (type_coerce(at, BigInteger) // literal(_DAY, BigInteger)).label("day")
    return select(day).where(which, at.is_not(None))
