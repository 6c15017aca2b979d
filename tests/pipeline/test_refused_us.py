"""A service that refuses us, not a place: its channel is held, no place is closed for it, and no paper is given up."""

import asyncio
from collections import deque
from datetime import timedelta

import pytest
from pipeline_world import ada, until

from paperwire.errors import ChannelRefused, Closed, Gone, Retry, Unknown
from paperwire.pipeline import deliver

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
def doubting(scene):
    scene.post.room_of = dict.fromkeys(map(str, range(1, PLACES + 1)), Room())
    scene.post = Doubting(scene.post)
    scene.begin()
    return scene.post


async def settle(scene, count=PLACES, *, took=True):
    """So many people subscribe; with `took` each has got a paper."""
    numbers = [(await scene.subscribe(str(number), "paper"))[0] for number in range(1, count + 1)]
    if took:
        await scene.announce("Paper before")
        assert await scene.deliver() == count
    await scene.announce("Paper")
    return numbers


def breaker(scene):
    return scene.delivery._breakers["telegram"]


async def live(scene, turns):
    """So many turns, each when something is due."""
    for _ in range(turns):
        due = await scene.delivery.next_due("telegram")
        if due is None:
            return
        scene.clock.at = max(scene.clock(), due)
        await scene.deliver()


def us():
    return ChannelRefused("refuses our mail: 553 5.7.1 Sender address rejected", 300.0)


def closed():
    return Gone("550 mailbox unavailable", Closed.REFUSED, doubtful=True)


async def paused(scene, numbers):
    return [(await scene.place(number)).paused for number in numbers]


async def test_a_refusal_of_us_holds_the_channel_and_closes_nothing(scene):
    numbers = await settle(scene, took=False)
    for number in range(1, PLACES + 1):
        scene.post.fails[str(number)] += [us()] * 3
    assert await scene.deliver() == 0
    assert breaker(scene).is_open(scene.clock())
    assert sum(len(fails) for fails in scene.post.fails.values()) == 3 * PLACES - 1  # one was tried
    await live(scene, 60)
    assert await paused(scene, numbers) == [""] * PLACES
    assert await scene.given_up() == []
    assert [scene.post.titles(str(number)) for number in range(1, PLACES + 1)] == [[["Paper"]]] * PLACES


async def test_after_each_pause_another_place_is_tried(scene):
    await settle(scene, took=False)
    tried = []
    send = scene.post.send

    async def refuse(to, message):
        tried.append(to)
        scene.post.fails[to].append(us())
        await send(to, message)

    scene.post.send = refuse
    for _ in range(PLACES):
        await scene.deliver()
        scene.clock.at = breaker(scene).next_try_at(scene.clock())
    assert sorted(tried) == [str(number) for number in range(1, PLACES + 1)]


async def test_who_alone_is_refused_holds_up_no_others(scene):
    numbers = await settle(scene, 3, took=False)
    scene.post.fails["1"] += [us() for _ in range(200)]
    await live(scene, 6)
    assert scene.post.titles("2") == scene.post.titles("3") == [["Paper"]]
    assert not breaker(scene).is_open(scene.clock())
    until = scene.clock() + timedelta(days=8)
    while scene.clock() < until:
        await live(scene, 1)
        assert not breaker(scene).is_open(scene.clock())
    assert await scene.given_up() == []  # not the fault of any paper
    assert await paused(scene, numbers) == [""] * len(numbers)
    scene.post.fails["1"].clear()
    await live(scene, 1)
    assert scene.post.titles("1") == [["Paper"]]


async def test_five_places_in_a_row_that_took_messages_before_are_closed_for_nothing(scene, doubting):
    numbers = await settle(scene)
    for number in range(1, PLACES + 1):
        doubting.fails[str(number)] += [closed()]
    await scene.deliver()
    assert await paused(scene, numbers) == [""] * PLACES
    assert breaker(scene).is_open(scene.clock())
    assert set(doubting.doubts) == {"550 mailbox unavailable"}
    await live(scene, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, PLACES + 1)] == [["Paper"]] * PLACES


async def test_a_restart_among_five_in_a_row_closes_nothing(scene, doubting):
    numbers = await settle(scene, 4)
    other = (await scene.subscribe("5", "article"))[0]
    await scene.announce("Article before")
    doubting.fails.update({str(number): deque([closed()]) for number in range(1, 5)})
    await scene.deliver()
    assert await paused(scene, numbers) == ["refused"] * 4
    scene.begin()
    await scene.announce("Article")
    doubting.fails["5"] += [closed()]
    await scene.deliver()
    assert await paused(scene, [*numbers, other]) == [""] * 5
    await live(scene, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, 5)] == [["Paper"]] * 4
    assert await scene.owed() == 0


