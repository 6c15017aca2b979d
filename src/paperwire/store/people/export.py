"""All that is stored about one person, for them to take along."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import Occasion
from paperwire.store.database.tables.base import State, Want
from paperwire.store.database.tables.deliveries import ITS_FAILURE, DeliveryRow, FailureRow
from paperwire.store.database.tables.lists import SubmissionRow, VoteRow
from paperwire.store.database.tables.meetings import MeetingRow, TalkRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.people import (
    AccountRow,
    DestinationRow,
    LibraryRow,
    LookupRow,
    MuteRow,
    OptInRow,
    PersonRow,
    SavedRow,
    SessionRow,
    SignInRow,
    WatchRow,
)
from paperwire.store.database.tables.subscriptions import FeedRow, RouteRow, SubscriptionRow
from paperwire.store.lists.communities import LIST
from paperwire.store.owners import IS_SHARED
from paperwire.store.people.opt_ins import for_person, for_their_address

_DIGESTS = ("digest_min", "digest_max", "digest_empty", "digest_sections")
_LOOK = ("cadence", "zone", "quiet", "style", "threads", "paused", "checkups_off", "language")
_PLACE = ("channel", "address", "kind", "title", *_LOOK, "created_at", *_DIGESTS)
_OPT_IN = ("channel", "address", "wanted", "created_at")
_LINK = ("created_at", "channel", "user_id", "used_at")
_SIGNED_IN = ("created_at", "channel", "user_id", "expires_at")
_SUBSCRIPTION = ("ordinal", "text", "name", "cadence", "mention", "silent", "paused", "began_at", "deleted_at")


async def export_person(db: AsyncConnection, number: int) -> dict[str, Any]:
    """Everything about a person as JSON values (times as RFC 3339); empty if the person is unknown."""
    about = await _rows(db, select(PersonRow).where(col(PersonRow.number) == number))
    if not about:
        return {}
    owned = and_(col(DestinationRow.owner) == number, ~IS_SHARED)
    of_mute = (col(MuteRow.kind), col(MuteRow.value), col(MuteRow.created_at))
    return {
        "person": about[0],
        "accounts": await _rows(db, _of(AccountRow, col(AccountRow.person) == number, "channel", "user_id")),
        "places": await _rows(db, _of(DestinationRow, owned, *_PLACE).order_by(col(DestinationRow.number))),
        "mutes": await _rows(
            db,
            select(col(DestinationRow.channel), col(DestinationRow.address), *of_mute)
            .join_from(MuteRow, DestinationRow)
            .where(owned)
            .order_by(col(MuteRow.number)),
        ),
        "opt_ins": await _opt_ins(db, number),
        "sign_in_links": await _rows(db, _of(SignInRow, col(SignInRow.person) == number, *_LINK)),
        "signed_in": await _rows(db, _of(SessionRow, col(SessionRow.person) == number, *_SIGNED_IN)),
        "subscriptions": await _subscriptions(db, col(SubscriptionRow.person) == number),
        "added_to_shared_places": await _subscriptions(db, col(SubscriptionRow.added_by) == number),
        "feeds": await _feeds(db, number),
        "saved": await _papers(db, SavedRow, col(SavedRow.person) == number, col(SavedRow.saved_at)),
        "libraries": await _rows(db, _of(LibraryRow, col(LibraryRow.person) == number, "name", "added_at", "read_at")),
        "to_look_up": await _rows(db, _of(LookupRow, col(LookupRow.person) == number, "paper", "added_at")),
        "watched": await _papers(db, WatchRow, col(WatchRow.person) == number, col(WatchRow.since)),
        "presented": await _talks(db, number),
        "submissions": await _on_lists(db, SubmissionRow, number, "day", "name"),
        "votes": await _on_lists(db, VoteRow, number),
        "deliveries": await _deliveries(db, owned),
    }


async def _opt_ins(db: AsyncConnection, number: int) -> list[dict[str, Any]]:
    """The requests they made or got; whether one was confirmed is for its reader to know, and not for who asked."""
    used_at = case((for_their_address(number), col(OptInRow.used_at))).label("used_at")
    requests = _of(OptInRow, for_person(number), *_OPT_IN).add_columns(used_at)
    return await _rows(db, requests.order_by(col(OptInRow.number)))


async def _feeds(db: AsyncConnection, number: int) -> list[dict[str, Any]]:
    """The private feeds; `subscription` is the text of the one that a feed shows, None for all of them."""
    feeds: Select[*tuple[Any, ...]] = (
        select(col(FeedRow.number), col(SubscriptionRow.text).label("subscription"), col(FeedRow.created_at))
        .join_from(FeedRow, SubscriptionRow, isouter=True)
        .where(col(FeedRow.person) == number)
    )
    return await _rows(db, feeds.order_by(col(FeedRow.number)))


async def _subscriptions(db: AsyncConnection, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Subscriptions with the places they go to, as `CHANNEL:ADDRESS`."""
    columns = [getattr(SubscriptionRow, name) for name in _SUBSCRIPTION]
    statement = select(col(SubscriptionRow.number), *columns, col(SubscriptionRow.occasions)).where(which)
    rows = await _rows(db, statement.order_by(col(SubscriptionRow.number)))
    goes = (
        select(col(RouteRow.subscription), col(DestinationRow.channel), col(DestinationRow.address))
        .join_from(RouteRow, DestinationRow)
        .join(SubscriptionRow, col(SubscriptionRow.number) == col(RouteRow.subscription))
        .where(which)
    )
    places: dict[int, list[str]] = {}
    for subscription, channel, address in await db.execute(goes.order_by(col(DestinationRow.number))):
        places.setdefault(subscription, []).append(f"{channel}:{address}")
    for row in rows:
        row["occasions"] = [want.name.lower() for want in Want(row["occasions"]) if want.name]
        row["places"] = places.get(row.pop("number"), [])
    return rows


