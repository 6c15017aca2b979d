"""Search on both databases against plain evaluation."""

import json
import random
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from core.querygen import COMMENTS, ENTRIES, JOINTS, WORDS, queries
from paperwire.core.index.tree import EVERYTHING, NOTHING, AllOf, AnyOf, Ask, Has, Phrase, Without
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask
from paperwire.errors import QueryError
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.database.tables.service import SettingRow
from paperwire.store.search.fulltext import full_text, standing, without_places
from paperwire.store.search.word_index import day_of, first_place, number_of

DAY = date(2026, 1, 5)
ORDERS = ("relevance", "date", "score")


async def record(store, *papers, kind=EventKind.NEW):
    async with store.write() as unit:
        await unit.papers.record([_said(paper, kind) for paper in papers], quiet=True)


def _said(paper, kind):
    return Event(kind=kind, paper=paper, source="arxiv", day=paper.announced)


def paper(number, title="", abstract="", **more):
    values = {"announced": DAY, "authors": (f"Author {number}",)} | more
    return Paper(id=f"2601.{number:05}", title=title, abstract=abstract, **values)


async def search(store, typed, **more):
    async with store.read() as unit:
        return await unit.search.search(parse(typed), **more)


async def every(store, typed):
    """The ids of all matches, however often the search must go on."""
    found = await search(store, typed, limit=1000)
    shown = ids(found)
    while found.resume is not None:
        found = await search(store, typed, limit=1000, before=found.resume)
        shown += ids(found)
    return shown


def ids(found):
    return [one.id for one in found.papers]


# --- what is found -----------------------------------------------------------------------------------------------


async def test_papers_come_by_day_by_score_or_by_relevance(store):
    await record(
        store,
        paper(1, "A paper", "on diffusion", announced=DAY - timedelta(days=1), upvotes=None),
        paper(2, "Diffusion", "on diffusion, diffusion and diffusion", announced=DAY - timedelta(days=2)),
        paper(3, "A paper", "that says diffusion once among so many other words that it hardly counts", announced=DAY),
        paper(4, "Another", "on something else"),
    )
    async with store.write() as unit:
        await unit.connection.execute(update(PaperRow).where(PaperRow.id == "2601.00001").values(upvotes=7))
    assert ids(await search(store, "diffusion", order="date")) == ["2601.00003", "2601.00001", "2601.00002"]
    assert ids(await search(store, "diffusion", order="score")) == ["2601.00001", "2601.00003", "2601.00002"]
    assert ids(await search(store, "diffusion"))[0] == "2601.00002"
    found = await search(store, "diffusion", order="date", limit=1, offset=1)
    assert (ids(found), found.total, found.at_least) == (["2601.00001"], 3, False)
    found = await search(store, "diffusion", order="date", since=DAY - timedelta(days=1))
    assert (ids(found), found.total) == (["2601.00003", "2601.00001"], 2)
    assert (await search(store, "nothing")).papers == ()


async def test_a_query_finds_the_papers_of_a_feed(store):
    annals = Paper(id="rss-1", title="Old maps", source="rss", feed="Ａnnals of Maps;", announced=DAY)
    await record(store, annals, Paper(id="rss-2", title="New maps", source="rss", feed="Other", announced=DAY))
    async with store.read() as unit:
        for typed in ('source:"annals of maps"', 'feed:"Annals of Maps" maps', "source:rss -feed:other"):
            found = await unit.search.search(parse(typed))
            assert [(paper.title, paper.feed) for paper in found.papers] == [("Old maps", "Ａnnals of Maps;")], typed
    await record(store, paper(1, "Maps of arXiv"))
    await record(store, replace(paper(1, "Maps of arXiv"), source="rss", feed="Late"))
    assert (await search(store, "feed:late")).total == 1


async def test_a_trending_query_finds_what_passed_its_threshold(store):
    await record(store, paper(1, "diffusion"), paper(2, "diffusion"), paper(3, "diffusion"))
    async with store.write() as unit:
        await unit.connection.execute(update(PaperRow).where(PaperRow.id == "2601.00002").values(upvotes=50))
        await unit.connection.execute(update(PaperRow).where(PaperRow.id == "2601.00003").values(upvotes=49))
    assert ids(await search(store, "diffusion upvotes>=50")) == ["2601.00002"]


