"""A recorded month with ten subscriptions by meaning and keyword ones, and a switch of encoders with kills.

Preview, search, feed and alerts agree, and each paper comes once.
"""

import signal
import subprocess
import sys
from collections import defaultdict
from datetime import UTC, datetime, time, timedelta
from itertools import chain, takewhile
from pathlib import Path

import pytest
from benchmarks.workload import months
from test_month_by_meaning import arrived, fed, person_of

from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.encoders.table import WordTable
from paperwire.services.papers.search import counted_days, preview, search

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(3600)]

CATEGORY = "cs.RO"
_QUIET, _MONTH, _AFTER = 20, timedelta(days=30), 2
"""Days with papers before the month, the month, and days with papers after the switch."""
BY_MEANING = (
    'like:"grasping unknown objects with a dexterous hand" rate:1/day',
    'like:"legged robots that walk over rough terrain"',
    'like:"vision-language-action models" rate:20/day',
    'like:"safe motion planning" -survey rate:3/day',
    "like:{first}",
    "like:{second} rate:2/day",
    "like:saved rate:1/day",
    'like:"autonomous driving" cat:cs.CV rate:4/week',
    'like:"learning from human demonstrations" abs:policy rate:1/day',
    'ti:robot like:"surgery" rate:1/week',
)
BY_WORDS = ("navigation", '"reinforcement learning" -survey', "ti:diffusion OR ti:flow")
QUERIES = (*BY_MEANING, *BY_WORDS)
DEATHS = {
    "paperwire.store.search.vectors:Vectors.put": 2,
    "paperwire.store.subscriptions.meanings:Meanings.match_stored": 3,
    "paperwire.store.search.vectors:Vectors.drop_all_but": 1,
    "paperwire.store.papers.papers:Papers.settle_meaning": 1,
    "paperwire.store.outbox.fanout:FanOut.owe": 1,
}
"""At which call of which methods the process is killed that switches, one after the other."""


@pytest.fixture(scope="module")
def days(shared_data):
    """The papers of each day, as many days as are replayed."""
    found = defaultdict(list)
    until = datetime(2025, 11, 20, tzinfo=UTC).date()
    for one in takewhile(lambda paper: paper.announced < until, months(shared_data)):
        if one.primary_category == CATEGORY:
            found[one.announced].append(one)
    return dict(sorted(found.items()))


async def replay(bot, days, *, quiet=False):
    """What comes on these days, matched and delivered."""
    for day, papers in days.items():
        bot.clock.at = datetime.combine(day, time(6), UTC)
        await bot.record(*papers, quiet=quiet)
        await bot.match()
        await delivered(bot)


async def delivered(bot):
    """Deliver, as often as a chat's pace needs."""
    for _ in range(3):
        await bot.deliver()
        bot.clock.advance(minutes=5)


@pytest.fixture
async def month(bot, days):
    """A bot with all these subscriptions, each of another person, after the month."""
    bot.knows(WordTable.load())
    dates = list(days)
    first = next(day for day in dates[_QUIET:] if day - _MONTH >= dates[0])
    last = max(day for day in dates if day < first + _MONTH)
    await replay(bot, {day: days[day] for day in dates if day < first}, quiet=True)
    await bot.encode()
    bot.began = first
    bot.old = old = [paper.id for paper in chain.from_iterable(map(days.get, dates[1:5]))]
    for who, query in enumerate(texts(old), 1):
        for paper in old[2:7] if "saved" in query else ():
            await bot.says(f"/save {paper}", who=str(who))
        await bot.says(f"/subscribe {query}", who=str(who))
        await fed(bot, str(who))
    bot.channel.sent.clear()
    await replay(bot, {day: days[day] for day in dates if first <= day <= last})
    bot.rest = [day for day in dates if day > last]
    return bot


def texts(old):
    return [query.format(first=old[0], second=old[1]) for query in QUERIES]


async def searched(month, who, text, since):
    """The papers that a search finds since a day."""
    query = parse(text).of(await person_of(month, who))
    found = await search(month.store, month.context.calibration, query, order="date", since=since, limit=5_000)
    assert not found.at_least
    return {one.id for one in found.papers}


async def test_a_recorded_month_and_a_switch_that_is_killed_bring_each_paper_once(month, days, database, tmp_path):
    month_days = [day for day in days if month.began <= day < month.rest[0]]
    async with month.store.read() as unit:
        assert (await counted_days(unit))[0] == month.began
    for who, text in enumerate(texts(month.old), 1):
        alerts = arrived(month, str(who))
        assert alerts, text
        assert len(alerts) == len(set(alerts)), text
        assert set(alerts) == await searched(month, str(who), text, month.began), text
        query = parse(text).of(await person_of(month, str(who)))
        assert (await preview(month.context, query)).total == len(alerts), text
        entries = await fed(month, str(who))
        assert set(alerts[-5:]) <= entries <= set(alerts), text
        if text in BY_WORDS:
            assert set(alerts) == plainly(days, month_days, text), text
    await switched_with_kills(month, days, database, tmp_path)


def plainly(days, chosen, text):
    """The papers of some days that a query by words matches, evaluated one by one."""
    query = parse(text)
    return {paper.id for day in chosen for paper in days[day] if query.matches(Doc.of(paper))}


async def switched_with_kills(month, days, database, folder):
    """A day's news comes with another encoder, whose process is killed again and again, and then two days more."""
    before = {str(who): arrived(month, str(who)) for who in range(1, len(QUERIES) + 1)}
    wide = WordTable.load()
    other = WordTable(wide.words, wide._rows[:, ::2], wide._scales, {})
    other.save(folder / "other.npz")
    news, *later = month.rest[: 1 + _AFTER]
    month.clock.at = datetime.combine(news, time(6), UTC)
    await month.record(*days[news])
    for method, call in DEATHS.items():
        assert begun(month, database, folder / "other.npz", method, str(call)) == -signal.SIGKILL, method
        await delivered(month)
    assert begun(month, database, folder / "other.npz") == 0
    await delivered(month)
    month.knows(WordTable.load(folder / "other.npz"))
    await replay(month, {day: days[day] for day in later})
    after = [news, *later]
    brought = 0
    for who, text in enumerate(texts(month.old), 1):
        alerts = arrived(month, str(who))
        assert alerts[: len(before[str(who)])] == before[str(who)], text
        assert len(alerts) == len(set(alerts)), text
        new = set(alerts[len(before[str(who)]) :])
        brought += bool(new)
        assert new == await searched(month, str(who), text, news), text
        if text in BY_WORDS:
            assert new == plainly(days, after, text), text
    assert brought >= len(QUERIES) - 2  # three days bring nothing for the rarest


def begun(month, database, table, *death):
    """How a process ends that goes over to a word table, and matches."""
    arguments = [database, month.clock().isoformat(), str(table), *death]
    script = Path(__file__).with_name("dying_switch.py")
    return subprocess.run([sys.executable, str(script), *arguments], timeout=240, check=False).returncode
