"""Delivering: turns of places, every way a send can end, holds, faults and the end of the process."""

import asyncio
from datetime import timedelta

import pytest
from pipeline_world import Post, until
from structlog.testing import capture_logs

from paperwire import observe
from paperwire.errors import Gone, Moved, QueryError, Rejected, Retry, StoreError, Unknown
from paperwire.pipeline import deliver
from paperwire.pipeline.breaker import FAILURES, Breaker
from paperwire.ports import Actor


def sent_so_far(outcome):
    return observe.SENT.labels("telegram", outcome)._value.get()


async def ada(scene, query="paper", **place):
    number, _ = await scene.subscribe("1", query, **place)
    return number


# --- what arrives ------------------------------------------------------------------------------------------------


async def test_each_paper_arrives_once_and_in_order(scene):
    await ada(scene)
    before = sent_so_far("sent")
    await scene.announce("Paper one", "Paper two")
    await scene.announce("Paper three")
    assert await scene.deliver() == 3
    assert await scene.deliver() == 0
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"], ["Paper three"]]
    assert sent_so_far("sent") - before == 3


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


async def test_a_subscription_of_an_older_grammar_still_delivers(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")

    def refuse(_text):
        raise QueryError("no", 1, "yes")

    monkeypatch.setattr("paperwire.pipeline.letter.parse", refuse)
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
    monkeypatch.setattr(deliver, "_LOADED", 20)
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


# --- whose turn it is --------------------------------------------------------------------------------------------


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

    async def counted(kind, limit):
        claims.append(limit)
        return await claim(kind, limit)

    monkeypatch.setattr(scene.delivery, "_claim", counted)
    assert await scene.deliver() == 5
    assert len(claims) == 4


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


# --- every way of failing ----------------------------------------------------------------------------------------


async def test_a_platform_that_names_a_time_gets_it_exactly(scene):
    await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper")
    scene.post.fails["1"].append(Retry("429", 37.5, asked=True))
    assert await scene.deliver() == 1
    assert scene.post.titles("2") == [["Paper"]]
    assert await scene.delivery.next_due("telegram") == scene.clock() + timedelta(seconds=37.5)
    scene.clock.advance(seconds=37)
    assert await scene.deliver() == 0
    scene.clock.advance(seconds=1)
    assert await scene.deliver() == 1
    assert await scene.dead() == []


async def test_a_platform_that_asks_for_no_time_gets_a_second(scene):
    await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"] += [Retry("429", 0.0, asked=True)] * 3
    assert await scene.deliver() == 0
    assert len(scene.post.fails["1"]) == 2


async def test_a_place_that_had_its_share_waits_without_an_attempt(scene):
    await ada(scene)
    await scene.announce("Paper")
    scene.post.turns["1"].append(Retry("its share", 20.0, asked=True))
    assert await scene.deliver() == 0
    scene.clock.advance(seconds=20)
    assert await scene.deliver() == 1


async def test_a_general_refusal_stops_the_whole_channel_and_counts_no_attempts(scene):
    for number in range(4):
        await scene.subscribe(str(number), "paper")
        scene.post.fails[str(number)] += [Retry("down", 30.0, everywhere=True)] * 20
    await scene.announce("Paper")
    for _ in range(20):
        assert await scene.deliver() == 0
        assert await scene.delivery.next_due("telegram") >= scene.clock() + timedelta(seconds=1)
        scene.clock.advance(seconds=31)
    left = [len(fails) for fails in scene.post.fails.values()]
    assert sum(left) == 4 * 20 - 20  # one probe each time
    scene.post.fails.clear()
    assert await scene.deliver() == 4
    assert await scene.dead() == []


async def test_five_failures_in_a_row_close_the_channel_for_a_while(scene):
    for number in range(9):
        await scene.subscribe(str(number), "paper")
        scene.post.fails[str(number)].append(Retry("500", 5.0))
    await scene.announce("Paper")
    await scene.deliver()
    assert sum(len(fails) for fails in scene.post.fails.values()) == 4
    assert await scene.owed() == 9
    scene.clock.advance(minutes=5)
    scene.post.fails.clear()
    assert await scene.deliver() == 9


async def test_a_message_that_fails_again_and_again_is_given_up_and_the_next_one_goes(scene):
    await ada(scene)
    await scene.announce("Paper one")
    scene.clock.advance(seconds=1)
    await scene.announce("Paper two")
    scene.post.fails["1"] += [Retry("500", 5.0)] * 8
    for _ in range(12):
        await scene.deliver()
        scene.clock.advance(hours=1, seconds=1)
    assert scene.post.titles("1") == [["Paper two"]]
    (dead,) = await scene.dead()
    assert dead.paper.title == "Paper one"


async def test_what_may_have_arrived_is_tried_late(scene):
    await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"].append(Unknown("timed out"))
    before = sent_so_far("unknown")
    assert await scene.deliver() == 0
    assert sent_so_far("unknown") - before == 1
    scene.clock.advance(seconds=119)
    assert await scene.deliver() == 0
    scene.clock.advance(seconds=10)
    assert await scene.deliver() == 1


async def test_a_refused_message_is_given_up_and_the_turn_goes_on(scene):
    await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.fails["1"].append(Rejected("can't parse"))
    assert await scene.deliver() == 1
    assert scene.post.titles("1") == [["Paper two"]]
    assert [dead.paper.title for dead in await scene.dead()] == ["Paper one"]


async def test_of_a_refused_list_only_the_culprit_is_given_up(scene):
    await ada(scene, style="list")
    await scene.announce("Paper one", "Paper two", "Paper three")
    scene.post.fails["1"] += [Rejected("list"), Rejected("one")]
    assert await scene.deliver() == 2
    assert scene.post.titles("1") == [["Paper two"], ["Paper three"]]
    assert [dead.paper.title for dead in await scene.dead()] == ["Paper one"]


async def test_a_turn_that_ends_within_a_refused_list_ends(scene):
    await ada(scene, style="list")
    await scene.announce("Paper one", "Paper two", "Paper three")
    scene.post.fails["1"] += [Rejected("list"), Retry("429", 10.0, asked=True)]
    assert await scene.deliver() == 0
    assert await scene.owed() == 3
    scene.clock.advance(seconds=10)
    await scene.deliver()
    assert sorted(title for titles in scene.post.titles("1") for title in titles) == [
        "Paper one",
        "Paper three",
        "Paper two",
    ]


async def test_a_closed_place_is_paused_at_once_and_owes_on(scene):
    number = await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.fails["1"].append(Gone("bot was blocked by the user"))
    assert await scene.deliver() == 0
    assert (await scene.place(number)).paused == "bot was blocked by the user"
    assert await scene.owed() == 2
    scene.clock.advance(days=1)
    assert await scene.deliver() == 0
    async with scene.store.write() as unit:
        await unit.people.resume(number)
    assert await scene.deliver() == 2


async def test_a_chat_that_moved_is_found_again(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"].append(Moved("upgraded", "-1001"))
    assert await scene.deliver() == 1
    assert scene.post.titles("-1001") == [["Paper"]]
    assert (await scene.place(number)).address == "-1001"


@pytest.mark.parametrize("where", ["send", "letter"])
async def test_a_fault_of_our_own_blocks_its_place_for_a_while_and_no_other(scene, monkeypatch, where):
    await ada(scene)
    await scene.subscribe("2", "other")
    await scene.announce("Paper one", "Other two")
    if where == "send":
        scene.post.fails["1"] += [KeyError("odd")] * 8
    else:
        real = deliver.letter

        def odd(place, parcel, now, **more):
            if parcel.owed[0].paper.title == "Paper one":
                raise KeyError("odd")
            return real(place, parcel, now, **more)

        monkeypatch.setattr(deliver, "letter", odd)
    with capture_logs() as logs:
        assert await scene.deliver() == 1
        for _ in range(9):
            scene.clock.advance(hours=2)
            await scene.deliver()
    assert [line["event"] for line in logs].count("message failed") == 8
    assert [dead.paper.title for dead in await scene.dead()] == ["Paper one"]
    assert await scene.owed() == 0


# --- a database that fails, people who go ------------------------------------------------------------------------


def failing(monkeypatch, what, times):
    """Let a store method raise StoreError the first `times` times."""
    owner, _, name = what.rpartition(".")
    module, _, cls = owner.rpartition(".")
    holder = getattr(__import__(module, fromlist=[cls]), cls)
    real = getattr(holder, name)
    left = [times]

    async def sometimes(self, *args, **more):
        if left[0]:
            left[0] -= 1
            raise StoreError("disk full")
        return await real(self, *args, **more)

    monkeypatch.setattr(holder, name, sometimes)
    return left


async def test_without_a_database_nothing_is_sent(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.Outbox.claim", 1)
    with pytest.raises(StoreError, match="disk full"):
        await scene.deliver()
    assert not scene.post.arrived["1"]
    assert await scene.deliver() == 1


async def test_what_was_sent_is_written_down_as_soon_as_that_is_possible(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.Outbox.release", 2)
    with capture_logs() as logs:
        assert await scene.deliver() == 1
    assert [line["event"] for line in logs] == ["sent and not yet written down"] * 2
    assert await scene.owed() == 0
    assert len(scene.post.arrived["1"]) == 1


async def test_what_cannot_be_written_down_within_the_lease_ends_the_turn(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    monkeypatch.setattr(deliver, "LEASE", timedelta(seconds=0.5))
    failing(monkeypatch, "paperwire.store.outbox.Outbox.release", 1)
    with capture_logs() as logs:
        assert await scene.deliver() == 1
    assert "turn broken off" in [line["event"] for line in logs]
    assert await scene.owed() == 1


async def test_a_turn_whose_mail_cannot_be_read_leaves_the_others_alone(scene, monkeypatch):
    await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper")
    failing(monkeypatch, "paperwire.store.outbox.Outbox.due", 1)
    assert await scene.deliver() == 1
    scene.clock.advance(seconds=121)  # the lease of the place that failed
    assert await scene.deliver() == 1


async def test_a_fault_outside_of_any_message_is_logged(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper")
    monkeypatch.setattr(scene.post, "per_minute", lambda _kind: 1 / 0)
    with capture_logs() as logs:
        assert await scene.deliver() == 0
    assert [line["event"] for line in logs] == ["turn broken off"]


async def test_a_person_deleted_while_a_message_is_under_way(scene):
    number = await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    async with scene.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        await unit.people.forget(person.number)
    scene.post.slow.pop("1").set()
    await running
    assert len(scene.post.arrived["1"]) == 1  # the one that was under way, and no more
    assert len(scene.post.arrived["2"]) == 2
    assert await scene.place(number) is None
    assert await scene.owed() == 0


async def test_a_place_paused_in_the_middle_of_a_turn_gets_no_more(scene):
    number = await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    async with scene.store.write() as unit:
        await unit.people.pause(number, "by a person")
    scene.post.slow.pop("1").set()
    assert await running == 1
    assert await scene.owed() == 1
    async with scene.store.write() as unit:
        await unit.people.resume(number)
    assert await scene.deliver() == 1


async def test_a_lease_is_renewed_while_a_place_is_served(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper one")
    monkeypatch.setattr(deliver, "LEASE", timedelta(seconds=0.3))
    renewed = failing(monkeypatch, "paperwire.store.outbox.Outbox.renew", 2)
    scene.post.slow["1"] = asyncio.Event()
    with capture_logs() as logs:
        running = asyncio.create_task(scene.deliver())
        await until(lambda: not renewed[0])
        scene.post.slow.pop("1").set()
        assert await running == 1
    assert [line["event"] for line in logs] == ["lease not renewed"] * 2


# --- the hold, and the end ---------------------------------------------------------------------------------------


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


async def test_a_running_process_can_be_asked_to_end_the_hold(scene):
    await ada(scene)
    await scene.hold.begin()
    await scene.announce("Paper")
    scene.asks_release = True
    assert await scene.deliver() == 1
    assert await scene.hold.since() is None


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
    failing(monkeypatch, "paperwire.store.outbox.Outbox.release_all", 1)
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


# --- the breaker -------------------------------------------------------------------------------------------------


def test_a_breaker_closes_after_failures_in_a_row_and_lets_one_try(clock):
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed(clock())
    assert breaker.opens(clock())
    breaker.worked()
    for _ in range(FAILURES):
        breaker.failed(clock())
    assert not breaker.opens(clock())
    clock.advance(seconds=30)
    assert breaker.opens(clock())
    breaker.failed(clock())
    assert not breaker.opens(clock())
    clock.advance(seconds=30)
    breaker.worked()
    breaker.failed(clock())
    assert breaker.opens(clock())


def test_a_wish_to_be_left_alone_outlives_a_message_that_was_under_way(clock):
    breaker = Breaker()
    breaker.close(clock() + timedelta(seconds=60))
    breaker.worked()
    assert not breaker.opens(clock())
