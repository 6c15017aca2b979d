"""Scores: a series of changes, of which each rise is news."""

from datetime import UTC, date, datetime, timedelta

from papers_world import DAY, a_paper, get, record, said
from sqlalchemy import select

from paperwire.core.papers.paper import Occasion
from paperwire.store.database.tables.papers import ScoreRow


async def _rises(store):
    async with store.write() as unit:
        news = await unit.papers.unmatched(100)
        await unit.papers.settle_matched(news)
    return [(one.score_from, one.score_to) for one in news if one.score_to is not None]


async def test_a_score_is_a_series_of_changes_and_each_rise_is_news(store, clock):
    async def score(value):
        clock.advance(hours=1)
        await record(store, said(a_paper(), kind="score", source="huggingface", score=value, at=clock.at))
        return await _rises(store)

    await record(store, said(a_paper(), kind="listed", source="huggingface", score=3))
    assert await _rises(store) == [(0, 3)]
    assert await score(3) == []
    assert await score(60) == [(3, 60)]
    assert await score(55) == []
    assert await score(60) == []  # it was there before
    assert await score(61) == [(60, 61)]
    assert (await get(store, "2601.00001")).upvotes == 61
    async with store.read() as unit:
        series = (await unit.connection.execute(select(ScoreRow).order_by(ScoreRow.at))).all()
    assert [row.upvotes for row in series] == [3, 60, 55, 60, 61]


async def test_news_of_a_score_names_where_it_stands(store):
    await record(store, said(a_paper(), kind="score", source="huggingface", score=7))
    async with store.read() as unit:
        (news,) = await unit.papers.unmatched(10)
    assert news.occasion == Occasion.upvotes(7)
    assert (news.score_from, news.score_to, news.label) == (0, 7, "score")


async def test_other_sources_do_not_wipe_a_score(store):
    await record(store, said(a_paper(), kind="listed", source="huggingface", score=7))
    await record(store, said(a_paper()))
    assert (await get(store, "2601.00001")).upvotes == 7


async def trending(store, since, until, limit=10):
    async with store.read() as unit:
        return [(trend.paper.id, trend.gained) for trend in await unit.papers.trending(since, until, limit)]


async def test_what_trends_is_what_gained_most_in_the_window(store, clock):
    """What it had at first counts as gained on its list day, what came later when it was seen."""
    old = date(2025, 6, 1)
    await record(
        store,
        said(a_paper("2601.00001"), kind="listed", source="huggingface", score=5),
        said(a_paper("2601.00002", announced=old), kind="listed", source="huggingface", score=9),
        said(a_paper("2601.00003", announced=old), kind="listed", source="huggingface", score=99, day=old),
        said(a_paper("2601.00004")),
        said(a_paper("2601.00005"), score=7),
    )
    day = clock() - timedelta(days=1)
    assert await trending(store, day, clock()) == [("2601.00002", 9), ("2601.00005", 7), ("2601.00001", 5)]
    assert await trending(store, day, clock(), limit=1) == [("2601.00002", 9)]
    june = datetime(2025, 6, 1, 13, tzinfo=UTC)
    assert await trending(store, june - timedelta(days=1), june) == [("2601.00003", 99)]
    assert await trending(store, june, june + timedelta(days=1)) == []
    clock.advance(hours=25)
    await record(store, said(a_paper("2601.00003"), kind="score", source="huggingface", score=102, at=clock()))
    await record(store, said(a_paper("2601.00001"), kind="score", source="huggingface", score=8, at=clock()))
    await record(store, said(a_paper("2601.00002"), kind="score", source="huggingface", score=4, at=clock()))
    day = clock() - timedelta(days=1)
    assert await trending(store, day, clock()) == [("2601.00003", 3), ("2601.00001", 3)]


async def test_votes_from_before_the_first_look_are_not_gained(store, clock):
    def daily(number, score, kind="listed"):
        return said(a_paper(f"2601.0000{number}"), kind=kind, source="huggingface", score=score, at=clock())

    await record(store, daily(1, 40), daily(2, 90), daily(3, 0), quiet=True)
    since = clock() - timedelta(days=1)
    assert await trending(store, since, clock()) == [("2601.00002", 0), ("2601.00001", 0)]
    clock.advance(hours=1)
    await record(store, daily(1, 45, "score"), daily(2, 85, "score"), daily(4, 7))
    assert await trending(store, since, clock()) == [("2601.00004", 7), ("2601.00001", 5), ("2601.00002", 0)]


async def test_the_newest_come_first_where_gain_and_total_are_equal(store, clock):
    for number, announced in ((1, DAY), (2, DAY - timedelta(days=3)), (3, DAY)):
        paper = a_paper(f"2601.0000{number}", announced=announced)
        await record(store, said(paper, kind="score", source="huggingface", score=5))
    found = await trending(store, clock() - timedelta(days=1), clock())
    assert [paper for paper, _ in found] == ["2601.00003", "2601.00001", "2601.00002"]
