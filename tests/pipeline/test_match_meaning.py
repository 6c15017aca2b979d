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
async def table(scene):
    return await first_run(scene, small_table())


@pytest.fixture
async def server(scene):
    return await first_run(scene, Server())


async def test_what_is_near_enough_is_delivered_once_and_what_is_not_never(table):
    _, subscription = await table.subscribe("1", 'like:"diffusion" rate:1/day')
    table.clock.advance(minutes=1)
    await table.announce("Diffusion diffusion", "Weather forecast")
    assert (await meaning(table, subscription)).threshold.days == 4
    await table.deliver()
    assert table.post.titles("1") == [["Diffusion diffusion"]]
    assert await table.matching.run() == 0


async def test_a_query_that_comes_into_use_matches_quietly_what_is_held(table):
    _, subscription = await table.subscribe("1", 'like:"diffusion" rate:4/week')
    await table.calibration.urgent()
    assert await matched(table, subscription) == {"Diffusion 0": (1.0, True), "Latent 1": (1.0, True)}
    assert await table.owed() == 0


async def test_the_rest_of_a_query_must_hold_as_well(table):
    await table.subscribe("1", 'like:"diffusion" -proof rate:20/day')
    await table.subscribe("2", 'latent like:"diffusion" rate:20/day')
    await table.subscribe("3", 'like:"diffusion" upvotes>=5 rate:20/day')
    table.clock.advance(minutes=1)
    await table.announce("Diffusion proofs", "Latent", "Diffusion")
    await table.deliver()
    arrived = {to: sorted(chain(*table.post.titles(to))) for to in "123"}
    assert arrived == {"1": ["Diffusion", "Latent"], "2": ["Latent"], "3": []}


async def test_a_paper_is_delivered_once_to_a_place_that_wants_it_by_words_and_by_meaning(table):
    await table.subscribe("1", "diffusion")
    await table.subscribe("1", 'like:"latent" rate:20/day')
    table.clock.advance(minutes=1)
    await table.announce("Diffusion")
    await table.deliver()
    assert table.post.titles("1") == [["Diffusion"]]


async def test_alerts_by_words_never_wait_for_an_encoder(server):
    _, subscription = await server.subscribe("1", 'like:"diffusion" rate:20/day')
    await server.subscribe("2", "diffusion")
    await server.encoding.run()
    server.encoder.is_away = True
    server.clock.advance(minutes=1)
    await server.announce("Diffusion late")
    await server.deliver()
    assert (server.post.titles("1"), server.post.titles("2")) == ([], [["Diffusion late"]])
    with pytest.raises(EncoderError, match="the server is away"):
        await server.encoding.run()
    assert await server.matching.run() == 0
    server.encoder.is_away = False
    server.clock.advance(days=2)
    await server.encoding.run()
    assert await server.matching.run() == 1
    assert await server.matching.run() == 0
    await server.deliver()
    assert (server.post.titles("1"), server.post.titles("2")) == ([["Diffusion late"]], [["Diffusion late"]])
    assert (await matched(server, subscription))["Diffusion late"] == (1.0, False)


async def test_a_paper_that_came_before_a_subscription_is_not_owed_to_it_when_its_vector_comes(server):
    await server.subscribe("1", 'like:"weather" rate:20/day')
    await server.encoding.run()
    await server.announce("Diffusion early", "Weather early")
    server.clock.advance(minutes=5)
    await server.subscribe("2", 'like:"diffusion" rate:20/day')
    await server.encoding.run()
    await server.matching.run()
    await server.deliver()
    assert (server.post.titles("1"), server.post.titles("2")) == ([["Weather early"]], [])


async def test_a_score_is_kept_as_it_was_whatever_comes_after(table):
    _, subscription = await table.subscribe("1", 'like:"diffusion" rate:4/week')
    table.clock.advance(minutes=1)
    await table.announce("Diffusion diffusion")
    before = await meaning(table, subscription)
    for day in range(9):
        table.clock.advance(days=1)
        await table.announce(f"Diffusion proof forecast {day}", f"Weather {day + 10}", f"Diffusion weather {day}")
    assert await table.calibration.run() == 1
    after = await meaning(table, subscription)
    assert after.threshold.score < before.threshold.score
    assert (await thresholds(table, subscription))["Diffusion diffusion"] == before.threshold.score


async def test_nothing_is_matched_twice_when_a_batch_is_interrupted(table, monkeypatch):
    await table.subscribe("1", 'like:"diffusion" rate:20/day')
    table.clock.advance(minutes=1)
    failing(monkeypatch, "paperwire.store.papers.papers.Papers.settle_matched", 1)
    with pytest.raises(Exception, match="disk full"):
        await table.announce("Diffusion diffusion")
    await table.deliver()
    assert await table.matching.run() == 1
    await table.deliver()
    assert table.post.titles("1") == [["Diffusion diffusion"]]


