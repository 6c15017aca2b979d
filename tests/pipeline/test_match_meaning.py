"""Subscriptions by meaning: each paper once, when it has a vector, and nothing else waits for that."""

from itertools import chain

import pytest
from meaning_scene import Server, first_run, matched, meaning, numbered, save, thresholds
from pipeline_world import failing

from meaning_world import small_table
from paperwire.core.papers.paper import EventKind
from paperwire.errors import EncoderError
from paperwire.pipeline.match import Matching


@pytest.fixture
async def stages_by_table(stages):
    return await first_run(stages, small_table())


@pytest.fixture
async def stages_by_server(stages):
    return await first_run(stages, Server())


async def test_what_is_near_enough_is_delivered_once_and_what_is_not_never(stages_by_table):
    _, subscription = await stages_by_table.subscribe("1", 'like:"diffusion" rate:1/day')
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion diffusion", "Weather forecast")
    assert (await meaning(stages_by_table, subscription)).threshold.days == 4
    await stages_by_table.deliver()
    assert stages_by_table.post.titles("1") == [["Diffusion diffusion"]]
    assert await stages_by_table.matching.run() == 0


async def test_a_query_that_comes_into_use_matches_quietly_what_is_held(stages_by_table):
    _, subscription = await stages_by_table.subscribe("1", 'like:"diffusion" rate:4/week')
    await stages_by_table.calibration.urgent()
    assert await matched(stages_by_table, subscription) == {"Diffusion 0": (1.0, True), "Latent 1": (1.0, True)}
    assert await stages_by_table.owed() == 0


async def test_the_rest_of_a_query_must_hold_as_well(stages_by_table):
    await stages_by_table.subscribe("1", 'like:"diffusion" -proof rate:20/day')
    await stages_by_table.subscribe("2", 'latent like:"diffusion" rate:20/day')
    await stages_by_table.subscribe("3", 'like:"diffusion" upvotes>=5 rate:20/day')
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion proofs", "Latent", "Diffusion")
    await stages_by_table.deliver()
    arrived = {to: sorted(chain(*stages_by_table.post.titles(to))) for to in "123"}
    assert arrived == {"1": ["Diffusion", "Latent"], "2": ["Latent"], "3": []}


async def test_a_paper_is_delivered_once_to_a_place_that_wants_it_by_words_and_by_meaning(stages_by_table):
    await stages_by_table.subscribe("1", "diffusion")
    await stages_by_table.subscribe("1", 'like:"latent" rate:20/day')
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion")
    await stages_by_table.deliver()
    assert stages_by_table.post.titles("1") == [["Diffusion"]]


async def test_alerts_by_words_never_wait_for_an_encoder(stages_by_server):
    _, subscription = await stages_by_server.subscribe("1", 'like:"diffusion" rate:20/day')
    await stages_by_server.subscribe("2", "diffusion")
    await stages_by_server.encoding.run()
    stages_by_server.encoder.is_away = True
    stages_by_server.clock.advance(minutes=1)
    await stages_by_server.announce("Diffusion late")
    await stages_by_server.deliver()
    assert (stages_by_server.post.titles("1"), stages_by_server.post.titles("2")) == ([], [["Diffusion late"]])
    with pytest.raises(EncoderError, match="the server is away"):
        await stages_by_server.encoding.run()
    assert await stages_by_server.matching.run() == 0
    stages_by_server.encoder.is_away = False
    stages_by_server.clock.advance(days=2)
    await stages_by_server.encoding.run()
    assert await stages_by_server.matching.run() == 1
    assert await stages_by_server.matching.run() == 0
    await stages_by_server.deliver()
    assert (stages_by_server.post.titles("1"), stages_by_server.post.titles("2")) == (
        [["Diffusion late"]],
        [["Diffusion late"]],
    )
    assert (await matched(stages_by_server, subscription))["Diffusion late"] == (1.0, False)


