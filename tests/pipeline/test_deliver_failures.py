"""Delivering: every way of failing."""

from datetime import timedelta

from pipeline_world import ada, sent_so_far
from structlog.testing import capture_logs

from paperwire.errors import CloseReason, Gone, Moved, Rejected, Retry, Unknown
from paperwire.pipeline import bundle_message


async def test_a_platform_that_names_a_time_gets_it_exactly(stages):
    await ada(stages)
    await stages.subscribe("2", "paper")
    await stages.announce("Paper")
    stages.post.fails["1"].append(Retry("429", 37.5, requested=True))
    assert await stages.deliver() == 1
    assert stages.post.titles("2") == [["Paper"]]
    assert await stages.delivery.next_due("telegram") == stages.clock() + timedelta(seconds=37.5)
    stages.clock.advance(seconds=37)
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=1)
    assert await stages.deliver() == 1
    assert await stages.given_up() == []


async def test_a_platform_that_asks_for_no_time_gets_a_second(stages):
    await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"] += [Retry("429", 0.0, requested=True)] * 3
    assert await stages.deliver() == 0
    assert len(stages.post.fails["1"]) == 2


async def test_a_place_that_had_its_share_waits_without_an_attempt(stages):
    await ada(stages)
    await stages.announce("Paper")
    stages.post.turns["1"].append(Retry("its share", 20.0, requested=True))
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=20)
    assert await stages.deliver() == 1


async def rounds(stages, count):
    """Deliver, wait until something may be due again, and so on."""
    for _ in range(count):
        await stages.deliver()
        due = await stages.delivery.next_due("telegram")
        stages.clock.at = max(stages.clock(), due) if due else stages.clock() + timedelta(hours=1)


async def many_places(stages, count, *papers):
    for number in range(count):
        await stages.subscribe(str(number), "paper")
    await stages.announce(*papers or ["Paper"])


def arrived(stages):
    return sorted(address for address, messages in stages.post.arrived.items() for _ in messages)


async def test_a_channel_of_which_nothing_works_is_probed_and_counts_no_attempts(stages):
    await many_places(stages, 4)
    for number in range(4):
        stages.post.fails[str(number)] += [Retry("token refused", 30.0, everywhere=True)] * 20
    stages.post.down = Retry("token refused", 30.0, everywhere=True)
    await rounds(stages, 20)
    left = [len(fails) for fails in stages.post.fails.values()]
    assert sum(left) == 4 * 20 - 1  # one message found out, and no other was used to look again
    assert stages.post.probes >= 15
    stages.post.down = None
    stages.post.fails.clear()
    await rounds(stages, 2)
    assert arrived(stages) == ["0", "1", "2", "3"]
    assert await stages.given_up() == []


async def test_places_that_fail_in_a_row_close_the_channel(stages):
    await many_places(stages, 9)
    for number in range(9):
        stages.post.fails[str(number)].append(Retry("500", 5.0))
    await stages.deliver()
    assert sum(len(fails) for fails in stages.post.fails.values()) == 4
    assert await stages.owed() == 9
    stages.post.fails.clear()
    await rounds(stages, 9)
    assert len(arrived(stages)) == 9


async def test_after_a_good_probe_one_message_at_a_time_is_tried(stages):
    stages.post.in_flight = 9
    await many_places(stages, 9)
    stages.begin()
    for number in range(9):
        stages.post.fails[str(number)] += [Retry("500", 5.0)] * 3
    await stages.deliver()
    assert sum(len(fails) for fails in stages.post.fails.values()) == 9 * 3 - 9  # all were under way already
    await rounds(stages, 4)
    assert sum(len(fails) for fails in stages.post.fails.values()) == 9 * 3 - 9 - 3


async def others_that_work(stages):
    """Twenty places whose messages get through, so that a failure elsewhere is the message's own."""
    for number in range(100, 120):
        await stages.subscribe(str(number), "work")
    await stages.announce("Work")
    assert await stages.deliver() == 20


