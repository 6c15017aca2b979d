import asyncio
from dataclasses import replace

import numpy as np
import pytest

from meaning_world import small_table
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.errors import EncoderError
from paperwire.pipeline import encode
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness


def paper(number, title, **more):
    return Paper(id=f"2601.{number:05}", title=title, source="arxiv", categories=("cs.LG",), authors=("A. B.",), **more)


async def record(store, *papers, kind=EventKind.NEW):
    async with store.write() as unit:
        await unit.papers.record([Event(kind=kind, paper=one, source="arxiv") for one in papers], quiet=False)


async def near(store, nearness, words, count=5):
    (query,) = await nearness.encoder.encode([(words, "")])
    found = await nearness.near(query, count)
    async with store.read() as unit:
        papers = await unit.papers.by_number([one.paper for one in found])
    return [papers[one.paper].title for one in found]


async def test_papers_are_encoded_newest_first_and_found_by_nearness(store, clock, monkeypatch):
    monkeypatch.setattr(encode, "PAPERS_PER_TRANSACTION", 2)
    await record(store, paper(1, "Diffusion"), paper(2, "Weather"), paper(3, "Latent weather"))
    encoding, nearness = Encoding(store, small_table()), Nearness(store, small_table())
    assert await near(store, nearness, "diffusion") == []
    assert await encoding.run() == 3
    assert await near(store, nearness, "diffusion") == ["Diffusion", "Latent weather"]
    assert await near(store, nearness, "forecast", 1) == ["Weather"]
    assert await encoding.run() == 0
    clock.advance(hours=1)
    await record(store, paper(4, "Latent"))
    assert await encoding.run() == 1
    assert await near(store, nearness, "diffusion") == ["Diffusion", "Latent", "Latent weather"]
    async with store.read() as unit:
        assert await unit.vectors.count_unencoded() == 0


async def test_queries_are_calibrated_from_time_to_time_and_at_the_end(store, monkeypatch):
    monkeypatch.setattr(encode, "PAPERS_PER_TRANSACTION", 1)
    monkeypatch.setattr(encode, "_CALIBRATED_AFTER", 2)
    await record(store, *(paper(number, "Diffusion") for number in range(1, 6)))
    encoded = []

    class Calibration:
        async def run(self):
            async with store.read() as unit:
                encoded.append(5 - await unit.vectors.count_unencoded())

    await Encoding(store, small_table(), Calibration()).run()
    assert encoded == [2, 4, 5]


async def test_a_paper_that_is_reworded_is_encoded_again_and_no_other_change_asks_for_it(store, clock):
    await record(store, paper(1, "Diffusion"))
    encoding, nearness = Encoding(store, small_table()), Nearness(store, small_table())
    await encoding.run()
    await record(store, replace(paper(1, "Diffusion"), comment="12 pages"), kind=EventKind.CHANGED)
    assert await encoding.run() == 0
    assert await near(store, nearness, "weather") == []
    clock.advance(minutes=5)
    await record(store, replace(paper(1, "Weather"), version=2), kind=EventKind.REPLACED)
    assert await encoding.run() == 1
    assert await near(store, nearness, "weather") == ["Weather"]


async def test_a_paper_reworded_while_it_is_encoded_is_encoded_again(store):
    await record(store, paper(1, "Diffusion"))
    words = small_table()

    class Crossed:
        version, width = words.version, words.width
        seen = 0

        async def encode(self, texts):
            self.seen += 1
            if self.seen == 1:
                await record(store, replace(paper(1, "Weather"), version=2), kind=EventKind.REPLACED)
            return await words.encode(texts)

    assert await Encoding(store, Crossed()).run() == 2
    assert await near(store, Nearness(store, words), "weather") == ["Weather"]


async def test_another_encoder_encodes_everything_again_and_resumes_where_it_failed(store, monkeypatch):
    monkeypatch.setattr(encode, "PAPERS_PER_TRANSACTION", 1)
    await record(store, paper(1, "Diffusion"), paper(2, "Weather"))
    await Encoding(store, small_table()).run()

    class Failing:
        version, width = "other", 2
        left = 1

        async def encode(self, texts):
            if not self.left:
                raise EncoderError("the server is away")
            self.left -= 1
            return np.ones((len(texts), 2), np.float32) / np.sqrt(2)

    other = Failing()
    with pytest.raises(EncoderError, match="the server is away"):
        await Encoding(store, other).run()
    async with store.read() as unit:
        assert await unit.vectors.count_unencoded() == 1
    assert await near(store, Nearness(store, small_table()), "diffusion") == ["Diffusion"]
    other.left = 1
    assert await Encoding(store, other).run() == 1
    assert await near(store, Nearness(store, small_table()), "diffusion") == []


async def test_questions_at_once_load_vectors_once(store):
    await record(store, *(paper(number, f"Diffusion {number}") for number in range(1, 8)))
    await Encoding(store, small_table()).run()
    nearness = Nearness(store, small_table())
    answers = await asyncio.gather(*(near(store, nearness, "diffusion", 9) for _ in range(4)))
    assert {len(answer) for answer in answers} == {7}
    async with store.read() as unit:
        stored = await unit.papers.get("2601.00001")
    assert len(await nearness.of([stored.number, 999_999])) == 1