async def test_a_paper_that_came_before_a_subscription_is_not_owed_to_it_when_its_vector_comes(stages_by_server):
    await stages_by_server.subscribe("1", 'like:"weather" rate:20/day')
    await stages_by_server.encoding.run()
    await stages_by_server.announce("Diffusion early", "Weather early")
    stages_by_server.clock.advance(minutes=5)
    await stages_by_server.subscribe("2", 'like:"diffusion" rate:20/day')
    await stages_by_server.encoding.run()
    await stages_by_server.matching.run()
    await stages_by_server.deliver()
    assert (stages_by_server.post.titles("1"), stages_by_server.post.titles("2")) == ([["Weather early"]], [])


async def test_a_score_is_kept_as_it_was_whatever_comes_after(stages_by_table):
    _, subscription = await stages_by_table.subscribe("1", 'like:"diffusion" rate:4/week')
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion diffusion")
    before = await meaning(stages_by_table, subscription)
    for day in range(9):
        stages_by_table.clock.advance(days=1)
        await stages_by_table.announce(
            f"Diffusion proof forecast {day}", f"Weather {day + 10}", f"Diffusion weather {day}"
        )
    assert await stages_by_table.calibration.run() == 1
    after = await meaning(stages_by_table, subscription)
    assert after.threshold.score < before.threshold.score
    assert (await thresholds(stages_by_table, subscription))["Diffusion diffusion"] == before.threshold.score


async def test_nothing_is_matched_twice_when_a_batch_is_interrupted(stages_by_table, monkeypatch):
    await stages_by_table.subscribe("1", 'like:"diffusion" rate:20/day')
    stages_by_table.clock.advance(minutes=1)
    failing(monkeypatch, "paperwire.store.papers.papers.Papers.settle_matched", 1)
    with pytest.raises(Exception, match="disk full"):
        await stages_by_table.announce("Diffusion diffusion")
    await stages_by_table.deliver()
    assert await stages_by_table.matching.run() == 1
    await stages_by_table.deliver()
    assert stages_by_table.post.titles("1") == [["Diffusion diffusion"]]


async def test_saved_papers_are_followed_at_once_and_are_no_news_themselves(stages_by_table):
    person = await save(stages_by_table, "1", "Weather 0", "Weather proof 1", "Diffusion forecast 3")
    _, subscription = await stages_by_table.subscribe("1", "like:saved rate:20/day")
    await stages_by_table.calibration.urgent()
    before = await meaning(stages_by_table, subscription)
    assert "Weather 0" not in await matched(stages_by_table, subscription)
    assert before.list_of == person
    await save(stages_by_table, "1", "Diffusion 0", "Latent 1", "Diffusion proof 2")
    await stages_by_table.calibration.urgent()
    after = await meaning(stages_by_table, subscription)
    assert (after.packed != before.packed, after.list_changes) == (True, 6 - 3)
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion 0", kind=EventKind.REPLACED, version=2, comment="saved long ago")
    await stages_by_table.announce("Latent diffusion")
    await stages_by_table.deliver()
    assert stages_by_table.post.titles("1") == [["Latent diffusion"]]


async def test_too_few_saved_papers_leave_a_subscription_as_it_was(stages_by_table):
    person = await save(stages_by_table, "1", "Weather 0", "Weather proof 1", "Diffusion forecast 3")
    _, subscription = await stages_by_table.subscribe("1", "like:saved rate:20/day")
    await stages_by_table.calibration.urgent()
    before = await meaning(stages_by_table, subscription)
    async with stages_by_table.store.write() as unit:
        await unit.people.unsave_paper(person, await numbered(unit, "Weather 0"))
    await stages_by_table.calibration.urgent()
    assert (await meaning(stages_by_table, subscription)).packed == before.packed


async def test_a_paper_is_not_like_itself(stages_by_table):
    async with stages_by_table.store.read() as unit:
        number = await numbered(unit, "Diffusion 0")
        stored = (await unit.papers.by_number([number]))[number]
    _, subscription = await stages_by_table.subscribe("1", f"like:{stored.id} rate:20/day")
    await stages_by_table.calibration.urgent()
    assert (await meaning(stages_by_table, subscription)).paper == number
    assert "Diffusion 0" not in await matched(stages_by_table, subscription)
    assert "Latent 1" in await matched(stages_by_table, subscription)


