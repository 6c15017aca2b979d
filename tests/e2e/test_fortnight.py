"""A fortnight of arXiv through the whole service: a holiday, an outage, stale classes, faults on half of all requests.

In the end every announced paper is stored with the right event and day, none was told twice, arXiv's manners were kept,
and each batch's state is right. `-s` prints the table.
"""

import gzip
import json
import random
from collections import Counter
from datetime import date, timedelta

import pytest
from fortnight_world import (
    BATCH_DAYS,
    DAYS,
    EVERYTHING,
    FAULTS,
    FIRST,
    LAST,
    Recorder,
    Service,
    announced,
    batches,
    listed,
    quick,
    said,
    subscribe,
    table,
)

from paperwire.core.days.batch import PROVEN, BatchState
from paperwire.core.days.calendar import NO_CLOSURES, announced_at, has_batch, next_announcement
from paperwire.core.days.doubt import Why
from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive, Entry, Version, working_day_before

FOLLOWED = ("cs.CL", "cs.HC", "cs.MA", "cs.RO", "math.CO", "math.NT")
STALE_TILL_NOON = date(2026, 1, 15)  # cs.RO shows the batch of the day before until the evening in Europe
STALE_ALL_DAY = date(2026, 1, 22)  # and cs.HC never shows this one
OUTAGE = (date(2026, 1, 13), date(2026, 1, 15))  # no service between these midnights in UTC
FEW = {("cs.CL", date(2026, 1, 21)), ("quant-ph", date(2026, 1, 21))}
HISTORY = 70
BEFORE = [day for number in range(1, HISTORY) if has_batch(day := FIRST - timedelta(days=number), NO_CLOSURES)]
UNSEEN = {date(2026, 1, 13), date(2026, 1, 14), date(2026, 1, 15)}


def make_up(dice, followed, papers):
    """So many new papers a day, replacements up to version 7, cross-lists; also in categories nobody follows.

    In the ten weeks before there are as many, with which the days of the fortnight are compared.
    """
    archive = Archive()
    classes = [*followed, "cs.CV", "econ.EM"]
    numbers = iter(range(1, 10_000))
    for day in BEFORE:
        for _ in range(papers):
            archive.add(f"{day:%y%m}.{next(numbers):05}", day, dice.sample(classes, dice.choice([1, 1, 2, 3])))
    for day in BATCH_DAYS:
        older = list(archive.entries.values())
        changed = set()
        for entry in dice.sample(older, 6):
            archive.replace(entry.id, day, title=f"{entry.versions[-1].title}!")
            changed.add(entry.id)
        for entry in dice.sample(older, 4):
            if entry.id not in changed:
                archive.cross(entry.id, day, dice.choice([name for name in classes if name not in entry.categories]))
        for _ in range(papers):
            number = next(numbers)
            archive.add(
                f"2601.{number:05}", day, dice.sample(classes, dice.choice([1, 1, 2, 3])), f"A made-up paper {number}"
            )
    return archive


def recorded(shared, dice, classes):
    """The real papers of the fortnight in these classes, each on a day that has a batch, with made-up replacements."""
    archive = Archive()
    corpus = shared / "arxiv_corpus" / "arxiv_2025-09_2026-03.jsonl.gz"
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        day = date.fromisoformat(row["announced"])
        if not BEFORE[-1] <= day <= LAST or not set(row["categories"]) & set(classes):
            continue
        while not has_batch(day, NO_CLOSURES):
            day = next_announcement(announced_at(day), NO_CLOSURES).date()
        categories = [name for name in row["categories"] if "." in name or "-" in name]
        version = Version(working_day_before(day), day, row["title"], row["abstract"], row.get("comment", ""))
        archive.entries[row["id"]] = Entry(row["id"], categories, row["authors"], [version])
    for day in BATCH_DAYS[2:]:
        older = [entry for entry in archive.entries.values() if entry.versions[-1].day < day]
        for entry in dice.sample(older, 40):
            last = entry.versions[-1]
            archive.replace(entry.id, day, abstract=f"{last.abstract} We add more.", comment="Now with more.")
    return archive


async def live_through(server, store, clock, channel, classes, dice, step):
    """The fortnight from the Sunday before it to the Saturday after; gives the service at its end."""
    clock.set("2026-01-11T12:00:00Z")
    service = Service(server, store, clock, classes, channel)
    await service.round()  # a Sunday: ends the first run
    assert service.failures == 0
    await service.read_back(HISTORY)
    await subscribe(store, "all", EVERYTHING, occasions=("arrival", "versions"))
    await subscribe(store, "cl", "cat:cs.CL", style="cards")
    server.mood = lambda _path: dice.choice(FAULTS) if dice.random() < 0.5 else None
    failures, off = 0, False
    while clock().date() <= date(2026, 1, 24):
        clock.advance(**step)
        today, hour = clock().date(), clock().hour
        server.stale = {}
        if today == STALE_TILL_NOON and hour < 17:
            server.stale["cs.RO"] = date(2026, 1, 14)
        if STALE_ALL_DAY <= today <= date(2026, 1, 23) and clock() < announced_at(date(2026, 1, 23)).replace(hour=5):
            server.stale["cs.HC"] = date(2026, 1, 21)
        if OUTAGE[0] <= today < OUTAGE[1]:
            off = True
            continue
        if off:
            off, failures = False, failures + service.failures
            await service.fetcher.close()
            service = Service(server, store, clock, classes, channel)
        await service.round()
    server.mood = lambda _path: None
    for _ in range(3):
        clock.advance(hours=13)
        await service.round()
    service.failures += failures
    await service.fetcher.close()
    return service


