"""Places on channels and what they mute: the part of people's affairs that has an address."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, cast, delete, exists, func, or_, select, tuple_, update
from sqlmodel import col

from paperwire.core.messages.closed import ASKED
from paperwire.core.subscriptions.subscription import Mute, MuteKind, SharedPlace, StoredPlace, mute_value
from paperwire.errors import CloseReason
from paperwire.ports.callers import Actor, OwnedPlace, Place
from paperwire.store.database.locks import count_change, lock_queries_and_fan_out
from paperwire.store.database.part import STORED_PLACE, Part, rows_among, stored_place_of, value_of
from paperwire.store.database.statements import insert_new
from paperwire.store.database.tables.base import PlainText, State
from paperwire.store.database.tables.deliveries import DELIVERY, FAILURE, DeliveryRow, FailureRow
from paperwire.store.database.tables.people import AccountRow, DestinationRow, MuteRow
from paperwire.store.database.tables.subscriptions import RouteRow, SubscriptionRow
from paperwire.store.lists.communities import community_list, join_community
from paperwire.store.outbox.bounces import Bounces
from paperwire.store.outbox.duplicates import move_place
from paperwire.store.outbox.rousing import rouse
from paperwire.store.people.parting import copy_subscription, give_places
from paperwire.store.subscriptions.routes import reschedule, reslot

_DIGESTS = ("digest_min", "digest_max", "digest_empty", "digest_sections")


class Places(Part):
    """Stored places and mutes, inside one transaction."""

    async def get(self, number: int) -> StoredPlace | None:
        return await self._one(col(DestinationRow.number) == number)

    async def get_many(self, numbers: Sequence[int]) -> dict[int, StoredPlace]:
        """Places by their numbers; those that are gone are left out."""
        rows = await rows_among(self._db, select(*STORED_PLACE), col(DestinationRow.number), numbers)
        return {row.number: stored_place_of(row) for row in rows}

    async def owned_places(self, *, only_closed: bool) -> list[OwnedPlace]:
        """The places that NOT_ALLOWED closed, and unless `only_closed` all open ones, with their owners' accounts."""
        states = (CloseReason.NOT_ALLOWED,) if only_closed else (CloseReason.NOT_ALLOWED, "")
        its_account = col(AccountRow.person) == col(DestinationRow.owner)
        columns = [getattr(DestinationRow, name) for name in ("number", "channel", "address", "community", "paused")]
        places = (
            select(*columns, col(AccountRow.channel).label("of"), col(AccountRow.user_id))
            .outerjoin_from(DestinationRow, AccountRow, its_account)
            .where(col(DestinationRow.paused).in_(states))
            .order_by(col(DestinationRow.number))
        )
        owned: dict[int, OwnedPlace] = {}
        for row in await self._db.execute(places):
            new = OwnedPlace(
                row.number, row.channel, (row.address, row.community), paused=row.paused != "", accounts=[]
            )
            place = owned.setdefault(row.number, new)
            if row.of is not None:
                place.accounts.append(Actor(channel=row.of, user_id=row.user_id))
        return list(owned.values())

    async def at(self, place: Place) -> StoredPlace | None:
        return await self._one(_at(place.channel, place.address))

    async def of_community(self, place: Place) -> list[StoredPlace]:
        """The places of the community that a place belongs to, oldest first; none if it belongs to none."""
        if place.community is None:
            return []
        of_it = and_(
            col(DestinationRow.channel) == place.channel, col(DestinationRow.community) == place.community.address
        )
        statement = select(*STORED_PLACE).where(of_it).order_by(col(DestinationRow.number))
        return [stored_place_of(row) for row in await self._db.execute(statement)]

    async def of_person(self, person: int) -> list[StoredPlace]:
        """The places a person owns or has subscriptions of their own for, oldest first."""
        has_routes = exists().where(
            col(RouteRow.destination) == col(DestinationRow.number),
            col(SubscriptionRow.number) == col(RouteRow.subscription),
            col(SubscriptionRow.person) == person,
            col(SubscriptionRow.deleted_at).is_(None),
        )
        statement = select(*STORED_PLACE).where(or_(col(DestinationRow.owner) == person, has_routes))
        return [stored_place_of(row) for row in await self._db.execute(statement.order_by(col(DestinationRow.number)))]

    async def shared_places(self, person: int) -> list[SharedPlace]:
        """The shared places with subscriptions that a person added to or met first, oldest first."""
        living = and_(
            col(SubscriptionRow.place) == col(DestinationRow.number), col(SubscriptionRow.deleted_at).is_(None)
        )
        statement = select(col(SubscriptionRow.place)).where(col(SubscriptionRow.added_by) == person)
        added = func.sum(case((col(SubscriptionRow.added_by) == person, 1), else_=0))
        counted = (
            select(col(DestinationRow.number), func.count(), added)
            .join_from(DestinationRow, SubscriptionRow, living)
            .where(or_(col(DestinationRow.owner) == person, col(DestinationRow.number).in_(statement)))
            .group_by(col(DestinationRow.number))
        )
        counts = {number: counts for number, *counts in await self._db.execute(counted)}
        places = await self.get_many(sorted(counts))
        return [SharedPlace(places[number], *counts[number]) for number in sorted(places)]

    async def managers_of(self, place: int) -> list[int]:
        """The people who have subscriptions that go to a place or added some there, and its owner."""
        who = func.coalesce(col(SubscriptionRow.person), col(SubscriptionRow.added_by))
        statement = (
            select(who)
            .join(RouteRow, col(RouteRow.subscription) == col(SubscriptionRow.number))
            .where(col(RouteRow.destination) == place, col(SubscriptionRow.deleted_at).is_(None), who.is_not(None))
        )
        owner = select(col(DestinationRow.owner)).where(
            col(DestinationRow.number) == place, col(DestinationRow.owner).is_not(None)
        )
        return sorted((await self._db.execute(statement.union(owner))).scalars())

    async def ensure(self, place: Place, owner: int, *, zone: str = "UTC") -> StoredPlace:
        """The stored place at this address, made if need be (instant, in `zone`), with its present title and kind.

        Its first owner stays until they are forgotten.
        """
        condition = _at(place.channel, place.address)
        before = await self._one(condition)
        if before is not None and _is_current(before, place):
            return before
        # A change of its row makes a fan-out wait, so it must not wait for one afterwards.
        await lock_queries_and_fan_out(self._db)
        new = insert_new(self._db, DestinationRow).values(
            channel=place.channel,
            address=place.address,
            kind=place.kind,
            title=place.title,
            owner=owner,
            cadence="instant",
            zone=zone,
            quiet="",
            style="auto",
            paused="",
            server_locale=place.locale,
            created_at=self._now,
        )
        await self._db.execute(new.on_conflict_do_nothing(index_elements=["channel", "address"]))
        reported = {"title": place.title, "server_locale": place.locale}
        fresh: dict[str, Any] = {"kind": place.kind} | {name: value for name, value in reported.items() if value}
        await self._db.execute(update(DestinationRow).where(condition).values(**fresh))
        orphaned = and_(condition, col(DestinationRow.owner).is_(None))
        await self._db.execute(update(DestinationRow).where(orphaned).values(owner=owner))
        stored = (await self._db.execute(select(*STORED_PLACE).where(condition))).one()
        if place.community is None or place.community.address == stored.community:
            return stored_place_of(stored)
        await join_community(self._db, stored.number, place.community.address)
        return stored_place_of((await self._db.execute(select(*STORED_PLACE).where(condition))).one())

    async def give(self, number: int, owner: int) -> None:
        """Let a private place be a person's who proved that it is theirs, with what others send there."""
        await lock_queries_and_fan_out(self._db)
        await give_places(self._db, self._now, [number], owner)
        await count_change(self._db)

    async def part(self, subscription: int, place: int, person: int) -> None:
        """Let what goes to a place of a subscription that leads to several be one of its own, of this person."""
        await lock_queries_and_fan_out(self._db)
        condition = and_(col(RouteRow.subscription) == subscription, col(RouteRow.destination) == place)
        await copy_subscription(self._db, subscription, condition, person)

    async def join_community(self, number: int, community: str) -> None:
        """Let a stored place be of a community from now on, whose list is its own."""
        await lock_queries_and_fan_out(self._db)
        await join_community(self._db, number, community)
        await count_change(self._db)

    async def list_of(self, place: Place) -> int | None:
        """The number of the list of a place, stored or of a community that is; None if it is new."""
        before = await self._one(_at(place.channel, place.address))
        if before is not None or place.community is None:
            return before.list if before and before.has_list else None
        return await community_list(self._db, place.channel, place.community.address)

    async def update(self, number: int, **changes: str | int) -> None:
        """Change settings of a place, its `title` or its `address`.

        Another cadence or zone moves the slots of its subscriptions and what is owed; a new address that is a place
        already makes one of the two (`moved`).
        """
        address = changes.pop("address", None)
        unknown = changes.keys() - {"cadence", "zone", "quiet", "style", "threads", "language", "title", *_DIGESTS}
        if unknown:
            raise TypeError(f"a place has no {', '.join(sorted(unknown))} to change")
        if changes.keys() & {"cadence", "zone"}:
            await lock_queries_and_fan_out(self._db)
        if address is not None:
            number = await self.moved(number, str(address))
        before = await self.get(number)
        if changes:
            await self._db.execute(update(DestinationRow).where(col(DestinationRow.number) == number).values(**changes))
        # Setting the same value again postpones nothing.
        timetable = {} if before is None else {"cadence": before.cadence, "zone": before.zone}
        if any(changes.get(name, value) != value for name, value in timetable.items()):
            await reslot(self._db, self._now, col(DestinationRow.number) == number)
        if changes.keys() & {"quiet", *_DIGESTS}:
            await rouse(self._db, self._now, [number])

    async def resume(self, number: int, *, for_probe: bool = False) -> None:
        """Open a place again, without holding its past failures against it.

        With `for_probe` what came back from there is not forgotten, and the next message shows whether it still does.
        """
        owed = select(*DELIVERY).where(col(DeliveryRow.destination) == number, col(DeliveryRow.state) == State.OWED)
        failed = update(FailureRow).where(tuple_(*FAILURE).in_(owed))
        await self._db.execute(failed.values(first_at=self._now))
        this = col(DestinationRow.number) == number
        await self._db.execute(update(DestinationRow).where(this).values(paused="", failures=0))
        if not for_probe:
            await Bounces(self._db, self._now).forget(number)
        await rouse(self._db, self._now, [number])

    async def pause(self, number: int, reason: str) -> bool:
        """Close a place until a person opens it again; it goes on owing what it owes. Returns whether it was open.

        `reason` is not empty: a word of `CloseReason`, or what `paused_by` gives. What a person paused stays so,
        whatever its platform says. Who has claimed the place gives it back: opened again at once, it would get what is
        just on its way from another process, too.
        """
        values = {"paused": reason, "next_due_at": None, "hold_until": None, "asked_until": None, "failures": 0}
        closing = update(DestinationRow).values(**values)
        this, paused = col(DestinationRow.number) == number, col(DestinationRow.paused)
        was_open = await self._db.execute(closing.where(this, paused == "").returning(col(DestinationRow.number)))
        if was_open.one_or_none() is not None:
            return True
        if reason in frozenset(CloseReason):
            this = and_(this, ~paused.startswith(ASKED))
        await self._db.execute(closing.where(this))
        return False

    async def moved(self, number: int, address: str) -> int:
        """End a place's turn by giving it its new address, and a turn there at once; returns its number.

        If that address is a place already, the two become one: that other place, which takes over subscriptions, feeds,
        mutes, watched papers and deliveries (a settled one beats an owed one).
        """
        await lock_queries_and_fan_out(self._db)  # one that began earlier would owe to a place that goes
        place = await move_place(self._db, self._now, number, address)
        await rouse(self._db, self._now, [place])
        return place

    async def rouse(self, numbers: Iterable[int]) -> None:
        """Give open places a turn, see `store/outbox/rousing.py`."""
        await rouse(self._db, self._now, numbers)

    # --- mutes -------------------------------------------------------------------------------------------------

    async def mute(self, destination: int, kind: MuteKind, value: str) -> Mute:
        """Keep a place from hearing of an author, a category or one subscription (its number); twice is once."""
        if kind == "subscription":
            await lock_queries_and_fan_out(self._db)
        folded = mute_value(kind, value)
        new = insert_new(self._db, MuteRow).values(
            destination=destination, kind=kind, value=folded, shown=value.strip(), created_at=self._now
        )
        # A row that is there is written again, so that it can't be lifted before it is given.
        statement = new.on_conflict_do_update(
            index_elements=["destination", "kind", "value"], set_={"value": new.excluded.value}
        )
        row = (await self._db.execute(statement.returning(MuteRow))).one()
        await self._reschedule(destination, kind, folded)
        await count_change(self._db)
        return _mute(row)

    async def unmute(self, number: int) -> bool:
        """Lift a mute; False if it was lifted already."""
        await lock_queries_and_fan_out(self._db)
        this = delete(MuteRow).where(col(MuteRow.number) == number)
        gone = this.returning(col(MuteRow.destination), col(MuteRow.kind), col(MuteRow.value))
        lifted = (await self._db.execute(gone)).first()
        if lifted is not None:
            await self._reschedule(*lifted)
        await count_change(self._db)
        return lifted is not None

    async def _reschedule(self, place: int, kind: str, value: str) -> None:
        """What is owed follows the other subscriptions there when one is muted, and it again when that is lifted."""
        if kind == "subscription":
            this = and_(col(RouteRow.destination) == place, cast(col(RouteRow.subscription), PlainText) == value)
            await reschedule(self._db, self._now, this)

    async def mutes(self, destination: int) -> list[Mute]:
        """What a place has muted, oldest first."""
        statement = select(MuteRow).where(col(MuteRow.destination) == destination).order_by(col(MuteRow.number))
        return [_mute(row) for row in await self._db.execute(statement)]

    async def _one(self, which: ColumnElement[bool]) -> StoredPlace | None:
        row = (await self._db.execute(select(*STORED_PLACE).where(which))).first()
        return None if row is None else stored_place_of(row)


def _at(channel: str, address: str) -> ColumnElement[bool]:
    return and_(col(DestinationRow.channel) == channel, col(DestinationRow.address) == address)


def _is_current(destination: StoredPlace, place: Place) -> bool:
    """Whether a stored place has an owner, and all else that its channel tells of it now."""
    is_there = place.community is None or place.community.address == destination.community
    return (
        destination.owner != 0
        and destination.kind == place.kind
        and place.title in {"", destination.title}
        and place.locale in {"", destination.server_locale}
        and is_there
    )


def _mute(row: Row[Any]) -> Mute:
    return value_of(Mute, row, shown=row.shown or row.value)
