"""A recorded day, and all months, each paper first without its comment: a fact is told once to who asked for it."""

import gzip
import json
import random
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import delete, select

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import ARRIVAL, Event, EventKind, Paper
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.papers import pages

pytestmark = pytest.mark.shared

LATER = ("comment", "journal_ref", "doi")
REWRITTEN = 50
"""One in so many commented papers has its comment rewritten back and forth."""
JOINED_AFTER = 90
PAGE = 5_000
"""Events in a transaction."""


def read(line):
    record = json.loads(line)
    return Paper(
        id=record["id"],
        title=record["title"],
        abstract=record["abstract"],
        authors=tuple(record["authors"]),
        categories=tuple(record["categories"]),
        published=datetime.fromisoformat(record["published"]),
        announced=date.fromisoformat(record["announced"]),
        **{name: record.get(name) or "" for name in LATER},
    )


def without(paper):
    return Paper(
        **{
            name: getattr(paper, name)
            for name in ("id", "title", "abstract", "authors", "categories", "published", "announced")
        }
    )


def said(paper, kind, day):
    return Event(kind=kind, paper=paper, source="arxiv", day=day if kind is EventKind.NEW else None)


def script(papers):
    """What is said on which day, and when each record is first read whole."""
    chance = random.Random(31)
    days, whole_on = defaultdict(list), {}
    for paper in papers:
        days[paper.announced].append(said(without(paper), EventKind.NEW, paper.announced))
        if not any(getattr(paper, name) for name in LATER):
            continue
        day = whole_on[paper.id] = paper.announced + timedelta(days=chance.randint(1, 150))
        days[day].append(said(paper, EventKind.CHANGED, day))
        if len(whole_on) % REWRITTEN == 0:
            for after in (1, 3):
                other = Paper(**{**as_dict(without(paper)), "comment": "12 pages"})
                days[day + timedelta(days=after)].append(said(other, EventKind.CHANGED, day))
                days[day + timedelta(days=after + 1)].append(said(paper, EventKind.CHANGED, day))
    return days, whole_on


def as_dict(paper):
    return {name: getattr(paper, name) for name in paper.__slots__}


def expected(papers, whole_on):
    """For each query the papers of which it is told at their arrival and later, by the files alone."""
    facts = {name: (set(), set()) for name in ("venue:any", "has:code", "cat:cs.LG venue:any")}
    for paper in papers:
        grade = acceptance_of(paper)
        if grade is not None and grade.status in ("accepted", "published"):
            facts["venue:any"][1].add(paper.id)
            if "cs.LG" in paper.categories:
                facts["cat:cs.LG venue:any"][1].add(paper.id)
        if code_link(without(paper)):
            facts["has:code"][0].add(paper.id)
        elif code_link(paper):
            facts["has:code"][1].add(paper.id)
    return facts


async def told(stages, place):
    """How often a place was told of each paper: at its arrival, and later."""
    columns = (DeliveryRow.occasion, PaperRow.id)
    async with stages.store.read() as unit:
        rows = await unit.connection.execute(
            select(*columns)
            .join(PaperRow, PaperRow.number == DeliveryRow.paper)
            .where(DeliveryRow.destination == place)
        )
        rows = rows.all()
    arrivals = Counter(paper for occasion, paper in rows if occasion == ARRIVAL.code)
    return arrivals, Counter(paper for occasion, paper in rows if occasion != ARRIVAL.code)


async def say(stages, events):
    for start in range(0, len(events), PAGE):
        async with stages.store.write() as unit:
            await unit.papers.record(events[start : start + PAGE], quiet=False)
    await stages.matching.run()


async def unindexed(*_):
    """In place of what indexes papers for search, which is half of the time and decides no match."""


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("one_day_2025-10-01", marks=pytest.mark.whole),
        pytest.param("arxiv_2025-09_2026-03", marks=pytest.mark.slow),
    ],
)
async def test_each_acceptance_and_each_code_arrival_is_told_once(stages, shared_data, monkeypatch, name):
    monkeypatch.setattr(pages, "write_words", unindexed)
    with gzip.open(shared_data / "arxiv_corpus" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        papers = [read(line) for line in lines]
    days, whole_on = script(papers)
    facts = expected(papers, whole_on)
    first = min(days)
    stages.clock.advance(seconds=(datetime.combine(first, time(), UTC) - stages.clock()).total_seconds())
    places = {query: (await stages.subscribe(str(number), query))[0] for number, query in enumerate(facts)}
    joined = first + timedelta(days=JOINED_AFTER)
    for day in sorted(days):
        stages.clock.advance(seconds=(datetime.combine(day, time(3), UTC) - stages.clock()).total_seconds())
        if day >= joined and "late" not in places:
            places["late"] = (await stages.subscribe("late", "venue:any"))[0]
        await say(stages, days[day])
    for query, (at_arrival, later) in facts.items():
        arrivals, facts_told = await told(stages, places[query])
        assert set(arrivals) == at_arrival
        assert set(facts_told) == later
        assert set(facts_told.values()) <= {1}
        print(f"\n{query}: {len(at_arrival)} at their arrival, {len(later)} later")  # noqa: T201 -- what `-s` is for
    since = {paper for paper in facts["venue:any"][1] if whole_on[paper] >= joined}
    arrivals, facts_told = await told(stages, places["late"])
    assert (set(arrivals), set(facts_told)) == (set(), since)
    assert set(facts_told.values()) <= {1}
    # A database of before knows none of these matches; every record is read again, each comment with a new end.
    async with stages.store.write() as unit:
        await unit.connection.execute(delete(MatchRow))
        await unit.connection.execute(delete(DeliveryRow))
    stages.clock.advance(days=1)
    again = [Paper(**{**as_dict(paper), "comment": f"{paper.comment} ."}) for paper in papers if paper.comment]
    await say(stages, [said(paper, EventKind.CHANGED, None) for paper in again])
    assert await stages.owed() == 0
