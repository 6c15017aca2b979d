"""Scores: a series of changes, of which each rise is news."""

from datetime import date

from papers_world import DAY, a_paper, get, record, said
from sqlalchemy import select

from paperwire.core.papers.paper import Occasion
from paperwire.store.tables.papers import ScoreRow


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


async def test_what_trends_was_announced_or_listed_lately(store):
    old = date(2025, 6, 1)
    await record(
        store,
        said(a_paper("2601.00001"), kind="listed", source="huggingface", score=5),
        said(a_paper("2601.00002", announced=old), kind="listed", source="huggingface", score=9),
        said(a_paper("2601.00003", announced=old), kind="listed", source="huggingface", score=99, day=old),
        said(a_paper("2601.00004")),
        said(a_paper("2601.00005"), score=7),
    )
    async with store.read() as unit:
        papers = await unit.papers.trending(DAY, 10)
        assert [paper.id for paper in papers] == ["2601.00002", "2601.00005", "2601.00001"]
        assert len(await unit.papers.trending(DAY, 1)) == 1