async def test_what_means_nothing_here_waits_and_holds_up_nothing(stages_by_table):
    _, unknown = await stages_by_table.subscribe("1", "like:2601.99999")
    _, wordless = await stages_by_table.subscribe("1", 'like:"something unheard"')
    await stages_by_table.subscribe("2", 'like:"diffusion" rate:20/day')
    stages_by_table.clock.advance(minutes=1)
    await stages_by_table.announce("Diffusion diffusion")
    await stages_by_table.deliver()
    assert (stages_by_table.post.titles("1"), stages_by_table.post.titles("2")) == ([], [["Diffusion diffusion"]])
    assert [(await meaning(stages_by_table, one)).threshold for one in (unknown, wordless)] == [None, None]
    async with stages_by_table.store.read() as unit:
        assert await unit.meanings.count() == (3, 2)


async def test_a_new_service_takes_its_first_thresholds_from_its_first_papers(stages):
    stages.encoder = small_table()
    stages.begin()
    _, subscription = await stages.subscribe("1", 'like:"diffusion"')
    stages.clock.advance(minutes=1)
    await stages.announce("Diffusion", "Weather")
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]
    assert (await meaning(stages, subscription)).threshold.days == 1


async def test_without_an_encoder_news_wait_until_there_is_one(stages):
    await first_run(stages, small_table())
    await stages.subscribe("1", 'like:"diffusion" rate:20/day')
    await stages.calibration.urgent()
    stages_by_table, stages.encoder = stages.encoder, None
    stages.begin()
    stages.clock.advance(minutes=1)
    await stages.announce("Diffusion diffusion")
    assert await stages.matching.run() == 0
    stages.encoder = stages_by_table
    stages.begin()
    await stages.encoding.run()
    assert await stages.matching.run() == 1
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion diffusion"]]


async def test_what_nobody_asks_for_by_meaning_any_more_waits_for_nothing(stages_by_server):
    _, subscription = await stages_by_server.subscribe("1", 'like:"diffusion" rate:20/day')
    await stages_by_server.encoding.run()
    await stages_by_server.announce("Diffusion diffusion")
    async with stages_by_server.store.write() as unit:
        await unit.subscriptions.delete(subscription)
    await stages_by_server.encoding.run()
    assert await stages_by_server.matching.run() == 1
    assert await stages_by_server.matching.run() == 0
    assert await stages_by_server.owed() == 0


async def test_another_process_follows_new_thresholds(stages_by_table):
    _, subscription = await stages_by_table.subscribe("1", 'like:"diffusion" rate:1/week')
    await stages_by_table.calibration.urgent()
    other = Matching(
        stages_by_table.store,
        now=stages_by_table.clock,
        next_slot=lambda *_: None,
        calibration=stages_by_table.calibration,
    )
    await other.follow()
    for day in range(8):
        stages_by_table.clock.advance(days=1)
        await stages_by_table.announce(f"Diffusion weather proof {day}", quiet=True)
    await stages_by_table.encoding.run()
    changed = (await meaning(stages_by_table, subscription)).threshold
    stages_by_table.source.says["all"].append(stages_by_table.page("Diffusion again"))
    await stages_by_table.collector.poll(early=True)
    await other.run()
    assert (await thresholds(stages_by_table, subscription))["Diffusion again"] == changed.score


async def test_a_digest_lists_what_is_nearest_first(stages):
    await first_run(stages, small_table())
    await stages.subscribe("1", 'like:"diffusion" rate:20/day', cadence="daily 08:00")
    stages.clock.advance(minutes=1)
    nearest = ["Diffusion and diffusion", "Diffusion and proof", "Diffusion and proof and proof"]
    await stages.announce(*reversed(nearest))
    stages.clock.advance(days=1)
    await stages.deliver()
    assert stages.post.titles("1") == [
        ["Diffusion and diffusion", "Diffusion and proof", "Diffusion and proof and proof"]
    ]
