"""Delivering: what arrives, whose turn it is, and what holds it up."""

import asyncio
from datetime import timedelta

import pytest
from pipeline_world import Post, ada, failing, sent_so_far, until
from structlog.testing import capture_logs

import pseudo_locale
from paperwire.errors import Mistake, QueryError
from paperwire.pipeline import lookup, turns
from paperwire.texts import texts_in

# --- what arrives -----------------------------------------------------------------------------------------------------


async def test_each_paper_arrives_once_and_in_order(stages):
    await ada(stages)
    before = sent_so_far("sent")
    await stages.announce("Paper one", "Paper two")
    await stages.announce("Paper three")
    assert await stages.deliver() == 3
    assert await stages.deliver() == 0
    assert stages.post.titles("1") == [["Paper one"], ["Paper two"], ["Paper three"]]
    assert sent_so_far("sent") - before == 3
    sent = stages.delivery.delivered(stages.post.kind)
    assert (sent.messages, sent.papers, len(sent.places)) == (3, 3, 1)
    assert stages.delivery.delivered(stages.post.kind).messages == 0


async def test_more_than_five_come_as_a_list(stages):
    await ada(stages)
    await stages.announce(*(f"Paper {number}" for number in range(6)))
    assert await stages.deliver() == 1
    (message,) = stages.post.arrived["1"]
    assert [button.label for row in message.buttons for button in row] == [*"123456", "Fewer…"]


async def test_a_message_says_whose_words_matched(stages):
    await ada(stages, '"big paper" OR planes', name="")
    await stages.subscribe("1", "paper", name="all papers")
    await stages.announce("A big paper about paper planes")
    await stages.deliver()
    text = repr(stages.post.arrived["1"][0].items[0].lines)
    for told in ("big paper", "planes", "all papers"):
        assert told in text


async def test_each_place_gets_its_owners_language_and_nobody_anothers(stages, tmp_path, monkeypatch):
    pseudo_locale.install(tmp_path, monkeypatch)
    await stages.subscribe("1", "paper", locale=pseudo_locale.LOCALE)
    await stages.subscribe("2", "paper")
    await stages.announce("Paper")
    await stages.deliver()
    labels = {to: stages.post.arrived[to][0].buttons[-1][-1].label for to in ("1", "2")}
    assert labels == {"1": "⟦Why?⟧", "2": "Why?"}
    lines = {to: repr(stages.post.arrived[to][0].items[0].lines) for to in ("1", "2")}
    assert "⟦Matched ⟨" in lines["1"]
    assert "⟦" not in lines["2"]
    texts_in.cache_clear()


async def test_a_subscription_of_an_older_grammar_still_delivers(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")

    def refuse(_text):
        raise QueryError(Mistake.NO_WORD, 1)

    monkeypatch.setattr("paperwire.core.query.matched._query", refuse)
    assert await stages.deliver() == 1


async def test_after_an_outage_many_papers_come_as_one_digest(stages):
    await ada(stages)
    await stages.announce(*(f"Paper {number}" for number in range(11)))
    stages.clock.advance(hours=7)
    await stages.deliver()
    first = stages.post.arrived["1"][0]
    assert len(first.items) == 10
    assert "14:59" in repr(first.head)


async def test_a_flood_comes_as_digests_however_many_turns_it_takes(stages, monkeypatch):
    monkeypatch.setattr(lookup, "_LOADED", 20)
    stages.post.minute = 2
    await ada(stages, style="cards")
    await stages.announce(*(f"Paper {number}" for number in range(30)))
    await stages.deliver()
    sizes = [len(titles) for titles in stages.post.titles("1")]
    assert sizes == [10, 10, *[1] * 10]


async def test_a_digest_counts_what_went_out_at_once(stages):
    await ada(stages, cadence="daily 08:00")
    await stages.subscribe("1", "urgent", cadence="instant")
    await stages.announce("Paper one", "Urgent paper", "Paper two")
    await stages.deliver()
    stages.clock.advance(days=1)
    await stages.deliver()
    assert stages.post.titles("1") == [["Urgent paper"], ["Paper one", "Paper two"]]
    assert "1 paper already sent" in repr(stages.post.arrived["1"][1].foot)


# --- whose turn it is -------------------------------------------------------------------------------------------------


async def test_quiet_hours_hold_a_place_until_they_end(stages):
    await ada(stages, quiet="07:00-09:00")
    await stages.announce("Paper")
    assert await stages.deliver() == 0
    assert await stages.delivery.next_due("telegram") == stages.clock.at.replace(hour=9, minute=0, second=0)
    stages.clock.set("2026-01-05T09:00:00Z")
    assert await stages.deliver() == 1


async def test_a_place_that_waits_holds_back_no_other(stages):
    await stages.subscribe("1", "paper")
    await stages.subscribe("2", "paper")
    stages.post.in_flight = 2
    stages.begin()
    stages.post.slow["1"] = asyncio.Event()
    await stages.announce("Paper one")
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.arrived["2"])
    await stages.announce("Paper two")  # falls due while the first place is still being served
    await until(lambda: len(stages.post.arrived["2"]) == 2)
    assert not stages.post.arrived["1"]
    stages.post.slow.pop("1").set()
    assert await running == 4
    assert stages.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_no_more_are_on_their_way_at_once_than_the_channel_lets(stages):
    for number in range(6):
        await stages.subscribe(str(number), "paper")
    await stages.announce("Paper")
    await stages.deliver()
    assert stages.post.most_sending == 1
    stages.post = Post(in_flight=3)
    stages.post.slow = {str(number): asyncio.Event() for number in range(6)}
    stages.begin()
    await stages.announce("Paper two")
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending == 3)
    for event in stages.post.slow.values():
        event.set()
    assert await running == 6
    assert stages.post.most_sending == 3


