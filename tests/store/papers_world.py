"""Papers as a source states them, for tests of what the store makes of it."""

from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import func, select

from paperwire.core.papers.paper import Event, EventKind, Paper

DAY = date(2026, 1, 5)


def a_paper(paper_id="2601.00001", **changes):
    made = Paper(
        id=paper_id,
        title=f"On paper {paper_id}",
        abstract="We study words.",
        authors=("Ada Lovelace", "Jörg Müller"),
        categories=("cs.CL", "stat.ML"),
        published=datetime(2026, 1, 4, 12, tzinfo=UTC),
        announced=DAY,
    )
    return replace(made, **changes)


def said(paper, kind="new", source="arxiv", **changes):
    return Event(kind=EventKind(kind), paper=paper, source=source, **({"day": DAY} | changes))


async def record(store, *events, quiet=False):
    async with store.write() as unit:
        return await unit.papers.record(events, quiet=quiet)


async def taken(store):
    """What waits for the matcher, in short, and off the queue with it."""
    async with store.write() as unit:
        news = await unit.papers.unmatched(1000)
        await unit.papers.settle_matched(news)
    return [(one.paper.id, str(one.occasion), one.label) for one in news if one.before is None]


async def get(store, paper_id):
    async with store.read() as unit:
        return await unit.papers.get(paper_id)


async def count(store, table):
    async with store.read() as unit:
        return (await unit.connection.execute(select(func.count()).select_from(table))).scalar_one()