async def test_the_evaluator_has_the_last_word_on_every_page(store):
    titles = ["RAG for law", "Rag dolls", "RAG again", "A rag", "More RAG"]
    await record(store, *(paper(number, title) for number, title in enumerate(titles)))
    for order in ORDERS:
        found = await search(store, "=RAG", order=order)
        assert (sorted(ids(found)), found.total) == (["2601.00000", "2601.00002", "2601.00004"], 3)
    for order in ORDERS:
        found = await search(store, 'category* OR "a particles*"', order=order)
        assert found.total == 0
    assert ids(await search(store, "=RAG", order="date", limit=2)) == ["2601.00004", "2601.00002"]
    assert ids(await search(store, "=RAG", order="date", limit=2, offset=2)) == ["2601.00000"]
    assert ids(await search(store, "=RAGS", order="date")) == []
    found = await search(store, '=RAG OR "a rag"', order="date")
    assert (ids(found)[:2], found.total) == (["2601.00004", "2601.00003"], 4)


async def test_a_search_that_ends_early_says_so_and_goes_on_where_it_ended(store, monkeypatch):
    monkeypatch.setattr("paperwire.store.search.search.EVALUATED_AT_ONCE", 2)
    chain = "a-b-c-d-e-f-g-h"  # the index knows nothing of it
    await record(store, *(paper(number, "abcdefgh" if number in {0, 2} else "x") for number in range(8)))
    for order in ORDERS:
        first = await search(store, chain, order=order, most_evaluated=3)
        assert (first.papers, first.total, first.at_least, first.back_to) == ((), 0, True, DAY)
        second = await search(store, chain, order=order, most_evaluated=3, before=first.resume)
        assert (ids(second), second.total, second.at_least) == (["2601.00002"], 1, True)
        third = await search(store, chain, order=order, most_evaluated=3, before=second.resume)
        assert (ids(third), third.total, third.at_least, third.back_to) == (["2601.00000"], 1, False, None)
    assert await search(store, chain, order="date", most_evaluated=3, before=first.resume) == second


async def test_a_page_never_leaves_out_what_was_counted(store, monkeypatch):
    monkeypatch.setattr("paperwire.store.search.search.MOST_COUNTED", 4)
    monkeypatch.setattr("paperwire.store.search.fulltext._Tsearch.most_ranked", 2)
    await record(store, *(paper(number, "RAG", upvotes=number % 3 or None) for number in range(10)))
    for typed in ("rag", "=RAG", "rag OR ti:a-b-c-d-e-f-g-h"):
        for order in ORDERS:
            shown, resume, pages = [], None, 0
            while resume is not None or not pages:
                found = await search(store, typed, order=order, before=resume)
                assert len(found.papers) == found.total
                first = await search(store, typed, order=order, before=resume, limit=3)
                rest = await search(store, typed, order=order, before=resume, limit=3, offset=3)
                assert ids(first) + ids(rest) == ids(found)
                shown, resume, pages = [*shown, *ids(found)], found.resume, pages + 1
            assert sorted(shown) == [f"2601.{number:05}" for number in range(10)]
            assert pages == 3


async def test_a_search_leaves_settings_unchanged(store):
    await record(store, paper(1, "RAG"))
    async with store.read() as unit:
        assert (await unit.search.search(parse("rag"))).total == 1
        if unit.connection.dialect.name == "postgresql":
            assert await unit.connection.scalar(text("SHOW enable_seqscan")) == "on"


async def test_a_question_that_fails_says_why(store):
    async with store.read() as unit:
        with pytest.raises(DBAPIError, match="nonsense"):
            async with full_text(unit.connection).questions():
                await unit.connection.execute(text("SELECT nonsense"))


async def test_more_than_can_be_counted_are_at_least_so_many_and_the_latest_are_weighed(store, monkeypatch):
    monkeypatch.setattr("paperwire.store.search.search.MOST_COUNTED", 3)
    monkeypatch.setattr("paperwire.store.search.fulltext._Tsearch.most_ranked", 3)
    await record(store, paper(0, "Diffusion diffusion"), *(paper(number, "On diffusion now") for number in range(1, 5)))
    for order in ORDERS:
        found = await search(store, "diffusion", order=order)
        assert (found.total, found.at_least) == (3, True)
        assert sorted(ids(found)) == ["2601.00002", "2601.00003", "2601.00004"]
        assert ids(await search(store, "diffusion", order=order, limit=3)) == ids(found)[:3]
    found = await search(store, "ti:diffusion -now")
    assert (found.total, found.at_least) == (1, False)
    for typed in ("diffusion", "=Diffusion OR =diffusion"):
        assert len(await every(store, typed)) == 5


