"""What the parts of a unit of work share: the open transaction, lists in pieces, and rows as values of other rooms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, TypeVarTuple

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.core.papers.notices import EditorialNotice
from paperwire.core.papers.paper import UNDATED, Paper
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.store.database.tables.base import Want
from paperwire.store.database.tables.people import DestinationRow, PersonRow

if TYPE_CHECKING:  # nothing here needs the library at run time
    from _typeshed import DataclassInstance

T = TypeVar("T")
D = TypeVar("D", bound="DataclassInstance")
Ts = TypeVarTuple("Ts")

CHUNK = 1000
"""Values in one IN list: few statements, and far from SQLite's limit of 32,766."""


class Transaction(Protocol):
    """What a unit of work is to functions that need no part of it."""

    connection: AsyncConnection
    now: datetime


class Part:
    """A group of questions and orders to the database inside one transaction, which began at `now` (aware, UTC)."""

    def __init__(self, connection: AsyncConnection, now: datetime) -> None:
        self._db = connection
        self._now = now


def chunks(values: Iterable[T]) -> Iterator[Sequence[T]]:
    """The distinct values, in order of appearance, in pieces that fit an IN list."""
    distinct = list(dict.fromkeys(values))
    for start in range(0, len(distinct), CHUNK):
        yield distinct[start : start + CHUNK]


async def rows_among(
    db: AsyncConnection, statement: Select[*Ts], column: SQLColumnExpression[Any], values: Iterable[Any]
) -> list[Row[*Ts]]:
    """The rows of a statement in which a column has one of these values, however many they are."""
    return [row for piece in chunks(values) for row in await db.execute(statement.where(column.in_(piece)))]


async def count_rows(db: AsyncConnection, table: type[SQLModel], *which: ColumnElement[bool]) -> int:
    """How many rows of a table meet these conditions."""
    return (await db.execute(select(func.count()).select_from(table).where(*which))).scalar_one()


# --- rows as values -------------------------------------------------------------------------------------------------

_MAX_SMALL = 32_767
READ_BY_PERSON = func.coalesce(func.nullif(col(PersonRow.language), ""), col(PersonRow.locale))
"""The language that a person reads: the one they chose, else the one that was reported of them."""
READ_AT_PLACE = func.coalesce(
    func.nullif(col(DestinationRow.language), ""), func.nullif(col(DestinationRow.server_locale), "")
)
"""The language of a place where it isn't its owner's; NULL where it is."""
_LOCALE = func.coalesce(
    READ_AT_PLACE,
    select(READ_BY_PERSON)
    .where(col(PersonRow.number) == col(DestinationRow.owner))
    .correlate(DestinationRow)
    .scalar_subquery(),
).label("locale")
STORED_PLACE = (DestinationRow, _LOCALE)
"""The columns of a row that `stored_place_of` takes."""


def value_of(kind: type[D], row: Row[*tuple[Any, ...]], /, **others: Any) -> D:
    """A dataclass from the columns of a row that bear its fields' names, and from `others`, which go first."""
    values = row._asdict() | others
    return kind(**{field.name: values[field.name] for field in fields(kind) if field.name in values})


def paper_of(row: Row[Any]) -> Paper:
    """The paper in a row that has every column of the table `paper` under its own name."""
    day = None if row.announced == UNDATED else row.announced
    hub = HubEntry.read(row.hub) if row.hub else NOT_LISTED
    notices = tuple(map(EditorialNotice.read, row.notices or ()))
    lists = {"authors": tuple(row.authors), "categories": tuple(row.categories), "notices": notices}
    return value_of(Paper, row, announced=day, hub=hub, **lists)


def former_number(number: int) -> str:
    """The alias under which a number that was merged away is still known."""
    return f"number:{number}"


def paper_values(paper: Paper) -> dict[str, Any]:
    """The columns of `paper` except its number."""
    values = {field.name: getattr(paper, field.name) for field in fields(Paper) if field.name != "number"}
    hub, notices = paper.hub.values() or None, [notice.values() for notice in paper.notices] or None
    values |= {"announced": paper.announced or UNDATED, "version": small(paper.version)}
    return values | {"hub": hub, "notices": notices}


def stored_place_of(row: Row[Any]) -> StoredPlace:
    """The place in a row of the columns `STORED_PLACE`."""
    owner, of_list = row.owner or 0, row.list or row.number
    return value_of(StoredPlace, row, owner=owner, locale=row.locale or "en", list=of_list)


def small(number: int) -> int:
    """The number, or the nearest that a small integer holds."""
    return max(-_MAX_SMALL, min(number, _MAX_SMALL))


def subscription_of(row: Row[*tuple[Any, ...]], destinations: tuple[int, ...]) -> Subscription:
    """The subscription in a row that has the columns of its table, its query's `key` and the name of its `adder`."""
    wants = Want(row.occasions)
    return value_of(
        Subscription,
        row,
        person=row.person or 0,
        place=row.place or 0,
        occasions=frozenset(word.name.lower() for word in Want if word in wants and word.name),
        destinations=destinations,
        added_by=row.added_by or 0,
        adder=row.adder or "",
    )
