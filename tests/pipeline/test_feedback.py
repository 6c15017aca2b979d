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
    async with store.write() as unit:
        await unit.papers.record(
            [Event(kind=EventKind.NEW, paper=paper, source="arxiv") for paper in papers], quiet=True
        )
    await Encoding(store, small_table()).run()
    calibration = Calibration(store, Nearness(store, small_table()), now=store._now)
    found = await search(store, calibration, parse('like:"forecast"'), limit=2)
    assert [paper.title for paper in found.papers] == order
