"""Delivering: every way of failing."""

from datetime import timedelta

from pipeline_world import ada, sent_so_far
from structlog.testing import capture_logs

from paperwire.errors import Closed, Gone, Moved, Rejected, Retry, Unknown
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


async def rounds(scene, count):
    """Deliver, wait until something may be due again, and so on."""
    for _ in range(count):
        await scene.deliver()
        due = await scene.delivery.next_due("telegram")
        scene.clock.at = max(scene.clock(), due) if due else scene.clock() + timedelta(hours=1)


async def many_places(scene, count, *papers):
    for number in range(count):
        await scene.subscribe(str(number), "paper")
    await scene.announce(*papers or ["Paper"])


def arrived(scene):
    return sorted(address for address, messages in scene.post.arrived.items() for _ in messages)


async def test_a_channel_of_which_nothing_works_is_probed_and_counts_no_attempts(scene):
    await many_places(scene, 4)
    for number in range(4):
        scene.post.fails[str(number)] += [Retry("token refused", 30.0, everywhere=True)] * 20
    scene.post.down = Retry("token refused", 30.0, everywhere=True)
    await rounds(scene, 20)
    left = [len(fails) for fails in scene.post.fails.values()]
    assert sum(left) == 4 * 20 - 1  # one message found out, and no other was used to look again
    assert scene.post.probes >= 15
    scene.post.down = None
    scene.post.fails.clear()
    await rounds(scene, 2)
    assert arrived(scene) == ["0", "1", "2", "3"]
    assert await scene.given_up() == []


async def test_places_that_fail_in_a_row_close_the_channel(scene):
    await many_places(scene, 9)
    for number in range(9):
        scene.post.fails[str(number)].append(Retry("500", 5.0))
    await scene.deliver()
    assert sum(len(fails) for fails in scene.post.fails.values()) == 4
    assert await scene.owed() == 9
    scene.post.fails.clear()
    await rounds(scene, 9)
    assert len(arrived(scene)) == 9


async def test_after_a_good_probe_one_message_at_a_time_is_tried(scene):
    scene.post.in_flight = 9
    await many_places(scene, 9)
    scene.begin()
    for number in range(9):
        scene.post.fails[str(number)] += [Retry("500", 5.0)] * 3
    await scene.deliver()
    assert sum(len(fails) for fails in scene.post.fails.values()) == 9 * 3 - 9  # all were under way already
    await rounds(scene, 4)
    assert sum(len(fails) for fails in scene.post.fails.values()) == 9 * 3 - 9 - 3


async def others_that_work(scene):
    """Twenty places whose messages get through, so that a failure elsewhere is the message's own."""
    for number in range(100, 120):
        await scene.subscribe(str(number), "work")
    await scene.announce("Work")
    assert await scene.deliver() == 20


async def test_what_fails_again_and_again_while_others_arrive_steps_aside(scene):
    await others_that_work(scene)
    await ada(scene)
    await scene.announce("Paper one")
    scene.clock.advance(seconds=1)
    await scene.announce("Paper two")
    scene.post.fails["1"] += [Retry("500", 5.0)] * 8
    for _ in range(7):
        await rounds(scene, 1)
    assert scene.post.titles("1") == []
    while not scene.post.titles("1"):
        await rounds(scene, 1)
    assert scene.post.titles("1") == [["Paper two"]]
    scene.clock.advance(hours=1)
    await rounds(scene, 1)
    assert scene.post.titles("1") == [["Paper two"], ["Paper one"]]


async def test_after_a_week_of_failures_of_its_own_a_delivery_is_given_up(scene):
    await others_that_work(scene)
    await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"] += [Retry("500", 5.0)] * 1000
    began = scene.clock()
    while not await scene.given_up():
        await rounds(scene, 1)
        scene.clock.advance(hours=6)
        assert scene.clock() - began < timedelta(days=8)
    assert scene.clock() - began >= timedelta(days=7)
    assert await scene.owed() == 0


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
    assert scene.post.probes == 1  # whether the channel answers at all is asked before anything is sent again


async def test_what_had_no_answer_three_times_is_not_sent_again_and_the_next_one_goes(scene):
    await ada(scene)
    await scene.announce("Paper one", "Paper two")
    scene.post.fails["1"] += [Unknown("timed out")] * 3
    began = scene.clock()
    while len(scene.post.fails["1"]) > 0:
        await rounds(scene, 1)
    assert scene.clock() - began >= timedelta(hours=1)  # nothing else proved meanwhile that the channel works
    await rounds(scene, 3)
    assert scene.post.titles("1") == [["Paper two"]]
    assert await scene.owed() == 0


