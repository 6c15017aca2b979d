"""Delivering: every way of failing."""

from datetime import timedelta

import pytest
from pipeline_world import ada, sent_so_far
from structlog.testing import capture_logs

from paperwire.errors import Gone, Moved, Rejected, Retry, Unknown
from paperwire.pipeline import deliver


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
    assert await scene.given_up() == []


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
    assert await scene.given_up() == []


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
    (given_up,) = await scene.given_up()
    assert given_up.paper.title == "Paper one"


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
    assert [one.paper.title for one in await scene.given_up()] == ["Paper one"]


async def test_of_a_refused_list_only_the_culprit_is_given_up(scene):
    await ada(scene, style="list")
    await scene.announce("Paper one", "Paper two", "Paper three")
    scene.post.fails["1"] += [Rejected("list"), Rejected("one")]
    assert await scene.deliver() == 2
    assert scene.post.titles("1") == [["Paper two"], ["Paper three"]]
    assert [one.paper.title for one in await scene.given_up()] == ["Paper one"]


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
    assert [one.paper.title for one in await scene.given_up()] == ["Paper one"]
    assert await scene.owed() == 0
