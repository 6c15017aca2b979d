"""The outbox: whose turn it is, what came of it, and when that place's next turn is.

A sender claims places, asks what they owe (`Owed`), sends with no transaction open, settles, and either keeps a
place for the next message (`keep`) or ends its turn (`release`, `defer`). One rule holds throughout: an open place that
owes a delivery, digest or reminder has a `next_due_at` no later than its `due_at` or the end of its pause. Fan-out
commits deliveries first and moves `next_due_at` afterwards, always where a place is claimed; the end of a turn locks
the place before it looks for what is still owed; all others only ever move `next_due_at` forward. Places are
locked in the order of their numbers, after the deliveries that went out and before those that a message begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Update, and_, bindparam, case, delete, exists, func, or_, select, tuple_, update
from sqlmodel import col

from paperwire.core.deliveries.due import Key
from paperwire.core.messages.failures import MOST_UNKNOWNS
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.store.database.locks import CHANGES, OWN
from paperwire.store.database.part import STORED_PLACE, former_number, stored_place_of
from paperwire.store.database.statements import among, insert_new, keys, messages, number_list, row_list, times
from paperwire.store.database.tables.base import State, UTCDateTime, microseconds, storable
from paperwire.store.database.tables.deliveries import DELIVERY, DeliveryRow, FailureRow, has_key
from paperwire.store.database.tables.papers import AliasRow, PaperRow
from paperwire.store.database.tables.people import DestinationRow
from paperwire.store.lists.lists import keep_cards
from paperwire.store.outbox.bounces import Bounces
from paperwire.store.outbox.digests import FIRST_DIGESTS
from paperwire.store.outbox.due import IS_OWED, Owed
from paperwire.store.outbox.duplicates import is_stale
from paperwire.store.outbox.reminders import FIRST_REMINDERS

# What every message and every turn needs is made once, as a day has millions of them.
_AT = bindparam("at", type_=UTCDateTime)
_MINE = and_(among(col(DestinationRow.number), "places"), col(DestinationRow.lease_owner) == bindparam("by"))
_LOCKED = (
    select(col(DestinationRow.number), col(DestinationRow.paused), col(DestinationRow.hold_until))
    .where(_MINE)
    .order_by(col(DestinationRow.number))
    .with_for_update(key_share=True)
)
_KEEP_LEASE = (
    update(DestinationRow)
    .where(
        col(DestinationRow.number).in_(_LOCKED.with_only_columns(col(DestinationRow.number))),
        col(DestinationRow.paused) == "",
        or_(
            col(DestinationRow.asked_until).is_(None),
            col(DestinationRow.asked_until) <= bindparam("now", type_=UTCDateTime),
        ),
    )
    .values(leased_until=_AT)
    .returning(*STORED_PLACE)
)
_SOONEST = (
    select(col(DeliveryRow.destination), func.min(col(DeliveryRow.due_at)))
    .where(among(col(DeliveryRow.destination), "places"), col(DeliveryRow.state) == State.OWED)
    .group_by(col(DeliveryRow.destination))
    .union_all(FIRST_DIGESTS, FIRST_REMINDERS)
)
_ENDS = times("ends")
_ENDED = (
    update(DestinationRow)
    .where(col(DestinationRow.number) == _ENDS.c.place)
    .values(next_due_at=_ENDS.c.at, lease_owner=None, leased_until=None)
)
_IN_ORDER = (
    select(col(DestinationRow.number))
    .where(among(col(DestinationRow.number), "places"))
    .order_by(col(DestinationRow.number))
    .with_for_update(key_share=True)
    .cte("in_order")
    .prefix_with("MATERIALIZED")  # or PostgreSQL would lock them in any order
)
_GOT = messages("messages")
_GOT_ONE = (
    update(DestinationRow)
    .where(col(DestinationRow.number) == _GOT.c.place, col(DestinationRow.number).in_(select(_IN_ORDER.c.number)))
    .values(
        failures=0,
        hold_until=None,
        asked_until=None,
        last_message=func.coalesce(func.nullif(_GOT.c.message, ""), col(DestinationRow.last_message)),
    )
)
_OF_ROW: tuple[Any, ...] = (bindparam("place"), bindparam("of_paper"), bindparam("on_occasion"))
_KEY = and_(has_key(DeliveryRow, *_OF_ROW), col(DeliveryRow.state) == State.OWED)
_HELD = select(col(DeliveryRow.paper)).where(_KEY).with_for_update()
_NAMED = (
    select(*DELIVERY)
    .where(tuple_(*DELIVERY).in_(select(*keys("keys").c)), IS_OWED)
    .order_by(*DELIVERY)
    .with_for_update()
)
_IS_NAMED = tuple_(*DELIVERY).in_(_NAMED)
_BEGUN = update(DeliveryRow).where(_IS_NAMED).values(settled_at=_AT).execution_options(**OWN)
_MARKED = update(DeliveryRow).where(_IS_NAMED).values(state=bindparam("now_is"), settled_at=_AT)
_SENT = _MARKED.execution_options(**OWN)
_IS_DROPPED = and_(has_key(DeliveryRow, *_OF_ROW), col(DeliveryRow.state) == State.DROPPED)
_SENT_THOUGH_DROPPED = update(DeliveryRow).where(_IS_DROPPED).values(state=int(State.SENT), settled_at=_AT)
_COUNTED = update(DeliveryRow).where(_KEY).values(attempts=col(DeliveryRow.attempts) + 1)
_NOT_BEGUN = update(DeliveryRow).where(_KEY).values(settled_at=None)
_PUT_OFF = update(DeliveryRow).where(_KEY).values(due_at=bindparam("until", type_=UTCDateTime), settled_at=None)
_FORGOTTEN = delete(FailureRow).where(has_key(FailureRow, *_OF_ROW))
_OF_SENT = delete(FailureRow).where(among(col(FailureRow.destination), "places"), is_stale()).execution_options(**OWN)


class Outbox(Owed):
    """Turns of places inside one transaction."""

    async def claim(
        self, owner: str, channels: Sequence[str], lease: timedelta, limit: int, *, served: Sequence[int] = ()
    ) -> list[StoredPlace]:
        """Take up to `limit` places of each channel whose turn has come, the longest waiting first.

        They are `owner`'s until the lease ends; let it be three times the longest send, and `renew` it. No one else
        claims them meanwhile, in this process or another; `served` are left out even if their lease is over, as their
        turns aren't. Quiet hours are the caller's to tell: it defers such a place to their end, which pauses it until
        then, so that this happens once a night.
        """
        claimed: list[tuple[datetime, StoredPlace]] = []
        for channel in channels:
            turn = (
                select(col(DestinationRow.number))
                .where(
                    col(DestinationRow.channel) == channel,
                    col(DestinationRow.next_due_at) <= self._now,
                    or_(col(DestinationRow.leased_until).is_(None), col(DestinationRow.leased_until) <= self._now),
                    col(DestinationRow.number).not_in(served),
                )
                .order_by(col(DestinationRow.next_due_at), col(DestinationRow.number))
                .limit(limit)
                .with_for_update(skip_locked=True, key_share=True)
                .cte("turn")
                .prefix_with("MATERIALIZED")  # or PostgreSQL may look twice and take other rows
            )
            taken = (
                update(DestinationRow)
                .where(col(DestinationRow.number).in_(select(turn.c.number)))
                .values(lease_owner=owner, leased_until=self._now + lease)
                .returning(*STORED_PLACE)
            )
            claimed += [(row.next_due_at, stored_place_of(row)) for row in await self._db.execute(taken)]
        claimed.sort(key=lambda pair: (pair[0], pair[1].number))
        return [place for _, place in claimed]

    async def next_due(self, channels: Sequence[str]) -> datetime | None:
        """When `claim` may next find something on these channels: perhaps at once, None if nothing is owed."""
        instants: list[datetime] = []
        for channel in channels:
            waiting = and_(col(DestinationRow.channel) == channel, col(DestinationRow.next_due_at).is_not(None))
            soonest = (
                select(col(DestinationRow.next_due_at))
                .where(waiting, col(DestinationRow.leased_until).is_(None))
                .order_by(col(DestinationRow.next_due_at))
                .limit(1)
            )
            ended = col(DestinationRow.leased_until)
            later = case((col(DestinationRow.next_due_at) > ended, col(DestinationRow.next_due_at)), else_=ended)
            served = select(func.min(later)).where(waiting, ended.is_not(None))
            instants += filter(None, [await self._db.scalar(soonest), await self._db.scalar(served)])
        return min(instants, default=None)

    async def keep(self, numbers: Iterable[int], owner: str, lease: timedelta) -> dict[int, StoredPlace]:
        """Keep claimed places for another `lease`: those that are still `owner`'s and open, as they are now.

        One that is to be left alone is not kept: its platform wants it, or it just got its probe.
        """
        values = {"places": number_list(numbers), "by": owner}
        rows = await self._db.execute(_KEEP_LEASE, values | {"at": self._now + lease, "now": self._now})
        return {row.number: stored_place_of(row) for row in rows}

    async def changes(self) -> int:
        """A number that grows whenever who wants what, or what is owed, may have changed."""
        return int(await self._db.scalar(CHANGES) or 0)

    async def begin(self, keys: Mapping[int, Iterable[Key]]) -> None:
        """Write down which deliveries, by place, one message each is about to carry.

        After a crash a process that finds them unsettled puts the same ones into one message again, so that a platform
        that recognises repeats can recognise this one, whatever has fallen due since.
        """
        if named := _named(keys):
            await self._row_by_row()
            await self._db.execute(_BEGUN, {"keys": row_list(named), "at": self._now})

    async def not_begun(self, number: int, keys: Iterable[Key]) -> None:
        """Write down that a message which was begun certainly did not arrive, so that it need not come first again."""
        if rows := self._rows(await self._as_merged(_named({number: keys}))):
            await self._db.execute(_NOT_BEGUN, rows)

    async def sent(
        self, keys: Mapping[int, Iterable[Key]], ids: Mapping[int, str], *, others: Iterable[int] = ()
    ) -> None:
        """Write down that one message each went out to these places, whose `ids` are its platform's.

        It counts even if the lease was lost meanwhile. The failures of the deliveries are forgotten, and the places'.
        `others` are places that the transaction goes on with: they are locked along, as all are in one order.
        """
        if not (named := _named(keys)):
            return
        await self._row_by_row()
        await self._mark(named, State.SENT, _SENT)
        await self._db.execute(_OF_SENT, {"places": number_list(keys)})
        got = [(place, storable(message)) for place, message in sorted(ids.items())]
        places = number_list(sorted({*keys, *others}))
        await self._db.execute(_GOT_ONE, {"messages": row_list(got), "places": places})
        await keep_cards(self._db, self._now, keys, ids)
        await Bounces(self._db, self._now).probed(keys)

    async def mark_counted(self, keys: Mapping[int, Iterable[Key]]) -> None:
        """Write down that messages to these places count these deliveries in a line instead of carrying them."""
        if named := _named(keys):
            await self._mark(named, State.COUNTED)

    async def give_up(self, number: int, keys: Iterable[Key], reason: str) -> None:
        """Write down that deliveries of a place will never be sent by themselves: refused, or tried for too long."""
        named = await self._as_merged(_named({number: keys}))
        await self._note(self._rows(named), reason, unknowns=0)
        await self._mark(named, State.GIVEN_UP)

    async def failed(
        self, number: int, keys: Iterable[Key], reason: str, *, own: bool = True, until: datetime | None = None
    ) -> None:
        """Keep why deliveries failed, and count it if it is their `own` fault; with `until` they are due only then."""
        rows = self._rows(await self._as_merged(_named({number: keys})))
        await self._note(rows, reason, unknowns=0)
        if rows and own:
            await self._db.execute(_COUNTED, rows)
        if rows and until is not None:
            await self._db.execute(_PUT_OFF, [row | {"until": until} for row in rows])

    async def unanswered(self, number: int, keys: Iterable[Key], reason: str) -> None:
        """Count a sending of these deliveries that may have arrived; the third one is the last (`State.UNKNOWN`)."""
        rows = self._rows(await self._as_merged(_named({number: keys})))
        await self._note(rows, reason, unknowns=1)
        last = [row for row in rows if await self._unknowns(row) >= MOST_UNKNOWNS]
        await self._mark([(number, row["of_paper"], row["on_occasion"]) for row in last], State.UNKNOWN)

    async def drop(self, keys: Mapping[int, Iterable[Key]]) -> None:
        """Forget deliveries, by place, that are no longer wanted there."""
        if rows := self._rows(_named(keys)):
            await self._db.execute(delete(DeliveryRow).where(_KEY), rows)
            await self._db.execute(_FORGOTTEN, rows)

    async def defer(
        self, number: int, owner: str, until: datetime, *, failed: bool = False, requested: bool = False
    ) -> None:
        """End a turn and pause the whole place until then: back-off, a rate limit, quiet hours.

        `failed` counts a failure of the place; `requested` says that its platform named the time, which nothing
        shortens. The pause also delays what falls due in the meantime.
        """
        values: dict[str, Any] = {"hold_until": until}
        if failed:
            values["failures"] = col(DestinationRow.failures) + 1
        if requested:
            values["asked_until"] = until
        condition = and_(col(DestinationRow.number) == number, col(DestinationRow.lease_owner) == owner)
        await self._db.execute(update(DestinationRow).where(condition).values(**values))
        await self.release([number], owner)

    async def release(self, numbers: Iterable[int], owner: str) -> None:
        """End turns; what is still due may be claimed at once.

        Locks the places, then looks what they still owe: in this order, each in a statement of its own. A delivery that
        is committed in between is seen by the second; one committed later wakes the place afterwards, as that waits for
        the lock. Without the lease nothing is changed: the process that has it will look.
        """
        rows = (await self._db.execute(_LOCKED, {"places": number_list(numbers), "by": owner})).all()
        if not rows:
            return
        soonest = await self._soonest([row.number for row in rows])
        ends = [
            (row.number, None if row.paused else microseconds(_later(soonest.get(row.number), row.hold_until)))
            for row in rows
        ]
        await self._db.execute(_ENDED, {"ends": row_list(ends)})

    async def forget_lost(self, number: int) -> None:
        """Forget what a place owes of papers that are no longer stored, or it would be claimed forever."""
        lost = ~exists().where(col(PaperRow.number) == col(DeliveryRow.paper))
        its = and_(col(DeliveryRow.destination) == number, col(DeliveryRow.state) == State.OWED)
        await self._db.execute(delete(DeliveryRow).where(its, lost))

    async def release_all(self, owner: str) -> None:
        """End all turns of one owner, at its shutdown."""
        places = select(col(DestinationRow.number)).where(
            col(DestinationRow.leased_until).is_not(None), col(DestinationRow.lease_owner) == owner
        )
        await self.release((await self._db.execute(places)).scalars().all(), owner)

    # --- what settles and ends a turn ------------------------------------------------------------------------------

    def _rows(self, named: Iterable[tuple[int, int, int]]) -> list[dict[str, Any]]:
        """The parameters of a statement that is run for each delivery."""
        return [
            {"place": place, "at": self._now, "of_paper": number, "on_occasion": code} for place, number, code in named
        ]

    async def _mark(self, named: Sequence[tuple[int, int, int]], state: State, marked: Update = _MARKED) -> None:
        about = {"now_is": int(state), "at": self._now}
        if not named or (await self._db.execute(marked, about | {"keys": row_list(named)})).rowcount == len(named):
            return
        merged = await self._as_merged(named)
        await self._db.execute(marked, about | {"keys": row_list(merged)})
        if state is State.SENT:  # an operator may have dropped it while it was on its way
            await self._db.execute(_SENT_THOUGH_DROPPED, self._rows(merged))

    async def _as_merged(self, named: Sequence[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
        """Deliveries by the papers into which theirs were merged while their message was under way."""
        names = [former_number(number) for _, number, _ in named]
        moved = select(col(AliasRow.alias), col(AliasRow.paper)).where(col(AliasRow.alias).in_(names))
        kept_numbers = dict((await self._db.execute(moved)).all())
        return sorted({(place, kept_numbers.get(former_number(number), number), code) for place, number, code in named})

    async def _note(self, rows: Sequence[dict[str, Any]], reason: str, *, unknowns: int) -> None:
        """Keep when and why deliveries failed that are still owed: their place may have been forgotten meanwhile."""
        for row in rows:
            if (await self._db.execute(_HELD, row)).first() is None:
                continue
            noted = insert_new(self._db, FailureRow).values(
                destination=row["place"],
                paper=row["of_paper"],
                occasion=row["on_occasion"],
                first_at=self._now,
                last_at=self._now,
                unknowns=unknowns,
                reason=reason,
            )
            again = {
                "last_at": noted.excluded.last_at,
                "reason": noted.excluded.reason,
                "unknowns": col(FailureRow.unknowns) + noted.excluded.unknowns,
            }
            key = ["destination", "paper", "occasion"]
            await self._db.execute(noted.on_conflict_do_update(index_elements=key, set_=again))

    async def _unknowns(self, row: Mapping[str, Any]) -> int:
        this = has_key(FailureRow, row["place"], row["of_paper"], row["on_occasion"])
        return int(await self._db.scalar(select(col(FailureRow.unknowns)).where(this)) or 0)

    async def _soonest(self, numbers: Sequence[int]) -> dict[int, datetime]:
        soonest: dict[int, datetime] = {}
        for number, at in await self._db.execute(_SOONEST, {"places": number_list(numbers)}):
            soonest[number] = min(at, soonest.get(number, at))
        return soonest


def _named(keys: Mapping[int, Iterable[Key]]) -> list[tuple[int, int, int]]:
    """Deliveries as place, paper and code of the occasion, in the usual order of locks."""
    return sorted({(place, number, occasion.code) for place, its in keys.items() for number, occasion in its})


def _later(due_at: datetime | None, hold_until: datetime | None) -> datetime | None:
    return due_at if due_at is None or hold_until is None else max(due_at, hold_until)
