"""What happens to the meanings of queries when people leave or become one, and when an encoder fails."""

from datetime import timedelta

import pytest
from meaning_scene import Server, first_run, matched, meaning, numbered, save
from sqlalchemy import text

from meaning_world import small_table
from paperwire.core.index.tree import EVERYTHING, NOTHING, Ask
from paperwire.core.query.language import parse
from paperwire.errors import EncoderError
from paperwire.pipeline.directions import direction_of
from paperwire.ports.callers import Actor
from paperwire.store.papers.merging import fold_paper

SAVED = ("Diffusion 0", "Latent 1", "Diffusion proof 2")


async def count(scene, table):
    async with scene.store.read() as unit:
        return (await unit.connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608 -- its own


async def test_nothing_of_a_person_who_is_forgotten_is_left(scene):
    await first_run(scene, small_table())
    person = await save(scene, "1", *SAVED)
    await scene.subscribe("1", "like:saved rate:20/day")
    await scene.calibration.urgent()
    assert (await count(scene, "meaning"), await count(scene, "match_score") > 0) == (1, True)
    async with scene.store.write() as unit:
        await unit.people.forget(person)
    assert (await count(scene, "meaning"), await count(scene, "match_score")) == (0, 0)
    scene.clock.advance(minutes=1)
    await scene.announce("Diffusion diffusion")
    assert await scene.owed() == 0


async def test_the_list_of_somebody_who_becomes_one_with_another_is_the_others(scene):
    await first_run(scene, small_table())
    await save(scene, "1", *SAVED)
    _, subscription = await scene.subscribe("1", "like:saved rate:20/day")
    await scene.calibration.urgent()
    before = await meaning(scene, subscription)
    kept = await save(scene, "2", "Weather 0")
    async with scene.store.write() as unit:
        await unit.people.link(Actor(channel=scene.post.kind, user_id="1"), kept)
    await scene.calibration.urgent()
    after = await meaning(scene, subscription)
    assert (after.list_of, after.packed != before.packed) == (kept, True)


async def test_two_papers_that_turn_out_to_be_one_keep_a_score(scene):
    await first_run(scene, small_table())
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:20/day')
    await scene.calibration.urgent()
    before = await matched(scene, subscription)
    async with scene.store.write() as unit:
        gone, kept = await numbered(unit, "Latent 1"), await numbered(unit, "Weather 0")
        await fold_paper(unit.connection, gone, kept)
    after = await matched(scene, subscription)
    assert after == {title: score for title, score in before.items() if title != "Latent 1"} | {
        "Weather 0": before["Latent 1"]
    }


async def test_an_encoder_that_fails_leaves_a_query_as_it_is_until_it_works_again(scene):
    await first_run(scene, Server())
    scene.encoder.is_away = True
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:20/day')
    with pytest.raises(EncoderError, match="the server is away"):
        await scene.calibration.run()
    assert (await meaning(scene, subscription)).encoder == ""
    scene.encoder.is_away = False
    await scene.calibration.renew([(await subscribed(scene, subscription)).query])
    assert (await meaning(scene, subscription)).encoder == scene.encoder.version


async def subscribed(scene, number):
    async with scene.store.read() as unit:
        return await unit.subscriptions.get(number)


async def test_a_search_goes_by_the_threshold_of_alerts_while_a_query_is_in_use(scene):
    await first_run(scene, small_table())
    _, subscription = await scene.subscribe("1", 'like:"diffusion" rate:4/week')
    await scene.calibration.urgent()
    kept = (await meaning(scene, subscription)).threshold
    for day in range(5):
        scene.clock.advance(days=1)
        await scene.announce(f"Proof {day + 10}", quiet=True)
    await scene.matching.run()
    query = parse('like:"diffusion" rate:4/week')
    direction = await direction_of(scene.store, scene.calibration.nearness, query)
    assert await scene.calibration.threshold(query, direction) == kept
    other = parse('like:"diffusion" rate:28/month')
    assert (await scene.calibration.threshold(other, direction)).days == kept.days + 5


async def test_only_as_many_papers_are_tried_one_by_one_as_there_is_time_for(scene, monkeypatch):
    await first_run(scene, small_table())
    monkeypatch.setattr("paperwire.store.search.search.MOST_EVALUATED", 3)
    monkeypatch.setattr("paperwire.store.search.search.ask", lambda _: Ask(NOTHING, EVERYTHING))  # it knows nothing
    async with scene.store.read() as unit:
        last = await unit.papers.latest_day()
        passing = await unit.search.passing(parse('like:"weather" diffusion'), last - timedelta(days=20))
        found = {paper.title for paper in (await unit.papers.by_number(sorted(passing.papers))).values()}
    assert passing.since == last - timedelta(days=1)
    assert found == {"Diffusion forecast 3", "Diffusion proof 2"}