async def test_a_restart_after_each_refusal_closes_nothing(scene, doubting):
    numbers = await settle(scene)
    for number in numbers:
        doubting.fails[(await scene.place(number)).address] += [closed()] * 100
    for _ in range(20):
        await live(scene, 1)
        scene.begin()
    assert await paused(scene, numbers) == [""] * PLACES
    doubting.fails.clear()
    await live(scene, 20)
    assert [doubting.titles(str(number))[-1] for number in range(1, PLACES + 1)] == [["Paper"]] * PLACES


async def test_what_got_through_since_counts_for_nothing_after_a_restart(scene, doubting):
    numbers = await settle(scene, 5)
    doubting.fails.update({str(number): deque([closed()]) for number in range(1, 5)})
    await scene.deliver()
    await scene.announce("Next paper")
    assert await scene.deliver() == 1
    scene.begin()
    await scene.announce("Later paper")
    doubting.fails["5"] += [closed()]
    await scene.deliver()
    assert await paused(scene, numbers) == ["refused"] * 5
    assert not breaker(scene).is_open(scene.clock())


async def test_those_that_are_refused_again_while_others_get_through_are_closed(scene, doubting):
    numbers = await settle(scene)
    for number in range(1, 6):
        doubting.fails[str(number)] += [closed()] * 60
    await live(scene, 10)
    assert await paused(scene, numbers) == [""] * PLACES
    await scene.announce("Later paper")
    await live(scene, 30)
    assert await paused(scene, numbers) == ["refused"] * 5 + ["", ""]
    assert not breaker(scene).is_open(scene.clock())


@pytest.mark.parametrize(("took", "doubtful"), [(False, True), (True, False)])
async def test_made_up_addresses_and_clear_answers_count_for_nothing(scene, took, doubtful):
    numbers = await settle(scene, took=took)
    for number in range(1, PLACES):
        scene.post.fails[str(number)] += [Gone("550", Closed.REFUSED, doubtful=doubtful)]
    assert await scene.deliver() == 1
    assert await paused(scene, numbers) == ["refused"] * (PLACES - 1) + [""]
    assert not breaker(scene).is_open(scene.clock())


def silent():
    return Retry("no answer", 300.0, asked=True, patience=float("inf"), doubtful=True)


async def test_a_place_without_answer_is_at_fault_unless_two_others_are(scene):
    numbers = await settle(scene)
    for number in (1, 2):
        scene.post.fails[str(number)] += [silent()]
    assert await scene.deliver() == PLACES - 2
    assert not breaker(scene).is_open(scene.clock())
    await scene.announce("Next paper")
    await live(scene, 5)
    for number in (1, 2, 3):
        scene.post.fails[str(number)] += [silent()]
    await scene.announce("Last paper")
    scene.post.fails["4"] += [us()]
    await scene.deliver()
    assert breaker(scene).is_open(scene.clock())
    await live(scene, 20)
    assert await paused(scene, numbers) == [""] * PLACES
    assert await scene.owed() == 0


async def test_a_place_without_answer_is_never_closed(scene):
    numbers = await settle(scene, 1, took=False)
    scene.post.fails["1"] += [silent() for _ in range(200)]
    began = scene.clock()
    while scene.clock() - began < timedelta(days=9):
        await live(scene, 1)
    assert await paused(scene, numbers) == [""] * len(numbers)
    scene.post.fails["1"].clear()
    await live(scene, 2)
    assert scene.post.titles("1") == [["Paper"]]


async def test_what_waits_for_its_last_answer_at_a_stop_may_have_arrived_and_is_sent_three_times_at_most(
    scene, monkeypatch
):
    monkeypatch.setattr(deliver, "LAST_SENDS", 0.0)
    number = await ada(scene)
    await scene.announce("Paper")
    sends = 0

    async def send(_to, _message):
        nonlocal sends
        sends += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            raise Unknown("stopped; it may have arrived", 900.0) from None

    monkeypatch.setattr(scene.post, "send", send)
    for stop in range(1, 4):
        running = asyncio.create_task(scene.deliver())
        await until(lambda stop=stop: sends == stop)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await scene.delivery.shut_down()
        scene.begin()
        if stop < 3:
            assert await scene.delivery.next_due("telegram") >= scene.clock() + timedelta(minutes=15)
        scene.clock.advance(hours=2)
    async with scene.store.read() as unit:
        assert (await unit.ledger.counts()).unknown == 1
    assert await scene.delivery.next_due("telegram") is None
    assert (await scene.place(number)).paused == ""
