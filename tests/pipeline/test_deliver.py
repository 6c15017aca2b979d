"""Delivering: what arrives, whose turn it is, and what holds it up."""

import asyncio
from datetime import timedelta

import pytest
from pipeline_world import Post, ada, failing, sent_so_far, until
from structlog.testing import capture_logs

import pseudo_locale
from paperwire.errors import Mistake, QueryError
from paperwire.pipeline import deliver, turns
from paperwire.texts import texts_in

# --- what arrives -----------------------------------------------------------------------------------------------------


async def test_each_paper_arrives_once_and_in_order(scene):
    await ada(scene)
    before = sent_so_far("sent")
    await scene.announce("Paper one", "Paper two")
    await scene.announce("Paper three")
    assert await scene.deliver() == 3
    assert await scene.deliver() == 0
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"], ["Paper three"]]
    assert sent_so_far("sent") - before == 3
    sent = scene.delivery.delivered(scene.post.kind)
    assert (sent.messages, sent.papers, len(sent.places)) == (3, 3, 1)
    assert scene.delivery.delivered(scene.post.kind).messages == 0


async def test_more_than_five_come_as_a_list(scene):
    await ada(scene)
    await scene.announce(*(f"Paper {number}" for number in range(6)))
    assert await scene.deliver() == 1
    (message,) = scene.post.arrived["1"]
    assert [button.label for row in message.buttons for button in row] == ["1", "2", "3", "4", "5", "6"]


async def test_a_message_says_whose_words_matched(scene):
    await ada(scene, '"big paper" OR planes', name="")
    await scene.subscribe("1", "paper", name="all papers")
    await scene.announce("A big paper about paper planes")
    await scene.deliver()
    text = repr(scene.post.arrived["1"][0].items[0].lines)
    for told in ("big paper", "planes", "all papers"):
        assert told in text


async def test_each_place_gets_its_owners_language_and_nobody_anothers(scene, tmp_path, monkeypatch):
    pseudo_locale.install(tmp_path, monkeypatch)
    await scene.subscribe("1", "paper", locale=pseudo_locale.LOCALE)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper")
    await scene.deliver()
    labels = {to: scene.post.arrived[to][0].buttons[-1][-1].label for to in ("1", "2")}
    assert labels == {"1": "⟦Why?⟧", "2": "Why?"}
    lines = {to: repr(scene.post.arrived[to][0].items[0].lines) for to in ("1", "2")}
    assert "⟦Matched ⟧" in lines["1"]
    assert "⟦" not in lines["2"]
    texts_in.cache_clear()


async def test_a_subscription_of_an_older_grammar_still_delivers(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")

    def refuse(_text):
        raise QueryError(Mistake.NO_WORD, 1)

    monkeypatch.setattr("paperwire.pipeline.digests.parse", refuse)
    assert await scene.deliver() == 1


async def test_after_an_outage_many_papers_come_as_one_digest(scene):
    await ada(scene)
    await scene.announce(*(f"Paper {number}" for number in range(11)))
    scene.clock.advance(hours=7)
    await scene.deliver()
    first = scene.post.arrived["1"][0]
    assert len(first.items) == 10
    assert "14:59" in repr(first.head)


async def test_a_flood_comes_as_digests_however_many_turns_it_takes(scene, monkeypatch):
    monkeypatch.setattr(turns, "_LOADED", 20)
    scene.post.minute = 2
    await ada(scene, style="cards")
    await scene.announce(*(f"Paper {number}" for number in range(30)))
    await scene.deliver()
    sizes = [len(titles) for titles in scene.post.titles("1")]
    assert sizes == [10, 10, *[1] * 10]


async def test_a_digest_counts_what_went_out_at_once(scene):
    await ada(scene, cadence="daily 08:00")
    await scene.subscribe("1", "urgent", cadence="instant")
    await scene.announce("Paper one", "Urgent paper", "Paper two")
    await scene.deliver()
    scene.clock.advance(days=1)
    await scene.deliver()
    assert scene.post.titles("1") == [["Urgent paper"], ["Paper one", "Paper two"]]
    assert "1 paper already sent" in repr(scene.post.arrived["1"][1].foot)


# --- whose turn it is -------------------------------------------------------------------------------------------------


async def test_quiet_hours_hold_a_place_until_they_end(scene):
    await ada(scene, quiet="07:00-09:00")
    await scene.announce("Paper")
    assert await scene.deliver() == 0
    assert await scene.delivery.next_due("telegram") == scene.clock.at.replace(hour=9, minute=0, second=0)
    scene.clock.set("2026-01-05T09:00:00Z")
    assert await scene.deliver() == 1


async def test_a_place_that_waits_holds_back_no_other(scene):
    await scene.subscribe("1", "paper")
    await scene.subscribe("2", "paper")
    scene.post.in_flight = 2
    scene.begin()
    scene.post.slow["1"] = asyncio.Event()
    await scene.announce("Paper one")
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.arrived["2"])
    await scene.announce("Paper two")  # falls due while the first place is still being served
    await until(lambda: len(scene.post.arrived["2"]) == 2)
    assert not scene.post.arrived["1"]
    scene.post.slow.pop("1").set()
    assert await running == 4
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_no_more_are_on_their_way_at_once_than_the_channel_lets(scene):
    for number in range(6):
        await scene.subscribe(str(number), "paper")
    await scene.announce("Paper")
    await scene.deliver()
    assert scene.post.most_sending == 1
    scene.post = Post(in_flight=3)
    scene.post.slow = {str(number): asyncio.Event() for number in range(6)}
    scene.begin()
    await scene.announce("Paper two")
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending == 3)
    for event in scene.post.slow.values():
        event.set()
    assert await running == 6
    assert scene.post.most_sending == 3