async def test_of_more_than_can_be_counted_the_doubtful_ones_have_their_place_on_the_page(store, monkeypatch):
    monkeypatch.setattr("paperwire.store.search.search.MOST_COUNTED", 3)
    monkeypatch.setattr("paperwire.store.search.fulltext._Tsearch.most_ranked", 3)
    titles = ["On particles law", "On categories law", "dolls", "dolls", "On particles"]
    titles += ["On categories", "dolls", "On particles"]
    typed = 'dolls OR "on particles*" OR category* OR law'
    await record(store, *(paper(number, title) for number, title in enumerate(titles)))
    for order in ORDERS:
        found = await search(store, typed, order=order, limit=4)
        assert (len(found.papers), found.total, found.at_least) == (3, 3, True)
        assert set(ids(found)) == {"2601.00007", "2601.00006", "2601.00004"}
        older = await search(store, typed, order=order, before=found.resume)
        assert (older.total, older.at_least) == (3, True)
        oldest = await search(store, typed, order=order, before=older.resume)
        assert (ids(oldest), oldest.total, oldest.at_least) == (["2601.00000"], 1, False)
    assert ids(await search(store, typed, order="date", limit=3)) == ["2601.00007", "2601.00006", "2601.00004"]


async def test_matches_since_a_day_the_latest_first(store):
    days = [DAY, DAY, DAY - timedelta(days=3), DAY - timedelta(days=9)]
    await record(store, *(paper(number, "RAG", announced=day) for number, day in enumerate(days)))
    for typed in ("rag", "=RAG"):
        found = await search(store, typed, order="date", since=DAY - timedelta(days=5))
        assert ids(found) == ["2601.00001", "2601.00000", "2601.00002"]


async def test_where_the_index_cannot_tell_every_paper_is_looked_at(store):
    await record(store, paper(1, "abcdefgh"), paper(2, "other"), paper(3, "a-b c-d e-f h-g"))
    for order in ORDERS:
        assert ids(await search(store, "a-b-c-d-e-f-g-h", order=order)) == ["2601.00001"]


def test_all_papers_but_some_is_no_question_for_an_index():
    rest, one = Without(EVERYTHING, Has("wa")), Has("wb")
    assert standing(Ask(rest, rest)) == Ask(NOTHING, EVERYTHING)
    assert standing(Ask(one, one)) == Ask(one, one)
    assert standing(Ask(rest, one)) == Ask(NOTHING, one)
    assert standing(Ask(one, EVERYTHING)) == Ask(NOTHING, EVERYTHING)


def test_words_are_looked_up_before_it_is_read_where_they_stand():
    one, phrase, title = Has("wa"), Phrase(("wa", "wb"), "title", star=True), Has("wc", "title")
    rest = Has("ccs", "rest")
    every = AllOf((one, Has("wb", star=True)))
    assert without_places(AnyOf((phrase, rest))) == AnyOf((every, rest))
    assert without_places(AllOf((title, one))) == AllOf((Has("wc"), one))
    assert without_places(Without(phrase, one)) == Without(every, one)
    assert without_places(Without(one, title)) == one


async def test_nothing_else_can_be_asked(store):
    async with store.read() as unit:
        index = full_text(unit.connection)
    for tree in (NOTHING, Without(Has("wa"), NOTHING)):
        with pytest.raises(TypeError, match="no index"):
            index.select(tree)


# --- the index follows the papers ----------------------------------------------------------------------------------


async def test_the_index_follows_a_paper_through_its_changes(store):
    await record(store, paper(1, "Diffusion of C++ models", categories=("cs.CV",)))
    assert ids(await search(store, '"C++ model" cat:cs.CV')) == ["2601.00001"]
    await record(store, paper(1, "Attention", categories=("cs.CV",), version=2), kind=EventKind.REPLACED)
    assert ids(await search(store, "diffusion")) == []
    assert ids(await search(store, "attention -diffusion")) == ["2601.00001"]
    (found,) = (await search(store, "attention")).papers
    assert found.version == 2


