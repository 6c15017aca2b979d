"""Between rows and values: how a stored paper, destination or subscription becomes what other rooms see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlmodel import col

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.store.tables.base import Want
from paperwire.store.tables.people import DestinationRow, PersonRow

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Row

_MAX_SMALL = 32_767
_LOCALE = (
    select(col(PersonRow.locale))
    .where(col(PersonRow.number) == col(DestinationRow.owner))
    .correlate(DestinationRow)
    .scalar_subquery()
    .label("locale")
)
DESTINATION = (DestinationRow, _LOCALE)
"""The columns of a row that `destination_of` takes."""


def paper_of(row: Row[Any]) -> Paper:
    """The paper in a row that has every column of the table `paper` under its own name."""
    return Paper(
        number=row.number,
        id=row.id,
        source=row.source,
        title=row.title,
        abstract=row.abstract,
        authors=tuple(row.authors),
        categories=tuple(row.categories),
        published=row.published,
        updated=row.updated,
        announced=row.announced,
        version=row.version,
        comment=row.comment,
        doi=row.doi,
        journal_ref=row.journal_ref,
        url=row.url,
        code_url=row.code_url,
        licence=row.licence,
        withdrawn=row.withdrawn,
        seen_at=row.seen_at,
        upvotes=row.upvotes,
        summary=row.summary,
    )


def former_number(number: int) -> str:
    """The alias under which a number that was merged away is still known."""
    return f"number:{number}"


def paper_values(paper: Paper, day: date) -> dict[str, Any]:
    """The columns of `paper` except its number; `day` stands in where the paper names none."""
    return {
        "id": paper.id,
        "source": paper.source,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": paper.published,
        "updated": paper.updated,
        "announced": paper.announced or day,
        "version": small(paper.version),
        "comment": paper.comment,
        "doi": paper.doi,
        "journal_ref": paper.journal_ref,
        "url": paper.url,
        "code_url": paper.code_url,
        "licence": paper.licence,
        "withdrawn": paper.withdrawn,
        "seen_at": paper.seen_at,
        "upvotes": paper.upvotes,
        "summary": paper.summary,
    }


def destination_of(row: Row[Any]) -> Destination:
    """The place in a row of the columns `DESTINATION`."""
    return Destination(
        number=row.number,
        channel=row.channel,
        address=row.address,
        kind=row.kind,
        title=row.title,
        owner=row.owner or 0,
        cadence=row.cadence,
        zone=row.zone,
        quiet=row.quiet,
        style=row.style,
        paused=row.paused,
        failures=row.failures,
        locale=row.locale or "en",
        digest_min=row.digest_min,
        digest_max=row.digest_max,
        digest_empty=row.digest_empty,
        list=row.list or row.number,
        community=row.community,
    )


def small(number: int) -> int:
    """The number, or the nearest that a small integer holds."""
    return max(-_MAX_SMALL, min(number, _MAX_SMALL))


def subscription_of(row: Row[*tuple[Any, ...]], destinations: tuple[int, ...]) -> Subscription:
    """The subscription in a row that has the columns of its table, its query's `key` and the name of its `adder`."""
    wanted = Want(row.occasions)
    return Subscription(
        number=row.number,
        person=row.person or 0,
        place=row.place or 0,
        ordinal=row.ordinal,
        query=row.query,
        key=row.key,
        text=row.text,
        name=row.name,
        occasions=frozenset(word.name.lower() for word in Want if word in wanted and word.name),
        cadence=row.cadence,
        paused=row.paused,
        began_at=row.began_at,
        destinations=destinations,
        mention=row.mention,
        added_by=row.added_by or 0,
        adder=row.adder or "",
        edited_at=row.edited_at,
    )
