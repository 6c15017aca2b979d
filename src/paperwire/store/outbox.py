"""The outbox: whose turn it is, what came of it, and when that place's next turn is.

Whoever sends claims a place, asks what it owes (`owed.py`), sends with no transaction open, settles, and either keeps
the place for the next message (`renew`) or ends the turn (`release`, `defer`). One rule holds throughout: an open place
that owes a delivery has a `next_due_at` no later than the delivery's `due_at` or the end of its hold. Fan-out commits
deliveries first and moves `next_due_at` afterwards, always where a place is claimed; the end of a turn locks the place
before it looks for what is still owed; everybody else only ever moves `next_due_at` forward. Rows are locked in the
order delivery, destination.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, TypeAlias

from sqlalchemy import and_, bindparam, case, delete, exists, func, literal, or_, select, update

from paperwire.core.paper import Occasion
from paperwire.store.engine import insert_new
from paperwire.store.folding import former_number
from paperwire.store.joining import hand_over_deliveries
from paperwire.store.ledger import Ledger
from paperwire.store.owed import Owed
from paperwire.store.rows import destination_of
from paperwire.store.tables.base import Row, State
from paperwire.store.tables.people import MuteRow, WatchRow
from paperwire.store.tables.subscriptions import SubscriptionDestinationRow
from paperwire.store.turns import count_joined_place, hold_fan_out, hold_queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from typing import Any

    from paperwire.core.subscription import Destination

Key: TypeAlias = tuple[int, Occasion]
"""Which delivery of a place: the paper's number and the occasion."""

MOST_ATTEMPTS = 8
LONGEST_TRIED = timedelta(hours=24)
LONGEST_WISH = timedelta(hours=1)
"""No platform asks for a longer wait than this; a longer hold is for quiet hours."""
_RETRIED = 2

_T = Row.metadata.tables
destination, delivery, paper, alias = _T["destination"], _T["delivery"], _T["paper"], _T["alias"]
route, mute, watch = _T["subscription_destination"], _T["mute"], _T["watch"]
_INSTANT = destination.c.next_due_at.type

# What every message and every turn needs is made once, as a day has millions of them.
_AT = bindparam("at", type_=_INSTANT)
_MINE = and_(destination.c.number == bindparam("place"), destination.c.lease_owner == bindparam("by"))
_RENEWED = update(destination).where(_MINE, destination.c.paused == "").values(leased_until=_AT)
_RENEWED_AFTER = _RENEWED.values(
    failures=0,
    hold_until=None,
    last_message=func.coalesce(
        func.nullif(bindparam("message", type_=destination.c.last_message.type), ""), destination.c.last_message
    ),
)
_LOCKED = select(destination.c.paused, destination.c.hold_until).where(_MINE).with_for_update(key_share=True)
_SOONEST = select(func.min(delivery.c.due_at)).where(
    delivery.c.destination == bindparam("place"), delivery.c.state == State.OWED
)
_KEY = and_(
    delivery.c.destination == bindparam("place"),
    delivery.c.paper == bindparam("of_paper"),
    delivery.c.occasion == bindparam("on_occasion"),
    delivery.c.state == State.OWED,
)
_BEGUN = update(delivery).where(_KEY).values(settled_at=_AT)
_MARKED = update(delivery).where(_KEY).values(state=bindparam("now_is"), settled_at=_AT)
_ATTEMPTS = delivery.c.attempts + 1
_OVER = or_(
    _ATTEMPTS >= MOST_ATTEMPTS, and_(_ATTEMPTS >= _RETRIED, delivery.c.due_at <= bindparam("long_ago", type_=_INSTANT))
)
_TRIED = (
    update(delivery)
    .where(_KEY)
    .values(
        attempts=_ATTEMPTS,
        state=case((_OVER, int(State.GIVEN_UP)), else_=delivery.c.state),
        settled_at=case((_OVER, _AT), else_=delivery.c.settled_at),
    )
    .returning(delivery.c.state)
)