async def test_the_third_sending_need_not_wait_once_another_message_got_through(scene):
    await ada(scene)
    await scene.announce("Paper one")
    scene.post.fails["1"] += [Unknown("timed out")] * 2
    await rounds(scene, 2)
    await scene.subscribe("2", "other")
    await scene.announce("Other")
    await scene.deliver()
    scene.clock.advance(minutes=1)
    assert await scene.deliver() == 1
    assert scene.post.titles("1") == [["Paper one"]]


async def test_a_probe_that_has_no_answer_keeps_messages_from_being_sent_again(scene):
    await ada(scene)
    await scene.announce("Paper one")
    scene.post.fails["1"].append(Unknown("timed out"))
    await scene.deliver()
    scene.post.down = Unknown("timed out")
    began = scene.clock()
    while scene.clock() - began < timedelta(hours=6):
        await rounds(scene, 1)
    scene.post.down = None
    await rounds(scene, 2)
    assert scene.post.titles("1") == [["Paper one"]]


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
    scene.post.fails["1"].append(Gone("bot was blocked by the user", Closed.BLOCKED))
    assert await scene.deliver() == 0
    assert (await scene.place(number)).paused == "blocked"
    assert await scene.owed() == 2
    scene.clock.advance(days=1)
    assert await scene.deliver() == 0
    async with scene.store.write() as unit:
        await unit.places.resume(number)
    assert await scene.deliver() == 2


async def test_a_chat_that_moved_is_found_again(scene):
    number = await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"].append(Moved("upgraded", "-1001"))
    assert await scene.deliver() == 1
    assert scene.post.titles("-1001") == [["Paper"]]
    assert (await scene.place(number)).address == "-1001"


async def test_a_message_that_cannot_be_made_steps_aside_and_blocks_no_other(scene, monkeypatch):
    await ada(scene)
    await scene.subscribe("2", "other")
    await scene.announce("Paper one", "Other two")
    real = deliver.bundle_message

    def odd(place, bundle, now, **more):
        if bundle.owed[0].paper.title == "Paper one":
            raise KeyError("odd")
        return real(place, bundle, now, **more)

    monkeypatch.setattr(deliver, "bundle_message", odd)
    with capture_logs() as logs:
        await rounds(scene, 20)
    assert scene.post.titles("2") == [["Other two"]]
    assert [line["event"] for line in logs].count("message not made") >= 8
    assert await scene.owed() == 1
    monkeypatch.setattr(deliver, "bundle_message", real)
    scene.clock.advance(hours=1)
    await scene.deliver()
    assert scene.post.titles("1") == [["Paper one"]]


async def test_a_fault_of_our_own_while_sending_may_have_sent_it(scene):
    await ada(scene)
    await scene.subscribe("2", "other")
    await scene.announce("Paper one", "Other two")
    scene.post.fails["1"] += [KeyError("odd")] * 8
    with capture_logs() as logs:
        while await scene.owed():
            await rounds(scene, 1)
    assert scene.post.titles("2") == [["Other two"]]
    assert [line["event"] for line in logs].count("message failed") == 3


async def test_only_the_first_message_of_a_burst_makes_a_sound(scene):
    await ada(scene)
    await scene.announce("Paper one", "Paper two", "Paper three")
    await scene.deliver()
    scene.clock.advance(seconds=1)
    await scene.announce("Paper four")
    await scene.deliver()
    assert [message.silent for message in scene.post.arrived["1"]] == [False, True, True, False]


async def test_what_an_outage_caught_on_its_way_tells_how_late_a_place_is(scene):
    await ada(scene, style="cards")
    await scene.announce("Paper 00")
    scene.post.fails["1"].append(Retry("502", 5.0))
    assert await scene.deliver() == 0
    scene.clock.advance(minutes=30)
    await scene.announce(*(f"Paper {number:02}" for number in range(1, 12)))
    scene.clock.advance(hours=5, minutes=45)
    assert await scene.deliver() == 3
    assert [len(titles) for titles in scene.post.titles("1")] == [1, 10, 1]


async def test_a_probe_that_breaks_closes_the_channel_and_blames_no_message(scene):
    await ada(scene)
    await scene.announce("Paper")
    scene.post.fails["1"].append(Unknown("timed out"))
    await scene.deliver()
    scene.post.down = KeyError("odd")
    scene.clock.advance(minutes=5)
    with capture_logs() as logs:
        assert await scene.deliver() == 0
    assert "probe failed" in [line["event"] for line in logs]
    scene.post.down = None
    scene.clock.advance(minutes=5)
    assert await scene.deliver() == 1