async def test_a_turn_has_as_many_messages_as_a_minute(scene, monkeypatch):
    scene.post.minute = 2
    await ada(scene, style="cards")
    await scene.announce(*(f"Paper {number}" for number in range(5)))
    claims = []
    claim = scene.delivery._claim

    async def counted(kind, **how):
        places = await claim(kind, **how)
        claims.append(len(places))
        return places

    monkeypatch.setattr(scene.delivery, "_claim", counted)
    assert await scene.deliver() == 5
    assert sum(claims) == 3


async def test_nothing_is_due_then_the_next_time_is_known(scene):
    assert await scene.delivery.next_due("telegram") is None
    await ada(scene, cadence="daily 08:00")
    await scene.announce("Paper")
    assert await scene.delivery.next_due("telegram") == scene.clock.at.replace(hour=8, minute=0, second=0)


async def test_what_nobody_wants_any_more_is_dropped(scene):
    _, number = await scene.subscribe("1", "paper")
    await scene.announce("Paper")
    async with scene.store.write() as unit:
        await unit.subscriptions.delete(number)
    assert await scene.deliver() == 0
    assert await scene.owed() == 0


# --- the hold, and the end --------------------------------------------------------------------------------------------


async def test_under_a_hold_nothing_goes_out_until_somebody_ends_it(scene):
    await ada(scene)
    await scene.hold.begin()
    assert await scene.hold.since() == scene.clock()
    await scene.announce("Paper")
    assert await scene.deliver() == 0
    assert await scene.delivery.next_due("telegram") is None
    scene.begin()
    assert await scene.deliver() == 0
    await scene.hold.end()
    assert await scene.deliver() == 1


async def test_what_is_being_sent_comes_to_its_end_when_the_process_is_stopped(scene):
    await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    asyncio.get_running_loop().call_later(0.1, scene.post.slow.pop("1").set)
    await scene.delivery.shut_down()
    assert scene.post.titles("1") == [["Paper one"]]
    assert await scene.owed() == 1
    scene.begin()
    assert await scene.deliver() == 1
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_what_hangs_is_given_up_at_the_end_and_places_are_given_back(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    monkeypatch.setattr(deliver, "LAST_SENDS", 0.05)
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await scene.delivery.shut_down()
    assert not scene.post.sending
    del scene.post.slow["1"]
    assert await scene.deliver() == 1


async def test_a_database_that_is_gone_does_not_keep_the_process_from_ending(scene, monkeypatch):
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.release_all", 1)
    with capture_logs() as logs:
        await scene.delivery.shut_down()
    assert [line["event"] for line in logs] == ["places were not given back"]


async def test_places_that_a_dead_process_held_are_free_for_its_successor(scene):
    await ada(scene)
    await scene.announce("Paper")
    async with scene.store.write() as unit:
        await unit.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
    assert await scene.deliver() == 0
    await scene.delivery.begin()
    assert await scene.deliver() == 1
