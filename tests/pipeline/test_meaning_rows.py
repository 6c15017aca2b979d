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
from paperwire.store.papers.pages import fold_paper

SAVED = ("Diffusion 0", "Latent 1", "Diffusion proof 2")


async def count(stages, table):
    async with stages.store.read() as unit:
        return (await unit.connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one()  # noqa: S608 -- its own


async def test_nothing_of_a_person_who_is_forgotten_is_left(stages):
    await first_run(stages, small_table())
    person = await save(stages, "1", *SAVED)
    await stages.subscribe("1", "like:saved rate:20/day")
    await stages.calibration.urgent()
    assert (await count(stages, "meaning"), await count(stages, "match_score") > 0) == (1, True)
    async with stages.store.write() as unit:
        await unit.people.forget(person)
    assert (await count(stages, "meaning"), await count(stages, "match_score")) == (0, 0)
    stages.clock.advance(minutes=1)
    await stages.announce("Diffusion diffusion")
    assert await stages.owed() == 0


async def test_the_list_of_somebody_who_becomes_one_with_another_is_the_others(stages):
    await first_run(stages, small_table())
    await save(stages, "1", *SAVED)
    _, subscription = await stages.subscribe("1", "like:saved rate:20/day")
    await stages.calibration.urgent()
    before = await meaning(stages, subscription)
    kept = await save(stages, "2", "Weather 0")
    async with stages.store.write() as unit:
        await unit.people.link(Actor(channel=stages.post.kind, user_id="1"), kept)
    await stages.calibration.urgent()
    after = await meaning(stages, subscription)
    assert (after.list_of, after.packed != before.packed) == (kept, True)


async def test_two_papers_that_turn_out_to_be_one_keep_a_score(stages):
    await first_run(stages, small_table())
    _, subscription = await stages.subscribe("1", 'like:"diffusion" rate:20/day')
    await stages.calibration.urgent()
    before = await matched(stages, subscription)
    async with stages.store.write() as unit:
        gone, kept = await numbered(unit, "Latent 1"), await numbered(unit, "Weather 0")
        await fold_paper(unit.connection, gone, kept)
    after = await matched(stages, subscription)
    assert after == {title: score for title, score in before.items() if title != "Latent 1"} | {
        "Weather 0": before["Latent 1"]
    }


async def test_an_encoder_that_fails_leaves_a_query_as_it_is_until_it_works_again(stages):
    await first_run(stages, Server())
    stages.encoder.is_away = True
    _, subscription = await stages.subscribe("1", 'like:"diffusion" rate:20/day')
    with pytest.raises(EncoderError, match="the server is away"):
        await stages.calibration.run()
    assert (await meaning(stages, subscription)).encoder == ""
    stages.encoder.is_away = False
    await stages.calibration.renew([(await subscribed(stages, subscription)).query])
    assert (await meaning(stages, subscription)).encoder == stages.encoder.version


async def subscribed(stages, number):
    async with stages.store.read() as unit:
        return await unit.subscriptions.get(number)


async def test_a_search_goes_by_the_threshold_of_alerts_while_a_query_is_in_use(stages):
    await first_run(stages, small_table())
    _, subscription = await stages.subscribe("1", 'like:"diffusion" rate:4/week')
    await stages.calibration.urgent()
    kept = (await meaning(stages, subscription)).threshold
    for day in range(5):
        stages.clock.advance(days=1)
        await stages.announce(f"Proof {day + 10}", quiet=True)
    await stages.matching.run()
    query = parse('like:"diffusion" rate:4/week')
    direction = await direction_of(stages.store, stages.calibration.nearness, query)
    assert await stages.calibration.threshold(query, direction) == kept
    other = parse('like:"diffusion" rate:28/month')
    assert (await stages.calibration.threshold(other, direction)).days == kept.days + 5


async def test_only_as_many_papers_are_tried_one_by_one_as_there_is_time_for(stages, monkeypatch):
    await first_run(stages, small_table())
    monkeypatch.setattr("paperwire.store.search.search.MOST_EVALUATED", 3)
    monkeypatch.setattr("paperwire.store.search.search.ask", lambda _: Ask(NOTHING, EVERYTHING))  # it knows nothing
    async with stages.store.read() as unit:
        last = await unit.papers.latest_day()
        passing = await unit.search.passing(parse('like:"weather" diffusion'), last - timedelta(days=20))
        found = {paper.title for paper in (await unit.papers.by_number(sorted(passing.papers))).values()}
    assert passing.since == last - timedelta(days=1)
    assert found == {"Diffusion forecast 3", "Diffusion proof 2"}
