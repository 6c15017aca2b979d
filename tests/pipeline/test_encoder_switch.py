"""Another encoder: queries by meaning change over in one transaction, and nothing is delivered twice or lost."""

import pytest
from meaning_scene import begin, first_run, matched, meaning, other_table, save
from pipeline_world import failing
from sqlalchemy import text

from meaning_world import small_table
from paperwire.errors import StoreError
from paperwire.pipeline import encode
from paperwire.pipeline.nearness import Nearness

QUERIES = ('like:"diffusion" rate:4/week', 'like:"weather" rate:20/day', "like:saved rate:4/week")


@pytest.fixture
async def switching(stages):
    """A service with three subscriptions by meaning that have had a paper each, and another encoder from now on."""
    await first_run(stages, small_table())
    await stages.announce("Proof a", "Proof b", quiet=True)
    await stages.encoding.run()
    await save(stages, "3", "Proof 2", "Proof a", "Proof b")
    stages.numbers = [(await stages.subscribe(str(to), query))[1] for to, query in enumerate(QUERIES, 1)]
    stages.clock.advance(minutes=1)
    await stages.announce("Diffusion and diffusion", "Forecasts", "Proofs")
    await stages.deliver()
    await begin(stages, other_table())
    return stages


def titles(stages):
    return {to: [title for message in stages.post.titles(to) for title in message] for to in "123"}


async def encoders(stages, of="meaning"):
    async with stages.store.read() as unit:
        return set((await unit.connection.execute(text(f"SELECT encoder FROM {of}"))).scalars())  # noqa: S608 -- a table


async def test_news_waits_for_the_switch_and_is_delivered_once_after_it(switching):
    before = titles(switching)
    assert before == {"1": ["Diffusion and diffusion"], "2": ["Forecasts"], "3": ["Proofs"]}
    await switching.announce("Latent diffusion", "Weather", "Forecast")
    await switching.deliver()
    assert titles(switching) == before
    assert await encoders(switching) == {small_table().version}
    await switching.encoding.run()
    assert await encoders(switching) == {other_table().version}
    assert await switching.matching.run() == 3
    await switching.deliver()
    assert titles(switching) == {
        "1": ["Diffusion and diffusion", "Latent diffusion"],
        "2": ["Forecasts", "Weather"],  # a forecast is far from weather now
        "3": ["Proofs", "Forecast"],  # and near to proofs
    }
    await switching.encoding.run()
    assert await switching.matching.run() == 0


async def test_thresholds_are_renewed_and_kept_scores_stay(switching):
    before = {
        number: (await meaning(switching, number), await matched(switching, number)) for number in switching.numbers
    }
    await switching.encoding.run()
    for number, (asked, scores) in before.items():
        now = await meaning(switching, number)
        assert (now.encoder, now.threshold.days) == (other_table().version, asked.threshold.days)
        assert await matched(switching, number) == scores


@pytest.mark.whole
@pytest.mark.parametrize(
    "what",
    [
        "paperwire.store.search.vectors.Vectors.put",
        "paperwire.store.subscriptions.meanings.Meanings.renew",
        "paperwire.store.subscriptions.meanings.Meanings.match_stored",
        "paperwire.store.search.vectors.Vectors.drop_all_but",
        "paperwire.store.papers.papers.Papers.settle_meaning",
        "paperwire.store.outbox.fanout.FanOut.owe",
    ],
)
async def test_a_kill_in_its_middle_changes_nothing_that_is_delivered(switching, monkeypatch, what):
    monkeypatch.setattr(encode, "PAPERS_PER_TRANSACTION", 3)
    await switching.announce("Latent diffusion", "Weather", "Forecast")
    failing(monkeypatch, what, 2)
    for _ in range(4):
        try:
            await switching.encoding.run()
            await switching.matching.run()
        except StoreError:
            await begin(switching, other_table())
        else:
            assert await encoders(switching) == {other_table().version}
        await switching.deliver()
    assert await encoders(switching, "vector") == {other_table().version}
    assert titles(switching) == {
        "1": ["Diffusion and diffusion", "Latent diffusion"],
        "2": ["Forecasts", "Weather"],
        "3": ["Proofs", "Forecast"],
    }


async def test_a_subscription_of_the_time_between_is_matched_with_the_new_encoder(switching):
    await switching.subscribe("4", 'like:"proof" rate:20/day')
    switching.clock.advance(minutes=1)
    await switching.announce("Proof and proof")
    await switching.encoding.run()
    await switching.matching.run()
    await switching.deliver()
    assert switching.post.titles("4") == [["Proof and proof"]]


async def test_queries_wait_until_the_papers_of_sixty_days_are_encoded(switching, monkeypatch):
    monkeypatch.setattr(encode, "PAPERS_PER_TRANSACTION", 3)
    await switching.calibration.run()
    assert await encoders(switching) == {small_table().version}
    monkeypatch.setattr(encode, "_CALIBRATED_AFTER", 1)
    await switching.encoding.run()
    assert await encoders(switching) == {other_table().version}


async def test_a_search_never_compares_vectors_of_two_encoders(switching):
    """While papers are encoded again, each process searches among those that its own encoder has encoded."""
    before, after = (Nearness(switching.store, encoder) for encoder in (small_table(), other_table()))

    async def found(nearness):
        near = await nearness.near(await nearness.encode("forecast"), 20)
        async with switching.store.read() as unit:
            papers = await unit.papers.by_number([one.paper for one in near])
        return {papers[one.paper].title for one in near if one.cosine > 0.9}

    assert await found(after) == set()
    weather = await found(before)
    assert "Forecasts" in weather
    await switching.encoding.run()
    proofs = await found(after)
    assert "Proofs" in proofs
    assert not proofs & {"Weather", "Diffusion and diffusion"}
    assert await found(before) == weather
