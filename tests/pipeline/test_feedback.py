"""A search for a text or a paper asks again with what its first answers have in common, on both databases."""

import pytest

from meaning_world import small_table
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness
from paperwire.services.papers.search import search

TOLD_APART = ("Forecast proof", "Weather diffusion diffusion", "Proof")


@pytest.mark.parametrize(
    ("others", "order"),
    [(97, ["Forecast proof", "Proof"]), (96, ["Forecast proof", "Weather diffusion diffusion"])],
)
async def test_a_text_finds_what_is_like_its_first_answers_in_a_store_of_a_hundred(store, others, order):
    titles = (*TOLD_APART, *["Latent"] * others)
    papers = [Paper(id=f"2601.{number:05}", title=title, source="arxiv") for number, title in enumerate(titles, 1)]
    assert [paper.title for paper in await first_two(store, papers, 'like:"forecast"')] == order


@pytest.mark.parametrize(("categories", "order"), [(("cs.CL",), [2, 3]), (("math.AG",), [3, 2]), ((), [3, 2])])
async def test_of_papers_as_near_to_one_that_in_its_categories_comes_first(store, categories, order):
    titles = ("Forecast", "Forecast proof", "Forecast proof", *["Latent"] * 298)
    of_paper = {1: categories, 2: ("cs.CL",), 3: ("math.AG",)}
    papers = [
        Paper(id=f"2601.{number:05}", title=title, source="arxiv", categories=of_paper.get(number, ()))
        for number, title in enumerate(titles, 1)
    ]
    found = await first_two(store, papers, "like:2601.00001")
    assert [paper.id for paper in found] == [f"2601.{number:05}" for number in order]


async def first_two(store, papers, query):
    async with store.write() as unit:
        await unit.papers.record(
            [Event(kind=EventKind.NEW, paper=paper, source="arxiv") for paper in papers], quiet=True
        )
    await Encoding(store, small_table()).run()
    calibration = Calibration(store, Nearness(store, small_table()), now=store._now)
    return (await search(store, calibration, parse(query), limit=2)).papers
