"""Delivering: what a failure must not cost other messages, other places, or what went out before it."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from outage_world import Platform, live, settle_in, states
from pipeline_world import ada, failing, until

from paperwire.core.messages.failures import NOBODY_KNOWS
from paperwire.errors import Rejected, Retry, Unknown
from paperwire.store.outbox.outbox import Outbox
from paperwire.store.tables.base import State

TITLES = [f"Paper {chr(0x4E00 + number)}" for number in range(25)]  # ids are made of titles, and differ here


@pytest.mark.parametrize("places", [1, 6])
async def test_a_paper_that_fails_wherever_it_is_sent_holds_up_no_channel_for_good(scene, places):
    platform = Platform("telegram", scene.clock)
    addresses = await settle_in(scene, platform, places)
    platform.poison = dict.fromkeys(addresses, TITLES[0])
    began = scene.clock()
    announced = [(began + timedelta(hours=number), title) for number, title in enumerate(TITLES[:4])]
    await live(scene, began + timedelta(hours=12), announced)
    for address in addresses:
        assert sorted(platform.told(address)) == TITLES[1:4], address
    assert await states(scene) == {State.SENT: 3 * places, State.OWED: places}


async def test_a_turn_whose_next_message_fails_too_ends(scene):
    number = await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.fails["1"].extend(Retry("502", 5.0) for _ in range(NOBODY_KNOWS + 1))
    for _ in range(NOBODY_KNOWS):
        await scene.deliver()
        scene.clock.advance(seconds=300)
    assert not scene.post.fails["1"]  # the last turn tried both
    assert (await scene.place(number)).failures == NOBODY_KNOWS
    await scene.deliver()
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_of_a_list_that_stepped_aside_only_the_faulty_paper_fails_on(scene):
    await ada(scene, style="list")
    await scene.subscribe("2", "other")
    for number in range(10):
        await scene.announce(f"Other {chr(0x4E00 + number)}")
        await scene.deliver()
    await scene.announce(*TITLES[:7])
    scene.post.fails["1"].extend(Retry("500", 5.0) for _ in range(9))
    for _ in range(8):
        await scene.deliver()
        scene.clock.advance(seconds=300)
    assert await scene.owed() == 7
    scene.clock.advance(hours=1)
    await scene.deliver()
    assert scene.post.titles("1") == [[title] for title in TITLES[1:7]]
    assert await scene.owed() == 1


async def test_a_platform_that_wants_days_of_rest_is_not_asked_again_at_once(scene):
    await ada(scene)
    await scene.announce("Paper one")
    wish = Retry("wait", 30 * 3600.0, everywhere=True, asked=True)
    scene.post.fails["1"].extend([wish, wish])
    await scene.deliver()
    assert len(scene.post.fails["1"]) == 1
    assert scene.delivery.down_until("telegram") == scene.clock() + timedelta(hours=25)


async def test_a_place_on_its_way_goes_on_while_no_other_can_be_claimed(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(scene.deliver())
    await until(lambda: scene.post.sending)
    left = failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.claim", 1)
    await until(lambda: not left[0])
    scene.post.slow.pop("1").set()
    assert await running == 2


@pytest.mark.parametrize(
    ("error", "writes"),
    [
        (Retry("502", 5.0), "defer"),
        (Unknown("no answer", 5.0), "unanswered"),
        (Retry("slow down", 5.0, asked=True), "defer"),
        (Rejected("can't parse"), "give_up"),
    ],
)
async def test_a_failure_that_cannot_be_written_down_at_once_does_not_wait_for_the_lease(
    scene, monkeypatch, error, writes
):
    await ada(scene)
    await scene.announce("Paper one")
    scene.post.fails["1"].append(error)
    failing(monkeypatch, f"paperwire.store.outbox.outbox.Outbox.{writes}", 1)
    await scene.deliver()
    scene.clock.advance(seconds=15)
    await scene.deliver()
    assert await scene.owed() == 0


async def test_where_each_place_is_a_service_of_its_own_another_one_proves_nothing(scene):
    scene.post.shared_service = False
    await ada(scene)
    await scene.subscribe("2", "paper")
    await scene.announce("Paper one")
    scene.post.fails["1"].extend(Unknown("no answer", 120.0) for _ in range(2))
    for number in range(6):
        await scene.deliver()
        scene.clock.advance(seconds=300)
        await scene.announce(TITLES[number])
    assert len(scene.post.arrived["2"]) == 6
    assert not scene.post.arrived["1"]  # its third sending waits
    scene.clock.advance(hours=1)
    await scene.deliver()
    assert scene.post.titles("1")[0] == ["Paper one"]


async def test_what_went_out_is_written_down_whatever_is_the_matter_with_the_next(scene, monkeypatch):
    await ada(scene)
    await scene.announce("Paper one", "Paper two")
    real, numbers, asked = Outbox.still_due, count(), []

    async def changes(_self):
        return next(numbers)

    async def odd(_self, keys):
        asked.append(keys)
        raise ValueError("odd row")

    monkeypatch.setattr(Outbox, "changes", changes)  # or nobody would look again
    monkeypatch.setattr(Outbox, "still_due", odd)
    await scene.deliver()
    assert asked
    monkeypatch.setattr(Outbox, "still_due", real)
    scene.clock.advance(seconds=300)
    await scene.deliver()
    assert scene.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_a_digest_of_several_messages_does_not_count_its_own_papers_as_sent_before(scene):
    await ada(scene, cadence="daily 08:00")
    await scene.announce(*TITLES)
    scene.clock.advance(days=1)
    await scene.deliver()
    assert [len(message.items) for message in scene.post.arrived["1"]] == [10, 10, 5]
    assert not any(message.foot for message in scene.post.arrived["1"])
    assert [message.silent for message in scene.post.arrived["1"]] == [False, True, True]