async def test_what_fails_again_and_again_while_others_arrive_steps_aside(stages):
    await others_that_work(stages)
    await ada(stages)
    await stages.announce("Paper one")
    stages.clock.advance(seconds=1)
    await stages.announce("Paper two")
    stages.post.fails["1"] += [Retry("500", 5.0)] * 8
    for _ in range(7):
        await rounds(stages, 1)
    assert stages.post.titles("1") == []
    while not stages.post.titles("1"):
        await rounds(stages, 1)
    assert stages.post.titles("1") == [["Paper two"]]
    stages.clock.advance(hours=1)
    await rounds(stages, 1)
    assert stages.post.titles("1") == [["Paper two"], ["Paper one"]]


async def test_after_a_week_of_failures_of_its_own_a_delivery_is_given_up(stages):
    await others_that_work(stages)
    await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"] += [Retry("500", 5.0)] * 1000
    began = stages.clock()
    while not await stages.given_up():
        await rounds(stages, 1)
        stages.clock.advance(hours=6)
        assert stages.clock() - began < timedelta(days=8)
    assert stages.clock() - began >= timedelta(days=7)
    assert await stages.owed() == 0


async def test_what_may_have_arrived_is_tried_late(stages):
    await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"].append(Unknown("timed out"))
    before = sent_so_far("unknown")
    assert await stages.deliver() == 0
    assert sent_so_far("unknown") - before == 1
    stages.clock.advance(seconds=119)
    assert await stages.deliver() == 0
    stages.clock.advance(seconds=10)
    assert await stages.deliver() == 1
    assert stages.post.probes == 1  # whether the channel answers at all is asked before anything is sent again


async def test_what_had_no_answer_three_times_is_not_sent_again_and_the_next_one_goes(stages):
    await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.fails["1"] += [Unknown("timed out")] * 3
    began = stages.clock()
    while len(stages.post.fails["1"]) > 0:
        await rounds(stages, 1)
    assert stages.clock() - began >= timedelta(hours=1)  # nothing else proved meanwhile that the channel works
    await rounds(stages, 3)
    assert stages.post.titles("1") == [["Paper two"]]
    assert await stages.owed() == 0


async def test_the_third_sending_need_not_wait_once_another_message_got_through(stages):
    await ada(stages)
    await stages.announce("Paper one")
    stages.post.fails["1"] += [Unknown("timed out")] * 2
    await rounds(stages, 2)
    await stages.subscribe("2", "other")
    await stages.announce("Other")
    await stages.deliver()
    stages.clock.advance(minutes=1)
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Paper one"]]


async def test_a_probe_that_has_no_answer_keeps_messages_from_being_sent_again(stages):
    await ada(stages)
    await stages.announce("Paper one")
    stages.post.fails["1"].append(Unknown("timed out"))
    await stages.deliver()
    stages.post.down = Unknown("timed out")
    began = stages.clock()
    while stages.clock() - began < timedelta(hours=6):
        await rounds(stages, 1)
    stages.post.down = None
    await rounds(stages, 2)
    assert stages.post.titles("1") == [["Paper one"]]


async def test_a_refused_message_is_given_up_and_the_turn_goes_on(stages):
    await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.fails["1"].append(Rejected("can't parse"))
    assert await stages.deliver() == 1
    assert stages.post.titles("1") == [["Paper two"]]
    assert [one.paper.title for one in await stages.given_up()] == ["Paper one"]


async def test_of_a_refused_list_only_the_culprit_is_given_up(stages):
    await ada(stages, style="list")
    await stages.announce("Paper one", "Paper two", "Paper three")
    stages.post.fails["1"] += [Rejected("list"), Rejected("one")]
    assert await stages.deliver() == 2
    assert stages.post.titles("1") == [["Paper two"], ["Paper three"]]
    assert [one.paper.title for one in await stages.given_up()] == ["Paper one"]


