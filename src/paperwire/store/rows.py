"""Between rows and values: how a stored paper, destination or subscription becomes what other rooms see."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Row, select
from sqlmodel import col

from paperwire.core.papers.paper import UNDATED, Paper
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.store.tables.base import Want
from paperwire.store.tables.people import DestinationRow, PersonRow

if TYPE_CHECKING:  # nothing here needs the library at run time
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_MAX_SMALL = 32_767
_LOCALE = (
    select(col(PersonRow.locale))
    .where(col(PersonRow.number) == col(DestinationRow.owner))
    .correlate(DestinationRow)
    .scalar_subquery()
    .label("locale")
)
STORED_PLACE = (DestinationRow, _LOCALE)
"""The columns of a row that `stored_place_of` takes."""


def value_of(kind: type[T], row: Row[*tuple[Any, ...]], /, **others: Any) -> T:
    """A dataclass from the columns of a row that bear its fields' names, and from `others`, which go first."""
    values = row._asdict() | others
    return kind(**{field.name: values[field.name] for field in fields(kind) if field.name in values})


def paper_of(row: Row[Any]) -> Paper:
    """The paper in a row that has every column of the table `paper` under its own name."""
    day = None if row.announced == UNDATED else row.announced
    return value_of(Paper, row, announced=day, authors=tuple(row.authors), categories=tuple(row.categories))


def former_number(number: int) -> str:
    """The alias under which a number that was merged away is still known."""
    return f"number:{number}"


def paper_values(paper: Paper) -> dict[str, Any]:
    """The columns of `paper` except its number."""
    values = {field.name: getattr(paper, field.name) for field in fields(Paper) if field.name != "number"}
    return values | {"announced": paper.announced or UNDATED, "version": small(paper.version)}


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