async def test_two_records_of_one_work_are_found_once(store):
    arxiv = paper(1, "A shared title", doi="10.1000/xyz")
    journal = replace(arxiv, id="10.1000/xyz", source="rss", doi="10.1000/xyz")
    await record(store, arxiv)
    await record(store, journal)
    assert (await search(store, "shared title")).total == 1


async def test_an_index_of_another_version_is_rebuilt(store, monkeypatch):
    await record(store, paper(1, "diffusion"), paper(2, "diffusion"), paper(3, "attention"))
    monkeypatch.setattr("paperwire.store.search.word_renewal._PAPERS_PER_PIECE", 2)
    async with store.write() as unit:
        await unit.connection.execute(delete(SettingRow).where(SettingRow.key == "words"))
    await store.migrate()
    assert (await search(store, "diffusion")).total == 2
    assert (await search(store, "attention")).total == 1
    before = store.commits
    await store.migrate()
    assert store.commits - before <= 1
    assert (await search(store, "diffusion")).total == 2


async def test_a_very_long_text_has_no_phrase_where_places_end(store):
    words = " ".join(f"w{number % 300}" for number in range(5_900))
    await record(store, paper(1, "long", f"{words} needle haystack"))
    assert ids(await search(store, "abs:w299")) == ["2601.00001"]
    found = await search(store, '"haystack needle"')
    assert found.total == 0


def test_a_place_says_day_and_number():
    place = first_place(DAY) | 4711
    assert (day_of(place), number_of(place)) == (DAY, 4711)
    assert first_place(DAY) < place < first_place(DAY + timedelta(days=1))


# --- against plain evaluation --------------------------------------------------------------------------------------


def _made_up(count):
    chosen = random.Random(5)
    names = ("Kai He", "K. Sun", "Pin-Yu He", "Sun O'Neil", "Kai Müller Jr")
    classes = ("cs.CV", "cs.SY", "math-ph", "hep-th", "68T50")

    def words(most):
        parts = chosen.choices(WORDS, k=chosen.randint(0, most))
        return "".join(part + chosen.choice([" ", " ", " ", *JOINTS]) for part in parts)

    return [
        paper(
            number,
            words(6),
            words(12),
            authors=tuple(chosen.sample(names, chosen.randint(0, 2))),
            categories=tuple(chosen.sample(classes, chosen.randint(0, 2))),
            comment=chosen.choice([words(8), *COMMENTS]),
            hub=chosen.choice(ENTRIES),
            announced=DAY - timedelta(days=chosen.randint(0, 5)),
        )
        for number in range(count)
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=queries)
async def test_search_is_plain_evaluation(store, typed):
    query = None
    with suppress(QueryError):
        query = parse(typed)
    assume(query is not None and query.like is None)  # what is near, test_nearest.py looks at
    async with store.read() as unit:
        empty = not (await unit.papers.counts()).papers
    if empty:
        await record(store, *_made_up(120))
    async with store.read() as unit:
        held = await unit.papers.recent(DAY - timedelta(days=30))
        expected = {one.id for one in held if query.matches(Doc.of(one))}
        for order in ORDERS:
            found = await unit.search.search(query, order=order, limit=1000)
            assert set(ids(found)) == expected
            assert (found.total, found.at_least, len(found.papers)) == (len(expected), False, len(expected))
            if order == "date":
                shown = [(one.announced, one.number) for one in found.papers]
                assert shown == sorted(shown, reverse=True)


@pytest.mark.shared
async def test_real_queries_over_a_real_day(store, shared_data, real_papers):
    await record(store, *real_papers[::3])
    lines = (shared_data / "queries" / "queries.jsonl").read_text("utf-8").splitlines()[::4]
    async with store.read() as unit:
        docs = [Doc.of(one) for one in await unit.papers.recent(date(2025, 1, 1), limit=1000)]
        total = 0
        for line in lines:
            try:
                query = parse(json.loads(line)["query"])
            except QueryError:
                continue
            expected = {doc.paper.number for doc in docs if query.matches(doc)}
            found = await unit.search.search(query, limit=1000)
            assert {one.number for one in found.papers} == expected
            total += len(expected)
    assert total > 500


def test_everyday_queries_need_no_evaluator():
    asked = [ask(parse(typed)) for typed in ("diffusion", "ti:lora OR cat:cs.CL", "a -b", "au:he has:code")]
    assert all(one.exact for one in asked)
