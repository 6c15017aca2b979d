"""Delivering: what a failure must not cost other messages, other places, or what went out before it."""

import asyncio
from datetime import timedelta
from itertools import count

import pytest
from outage_world import Platform, live, settle_in, states
from pipeline_world import ada, failing, until

from paperwire.core.messages.failures import UNEXPLAINED_FAILURES
from paperwire.errors import Rejected, Retry, Unknown
from paperwire.store.database.tables.base import State
from paperwire.store.outbox.outbox import Outbox

TITLES = [f"Paper {chr(0x4E00 + number)}" for number in range(25)]  # ids are made of titles, and differ here


@pytest.mark.whole
@pytest.mark.parametrize("places", [1, 6])
async def test_a_paper_that_fails_wherever_it_is_sent_holds_up_no_channel_for_good(stages, places):
    platform = Platform("telegram", stages.clock)
    addresses = await settle_in(stages, platform, places)
    platform.poison = dict.fromkeys(addresses, TITLES[0])
    began = stages.clock()
    announced = [(began + timedelta(hours=number), title) for number, title in enumerate(TITLES[:4])]
    await live(stages, began + timedelta(hours=12), announced)
    for address in addresses:
        assert sorted(platform.told(address)) == TITLES[1:4], address
    assert await states(stages) == {State.SENT: 3 * places, State.OWED: places}


async def test_a_turn_whose_next_message_fails_too_ends(stages):
    number = await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.fails["1"].extend(Retry("502", 5.0) for _ in range(UNEXPLAINED_FAILURES + 1))
    for _ in range(UNEXPLAINED_FAILURES):
        await stages.deliver()
        stages.clock.advance(seconds=300)
    assert not stages.post.fails["1"]  # the last turn tried both
    assert (await stages.place(number)).failures == UNEXPLAINED_FAILURES
    await stages.deliver()
    assert stages.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_of_a_list_that_stepped_aside_only_the_faulty_paper_fails_on(stages):
    await ada(stages, style="list")
    await stages.subscribe("2", "other")
    for number in range(10):
        await stages.announce(f"Other {chr(0x4E00 + number)}")
        await stages.deliver()
    await stages.announce(*TITLES[:7])
    stages.post.fails["1"].extend(Retry("500", 5.0) for _ in range(9))
    for _ in range(8):
        await stages.deliver()
        stages.clock.advance(seconds=300)
    assert await stages.owed() == 7
    stages.clock.advance(hours=1)
    await stages.deliver()
    assert stages.post.titles("1") == [[title] for title in TITLES[1:7]]
    assert await stages.owed() == 1


async def test_a_platform_that_wants_days_of_rest_is_not_asked_again_at_once(stages):
    await ada(stages)
    await stages.announce("Paper one")
    wish = Retry("wait", 30 * 3600.0, everywhere=True, requested=True)
    stages.post.fails["1"].extend([wish, wish])
    await stages.deliver()
    assert len(stages.post.fails["1"]) == 1
    assert stages.delivery.down_until("telegram") == stages.clock() + timedelta(hours=25)


async def test_a_place_on_its_way_goes_on_while_no_other_can_be_claimed(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.slow["1"] = asyncio.Event()
    running = asyncio.create_task(stages.deliver())
    await until(lambda: stages.post.sending)
    left = failing(monkeypatch, "paperwire.store.outbox.outbox.Outbox.claim", 1)
    await until(lambda: not left[0])
    stages.post.slow.pop("1").set()
    assert await running == 2


@pytest.mark.parametrize(
    ("error", "writes"),
    [
        (Retry("502", 5.0), "defer"),
        (Unknown("no answer", 5.0), "unanswered"),
        (Retry("slow down", 5.0, requested=True), "defer"),
        (Rejected("can't parse"), "give_up"),
    ],
)
async def test_a_failure_that_cannot_be_written_down_at_once_does_not_wait_for_the_lease(
    stages, monkeypatch, error, writes
):
    await ada(stages)
    await stages.announce("Paper one")
    stages.post.fails["1"].append(error)
    failing(monkeypatch, f"paperwire.store.outbox.outbox.Outbox.{writes}", 1)
    await stages.deliver()
    stages.clock.advance(seconds=15)
    await stages.deliver()
    assert await stages.owed() == 0


async def test_where_each_place_is_a_service_of_its_own_another_one_proves_nothing(stages):
    stages.post.shared_service = False
    await ada(stages)
    await stages.subscribe("2", "paper")
    await stages.announce("Paper one")
    stages.post.fails["1"].extend(Unknown("no answer", 120.0) for _ in range(2))
    for number in range(6):
        await stages.deliver()
        stages.clock.advance(seconds=300)
        await stages.announce(TITLES[number])
    assert len(stages.post.arrived["2"]) == 6
    assert not stages.post.arrived["1"]  # its third sending waits
    stages.clock.advance(hours=1)
    await stages.deliver()
    assert stages.post.titles("1")[0] == ["Paper one"]


async def test_what_went_out_is_written_down_whatever_is_the_matter_with_the_next(stages, monkeypatch):
    await ada(stages)
    await stages.announce("Paper one", "Paper two")
    real, numbers, asked = Outbox.still_due, count(), []

    async def changes(_self):
        return next(numbers)

    async def odd(_self, keys):
        asked.append(keys)
        raise ValueError("odd row")

    monkeypatch.setattr(Outbox, "changes", changes)  # or nobody would look again
    monkeypatch.setattr(Outbox, "still_due", odd)
    await stages.deliver()
    assert asked
    monkeypatch.setattr(Outbox, "still_due", real)
    stages.clock.advance(seconds=300)
    await stages.deliver()
    assert stages.post.titles("1") == [["Paper one"], ["Paper two"]]


async def test_a_digest_of_several_messages_does_not_count_its_own_papers_as_sent_before(stages):
    await ada(stages, cadence="daily 08:00")
    await stages.announce(*TITLES)
    stages.clock.advance(days=1)
    await stages.deliver()
    assert [len(message.items) for message in stages.post.arrived["1"]] == [10, 10, 5]
    assert not any(message.foot for message in stages.post.arrived["1"])
    assert [message.silent for message in stages.post.arrived["1"]] == [False, True, True]