async def test_a_turn_has_as_many_messages_as_a_minute(stages, monkeypatch):
    stages.post.minute = 2
    await ada(stages, style="cards")
    await stages.announce(*(f"Paper {number}" for number in range(5)))
    claims = []
    claim = stages.delivery._turns._claim

    async def counted(*how):
        places = await claim(*how)
        claims.append(len(places))
        return places

    monkeypatch.setattr(stages.delivery._turns, "_claim", counted)
    assert await stages.deliver() == 5
    assert sum(claims) == 3


async def test_nothing_is_due_then_the_next_time_is_known(stages):
    assert await stages.delivery.next_due("telegram") is None
    await ada(stages, cadence="daily 08:00")
    await stages.announce("Paper")
    assert await stages.delivery.next_due("telegram") == stages.clock.at.replace(hour=8, minute=0, second=0)


async def test_what_nobody_wants_any_more_is_dropped(stages):
    _, number = await stages.subscribe("1", "paper")
    await stages.announce("Paper")
    async with stages.store.write() as unit:
        await unit.subscriptions.delete(number)
    assert await stages.deliver() == 0
    assert await stages.owed() == 0


# --- the hold, and the end --------------------------------------------------------------------------------------------


async def test_under_a_hold_nothing_goes_out_until_somebody_ends_it(stages):
    await ada(stages)
    await stages.hold.begin()
    assert await stages.hold.since() == stages.clock()
    await stages.announce("Paper")
    assert await stages.deliver() == 0
    assert await stages.delivery.next_due("telegram") is None
    stages.begin()
    assert await stages.deliver() == 0
    await stages.hold.end()
    assert await stages.deliver() == 1


async def test_what_is_being_sent_comes_to_its_end_when_the_process_is_stopped(stages):
    await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    asyncio.get_running_loop().call_later(0.1, stages.post.slow.pop("1").set)
    await stages.delivery.shut_down()
    assert stages.post.titles("1") == [["Paper one"]]
    assert await stages.owed() == 1
    stages.begin()
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_what_hangs_is_given_up_at_the_end_and_places_are_given_back(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper")
    monkeypatch.setattr(turns, "LAST_SENDS", 0.05)
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await stages.delivery.shut_down()
    assert not stages.post.sending
    del stages.post.slow["1"]
    assert await stages.deliver() == 1


async def test_a_database_that_is_gone_does_not_keep_the_process_from_ending(stages, monkeypatch):
    failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.release_all", 1)
    with capture_logs() as logs:
        await stages.delivery.shut_down()
    assert [line["event"] for line in logs] == ["places were not given back"]


async def test_places_that_a_dead_process_held_are_free_for_its_successor(stages):
    await ada(stages)
    await stages.announce("Paper")
    async with stages.store.write() as unit:
        await unit.outbox.claim("me", ["telegram"], timedelta(minutes=2), 10)
    assert await stages.deliver() == 0
    await stages.delivery.begin()
    assert await stages.deliver() == 1