async def judge(server, store, channel, classes):
    archive = server.archive
    versions, crossed = announced(archive, classes)
    heard = await said(store)
    told = {(paper, kind, version, day) for paper, kind, version, day, _, _ in heard}
    late = {paper for paper, *_, was_late in heard if was_late}

    new = {paper: day for (paper, version), day in versions.items() if version == 1}
    for paper, day in new.items():
        entry = archive.entries[paper]
        kind = "new" if entry.categories[0] in classes else "cross"
        # Whose announcement nobody saw may be given the day of the next change of its record, or of the next look.
        days = {day, *entry.later.values(), *UNSEEN} if day in UNSEEN or paper in late else {day}
        assert any((paper, kind, 1, one) in told for one in days), (paper, kind, day)
    replaced = {(paper, version) for paper, kind, version, _ in told if kind == "replaced"}
    assert {one for one in versions if one[1] > 1} <= replaced
    async with store.read() as unit:
        for paper, name in crossed:
            assert name in (await unit.papers.get(paper)).categories

    told_once(channel, archive, new)
    print(  # noqa: T201 -- what `-s` is for
        f"{len(new)} papers and {len(versions) - len(new)} new versions announced: each stored with its event,"
        " each paper sent once"
    )
    return new


def told_once(channel, archive, new):
    """Each paper arrived once, each new version was told once at most, and the class with cards missed nothing."""
    assert set(new) <= set(channel.told("all"))
    arrivals = Counter(
        item.url.rpartition("/abs/")[2]
        for message in channel.arrived["all"]
        for item in message.items
        if not any("updated to v" in span.text for line in item.lines for span in line)
    )
    assert set(arrivals.values()) == {1}
    updates = Counter(
        (item.url, span.text.rpartition("updated to ")[2].split()[0])
        for message in channel.arrived["all"]
        for item in message.items
        for line in item.lines
        for span in line
        if "updated to v" in span.text
    )
    assert set(updates.values()) <= {1}
    assert set(channel.told("cl").values()) == {1}
    assert {paper for paper in new if "cs.CL" in archive.entries[paper].classes(new[paper])} <= set(channel.told("cl"))


def told_table(server, service, found, classes):
    """What `-s` shows."""
    print(f"\n{table(found, server.archive, classes)}")  # noqa: T201 -- what `-s` is for
    print(f"{len(server.requests)} requests, {service.failures} failures, {len(server.violations)} breaches")  # noqa: T201 -- for `-s`


def states_are_right(server, found, classes):
    for day in DAYS:
        for name in classes:
            if day.weekday() > 4:
                assert (name, day) not in found
            elif not has_batch(day, NO_CLOSURES):
                assert found[name, day].state is BatchState.HOLIDAY
            else:
                batch = found[name, day]
                doubted = {view for doubt in batch.doubts for view in doubt.views}
                # The feeds of the days of the outage were gone, or showed little, when the service came back.
                is_outage = "rss" in doubted and OUTAGE[0] <= day < OUTAGE[1]
                assert batch.state in PROVEN or is_outage or is_few(batch), batch
                new, cross, _ = listed(server.archive, name, day)
                around = UNSEEN if day in UNSEEN else {day}
                assert set().union(*(found[name, one].arrivals for one in around)) >= new | cross
    late = {day for (_, day), batch in found.items() if batch.late}
    assert OUTAGE[0] in late
    assert late <= UNSEEN | {STALE_ALL_DAY}  # when OAI-PMH could be asked late only


def is_few(batch):
    """Whether all that is in doubt is the number, on the one recorded day on which two categories had too few."""
    return (batch.part, batch.day) in FEW and {doubt.why for doubt in batch.doubts} == {Why.LOW}


@pytest.mark.slow_on_postgresql
@pytest.mark.parametrize(
    ("seed", "followed", "papers", "hours"),
    [
        pytest.param(1, ("cs.CL", "cs.HC", "cs.RO"), 12, 4, id="looked at every four hours"),
        pytest.param(1, FOLLOWED, 30, 1, marks=pytest.mark.slow, id="every hour"),
        pytest.param(2, FOLLOWED, 30, 1, marks=pytest.mark.slow, id="every hour by other dice"),
    ],
)
async def test_a_made_up_fortnight(store, clock, seed, followed, papers, hours):
    dice = random.Random(seed)
    channel = Recorder()
    with quick():
        async with ArxivServer(clock, make_up(dice, followed, papers), interval=3.0, page=50) as server:
            server.retry_after = 90
            service = await live_through(server, store, clock, channel, followed, dice, {"hours": hours})
            found = await batches(store)
            told_table(server, service, found, followed)
            await judge(server, store, channel, followed)
    assert server.violations == []
    assert service.failures > 30
    states_are_right(server, found, followed)


BIG = ("cs.CL", "cs.HC", "cs.RO", "math.AP", "quant-ph")


@pytest.mark.slow
@pytest.mark.shared
async def test_a_recorded_fortnight(store, clock, shared_data):
    dice = random.Random(7)
    channel = Recorder()
    with quick():
        async with ArxivServer(clock, recorded(shared_data, dice, BIG), interval=3.0, page=250) as server:
            server.retry_after = 90
            service = await live_through(server, store, clock, channel, BIG, dice, {"minutes": 60})
            found = await batches(store)
            told_table(server, service, found, BIG)
            new = await judge(server, store, channel, BIG)
    assert len(new) > 1_800
    assert server.violations == []
    assert service.failures > 30
    states_are_right(server, found, BIG)
