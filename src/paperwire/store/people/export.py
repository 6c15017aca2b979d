"""All that is stored about one person, for them to take along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, select

from paperwire.core.papers.paper import Occasion
from paperwire.store.tables.base import Row, State, Want

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, FromClause, Select
    from sqlalchemy.ext.asyncio import AsyncConnection

_T = Row.metadata.tables
person, account, destination, mute = _T["person"], _T["account"], _T["destination"], _T["mute"]
subscription, route, feed, delivery = _T["subscription"], _T["subscription_destination"], _T["feed"], _T["delivery"]
failure, paper, saved, watch = _T["failure"], _T["paper"], _T["saved"], _T["watch"]

_PLACE = ("channel", "address", "kind", "title", "cadence", "zone", "quiet", "style", "paused", "created_at")
_SUBSCRIPTION = ("number", "text", "name", "cadence", "mention", "paused", "began_at", "deleted_at")


async def export_person(db: AsyncConnection, number: int) -> dict[str, Any]:
    """Everything about a person as JSON values (times as RFC 3339); empty if there is no such person."""
    about = await _rows(db, select(person).where(person.c.number == number))
    if not about:
        return {}
    owned = destination.c.owner == number
    return {
        "person": about[0],
        "accounts": await _rows(db, _of(account, account.c.person == number, "channel", "user_id")),
        "places": await _rows(db, _of(destination, owned, *_PLACE).order_by(destination.c.number)),
        "mutes": await _rows(
            db,
            select(destination.c.channel, destination.c.address, mute.c.kind, mute.c.value, mute.c.created_at)
            .join_from(mute, destination, destination.c.number == mute.c.destination)
            .where(owned)
            .order_by(mute.c.number),
        ),
        "subscriptions": await _subscriptions(db, number),
        "feeds": await _rows(db, _of(feed, feed.c.person == number, "number", "subscription", "created_at")),
        "saved": await _papers(db, saved, saved.c.person == number, saved.c.saved_at),
        "watched": await _papers(db, watch, watch.c.person == number, watch.c.since),
        "deliveries": await _deliveries(db, owned),
    }


async def _subscriptions(db: AsyncConnection, number: int) -> list[dict[str, Any]]:
    columns = [subscription.c[name] for name in _SUBSCRIPTION]
    theirs = select(*columns, subscription.c.occasions).where(subscription.c.person == number)
    found = await _rows(db, theirs.order_by(subscription.c.number))
    goes = (
        select(route.c.subscription, destination.c.channel, destination.c.address)
        .join_from(route, destination, destination.c.number == route.c.destination)
        .join(subscription, subscription.c.number == route.c.subscription)
        .where(subscription.c.person == number)
    )
    places: dict[int, list[str]] = {}
    for one, channel, address in await db.execute(goes.order_by(destination.c.number)):
        places.setdefault(one, []).append(f"{channel}:{address}")
    for row in found:
        row["occasions"] = [want.name.lower() for want in Want(row["occasions"]) if want.name]
        row["places"] = places.get(row["number"], [])
    return found


async def _papers(
    db: AsyncConnection, table: FromClause, which: ColumnElement[bool], at: ColumnElement[Any]
) -> list[dict[str, Any]]:
    theirs = select(paper.c.id, paper.c.title, at.label("at")).join_from(table, paper, paper.c.number == table.c.paper)
    return await _rows(db, theirs.where(which).order_by(at))


async def _deliveries(db: AsyncConnection, owned: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = (delivery.c.occasion, delivery.c.due_at, delivery.c.state, delivery.c.settled_at)
    failed = and_(*(failure.c[name] == delivery.c[name] for name in ("destination", "paper", "occasion")))
    theirs = (
        select(destination.c.channel, destination.c.address, paper.c.id, *columns)
        .add_columns(func.coalesce(failure.c.reason, "").label("reason"))
        .join_from(delivery, destination, destination.c.number == delivery.c.destination)
        .join(paper, paper.c.number == delivery.c.paper)
        .join(failure, failed, isouter=True)
        .where(owned)
        .order_by(delivery.c.due_at, delivery.c.paper)
    )
    found = await _rows(db, theirs)
    for row in found:
        row["occasion"] = str(Occasion(row["occasion"]))
        row["state"] = State(row["state"]).name.lower()
    return found


def _of(table: FromClause, which: ColumnElement[bool], *columns: str) -> Select[Any]:
    return select(*(table.c[name] for name in columns)).where(which)


async def _rows(db: AsyncConnection, wanted: Select[Any]) -> list[dict[str, Any]]:
    return [{name: _plain(value) for name, value in row.items()} for row in (await db.execute(wanted)).mappings()]


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
