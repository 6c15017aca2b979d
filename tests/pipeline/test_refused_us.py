"""A service that refuses us, not a place: its channel is held, no place is closed for it, and no paper is given up."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest
from pipeline_world import ada, until

from paperwire.errors import ChannelRefused, CloseReason, Gone, Retry, Unknown
from paperwire.pipeline import turns

PLACES = 7


class Doubting:
    """A channel that keeps which doubts it was given; every message goes out without a wait for room."""

    def __init__(self, post):
        self.post, self.doubts = post, []

    def __getattr__(self, name):
        return getattr(self.post, name)

    def room(self, to):
        return self.post.room_of[to]

    def doubt(self, problem):
        self.doubts.append(problem)


class Room:
    async def __aenter__(self):
        return None

    async def __aexit__(self, *_):
        return None


@pytest.fixture
def doubting(stages):
    stages.post.room_of = dict.fromkeys(map(str, range(1, PLACES + 1)), Room())
    stages.post = Doubting(stages.post)
    stages.begin()
    return stages.post


async def settle(stages, count=PLACES, *, took=True):
    """So many people subscribe; with `took` each has got a paper."""
    numbers = [(await stages.subscribe(str(number), "paper"))[0] for number in range(1, count + 1)]
    if took:
        await stages.announce("Paper before")
        assert await stages.deliver() == count
    await stages.announce("Paper")
    return numbers


def breaker(stages):
    return stages.delivery._gates["telegram"].breaker


async def live(stages, turns):
    """So many turns, each when something is due."""
    for _ in range(turns):
        due = await stages.delivery.next_due("telegram")
        if due is None:
            return
        stages.clock.at = max(stages.clock(), due)
        await stages.deliver()


def us():
    return ChannelRefused("refuses our mail: 553 5.7.1 Sender address rejected", 300.0)


def closed():
    return Gone("550 mailbox unavailable", CloseReason.REFUSED, doubtful=True)


async def paused(stages, numbers):
    return [(await stages.place(number)).paused for number in numbers]


async def test_a_refusal_of_us_holds_the_channel_and_closes_nothing(stages):
    numbers = await settle(stages, took=False)
    for number in range(1, PLACES + 1):
        stages.post.fails[str(number)] += [us()] * 3
    assert await stages.deliver() == 0
    assert breaker(stages).is_open(stages.clock())
    assert sum(len(fails) for fails in stages.post.fails.values()) == 3 * PLACES - 1  # one was tried
    await live(stages, 60)
    assert await paused(stages, numbers) == [""] * PLACES
    assert await stages.given_up() == []
    assert [stages.post.titles(str(number)) for number in range(1, PLACES + 1)] == [[["Paper"]]] * PLACES


async def test_after_each_pause_another_place_is_tried(stages):
    await settle(stages, took=False)
    tried = []
    send = stages.post.send

    async def refuse(to, message):
        tried.append(to)
        stages.post.fails[to].append(us())
        await send(to, message)

    stages.post.send = refuse
    for _ in range(PLACES):
        await stages.deliver()
        stages.clock.at = breaker(stages).next_try_at(stages.clock())
    assert sorted(tried) == [str(number) for number in range(1, PLACES + 1)]


async def test_who_alone_is_refused_holds_up_no_others(stages):
    numbers = await settle(stages, 3, took=False)
    stages.post.fails["1"] += [us() for _ in range(200)]
    await live(stages, 6)
    assert stages.post.titles("2") == stages.post.titles("3") == [["Paper"]]
    assert not breaker(stages).is_open(stages.clock())
    until = stages.clock() + timedelta(days=8)
    while stages.clock() < until:
        await live(stages, 1)
        assert not breaker(stages).is_open(stages.clock())
    assert await stages.given_up() == []  # not the fault of any paper
    assert await paused(stages, numbers) == [""] * len(numbers)
    stages.post.fails["1"].clear()
    await live(stages, 1)
    assert stages.post.titles("1") == [["Paper"]]


async def test_five_places_in_a_row_that_took_messages_before_are_closed_for_nothing(stages, doubting):
    numbers = await settle(stages)
    for number in range(1, PLACES + 1):
        doubting.fails[str(number)] += [closed()]
    await stages.deliver()
    assert await paused(stages, numbers) == [""] * PLACES
    assert breaker(stages).is_open(stages.clock())
    assert set(doubting.doubts) == {"550 mailbox unavailable"}
    await live(stages, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, PLACES + 1)] == [["Paper"]] * PLACES


async def test_a_restart_among_five_in_a_row_closes_nothing(stages, doubting):
    numbers = await settle(stages, 4)
    other = (await stages.subscribe("5", "article"))[0]
    await stages.announce("Article before")
    doubting.fails.update({str(number): deque([closed()]) for number in range(1, 5)})
    await stages.deliver()
    assert await paused(stages, numbers) == ["refused"] * 4
    stages.begin()
    await stages.announce("Article")
    doubting.fails["5"] += [closed()]
    await stages.deliver()
    assert await paused(stages, [*numbers, other]) == [""] * 5
    await live(stages, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, 5)] == [["Paper"]] * 4
    assert await stages.owed() == 0


async def test_a_restart_after_each_refusal_closes_nothing(stages, doubting):
    numbers = await settle(stages)
    for number in numbers:
        doubting.fails[(await stages.place(number)).address] += [closed()] * 100
    for _ in range(20):
        await live(stages, 1)
        stages.begin()
    assert await paused(stages, numbers) == [""] * PLACES
    doubting.fails.clear()
    await live(stages, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, PLACES + 1)] == [["Paper"]] * PLACES


async def test_what_got_through_since_counts_for_nothing_after_a_restart(stages, doubting):
    numbers = await settle(stages, 5)
    doubting.fails.update({str(number): deque([closed()]) for number in range(1, 5)})
    await stages.deliver()
    await stages.announce("Next paper")
    assert await stages.deliver() == 1
    stages.begin()
    await stages.announce("Later paper")
    doubting.fails["5"] += [closed()]
    await stages.deliver()
    assert await paused(stages, numbers) == ["refused"] * 5
    assert not breaker(stages).is_open(stages.clock())


async def test_those_that_are_refused_again_while_others_get_through_are_closed(stages, doubting):
    numbers = await settle(stages)
    for number in range(1, 6):
        doubting.fails[str(number)] += [closed()] * 60
    await live(stages, 10)
    assert await paused(stages, numbers) == [""] * PLACES
    await stages.announce("Later paper")
    await live(stages, 30)
    assert await paused(stages, numbers) == ["refused"] * 5 + ["", ""]
    assert not breaker(stages).is_open(stages.clock())


@pytest.mark.parametrize(("took", "doubtful"), [(False, True), (True, False)])
async def test_made_up_addresses_and_clear_answers_count_for_nothing(stages, took, doubtful):
    numbers = await settle(stages, took=took)
    for number in range(1, PLACES):
        stages.post.fails[str(number)] += [Gone("550", CloseReason.REFUSED, doubtful=doubtful)]
    assert await stages.deliver() == 1
    assert await paused(stages, numbers) == ["refused"] * (PLACES - 1) + [""]
    assert not breaker(stages).is_open(stages.clock())


def silent():
    return Retry("no answer", 300.0, requested=True, patience=float("inf"), doubtful=True)


async def test_a_place_without_answer_is_at_fault_unless_two_others_are(stages):
    numbers = await settle(stages)
    for number in (1, 2):
        stages.post.fails[str(number)] += [silent()]
    assert await stages.deliver() == PLACES - 2
    assert not breaker(stages).is_open(stages.clock())
    await stages.announce("Next paper")
    await live(stages, 5)
    for number in (1, 2, 3):
        stages.post.fails[str(number)] += [silent()]
    await stages.announce("Last paper")
    stages.post.fails["4"] += [us()]
    await stages.deliver()
    assert breaker(stages).is_open(stages.clock())
    await live(stages, 20)
    assert await paused(stages, numbers) == [""] * PLACES
    assert await stages.owed() == 0


async def test_a_place_without_answer_is_never_closed(stages):
    numbers = await settle(stages, 1, took=False)
    stages.post.fails["1"] += [silent() for _ in range(200)]
    began = stages.clock()
    while stages.clock() - began < timedelta(days=9):
        await live(stages, 1)
    assert await paused(stages, numbers) == [""] * len(numbers)
    stages.post.fails["1"].clear()
    await live(stages, 2)
    assert stages.post.titles("1") == [["Paper"]]


async def test_what_waits_for_its_last_answer_at_a_stop_may_have_arrived_and_is_sent_three_times_at_most(
    stages, monkeypatch
):
    monkeypatch.setattr(turns, "LAST_SENDS", 0.0)
    number = await ada(stages)
    await stages.announce("Paper")
    sends = 0

    async def send(_to, _message):
        nonlocal sends
        sends += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Unknown("stopped; it may have arrived", 900.0) from None

    monkeypatch.setattr(stages.post, "send", send)
    for stop in range(1, 4):
        running = asyncio.create_task(stages.deliver())
        await until(lambda stop=stop: sends == stop)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await stages.delivery.shut_down()
        stages.begin()
        if stop < 3:
            assert await stages.delivery.next_due("telegram") >= stages.clock() + timedelta(minutes=15)
        stages.clock.advance(hours=2)
    async with stages.store.read() as unit:
        assert (await unit.ledger.counts()).unknown == 1
    assert await stages.delivery.next_due("telegram") is None
    assert (await stages.place(number)).paused == ""
