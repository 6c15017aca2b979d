"""Next to another encoder the word table has a word on the order of the first results, on both databases."""

import numpy as np
import pytest

from meaning_world import small_table
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness
from paperwire.services.papers.search import search

TITLES = ("Weather", "Forecast", "Weather weather weather latent", "Weather latent", *["Proof"] * 396)


class Alike:
    """An encoder that takes some titles for the same and knows no others."""

    version, width, instant = "alike", 1, True

    def __init__(self, *titles):
        self.titles = set(map(str.lower, titles))

    async def encode(self, texts):
        return np.array([[title.lower() in self.titles] for title, _ in texts], np.float32)

    async def close(self):
        pass


async def first_titles(store, query, second):
    papers = [Paper(id=f"2601.{number:05}", title=title, source="arxiv") for number, title in enumerate(TITLES, 1)]
    async with store.write() as unit:
        await unit.papers.record(
            [Event(kind=EventKind.NEW, paper=paper, source="arxiv") for paper in papers], quiet=True
        )
    await Encoding(store, small_table()).run()
    calibration = Calibration(store, Nearness(store, small_table(), second), now=store._now)
    return [paper.title for paper in (await search(store, calibration, parse(query), limit=4)).papers]


@pytest.mark.parametrize(("query", "preferred"), [("like:2601.00001", TITLES[2]), ('like:"weather"', TITLES[1])])
async def test_what_the_second_encoder_finds_nearer_moves_forward(store, query, preferred):
    alone = await first_titles(store, query, None)
    together = await first_titles(store, query, Alike("weather", preferred))
    assert together.index(preferred) < alone.index(preferred)
    assert sorted(together) == sorted(alone)


@pytest.mark.parametrize("query", ["like:2601.00001", 'like:"weather"'])
async def test_one_that_knows_nothing_leaves_the_order(store, query):
    assert await first_titles(store, query, Alike()) == await first_titles(store, query, None)


async def test_papers_to_avoid_leave_the_order_to_the_encoder(store):
    query = "like:2601.00001 -like:2601.00004"
    assert await first_titles(store, query, Alike("weather", "weather latent")) == await first_titles(
        store, query, None
    )