class Outbox(Owed, Ledger):
    """Turns of places inside one transaction."""

    async def claim(self, owner: str, channels: Sequence[str], lease: timedelta, limit: int) -> list[Destination]:
        """Take up to `limit` places of each channel whose turn has come, the longest waiting first.

        They are `owner`'s until the lease ends; let it be three times the longest send, and `renew` it. Nobody else
        claims them meanwhile, in this process or another. Quiet hours are the caller's to tell: it defers such a place
        to their end, which holds it until then, so that this happens once a night.
        """
        claimed: list[tuple[datetime, Destination]] = []
        for channel in channels:
            turn = (
                select(destination.c.number)
                .where(
                    destination.c.channel == channel,
                    destination.c.next_due_at <= self._now,
                    or_(destination.c.leased_until.is_(None), destination.c.leased_until <= self._now),
                )
                .order_by(destination.c.next_due_at, destination.c.number)
                .limit(limit)
                .with_for_update(skip_locked=True, key_share=True)
                .cte("turn")
                .prefix_with("MATERIALIZED")  # or PostgreSQL may look twice and take other rows
            )
            taken = (
                update(destination)
                .where(destination.c.number.in_(select(turn.c.number)))
                .values(lease_owner=owner, leased_until=self._now + lease)
                .returning(*destination.c)
            )
            claimed += [(row.next_due_at, destination_of(row)) for row in await self._db.execute(taken)]
        claimed.sort(key=lambda pair: (pair[0], pair[1].number))
        return [place for _, place in claimed]

    async def renew(self, number: int, owner: str, lease: timedelta, *, message: str | None = None) -> bool:
        """Keep a claimed place for another `lease`; False if it is somebody else's by now, or paused or gone.

        `message` is the platform's id of one that just went out, as for `release`.
        """
        keeping = {"place": number, "by": owner, "at": self._now + lease}
        if message is None:
            renewed = await self._db.execute(_RENEWED, keeping)
        else:
            renewed = await self._db.execute(_RENEWED_AFTER, keeping | {"message": message})
        return renewed.rowcount == 1

    async def begin(self, number: int, keys: Iterable[Key]) -> None:
        """Write down which deliveries one message is about to carry.

        Whoever finds them unsettled after a crash puts the same ones into one message again, so that a platform that
        tells repeats can tell this one, whatever has fallen due since.
        """
        await self._db.execute(_BEGUN, self._rows(number, keys))

    async def settle(
        self,
        number: int,
        *,
        sent: Iterable[Key] = (),
        dead: Iterable[Key] = (),
        tried: Iterable[Key] = (),
        dropped: Iterable[Key] = (),
    ) -> tuple[Key, ...]:
        """Write down what came of deliveries of a place; says which of the `tried` are dead letters now.

        `sent` went out, `dead` never will, `tried` failed for reasons of their own and are dead after 8 attempts or
        24 h of them, `dropped` nobody there wants any more. What was sent counts as sent even if the lease was lost.
        """
        await self._mark(number, sent, State.SENT)
        await self._mark(number, dead, State.GIVEN_UP)
        died = await self._tried(number, tried)
        await self._drop(number, dropped)
        return died

    async def defer(self, number: int, owner: str, until: datetime, *, bump: bool) -> None:
        """End a turn and hold the whole place until then: back-off, a rate limit, quiet hours; `bump` counts a failure.

        The hold also keeps back what falls due in the meantime.
        """
        values: dict[str, Any] = {"hold_until": until}
        if bump:
            values["failures"] = destination.c.failures + 1
        await self._end_turn(number, owner, values)

    async def release(self, number: int, owner: str, *, message: str | None = None) -> None:
        """End a turn; what is still due may be claimed at once.

        `message` is the platform's id of one that just went out, which clears hold and failures. If none did,
        deliveries of papers that are no longer stored are forgotten here, or their place would be claimed for ever.
        """
        if message is None:
            lost = ~exists().where(paper.c.number == delivery.c.paper)
            owed = and_(delivery.c.destination == number, delivery.c.state == State.OWED)
            await self._db.execute(delete(delivery).where(owed, lost))
        worked = {} if message is None else {"failures": 0, "hold_until": None}
        await self._end_turn(number, owner, worked | ({"last_message": message} if message else {}))

    async def release_all(self, owner: str) -> None:
        """End all turns of one owner, at its shutdown."""
        held = select(destination.c.number).where(
            destination.c.leased_until.is_not(None), destination.c.lease_owner == owner
        )
        for number in (await self._db.execute(held.order_by(destination.c.number))).scalars().all():
            await self._end_turn(number, owner, {})

    async def pause(self, number: int, reason: str) -> None:
        """Close a place until a person opens it again; it goes on owing what it owes."""
        values = {"paused": reason, "next_due_at": None, "hold_until": None, "failures": 0}
        await self._db.execute(
            update(destination)
            .where(destination.c.number == number)
            .values(**values, lease_owner=None, leased_until=None)
        )

    async def rouse(self, numbers: Iterable[int]) -> None:
        """Give open places a turn: after a resume, new quiet hours or another cadence.

        Ends their hold, unless that ends within the hour by itself: then it may be a platform's wish. The turn finds
        out what is owed and sets the next; looking here could overlook what a fan-out is committing.
        """
        soon = destination.c.hold_until.between(self._now, self._now + LONGEST_WISH)
        for number in sorted(numbers):
            await self._db.execute(
                update(destination)
                .where(destination.c.number == number, destination.c.paused == "")
                .values(
                    next_due_at=case((soon, destination.c.hold_until), else_=literal(self._now, _INSTANT)),
                    hold_until=case((soon, destination.c.hold_until), else_=None),
                )
            )

    async def moved(self, number: int, address: str) -> int:
        """End a place's turn by giving it its new address, and a turn there at once; returns its number.

        If that address is a place already, the two become one: that other place, which takes over subscriptions,
        mutes, watched papers and deliveries (a settled one beats an owed one).
        """
        await hold_queries(self._db)
        await hold_fan_out(self._db)  # one that began earlier would owe to a place that goes
        here = select(destination.c.channel).where(destination.c.number == number).scalar_subquery()
        there = select(destination.c.number).where(destination.c.channel == here, destination.c.address == address)
        other: int | None = (await self._db.execute(there)).scalar_one_or_none()
        if other is None or other == number:
            renamed = update(destination).where(destination.c.number == number)
            await self._db.execute(renamed.values(address=address, lease_owner=None, leased_until=None))
            await self.rouse([number])
            return number
        await self._hand_over(number, other)
        return other

    # --- what settles and ends a turn ------------------------------------------------------------------------------

    def _rows(self, number: int, keys: Iterable[Key]) -> list[dict[str, Any]]:
        """The parameters of a statement about deliveries, in the order in which everybody locks them."""
        pairs = sorted({(paper, occasion.code) for paper, occasion in keys})
        about = {"place": number, "at": self._now}
        return [about | {"of_paper": paper, "on_occasion": code} for paper, code in pairs]

    async def _mark(self, number: int, keys: Iterable[Key], state: State) -> None:
        rows = [row | {"now_is": int(state)} for row in self._rows(number, keys)]
        if not rows or (await self._db.execute(_MARKED, rows)).rowcount == len(rows):
            return
        # A paper was merged into another while its message was under way: its delivery goes by that number now.
        moved = select(alias.c.alias, alias.c.paper).where(
            alias.c.alias.in_([former_number(row["of_paper"]) for row in rows])
        )
        kept = dict((await self._db.execute(moved)).all())
        of_kept = [row | {"of_paper": kept.get(former_number(row["of_paper"]), 0)} for row in rows]
        await self._db.execute(_MARKED, of_kept)

    async def _tried(self, number: int, keys: Iterable[Key]) -> tuple[Key, ...]:
        long_ago = {"long_ago": self._now - LONGEST_TRIED}
        states = [(row, await self._db.scalar(_TRIED, row | long_ago)) for row in self._rows(number, keys)]
        return tuple((row["of_paper"], Occasion(row["on_occasion"])) for row, now in states if now == State.GIVEN_UP)

    async def _drop(self, number: int, keys: Iterable[Key]) -> None:
        rows = self._rows(number, keys)
        if rows:
            await self._db.execute(delete(delivery).where(_KEY), rows)

    async def _end_turn(self, number: int, owner: str, values: dict[str, Any]) -> None:
        """Lock the place, then look what it still owes: in this order, each in a statement of its own.

        A delivery that is committed in between is seen by the second; one committed later wakes the place afterwards,
        as that waits for the lock. Without the lease nothing is changed: whoever holds it will look.
        """
        place = (await self._db.execute(_LOCKED, {"place": number, "by": owner})).first()
        if place is None:
            return
        soonest = (await self._db.execute(_SOONEST, {"place": number})).scalar_one()
        hold = values.get("hold_until", place.hold_until)
        if soonest is not None and hold is not None:
            soonest = max(soonest, hold)
        values = values | {"next_due_at": None if place.paused else soonest, "lease_owner": None, "leased_until": None}
        await self._db.execute(update(destination).where(destination.c.number == number).values(**values))

    # --- two places that are one -----------------------------------------------------------------------------------

    async def _hand_over(self, old: int, new: int) -> None:
        await hand_over_deliveries(self._db, old, new)
        # Whoever is muting or subscribing there commits first, as a row that points to a place holds it.
        both = select(destination.c.number).where(destination.c.number.in_([old, new]))
        await self._db.execute(both.order_by(destination.c.number).with_for_update())
        as_they_are = dict.fromkeys(["subscription", "query", "began_at", "wants"])
        copies = (
            # a slot that is past is worked out anew by the next `advance_slots`: the cadence is another one here
            (SubscriptionDestinationRow, route, as_they_are | {"next_slot_at": literal(self._now, _INSTANT)}),
            (MuteRow, mute, {"kind": None, "value": None, "created_at": None}),
            (WatchRow, watch, {"paper": None, "person": None, "since": None}),
        )
        for table, rows, names in copies:
            columns_of = (rows.c[name] if told is None else told for name, told in names.items())
            of_old = select(literal(new), *columns_of).where(rows.c.destination == old)
            copied = insert_new(self._db, table).from_select(["destination", *names], of_old)
            await self._db.execute(copied.on_conflict_do_nothing())
        await self._db.execute(delete(destination).where(destination.c.number == old))
        await count_joined_place(self._db)
        await self.rouse([new])
