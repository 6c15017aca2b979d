"""Digests: one for each place and local slot, however its papers come together and whatever breaks off."""

from datetime import UTC, datetime, timedelta

import pytest
from pipeline_world import next_slot, paper

from paperwire.core.days.calendar import why_silent
from paperwire.core.papers.paper import ARRIVAL
from paperwire.errors import Gone, Rejected, Retry, Unknown
from paperwire.pipeline.clock import FutureTimes
from paperwire.pipeline.deliver import Delivery, DigestWords
from paperwire.pipeline.digests import section_of

DAILY = {"cadence": "daily 08:00"}


@pytest.fixture
def post(scene):
    """What arrives by a delivery that knows where digests are shown and when arXiv announces."""
    words = DigestWords(page=lambda place, slot: f"https://papers.example/digests/{place}-{slot}", silence=why_silent)
    scene.delivery = Delivery(
        scene.store, {"telegram": scene.post}, owner="me", now=scene.clock, hold=scene.hold, words=words
    )
    return scene.post


def heads(scene):
    return ["".join(span.text for line in message.head for span in line) for message in scene.post.arrived["1"]]


def feet(scene):
    return ["\n".join("".join(span.text for span in line) for line in m.foot) for m in scene.post.arrived["1"]]


def slots(scene):
    return [message.slot for message in scene.post.arrived["1"]]


async def morning(scene, day, hour=8):
    scene.clock.set(f"2026-01-{day:02}T{hour:02}:00:00Z")
    return await scene.deliver()


async def test_a_digest_names_its_window_and_counts_its_messages(scene):
    await scene.subscribe("1", "study", **DAILY)
    await scene.announce("Study zero", "Study null")
    await morning(scene, 5)
    await scene.announce(*(f"Study {number}" for number in range(25)))
    await morning(scene, 6)
    window = "Mon 5 Jan 08:00 – Tue 6 Jan 08:00 (UTC)"
    assert heads(scene)[1:] == [f"25 new papers ({part}/3) · {window}" for part in (1, 2, 3)]
    assert slots(scene) == ["2026-01-05T08:00", *["2026-01-06T08:00"] * 3]


async def test_messages_go_on_counting_after_a_failure_and_a_restart(scene):
    await scene.subscribe("1", "study", **DAILY)
    await scene.announce(*(f"Study {number}" for number in range(25)))
    sent, send = [], scene.post.send

    async def second_fails(to, message):
        sent.append(message)
        if len(sent) == 2:
            raise Retry("down", 1)
        return await send(to, message)

    scene.post.send = second_fails
    await morning(scene, 5)
    await scene.announce("Study of tomorrow")
    scene.begin()
    await scene.delivery.begin()
    scene.clock.advance(minutes=5)
    await scene.deliver()
    assert [head.partition(" · ")[0] for head in heads(scene)] == [f"25 new papers ({n}/3)" for n in (1, 2, 3)]
    assert (sent[1].key, sent[1].items) == (sent[2].key, sent[2].items)
    assert await scene.owed() == 1


