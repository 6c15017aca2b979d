"""What `like:` means now, and every reason for which that can't be had."""

import numpy as np
import pytest

from meaning_world import small_table
from paperwire.core.meaning.vectors import pack
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.encoders.table import WordTable
from paperwire.errors import EncoderError, LikeError, Unresolved
from paperwire.pipeline import nearness as nearnesses
from paperwire.pipeline.directions import direction_of
from paperwire.pipeline.encode import Encoding
from paperwire.pipeline.nearness import Nearness
from paperwire.ports.callers import Actor

TITLES = ("Diffusion", "Weather", "Latent weather", "Proof")


@pytest.fixture
async def nearness(store):
    """Four papers with vectors, and a fifth that waits for its own."""
    papers = [Paper(id=f"2601.{number:05}", title=title, source="arxiv") for number, title in enumerate(TITLES, 1)]
    await record(store, *papers)
    await Encoding(store, small_table()).run()
    await record(store, Paper(id="2601.00005", title="Forecast", source="arxiv"))
    return Nearness(store, small_table())


async def record(store, *papers):
    async with store.write() as unit:
        await unit.papers.record([Event(kind=EventKind.NEW, paper=one, source="arxiv") for one in papers], quiet=False)


async def number_of(store, last):
    async with store.read() as unit:
        return (await unit.papers.get(f"2601.{last:05}")).number


async def person(store, *saved):
    """Somebody who saved these papers besides those before."""
    numbers = [await number_of(store, last) for last in saved]
    async with store.write() as unit:
        found = await unit.people.ensure(Actor(channel="telegram", user_id="7"), "en")
        for number in numbers:
            await unit.people.save_paper(found.number, number)
    return found.number


async def refusal(store, nearness, query):
    with pytest.raises(LikeError) as refused:
        await direction_of(store, nearness, query)
    return refused.value


async def test_a_paper_a_text_and_what_somebody_saved(store, nearness):
    paper = await direction_of(store, nearness, parse("like:arXiv:2601.00001v2"))
    assert (paper.encoder, paper.packed.tolist(), paper.papers) == (
        small_table().version,
        [127, 0, 0],
        {await number_of(store, 1)},
    )
    text = await direction_of(store, nearness, parse('like:"forecasts of the weather"'))
    assert (text.packed.tolist(), text.papers) == ([0, 127, 0], frozenset())
    query = parse("like:saved").of(await person(store, 1, 2, 3, 5))
    saved = await direction_of(store, nearness, query)
    assert saved.papers == {await number_of(store, last) for last in (1, 2, 3, 5)}
    mean = np.array([[100, 127, 0]], np.float32) / np.hypot(100, 127) + np.array([1, 1, 0], np.float32)
    assert saved.packed.tolist() == pytest.approx(pack(mean)[0].tolist(), abs=1)


async def test_a_text_is_encoded_once(store, nearness, monkeypatch):
    asked = []

    async def encode(texts):
        asked.extend(texts)
        return np.array([[1, 0, 0]], np.float32)

    monkeypatch.setattr(nearness.encoder, "encode", encode)
    monkeypatch.setattr(nearnesses, "_TEXTS", 2)
    for text in ("a", "a", "b", "c", "c", "a"):
        await nearness.encode(text)
    assert [text for text, _ in asked] == ["a", "b", "c", "a"]


async def test_the_cosine_of_each_paper_stands_at_its_number(store, nearness):
    direction = await direction_of(store, nearness, parse("like:2601.00001"))
    cosines = await nearness.cosines(direction.packed)
    here = [cosines[await number_of(store, last)] for last in (1, 2, 3, 4)]
    assert here == pytest.approx([1, 0, 100 / np.hypot(100, 127), 0], abs=0.01)
    assert cosines[0] < -1
    assert len(cosines) == await number_of(store, 4) + 1
    empty = Nearness(store, WordTable(("x",), np.ones((1, 3), np.int8), np.ones(1, np.float32), {}))
    assert (await empty.cosines(direction.packed)).tolist() == [-2]


async def test_refusals(store, nearness):
    few = parse("lora like:saved").of(await person(store, 1, 2))
    for query, kind, values in [
        (parse("like:2601.00009"), Unresolved.NOT_STORED, {"paper": "2601.00009"}),
        (parse("like:2601.00005"), Unresolved.NOT_ENCODED, {"waiting": 1}),
        (parse('like:"zebras"'), Unresolved.UNKNOWN_WORDS, {}),
        (parse("like:saved"), Unresolved.NO_PERSON, {}),
        (few, Unresolved.FEW_SAVED, {"count": 2, "fewest": 3}),
    ]:
        error = await refusal(store, nearness, query)
        assert (error.kind, error.values, error.column) == (kind, values, 6 if query is few else 1)
        assert error.is_passing is (kind is Unresolved.NOT_ENCODED)
    await record(store, Paper(id="2601.00006", title="Rain", source="arxiv"))
    waiting = parse("like:saved").of(await person(store, 5, 6))
    assert (await refusal(store, nearness, waiting)).kind is Unresolved.NOT_ENCODED
    assert (await refusal(store, None, parse("like:saved"))).kind is Unresolved.OFF


async def test_an_encoder_that_fails_is_said(store, nearness, monkeypatch):
    async def encode(_texts):
        raise EncoderError("the server is down")

    monkeypatch.setattr(nearness.encoder, "encode", encode)
    error = await refusal(store, nearness, parse('like:"weather"'))
    assert (error.kind, error.values, error.is_passing) == (Unresolved.FAILING, {"reason": "the server is down"}, True)


@pytest.mark.parametrize(("text", "is_foreign"), [("de neurones", True), ("de weather", False), ("de", False)])
async def test_words_that_join_others_in_other_languages_are_no_topic(store, text, is_foreign):
    table = WordTable(("de", "weather"), np.ones((2, 3), np.int8), np.ones(2, np.float32), {})
    nearness, query = Nearness(store, table), parse(f'like:"{text}"')
    if is_foreign:
        assert (await refusal(store, nearness, query)).kind is Unresolved.UNKNOWN_WORDS
    else:
        assert (await direction_of(store, nearness, query)).packed.any()