async def test_saved_papers_are_followed_at_once_and_are_no_news_themselves(table):
    person = await save(table, "1", "Weather 0", "Weather proof 1", "Diffusion forecast 3")
    _, subscription = await table.subscribe("1", "like:saved rate:20/day")
    await table.calibration.urgent()
    before = await meaning(table, subscription)
    assert "Weather 0" not in await matched(table, subscription)
    assert before.list_of == person
    await save(table, "1", "Diffusion 0", "Latent 1", "Diffusion proof 2")
    await table.calibration.urgent()
    after = await meaning(table, subscription)
    assert (after.packed != before.packed, after.list_changes) == (True, 6 - 3)
    table.clock.advance(minutes=1)
    await table.announce("Diffusion 0", kind=EventKind.REPLACED, version=2, comment="saved long ago")
    await table.announce("Latent diffusion")
    await table.deliver()
    assert table.post.titles("1") == [["Latent diffusion"]]


async def test_too_few_saved_papers_leave_a_subscription_as_it_was(table):
    person = await save(table, "1", "Weather 0", "Weather proof 1", "Diffusion forecast 3")
    _, subscription = await table.subscribe("1", "like:saved rate:20/day")
    await table.calibration.urgent()
    before = await meaning(table, subscription)
    async with table.store.write() as unit:
        await unit.people.unsave_paper(person, await numbered(unit, "Weather 0"))
    await table.calibration.urgent()
    assert (await meaning(table, subscription)).packed == before.packed


async def test_a_paper_is_not_like_itself(table):
    async with table.store.read() as unit:
        number = await numbered(unit, "Diffusion 0")
        stored = (await unit.papers.by_number([number]))[number]
    _, subscription = await table.subscribe("1", f"like:{stored.id} rate:20/day")
    await table.calibration.urgent()
    assert (await meaning(table, subscription)).paper == number
    assert "Diffusion 0" not in await matched(table, subscription)
    assert "Latent 1" in await matched(table, subscription)


async def test_what_means_nothing_here_waits_and_holds_up_nothing(table):
    _, unknown = await table.subscribe("1", "like:2601.99999")
    _, wordless = await table.subscribe("1", 'like:"something unheard"')
    await table.subscribe("2", 'like:"diffusion" rate:20/day')
    table.clock.advance(minutes=1)
    await table.announce("Diffusion diffusion")
    await table.deliver()
    assert (table.post.titles("1"), table.post.titles("2")) == ([], [["Diffusion diffusion"]])
    assert [(await meaning(table, one)).threshold for one in (unknown, wordless)] == [None, None]
    async with table.store.read() as unit:
        assert await unit.meanings.count() == (3, 2)


async def test_a_new_service_takes_its_first_thresholds_from_its_first_papers(scene):
    scene.encoder = small_table()
    scene.begin()
    _, subscription = await scene.subscribe("1", 'like:"diffusion"')
    scene.clock.advance(minutes=1)
    await scene.announce("Diffusion", "Weather")
    await scene.deliver()
    assert scene.post.titles("1") == [["Diffusion"]]
    assert (await meaning(scene, subscription)).threshold.days == 1


async def test_without_an_encoder_news_wait_until_there_is_one(scene):
    await first_run(scene, small_table())
    await scene.subscribe("1", 'like:"diffusion" rate:20/day')
    await scene.calibration.urgent()
    table, scene.encoder = scene.encoder, None
    scene.begin()
    scene.clock.advance(minutes=1)
    await scene.announce("Diffusion diffusion")
    assert await scene.matching.run() == 0
    scene.encoder = table
    scene.begin()
    await scene.encoding.run()
    assert await scene.matching.run() == 1
    await scene.deliver()
    assert scene.post.titles("1") == [["Diffusion diffusion"]]


async def test_what_nobody_asks_for_by_meaning_any_more_waits_for_nothing(server):
    _, subscription = await server.subscribe("1", 'like:"diffusion" rate:20/day')
    await server.encoding.run()
    await server.announce("Diffusion diffusion")
    async with server.store.write() as unit:
        await unit.subscriptions.delete(subscription)
    await server.encoding.run()
    assert await server.matching.run() == 1
    assert await server.matching.run() == 0
    assert await server.owed() == 0


async def test_another_process_follows_new_thresholds(table):
    _, subscription = await table.subscribe("1", 'like:"diffusion" rate:1/week')
    await table.calibration.urgent()
    other = Matching(table.store, now=table.clock, next_slot=lambda *_: None, calibration=table.calibration)
    await other.follow()
    for day in range(8):
        table.clock.advance(days=1)
        await table.announce(f"Diffusion weather proof {day}", quiet=True)
    await table.encoding.run()
    changed = (await meaning(table, subscription)).threshold
    table.source.says["all"].append(table.page("Diffusion again"))
    await table.collector.poll(early=True)
    await other.run()
    assert (await thresholds(table, subscription))["Diffusion again"] == changed.score


async def test_a_digest_lists_what_is_nearest_first(scene):
    await first_run(scene, small_table())
    await scene.subscribe("1", 'like:"diffusion" rate:20/day', cadence="daily 08:00")
    scene.clock.advance(minutes=1)
    nearest = ["Diffusion and diffusion", "Diffusion and proof", "Diffusion and proof and proof"]
    await scene.announce(*reversed(nearest))
    scene.clock.advance(days=1)
    await scene.deliver()
    assert scene.post.titles("1") == [
        ["Diffusion and diffusion", "Diffusion and proof", "Diffusion and proof and proof"]
    ]