async def test_a_turn_that_ends_within_a_refused_list_ends(stages):
    await ada(stages, style="list")
    await stages.announce("Paper one", "Paper two", "Paper three")
    stages.post.fails["1"] += [Rejected("list"), Retry("429", 10.0, requested=True)]
    assert await stages.deliver() == 0
    assert await stages.owed() == 3
    stages.clock.advance(seconds=10)
    await stages.deliver()
    assert sorted(title for titles in stages.post.titles("1") for title in titles) == [
        "Paper one",
        "Paper three",
        "Paper two",
    ]


async def test_a_closed_place_is_paused_at_once_and_owes_on(stages):
    number = await ada(stages)
    await stages.announce("Paper one", "Paper two")
    stages.post.fails["1"].append(Gone("bot was blocked by the user", CloseReason.BLOCKED))
    assert await stages.deliver() == 0
    assert (await stages.place(number)).paused == "blocked"
    assert await stages.owed() == 2
    stages.clock.advance(days=1)
    assert await stages.deliver() == 0
    async with stages.store.write() as unit:
        await unit.places.resume(number)
    assert await stages.deliver() == 2


async def test_a_chat_that_moved_is_found_again(stages):
    number = await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"].append(Moved("upgraded", "-1001"))
    assert await stages.deliver() == 1
    assert stages.post.titles("-1001") == [["Paper"]]
    assert (await stages.place(number)).address == "-1001"


async def test_a_message_that_cannot_be_made_steps_aside_and_blocks_no_other(stages, monkeypatch):
    await ada(stages)
    await stages.subscribe("2", "other")
    await stages.announce("Paper one", "Other two")
    real = bundle_message.bundle_message

    def odd(place, bundle, now, **more):
        if bundle.owed[0].paper.title == "Paper one":
            raise KeyError("odd")
        return real(place, bundle, now, **more)

    monkeypatch.setattr(bundle_message, "bundle_message", odd)
    with capture_logs() as logs:
        await rounds(stages, 20)
    assert stages.post.titles("2") == [["Other two"]]
    assert [line["event"] for line in logs].count("message not made") >= 8
    assert await stages.owed() == 1
    monkeypatch.setattr(bundle_message, "bundle_message", real)
    stages.clock.advance(hours=1)
    await stages.deliver()
    assert stages.post.titles("1") == [["Paper one"]]


async def test_a_fault_of_our_own_while_sending_may_have_sent_it(stages):
    await ada(stages)
    await stages.subscribe("2", "other")
    await stages.announce("Paper one", "Other two")
    stages.post.fails["1"] += [KeyError("odd")] * 8
    with capture_logs() as logs:
        while await stages.owed():
            await rounds(stages, 1)
    assert stages.post.titles("2") == [["Other two"]]
    assert [line["event"] for line in logs].count("message failed") == 3


async def test_only_the_first_message_of_a_burst_makes_a_sound(stages):
    await ada(stages)
    await stages.announce("Paper one", "Paper two", "Paper three")
    await stages.deliver()
    stages.clock.advance(seconds=1)
    await stages.announce("Paper four")
    await stages.deliver()
    assert [message.silent for message in stages.post.arrived["1"]] == [False, True, True, False]


async def test_what_an_outage_caught_on_its_way_tells_how_late_a_place_is(stages):
    await ada(stages, style="cards")
    await stages.announce("Paper 00")
    stages.post.fails["1"].append(Retry("502", 5.0))
    assert await stages.deliver() == 0
    stages.clock.advance(minutes=30)
    await stages.announce(*(f"Paper {number:02}" for number in range(1, 12)))
    stages.clock.advance(hours=5, minutes=45)
    assert await stages.deliver() == 3
    assert [len(titles) for titles in stages.post.titles("1")] == [1, 10, 1]


async def test_a_probe_that_breaks_closes_the_channel_and_blames_no_message(stages):
    await ada(stages)
    await stages.announce("Paper")
    stages.post.fails["1"].append(Unknown("timed out"))
    await stages.deliver()
    stages.post.down = KeyError("odd")
    stages.clock.advance(minutes=5)
    with capture_logs() as logs:
        assert await stages.deliver() == 0
    assert "probe failed" in [line["event"] for line in logs]
    stages.post.down = None
    stages.clock.advance(minutes=5)
    assert await stages.deliver() == 1
