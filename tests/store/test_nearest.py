"""Search by meaning on both databases: what it ranks, counts, leaves out and brings in by words."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ended import CHAIN
from paperwire.core.index.tree import token
from paperwire.core.meaning.nearby import Nearby
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.store.search import nearest as searches

DAY = date(2026, 1, 5)
ORDERS = ("relevance", "date", "score")
TITLES = ("Alpha ray", "Alpha beam", "Beta ray", "Beta beam", "Gamma ray", "Gamma beam")
COSINES = (0.9, 0.2, 0.5, -0.4, 0.7, None)
UPVOTES = (None, 3, 70, 8, 9, None)


@pytest.fixture
async def numbers(store):
    """Six papers, one a day, the last one latest; and their numbers."""
    papers = [
        Paper(
            id=f"2601.{number:05}",
            title=title,
            abstract="",
            source="huggingface",
            authors=(f"Ada {title.split()[1]} Lovelace",),
            announced=DAY + timedelta(days=number),
        )
        for number, title in enumerate(TITLES)
    ]
    events = [Event(kind=EventKind.NEW, paper=one, source="arxiv", day=one.announced) for one in papers]
    events += [
        Event(kind=EventKind.LISTED, paper=one, source="huggingface", day=one.announced, score=score)
        for one, score in zip(papers, UPVOTES, strict=True)
        if score is not None
    ]
    async with store.write() as unit:
        await unit.papers.record(events, quiet=True)
    async with store.read() as unit:
        return [(await unit.papers.get(one.id)).number for one in papers]


def near(numbers, **more):
    cosines = np.full(max(numbers), -2, np.float32)  # the last paper is newer than what is known
    for number, cosine in zip(numbers, COSINES, strict=True):
        if cosine is not None:
            cosines[number] = cosine
    return Nearby(cosines, **more)


async def titles(store, typed, nearby, words=(), **more):
    async with store.read() as unit:
        if words:
            nearby = replace(nearby, words=await unit.nearest.by_words(words))
        found = await unit.nearest.nearest(parse(typed), nearby, **more)
    return found.total, [one.title for one in found.papers]


async def test_all_papers_that_pass_the_rest_come_nearest_first(store, numbers):
    everything = near(numbers)
    assert await titles(store, "like:2601.00009", everything) == (
        6,
        ["Alpha ray", "Gamma ray", "Beta ray", "Alpha beam", "Beta beam", "Gamma beam"],
    )
    assert await titles(store, "beam like:2601.00009", everything) == (3, ["Alpha beam", "Beta beam", "Gamma beam"])
    assert await titles(store, "-ray like:2601.00009", everything) == (3, ["Alpha beam", "Beta beam", "Gamma beam"])
    assert await titles(store, "like:2601.00009 upvotes>=8", everything) == (3, ["Gamma ray", "Beta ray", "Beta beam"])
    assert await titles(store, "zeta like:2601.00009", everything) == (0, [])


async def test_pages_are_parts_of_one_order(store, numbers):
    whole = (await titles(store, "ray OR beam", near(numbers)))[1]
    pages = [await titles(store, "ray OR beam", near(numbers), limit=2, offset=offset) for offset in (0, 2, 4, 6)]
    assert [total for total, _ in pages] == [6] * 4
    assert [title for _, page in pages for title in page] == whole
    assert len(whole) == 6


async def test_the_papers_it_was_made_of_are_left_out_and_not_counted(store, numbers):
    nearby = near(numbers, left_out=frozenset(numbers[:1]))
    assert await titles(store, "like:2601.00000", nearby, limit=1) == (5, ["Gamma ray"])
    assert await titles(store, "ray like:2601.00000", nearby) == (2, ["Gamma ray", "Beta ray"])


async def test_with_a_threshold_only_what_reaches_it_counts_in_every_order(store, numbers):
    nearby = near(numbers, threshold=0.5)
    expected = [
        ["Alpha ray", "Gamma ray", "Beta ray"],
        ["Gamma ray", "Beta ray", "Alpha ray"],
        ["Beta ray", "Gamma ray", "Alpha ray"],
    ]
    for order, shown in zip(ORDERS, expected, strict=True):
        assert await titles(store, "like:2601.00009 rate:1/day", nearby, order=order) == (3, shown)
        assert await titles(store, "ray like:2601.00009 rate:1/day", nearby, order=order) == (3, shown)
    since = DAY + timedelta(days=1)
    assert await titles(store, "like:2601.00009", nearby, order="date", since=since) == (2, ["Gamma ray", "Beta ray"])
    nothing = near(numbers, threshold=float("inf"))
    assert await titles(store, "like:2601.00009", nothing, order="date") == (0, [])


async def test_words_join_in_the_order_and_bring_in_what_has_no_vector(store, numbers):
    total, shown = await titles(store, 'like:"gamma beam"', near(numbers), words=("gamma", "beam"))
    assert (total, sorted(shown), shown[-1]) == (6, sorted(TITLES), "Beta beam")
    assert set(shown[:3]) == {"Alpha ray", "Beta ray", "Gamma ray"}
    unknown = await titles(store, 'like:"zeta"', near(numbers), words=("zeta",))
    assert unknown[1][:2] == ["Alpha ray", "Gamma ray"]
    ubiquitous = await titles(store, 'like:"the of"', near(numbers), words=("the", "of"))
    assert ubiquitous[1][:2] == ["Alpha ray", "Gamma ray"]


async def test_what_the_index_is_not_sure_of_is_evaluated_in_the_order_of_the_results(store, numbers, monkeypatch):
    more = [Paper(id=f"2602.{at:05}", title=title, announced=DAY) for at, title in enumerate(["abcdefgh"] * 3 + ["x"])]
    async with store.write() as unit:
        await unit.papers.record([Event(kind=EventKind.NEW, paper=one, source="arxiv") for one in more], quiet=True)
    async with store.read() as unit:
        places = [(await unit.papers.get(one.id)).number for one in more]
    cosines = np.full(max(places) + 1, -2, np.float32)
    cosines[places] = (0.3, 0.9, 0.6, 0.8)
    typed = f"{CHAIN} like:2601.00009"
    assert await titles(store, typed, Nearby(cosines)) == (3, ["abcdefgh"] * 3)
    for most, shown in ((10, [1, 2, 0]), (3, [1, 2]), (2, [1])):
        monkeypatch.setattr(searches, "MOST_DOUBTFUL", most)
        async with store.read() as unit:
            found = await unit.nearest.nearest(parse(typed), Nearby(cosines))
        assert [one.number for one in found.papers] == [places[at] for at in shown]
        assert (found.total, found.at_least, found.back_to) == (len(shown), most < 10, None)


@pytest.mark.parametrize(
    "typed",
    ["ray", "alpha OR beta", "-beam", "ray -alpha", 'au:"ada ray lovelace"', "-(beta OR gamma)", "id:2601.00002"],
)
async def test_search_by_meaning_is_evaluation_in_order_of_cosines(store, numbers, typed):
    query = parse(typed if not typed.startswith("-") else f"{typed} like:saved")
    async with store.read() as unit:
        papers = await unit.papers.by_number(numbers)
        found = await unit.nearest.nearest(query, near(numbers))
    passing = [number for number in numbers if query.matches(Doc.of(papers[number]))]
    cosines = dict(zip(numbers, COSINES, strict=True))
    in_order = sorted(passing, key=lambda number: (-(cosines[number] if cosines[number] is not None else -1), -number))
    assert [one.number for one in found.papers] == in_order
    assert found.total == len(passing)


async def test_of_a_long_text_the_index_is_asked_for_the_rarest_words_once_each(store, numbers, monkeypatch):
    async with store.read() as unit:
        index = type(unit.nearest._index)
    asked, whole = [], index.by_words

    def by_words(self, tokens, most):
        asked.append(tokens)
        return whole(self, tokens, most)

    monkeypatch.setattr(index, "by_words", by_words)
    rare = [f"zebra{number}" for number in range(searches._MOST_WORDS)]
    words = ("network",) * 300 + tuple(rare)
    await titles(store, "like:2601.00009", near(numbers), words)
    assert asked == [[token("w", word) for word in rare]]
    await titles(store, "like:2601.00009", near(numbers), ("network", "network", "zebra"))
    assert asked[1] == ["wzebra", "wnetwork", "wnetwork"]
