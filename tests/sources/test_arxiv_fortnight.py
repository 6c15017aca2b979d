"""A fortnight of arXiv with a holiday, a stale class and faults on half of all requests: nothing is missed."""

import random
from collections import Counter
from datetime import date, timedelta

import pytest
from page_parts import day_of, listed

from paperwire.core.days.calendar import NO_CLOSURES, days_between, has_batch
from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceError
from paperwire.sources.arxiv import ArxivSource, Options
from servers.arxiv import ArxivServer

pytestmark = pytest.mark.whole

FIRST, LAST = date(2026, 1, 12), date(2026, 1, 23)  # Martin Luther King Day lies between: no batch on the 20th
FOLLOWED = ("cs.CL", "cs.RO", "cs.HC", "cs.MA", "math.CO", "math.NT", "hep-th", "stat.ML", "quant-ph")
FAULTS = [429, 503, "retry-date", 500, "reset", "cut", "html", "empty", "doctype", "bomb", "error", "slow"]
DAYS = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]


def fill(archive, dice):
    """Some thirty new papers a day, replacements up to version 7, cross-lists; also in classes nobody follows."""
    classes = [*FOLLOWED, "cs.CV", "econ.EM"]
    numbers = iter(range(1, 10_000))
    for day in (FIRST - timedelta(days=3 + n) for n in range(5)):
        archive.add(f"2512.{next(numbers):05}", day, dice.sample(classes, 2))
    for day in days_between(FIRST, LAST, NO_CLOSURES):
        older = list(archive.entries.values())
        for entry in dice.sample(older, min(6, len(older))):
            archive.replace(entry.id, day, title=f"{entry.versions[-1].title}!")
        for entry in dice.sample(older, min(4, len(older))):
            free = [name for name in classes if name not in entry.categories]
            if entry.versions[-1].day != day:
                archive.cross(entry.id, day, dice.choice(free))
        for _ in range(30):
            archive.add(f"2601.{next(numbers):05}", day, dice.sample(classes, dice.choice([1, 1, 2, 3])))


def announced(archive):
    """What arXiv announced in the fortnight of the followed classes: (id, version or added class, day)."""
    rows = set()
    for entry in archive.entries.values():
        for number, version in enumerate(entry.versions, 1):
            if version.day >= FIRST and set(entry.classes(version.day)) & set(FOLLOWED):
                rows.add((entry.id, number, version.day))
        rows |= {(entry.id, name, day) for name, day in entry.later.items() if day >= FIRST and name in FOLLOWED}
    return rows


class Reader:
    """Polls every part until it answers, as the collector does, and keeps what was announced and when."""

    def __init__(self, source, clock):
        self.source = source
        self.clock = clock
        self.cursors = {}
        self.pages = []
        self.failures = 0

    async def round(self):
        for part in self.source.parts():
            try:
                async for page in self.source.fetch(part, self.cursors.get(part, "")):
                    self.cursors[part] = page.cursor
                    self.pages.append((part, page))
            except SourceError:
                self.failures += 1

    async def back(self, since):
        cursor, pages = "", []
        for _ in range(60):
            try:
                async for page in self.source.backfill(since, cursor):
                    cursor = page.cursor
                    pages.append(page)
                return pages
            except SourceError:
                self.failures += 1
                self.clock.advance(minutes=2)
        raise AssertionError("the backfill never came to its end")


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow)])
async def test_a_fortnight_with_faults_on_half_of_all_requests(fetcher, clock, pace, seed):
    pace.keeps = True
    dice = random.Random(seed)
    clock.set("2026-01-11T12:00:00Z")
    async with ArxivServer(clock, interval=3.0, page=50) as server:
        server.retry_after = 90
        fill(server.archive, dice)
        source = ArxivSource(
            fetcher,
            Options(
                categories=FOLLOWED,
                api_url=server.api_url,
                rss_url=server.rss_url,
                oai_url=server.oai_url,
                list_url=server.list_url,
                min_interval=3.0,
            ),
            now=clock,
        )
        reader = Reader(source, clock)
        await reader.round()  # a Sunday: ends the first run
        assert not reader.failures
        server.mood = lambda _path: dice.choice(FAULTS) if dice.random() < 0.5 else None
        while clock().date() <= LAST:
            clock.advance(hours=2)
            stale = clock().date() == date(2026, 1, 15) and clock().hour < 18
            server.stale = {"cs.RO": date(2026, 1, 14)} if stale else {}
            await reader.round()
        backfilled = await reader.back(FIRST)
        assert server.violations == []
    assert reader.failures > 30

    loud = [(part, page, event) for part, page in reader.pages for event in page.events if not page.quiet]
    heard = {(event.paper.id, event.paper.version, event.day) for _, _, event in loud}
    owed = announced(server.archive)
    new = {row for row in owed if row[1] == 1}
    assert {row for row in heard if row[1] == 1} >= new
    replaced = {row for row in owed if isinstance(row[1], int) and 2 <= row[1] <= 5}
    assert replaced <= heard
    for paper_id, name, _ in (row for row in owed if isinstance(row[1], str)):
        assert any(event.paper.id == paper_id and name in event.paper.categories for _, _, event in loud)
    # Each part says each thing once, whatever the faults.
    said = Counter((part, e.kind, e.paper.id, e.paper.version, e.paper.categories) for part, _, e in loud)
    assert set(said.values()) == {1}

    # OAI-PMH has the same arrivals and versions, and the versions that no feed lists.
    told = {(e.paper.id, e.paper.version, e.day) for page in backfilled for e in page.events}
    assert {row[:2] for row in told if row[1] == 1 and row[2] >= FIRST} >= {row[:2] for row in new}
    # A record that was touched again looks as if it had been held back; of the others the day is right.
    assert {row for row in new if not server.archive.entries[row[0]].later} <= told
    latest = {}
    for row in owed:
        if isinstance(row[1], int) and row[1] > 1:
            latest[row[0]] = max(latest.get(row[0], row), row, key=lambda one: one[1])
    assert set(latest.values()) <= told

    shown = {(name, day_of(page)) for _, page in reader.pages for name in listed(page)}
    big = {"cs.CL", "cs.RO", "cs.HC", "cs.MA"}
    assert {(name, day) for name in big for day in DAYS if has_batch(day, NO_CLOSURES)} <= shown
    assert not any(day == date(2026, 1, 20) for _, day in shown)
    assert {event.kind for _, _, event in loud} == {EventKind.NEW, EventKind.CROSS, EventKind.REPLACED}