async def _papers(
    db: AsyncConnection, table: type[SavedRow | WatchRow], which: ColumnElement[bool], at: SQLColumnExpression[Any]
) -> list[dict[str, Any]]:
    statement: Select[*tuple[Any, ...]] = select(col(PaperRow.id), col(PaperRow.title), at.label("at")).join_from(
        table, PaperRow, col(PaperRow.number) == col(table.paper)
    )
    return await _rows(db, statement.where(which).order_by(at))


async def _talks(db: AsyncConnection, number: int) -> list[dict[str, Any]]:
    """The papers that a person presents at meetings, or presented."""
    statement: Select[*tuple[Any, ...]] = (
        select(col(DestinationRow.channel), col(DestinationRow.address), col(MeetingRow.begins_at))
        .add_columns(col(PaperRow.id), col(PaperRow.title), col(TalkRow.in_private))
        .join_from(TalkRow, MeetingRow)
        .join(DestinationRow, col(DestinationRow.number) == col(MeetingRow.destination))
        .join(PaperRow, col(PaperRow.number) == col(TalkRow.paper))
        .where(col(TalkRow.presenter) == number)
    )
    return await _rows(db, statement.order_by(col(MeetingRow.begins_at), col(TalkRow.ordinal)))


async def _on_lists(
    db: AsyncConnection, table: type[SubmissionRow | VoteRow], number: int, *more: str
) -> list[dict[str, Any]]:
    """What they submitted or voted for; `list` is the title of the first shared place that has it, or `public`."""
    first = select(col(DestinationRow.title)).where(col(table.list) == LIST).order_by(col(DestinationRow.number))
    title = case((col(table.list) == PUBLIC, "public"), else_=first.limit(1).scalar_subquery()).label("list")
    columns = [getattr(table, name) for name in ("at", *more)]
    statement: Select[*tuple[Any, ...]] = select(title, col(PaperRow.id), col(PaperRow.title), *columns).join_from(
        table, PaperRow, col(PaperRow.number) == col(table.paper)
    )
    return await _rows(db, statement.where(col(table.person) == number).order_by(col(table.at)))


async def _deliveries(db: AsyncConnection, owned: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = (col(DeliveryRow.occasion), col(DeliveryRow.due_at), col(DeliveryRow.state), col(DeliveryRow.settled_at))
    statement = (
        select(col(DestinationRow.channel), col(DestinationRow.address), col(PaperRow.id), *columns)
        .add_columns(func.coalesce(col(FailureRow.reason), "").label("reason"))
        .join_from(DeliveryRow, DestinationRow, col(DestinationRow.number) == col(DeliveryRow.destination))
        .join(PaperRow, col(PaperRow.number) == col(DeliveryRow.paper))
        .join(FailureRow, ITS_FAILURE, isouter=True)
        .where(owned)
        .order_by(col(DeliveryRow.due_at), col(DeliveryRow.paper))
    )
    rows = await _rows(db, statement)
    for row in rows:
        row["occasion"] = str(Occasion(row["occasion"]))
        row["state"] = State(row["state"]).name.lower()
    return rows


def _of(table: type[SQLModel], which: ColumnElement[bool], *columns: str) -> Select[*tuple[Any, ...]]:
    return select(*(getattr(table, name) for name in columns)).where(which)


async def _rows(db: AsyncConnection, statement: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in (await db.execute(statement)).mappings()]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
