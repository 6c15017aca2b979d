"""Matching: the index follows the queries, batches may be repeated, and thresholds are crossed once."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from pipeline_world import ada, matches_of
from sqlalchemy import func, select
from sqlalchemy import text as sql
from structlog.testing import capture_logs

from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse
from paperwire.errors import StoreError
from paperwire.pipeline import match
from paperwire.ports.callers import Actor
from paperwire.store.database.tables.deliveries import DeliveryRow
from paperwire.store.outbox.fanout import FanOut
from paperwire.store.papers.papers import Papers


async def edit(stages, number, query):
    async with stages.store.write() as unit:
        await unit.subscriptions.edit(number, query=parse(query))


async def test_news_reach_those_whose_query_fits(stages):
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("2", "graphs")
    assert await stages.announce("Diffusion models", "Graph theory", "Cooking") == 3
    assert await stages.deliver() == 2
    assert (stages.post.titles("1"), stages.post.titles("2")) == ([["Diffusion models"]], [["Graph theory"]])
    assert await stages.matching.run() == 0


async def test_a_paper_that_a_page_announces_and_cross_lists_is_told_once(stages):
    await ada(stages)
    page = stages.page("Paper")
    (new,) = page.events
    cross = replace(new, kind=EventKind.CROSS, paper=replace(new.paper, categories=("cs.CL", "cs.LG")))
    stages.source.says["all"].append(replace(page, events=(new, cross)))
    await stages.collector.poll(early=True)
    assert await stages.matching.run() == 2
    assert await stages.owed() == 1


async def test_a_new_process_knows_the_queries_of_the_old_one(stages):
    await stages.subscribe("1", "diffusion")
    await stages.announce("Diffusion one")
    stages.begin()
    assert await stages.matching.follow() == 1
    await stages.announce("Diffusion two")
    assert await stages.owed() == 2


async def test_queries_are_followed_as_they_come_and_go(stages, monkeypatch):
    monkeypatch.setattr(match, "_CHANGES", 2)
    made = [await stages.subscribe(str(number), f"word{number}") for number in range(5)]
    assert await stages.matching.follow() == 5
    await edit(stages, made[0][1], "another")
    async with stages.store.write() as unit:
        await unit.subscriptions.delete(made[1][1])
    assert await stages.matching.follow() == 4
    await stages.announce("word0 and word1", "another word4")
    assert await stages.deliver() == 2
    assert stages.post.titles("0") == [["another word4"]]


async def test_more_news_than_one_batch(stages, monkeypatch):
    monkeypatch.setattr(match, "NEWS_PER_ROUND", 2)
    await stages.subscribe("1", "paper", style="list")
    assert await stages.announce(*(f"Paper {number}" for number in range(5))) == 5
    assert await stages.owed() == 5


async def lose(store, title):
    """Let the row of a paper vanish without what refers to it, as `sqlite3` and a repair by hand do."""
    if store.file:
        with closing(sqlite3.connect(store.file)) as db:  # which enforces no references
            db.execute("DELETE FROM paper WHERE title = ?", (title,))
            db.commit()
        return
    async with store.write() as unit:
        await unit.papers._db.execute(sql("SET LOCAL session_replication_role = replica"))
        await unit.papers._db.execute(sql("DELETE FROM paper WHERE title = :title"), {"title": title})


async def test_news_of_a_paper_that_is_gone_is_passed_over_and_logged_once(stages):
    await stages.subscribe("1", "paper")
    stages.source.says["all"].append(stages.page("Paper one", "Paper two", "Paper three"))
    await stages.collector.poll(early=True)
    await lose(stages.store, "Paper two")
    with capture_logs() as logs:
        assert await stages.matching.run() == 2
        assert await stages.announce("Paper four") == 1
    passed = [entry for entry in logs if "gone" in entry["event"]]
    assert [entry["number"] for entry in passed] == [1]
    assert await stages.owed() == 3


async def test_a_paper_that_vanishes_while_it_is_matched_stops_nothing(stages):
    await stages.subscribe("1", "paper")
    stages.source.says["all"].append(stages.page("Paper one", "Paper two"))
    await stages.collector.poll(early=True)
    async with stages.store.read() as unit:
        news = await unit.papers.unmatched(10)
    await lose(stages.store, "Paper two")
    async with stages.store.write() as unit:
        await unit.papers.settle_matched(news)
        assert (await unit.papers.unmatched(10), len(await unit.papers.orphans())) == ([], 1)
    assert await stages.matching.run() == 0


async def test_a_batch_that_broke_off_is_matched_again_and_told_once(stages, monkeypatch):
    await stages.subscribe("1", "diffusion")

    async def refuse(*_, awaiting):
        raise StoreError("gone away")

    with monkeypatch.context() as broken:
        broken.setattr("paperwire.store.papers.papers.Papers.settle_matched", refuse)
        with pytest.raises(StoreError):
            await stages.announce("Diffusion")
    assert await stages.deliver() == 1
    assert await stages.matching.run() == 1
    assert await stages.deliver() == 0


async def test_two_processes_that_match_the_same_news_tell_it_once(stages):
    await stages.subscribe("1", "diffusion")
    stages.source.says["all"].append(stages.page("Diffusion"))
    await stages.collector.poll()
    other = match.Matching(stages.store, now=stages.clock, next_slot=lambda *_: None)
    async with stages.store.read() as unit:
        news = await unit.papers.unmatched(10)
    await other.run()
    assert len(news) == 1
    async with stages.store.write() as unit:
        await unit.fanout.record_matches(stages.matching._as_matched(news, await matches_of(stages, news)))
    assert await stages.owed() == 1


@pytest.mark.parametrize("text", ["diffusion models", "models"])
async def test_a_query_edited_while_its_match_is_in_flight_loses_nothing(stages, monkeypatch, text):
    """The edit commits after the matcher looked at the queries and before it writes what it found."""
    _, number = await stages.subscribe("1", "diffusion")
    follow = stages.matching.follow
    edits = [text]

    async def follow_then_edit():
        found = await follow()
        while edits:
            await edit(stages, number, edits.pop())
        return found

    monkeypatch.setattr(stages.matching, "follow", follow_then_edit)
    await stages.announce("Diffusion models")
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Diffusion models"]]
    await stages.announce("Diffusion models", kind=EventKind.CROSS)
    assert await stages.deliver() == 0


async def test_an_edit_in_flight_ends_what_no_longer_fits(stages, monkeypatch):
    _, number = await stages.subscribe("1", "diffusion")
    follow = stages.matching.follow

    async def follow_then_edit():
        found = await follow()
        await edit(stages, number, "cooking")
        return found

    monkeypatch.setattr(stages.matching, "follow", follow_then_edit)
    await stages.announce("Diffusion models")
    assert await stages.deliver() == 0
    assert await stages.owed() == 0


async def test_a_threshold_is_told_when_it_is_passed_and_once(stages):
    await stages.subscribe("1", "diffusion upvotes>=50")

    async def scored(score):
        page = stages.page("Diffusion", kind=EventKind.SCORE)
        (event,) = page.events
        stages.source.says["all"].append(type(page)(part="all", events=(scored_event(event, score),), cursor="1"))
        await stages.collector.poll(early=True)
        await stages.matching.run()
        return await stages.deliver()

    await stages.announce("Diffusion")
    assert await stages.deliver() == 0
    assert [await scored(score) for score in (10, 49, 50, 51, 12, 60)] == [0, 0, 1, 0, 0, 0]


def scored_event(event, score):
    return type(event)(
        kind=event.kind, source="huggingface", day=event.day, paper=event.paper, at=event.at, score=score
    )


async def test_a_digest_waits_for_its_hour_and_the_next_one_for_the_next(stages):
    await stages.subscribe("1", "paper", cadence="daily 08:00")
    await stages.announce("Paper one", "Paper two")
    assert await stages.deliver() == 0
    stages.clock.set("2026-01-05T08:00:00Z")
    assert await stages.deliver() == 1
    await stages.announce("Paper three", "Paper four")
    assert await stages.deliver() == 0
    stages.clock.advance(days=1)
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Paper one", "Paper two"], ["Paper three", "Paper four"]]


async def test_many_digests_move_on_in_steps(stages, monkeypatch):
    monkeypatch.setattr("paperwire.pipeline.fan_out._SLOTS_AT_ONCE", 2)
    for number in range(5):
        await stages.subscribe(str(number), "paper", cadence="daily 08:00")
    stages.clock.advance(days=1)
    await stages.announce("Paper")
    assert await stages.owed() == 5
    assert await stages.deliver() == 0
    stages.clock.advance(days=1)
    assert await stages.deliver() == 5


async def test_a_person_forgotten_while_matching_gets_nothing(stages, monkeypatch):
    await stages.subscribe("1", "diffusion")
    follow = stages.matching.follow

    async def follow_then_forget():
        found = await follow()
        async with stages.store.write() as unit:
            person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
            if person:
                await unit.people.forget(person.number)
        return found

    monkeypatch.setattr(stages.matching, "follow", follow_then_forget)
    assert await stages.announce("Diffusion") == 1
    assert await stages.owed() == 0
    assert await stages.deliver() == 0


async def test_what_is_quiet_is_matched_and_owed_to_nobody(stages):
    await stages.subscribe("1", "diffusion")
    assert await stages.announce("Diffusion", quiet=True) == 1
    assert await stages.owed() == 0
    stages.clock.advance(seconds=timedelta(minutes=1).seconds)
    assert await stages.deliver() == 0


async def test_an_announcement_is_owed_in_whole_before_a_place_has_its_turn(stages, monkeypatch):
    monkeypatch.setattr(match, "NEWS_PER_MATCH", 2)
    monkeypatch.setattr("paperwire.pipeline.fan_out._NEWS_AT_ONCE", 2)
    await stages.subscribe("1", "paper")
    wake = FanOut.wake

    async def wake_and_deliver(self, *wave):
        await wake(self, *wave)
        owed.append((await self._db.execute(select(func.count()).select_from(DeliveryRow))).scalar_one())

    owed = []
    monkeypatch.setattr(FanOut, "wake", wake_and_deliver)
    assert await stages.announce(*(f"Paper {number}" for number in range(7))) == 7
    assert owed == [7, 7, 7, 7]
    assert await stages.deliver() == 1


async def test_news_with_too_many_matches_for_one_batch_are_told_in_several(stages, monkeypatch):
    monkeypatch.setattr(match, "NEWS_PER_MATCH", 2)
    monkeypatch.setattr(match, "MOST_MATCHES", 3)
    await stages.subscribe("1", "paper")
    settled = []
    settle = Papers.settle_matched

    async def count(self, news, **more):
        settled.append(len(news))
        await settle(self, news, **more)

    monkeypatch.setattr(Papers, "settle_matched", count)
    assert await stages.announce(*(f"Paper {number}" for number in range(7))) == 7
    assert settled == [4, 3]
    assert await stages.owed() == 7


async def test_what_was_matched_is_one_line(stages):
    await stages.subscribe("1", "diffusion")
    await stages.subscribe("2", "models")
    with capture_logs() as logs:
        await stages.announce("Diffusion models", "Cooking")
        assert await stages.matching.run() == 0  # nothing new, no line
    (line,) = [line for line in logs if line["event"] == "matched"]
    assert line.pop("seconds") >= 0
    assert line == {"event": "matched", "log_level": "info", "papers": 2, "matches": 2, "deliveries": 2}