async def test_what_comes_too_late_for_its_slot_waits_for_the_next(scene):
    place, _ = await scene.subscribe("1", "study", **DAILY)
    await scene.announce("Study one", "Study two")
    assert await morning(scene, 5) == 1
    await scene.announce("Study three", "Study four")
    async with scene.store.write() as unit:  # as a fan-out leaves it that worked out the slot before the hour
        eight = datetime(2026, 1, 5, 8, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study three", "Study four")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, eight) for number in late])
        await unit.places.rouse([place])
    assert await scene.deliver() == 0
    assert await morning(scene, 6) == 1
    assert slots(scene) == ["2026-01-05T08:00", "2026-01-06T08:00"]


async def test_slots_that_were_missed_are_one_digest(scene):
    await scene.subscribe("1", "study", **DAILY)
    await scene.announce("Study one")
    scene.clock.set("2026-01-06T07:00:00Z")
    await scene.announce("Study two")
    assert await morning(scene, 6, hour=11) == 1
    assert heads(scene) == ["2 new papers · Mon 5 Jan 07:59 – Tue 6 Jan 08:00 (UTC)"]


async def test_no_local_slot_comes_twice_when_the_zone_changes(scene):
    place, _ = await scene.subscribe("1", "study", cadence="daily 08:00")
    await scene.announce("Study one", "Study two")
    assert await morning(scene, 5) == 1
    async with scene.store.write() as unit:
        await unit.places.update_destination(place, zone="America/New_York")
    await scene.announce("Study three", "Study four")
    assert await morning(scene, 5, hour=13) == 0  # 08:00 in New York
    assert await morning(scene, 6, hour=13) == 1
    assert slots(scene) == ["2026-01-05T08:00", "2026-01-06T08:00"]


async def test_a_zone_that_vanished_costs_no_paper_and_is_told(scene):
    place, _ = await scene.subscribe("1", "study", **DAILY)
    async with scene.store.write() as unit:
        await unit.places.update_destination(place, zone="Mars/Olympus")
    await scene.announce("Study one", "Study two")
    assert await morning(scene, 5) == 1
    assert feet(scene) == [
        "The time zone Mars/Olympus doesn't exist any more: times are in UTC. Choose another with /digest."
    ]


# --- what it holds ----------------------------------------------------------------------------------------------------


async def test_papers_stand_under_their_subscriptions_the_best_first(scene):
    await scene.subscribe("1", "lora", name="Adapters", **DAILY)
    await scene.subscribe("1", "diffusion", **DAILY)
    await scene.announce("Diffusion with LoRA", "A LoRA", "Diffusion, again")
    await scene.announce("The diffusion", upvotes=30)
    await scene.announce("About something", abstract="A diffusion.")
    await morning(scene, 5)
    ((message),) = scene.post.arrived["1"]
    assert [(item.section, item.title) for item in message.items] == [
        ("Adapters", "A LoRA"),
        ("", "Diffusion with LoRA"),
        ("diffusion", "The diffusion"),
        ("", "Diffusion, again"),
        ("", "About something"),
    ] or [(item.section, item.title) for item in message.items] == [
        ("Adapters", "Diffusion with LoRA"),
        ("", "A LoRA"),
        ("diffusion", "The diffusion"),
        ("", "Diffusion, again"),
        ("", "About something"),
    ]


async def test_a_digest_lists_at_most_so_many_and_links_the_others(scene, post):
    place, _ = await scene.subscribe("1", "study", digest_max=3, **DAILY)
    await scene.announce(*(f"Study {number}" for number in range(15)))
    assert await morning(scene, 5) == 1
    assert len(post.arrived["1"][0].items) == 3
    assert heads(scene)[0].startswith("15 new papers · ")
    ((more,),) = post.arrived["1"][0].foot
    assert (more.text, more.url) == ("and 12 more", f"https://papers.example/digests/{place}-2026-01-05T08:00")
    assert await scene.owed() == 0
    async with scene.store.read() as unit:
        digest = await unit.digests.get(place, "2026-01-05T08:00")
        assert len(await unit.digests.papers_of(place, digest.due_at)) == 15


async def test_fewer_papers_than_a_place_wants_roll_over(scene):
    await scene.subscribe("1", "study", digest_min=3, **DAILY)
    await scene.announce("Study one", "Study two")
    assert await morning(scene, 5) == 0
    await scene.announce("Study three")
    assert await morning(scene, 6) == 1
    assert heads(scene) == ["3 new papers · Mon 5 Jan 07:59 – Tue 6 Jan 08:00 (UTC)"]


async def test_nothing_new_is_told_to_those_who_ask(scene, post):
    await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    await scene.subscribe("2", "study", **DAILY)
    await scene.deliver()
    assert await morning(scene, 5) == 1
    assert await morning(scene, 6) == 1
    assert await scene.deliver() == 0
    assert heads(scene) == ["No new papers", "No new papers · Mon 5 Jan 08:00 – Tue 6 Jan 08:00 (UTC)"]
    assert not post.arrived["2"]
    await scene.announce("Study one", "Study two")
    assert await morning(scene, 7) == 2
    assert slots(scene) == [f"2026-01-0{day}T08:00" for day in (5, 6, 7)]


async def test_a_digest_says_that_arxiv_announced_nothing(scene, post):
    await scene.subscribe("1", "study", digest_empty=True, cadence="daily 08:00")
    scene.clock.set("2026-01-18T12:00:00Z")
    await scene.deliver()
    for day in range(19, 26):
        await morning(scene, day)
    assert [foot for foot in feet(scene) if foot] == [
        "arXiv announced nothing (Martin Luther King Day).",
        "arXiv announced nothing (weekend).",
        "arXiv announced nothing (weekend).",
    ]


async def test_an_empty_digest_that_may_have_arrived_is_not_sent_again(scene, post):
    await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    await scene.deliver()
    post.fails["1"].append(Unknown("no answer"))
    assert await morning(scene, 5) == 0
    scene.clock.advance(hours=2)
    assert await scene.deliver() == 0
    assert await morning(scene, 6) == 1


@pytest.mark.parametrize("error", [Retry("down", 1), Rejected("no"), Gone("blocked")])
async def test_an_empty_digest_fails_as_any_message(scene, post, error):
    place, _ = await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    await scene.deliver()
    post.fails["1"].append(error)
    assert await morning(scene, 5) == 0
    async with scene.store.write() as unit:
        await unit.places.resume(place)
    scene.clock.advance(minutes=5)
    assert await scene.deliver() == (0 if isinstance(error, Rejected) else 1)


async def test_who_no_longer_asks_hears_nothing_of_an_empty_day(scene, post):
    place, _ = await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    await scene.deliver()
    async with scene.store.write() as unit:
        await unit.places.update_destination(place, digest_empty=False)
    assert await morning(scene, 5) == 0
    assert await scene.delivery.next_due("telegram") is None


async def test_another_cadence_moves_what_is_planned(scene, post):
    _, number = await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    await scene.deliver()
    async with scene.store.write() as unit:
        await unit.subscriptions.edit(number, cadence="daily 10:00")
    await scene.deliver()
    assert await morning(scene, 5) == 0
    assert await morning(scene, 5, hour=10) == 1
    async with scene.store.write() as unit:
        await unit.subscriptions.edit(number, cadence="instant")
    await scene.deliver()
    assert await scene.delivery.next_due("telegram") is None


# --- quiet hours ------------------------------------------------------------------------------------------------------


async def test_quiet_hours_release_one_digest(scene):
    await scene.subscribe("1", "study", quiet="22:00-09:00")
    for number in range(4):
        await scene.announce(f"Study {number}")
    assert await scene.deliver() == 0
    assert await morning(scene, 5, hour=9) == 1
    assert heads(scene) == ["4 new papers · Mon 5 Jan 07:59–09:00 (UTC)"]
    await scene.announce("Study at once")
    assert await scene.deliver() == 1
    assert scene.post.titles("1")[1] == ["Study at once"]


async def test_a_single_paper_of_quiet_hours_comes_as_itself(scene):
    await scene.subscribe("1", "study", quiet="22:00-09:00")
    await scene.announce("Study one")
    await scene.deliver()
    await morning(scene, 5, hour=9)
    assert heads(scene) == [""]


async def test_a_digest_of_quiet_hours_takes_along_what_they_held(scene):
    await scene.subscribe("1", "study", quiet="22:00-09:00", **DAILY)
    await scene.subscribe("1", "urgent", cadence="instant")
    await scene.announce("Study one", "Urgent one", "Urgent two")
    await scene.deliver()
    assert await morning(scene, 5, hour=9) == 1
    assert slots(scene) == ["2026-01-05T09:00"]
    assert len(scene.post.arrived["1"][0].items) == 3


async def test_quiet_hours_that_end_at_a_slot_that_is_over_hold_nothing_longer(scene):
    place, _ = await scene.subscribe("1", "study", quiet="22:00-09:00")
    await scene.announce("Study one", "Study two")
    await scene.deliver()
    await morning(scene, 5, hour=9)
    await scene.announce("Study three", "Study four")
    async with scene.store.write() as unit:
        before = datetime(2026, 1, 5, 8, 59, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study three", "Study four")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, before) for number in late])
        await unit.places.rouse([place])
    scene.clock.advance(minutes=1)
    assert await scene.deliver() == 2


async def test_a_digest_nobody_wants_any_more_is_closed(scene):
    place, number = await scene.subscribe("1", "study", **DAILY)
    await scene.announce("Study one", "Study two")
    scene.post.fails["1"].append(Retry("down", 1))
    await morning(scene, 5)
    async with scene.store.write() as unit:
        await unit.subscriptions.pause(number, paused=True)
        await unit.places.rouse([place])
    scene.clock.advance(minutes=5)
    assert await scene.deliver() == 0
    async with scene.store.read() as unit:
        assert await unit.digests.open([place]) == {}


async def test_what_joined_a_digest_that_was_broken_off_waits_for_the_next(scene):
    place, _ = await scene.subscribe("1", "study", **DAILY)
    await scene.announce(*(f"Study {number}" for number in range(10)))
    scene.post.fails["1"].append(Retry("down", 1))
    await morning(scene, 5)
    await scene.announce("Study late", "Study later")
    async with scene.store.write() as unit:
        eight = datetime(2026, 1, 5, 8, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study late", "Study later")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, eight) for number in late])
    scene.clock.advance(minutes=5)
    assert await scene.deliver() == 1
    assert await scene.deliver() == 0
    assert await morning(scene, 6) == 1
    assert [len(titles) for titles in scene.post.titles("1")] == [10, 2]


async def test_more_papers_than_are_loaded_at_first_are_one_digest(scene, monkeypatch):
    monkeypatch.setattr("paperwire.pipeline.turns._LOADED", 4)
    await scene.subscribe("1", "study", **DAILY)
    await scene.announce(*(f"Study {number}" for number in range(12)))
    await morning(scene, 5)
    assert [head.partition(" · ")[0] for head in heads(scene)] == ["12 new papers (1/2)", "12 new papers (2/2)"]


def test_what_only_a_watcher_wants_is_under_no_subscription():
    class Nobodys:
        subscriptions = ()

    assert section_of(Nobodys()) == 0


async def test_digests_are_forgotten_after_a_while(scene):
    place, _ = await scene.subscribe("1", "study", **DAILY)
    await scene.announce("Study one", "Study two")
    await morning(scene, 5)
    scene.clock.advance(seconds=timedelta(days=91).total_seconds())
    async with scene.store.write() as unit:
        await unit.prune.some()
        assert await unit.digests.get(place, "2026-01-05T08:00") is None


async def test_what_a_wrong_clock_planned_is_planned_again(scene, post):
    await scene.subscribe("1", "study", digest_empty=True, **DAILY)
    right = scene.clock()
    scene.clock.set("2027-01-05T07:00:00Z")
    await scene.deliver()
    scene.clock.at = right
    await FutureTimes(scene.store, next_slot=next_slot).correct()
    await scene.deliver()
    assert await morning(scene, 5) == 1
