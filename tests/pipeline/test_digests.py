"""Digests: one for each place and local slot, however its papers come together and whatever breaks off."""

from datetime import UTC, datetime, timedelta

import pytest
from pipeline_world import next_slot, paper

from paperwire.core.days.calendar import NO_CLOSURES, why_silent
from paperwire.core.papers.paper import ARRIVAL
from paperwire.errors import Gone, Rejected, Retry, Unknown
from paperwire.pipeline.bundle_message import DigestWords
from paperwire.pipeline.clock import FutureTimes
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.digests import section_of

DAILY = {"cadence": "daily 08:00"}


@pytest.fixture
def post(stages):
    """What arrives by a delivery that knows where digests are shown and when arXiv announces."""
    words = DigestWords(
        page=lambda place, slot: f"https://papers.example/digests/{place}-{slot}",
        silence=lambda since, until: why_silent(since, until, NO_CLOSURES),
    )
    stages.delivery = Delivery(
        stages.store, {"telegram": stages.post}, owner="me", now=stages.clock, hold=stages.hold, words=words
    )
    return stages.post


def heads(stages):
    return ["".join(span.text for line in message.head for span in line) for message in stages.post.arrived["1"]]


def feet(stages):
    return ["\n".join("".join(span.text for span in line) for line in m.foot) for m in stages.post.arrived["1"]]


def slots(stages):
    return [message.slot for message in stages.post.arrived["1"]]


async def morning(stages, day, hour=8):
    stages.clock.set(f"2026-01-{day:02}T{hour:02}:00:00Z")
    return await stages.deliver()


async def test_a_digest_names_its_window_and_counts_its_messages(stages):
    await stages.subscribe("1", "study", **DAILY)
    await stages.announce("Study zero", "Study null")
    await morning(stages, 5)
    await stages.announce(*(f"Study {number}" for number in range(25)))
    await morning(stages, 6)
    window = "Mon 5 Jan 08:00 – Tue 6 Jan 08:00 (UTC)"
    assert heads(stages)[1:] == [f"25 new papers ({part}/3) · {window}" for part in (1, 2, 3)]
    assert slots(stages) == ["2026-01-05T08:00", *["2026-01-06T08:00"] * 3]


async def test_messages_go_on_counting_after_a_failure_and_a_restart(stages):
    await stages.subscribe("1", "study", **DAILY)
    await stages.announce(*(f"Study {number}" for number in range(25)))
    sent, send = [], stages.post.send

    async def second_fails(to, message):
        sent.append(message)
        if len(sent) == 2:
            raise Retry("down", 1)
        return await send(to, message)

    stages.post.send = second_fails
    await morning(stages, 5)
    await stages.announce("Study of tomorrow")
    stages.begin()
    await stages.delivery.begin()
    stages.clock.advance(minutes=5)
    await stages.deliver()
    assert [head.partition(" · ")[0] for head in heads(stages)] == [f"25 new papers ({n}/3)" for n in (1, 2, 3)]
    assert (sent[1].key, sent[1].items) == (sent[2].key, sent[2].items)
    assert await stages.owed() == 1


async def test_what_comes_too_late_for_its_slot_waits_for_the_next(stages):
    place, _ = await stages.subscribe("1", "study", **DAILY)
    await stages.announce("Study one", "Study two")
    assert await morning(stages, 5) == 1
    await stages.announce("Study three", "Study four")
    async with stages.store.write() as unit:  # as a fan-out leaves it that worked out the slot before the hour
        eight = datetime(2026, 1, 5, 8, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study three", "Study four")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, eight) for number in late])
        await unit.places.rouse([place])
    assert await stages.deliver() == 0
    assert await morning(stages, 6) == 1
    assert slots(stages) == ["2026-01-05T08:00", "2026-01-06T08:00"]


async def test_slots_that_were_missed_are_one_digest(stages):
    await stages.subscribe("1", "study", **DAILY)
    await stages.announce("Study one")
    stages.clock.set("2026-01-06T07:00:00Z")
    await stages.announce("Study two")
    assert await morning(stages, 6, hour=11) == 1
    assert heads(stages) == ["2 new papers · Mon 5 Jan 07:59 – Tue 6 Jan 08:00 (UTC)"]


async def test_no_local_slot_comes_twice_when_the_zone_changes(stages):
    place, _ = await stages.subscribe("1", "study", cadence="daily 08:00")
    await stages.announce("Study one", "Study two")
    assert await morning(stages, 5) == 1
    async with stages.store.write() as unit:
        await unit.places.update(place, zone="America/New_York")
    await stages.announce("Study three", "Study four")
    assert await morning(stages, 5, hour=13) == 0  # 08:00 in New York
    assert await morning(stages, 6, hour=13) == 1
    assert slots(stages) == ["2026-01-05T08:00", "2026-01-06T08:00"]


async def test_a_zone_that_vanished_costs_no_paper_and_is_told(stages):
    place, _ = await stages.subscribe("1", "study", **DAILY)
    async with stages.store.write() as unit:
        await unit.places.update(place, zone="Mars/Olympus")
    await stages.announce("Study one", "Study two")
    assert await morning(stages, 5) == 1
    assert feet(stages) == [
        "The time zone Mars/Olympus doesn't exist any more: times are in UTC. Choose another with /digest."
    ]


# --- what it holds ----------------------------------------------------------------------------------------------------


async def test_without_sections_the_best_come_first_whoever_wanted_them(stages):
    place, _ = await stages.subscribe("1", "lora", name="Adapters", **DAILY)
    await stages.subscribe("1", "diffusion", **DAILY)
    async with stages.store.write() as unit:
        await unit.places.update(place, digest_sections=False)
    await stages.announce("A LoRA", "Diffusion")
    await stages.announce("The diffusion", upvotes=30)
    await morning(stages, 5)
    ((message),) = stages.post.arrived["1"]
    assert message.items[0].title == "The diffusion"
    assert [item.section for item in message.items] == ["", "", ""]


async def test_papers_stand_under_their_subscriptions_the_best_first(stages):
    await stages.subscribe("1", "lora", name="Adapters", **DAILY)
    await stages.subscribe("1", "diffusion", **DAILY)
    await stages.announce("Diffusion with LoRA", "A LoRA", "Diffusion, again")
    await stages.announce("The diffusion", upvotes=30)
    await stages.announce("About something", abstract="A diffusion.")
    await morning(stages, 5)
    ((message),) = stages.post.arrived["1"]
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


async def test_a_digest_lists_at_most_so_many_and_links_the_others(stages, post):
    place, _ = await stages.subscribe("1", "study", digest_max=3, **DAILY)
    await stages.announce(*(f"Study {number}" for number in range(15)))
    assert await morning(stages, 5) == 1
    assert len(post.arrived["1"][0].items) == 3
    assert heads(stages)[0].startswith("15 new papers · ")
    ((more,),) = post.arrived["1"][0].foot
    assert (more.text, more.url) == ("and 12 more", f"https://papers.example/digests/{place}-2026-01-05T08:00")
    assert await stages.owed() == 0
    async with stages.store.read() as unit:
        digest = await unit.digests.get(place, "2026-01-05T08:00")
        assert len(await unit.digests.papers_of(place, digest.due_at)) == 15


async def test_fewer_papers_than_a_place_wants_roll_over(stages):
    await stages.subscribe("1", "study", digest_min=3, **DAILY)
    await stages.announce("Study one", "Study two")
    assert await morning(stages, 5) == 0
    await stages.announce("Study three")
    assert await morning(stages, 6) == 1
    assert heads(stages) == ["3 new papers · Mon 5 Jan 07:59 – Tue 6 Jan 08:00 (UTC)"]


async def test_nothing_new_is_told_to_those_who_ask(stages, post):
    await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    await stages.subscribe("2", "study", **DAILY)
    await stages.deliver()
    assert await morning(stages, 5) == 1
    assert await morning(stages, 6) == 1
    assert await stages.deliver() == 0
    assert heads(stages) == ["No new papers", "No new papers · Mon 5 Jan 08:00 – Tue 6 Jan 08:00 (UTC)"]
    assert not post.arrived["2"]
    await stages.announce("Study one", "Study two")
    assert await morning(stages, 7) == 2
    assert slots(stages) == [f"2026-01-0{day}T08:00" for day in (5, 6, 7)]


async def test_a_digest_says_that_arxiv_announced_nothing(stages, post):
    await stages.subscribe("1", "study", digest_empty=True, cadence="daily 08:00")
    stages.clock.set("2026-01-18T12:00:00Z")
    await stages.deliver()
    for day in range(19, 26):
        await morning(stages, day)
    assert [foot for foot in feet(stages) if foot] == [
        "arXiv announced nothing (Martin Luther King Day).",
        "arXiv announced nothing (weekend).",
        "arXiv announced nothing (weekend).",
    ]


async def test_an_empty_digest_that_may_have_arrived_is_not_sent_again(stages, post):
    await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    await stages.deliver()
    post.fails["1"].append(Unknown("no answer"))
    assert await morning(stages, 5) == 0
    stages.clock.advance(hours=2)
    assert await stages.deliver() == 0
    assert await morning(stages, 6) == 1


@pytest.mark.parametrize("error", [Retry("down", 1), Rejected("no"), Gone("blocked")])
async def test_an_empty_digest_fails_as_any_message(stages, post, error):
    place, _ = await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    await stages.deliver()
    post.fails["1"].append(error)
    assert await morning(stages, 5) == 0
    async with stages.store.write() as unit:
        await unit.places.resume(place)
    stages.clock.advance(minutes=5)
    assert await stages.deliver() == (0 if isinstance(error, Rejected) else 1)


async def test_who_no_longer_asks_hears_nothing_of_an_empty_day(stages, post):
    place, _ = await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    await stages.deliver()
    async with stages.store.write() as unit:
        await unit.places.update(place, digest_empty=False)
    assert await morning(stages, 5) == 0
    assert await stages.delivery.next_due("telegram") is None


async def test_another_cadence_moves_what_is_planned(stages, post):
    _, number = await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    await stages.deliver()
    async with stages.store.write() as unit:
        await unit.subscriptions.edit(number, cadence="daily 10:00")
    await stages.deliver()
    assert await morning(stages, 5) == 0
    assert await morning(stages, 5, hour=10) == 1
    async with stages.store.write() as unit:
        await unit.subscriptions.edit(number, cadence="instant")
    await stages.deliver()
    assert await stages.delivery.next_due("telegram") is None


# --- quiet hours ------------------------------------------------------------------------------------------------------


async def test_quiet_hours_release_one_digest(stages):
    await stages.subscribe("1", "study", quiet="22:00-09:00")
    for number in range(4):
        await stages.announce(f"Study {number}")
    assert await stages.deliver() == 0
    assert await morning(stages, 5, hour=9) == 1
    assert heads(stages) == ["4 new papers · Mon 5 Jan 07:59–09:00 (UTC)"]
    await stages.announce("Study at once")
    assert await stages.deliver() == 1
    assert stages.post.titles("1")[1] == ["Study at once"]


async def test_a_single_paper_of_quiet_hours_comes_as_itself(stages):
    await stages.subscribe("1", "study", quiet="22:00-09:00")
    await stages.announce("Study one")
    await stages.deliver()
    await morning(stages, 5, hour=9)
    assert heads(stages) == [""]


async def test_a_digest_of_quiet_hours_takes_along_what_they_held(stages):
    await stages.subscribe("1", "study", quiet="22:00-09:00", **DAILY)
    await stages.subscribe("1", "urgent", cadence="instant")
    await stages.announce("Study one", "Urgent one", "Urgent two")
    await stages.deliver()
    assert await morning(stages, 5, hour=9) == 1
    assert slots(stages) == ["2026-01-05T09:00"]
    assert len(stages.post.arrived["1"][0].items) == 3


async def test_quiet_hours_that_end_at_a_slot_that_is_over_hold_nothing_longer(stages):
    place, _ = await stages.subscribe("1", "study", quiet="22:00-09:00")
    await stages.announce("Study one", "Study two")
    await stages.deliver()
    await morning(stages, 5, hour=9)
    await stages.announce("Study three", "Study four")
    async with stages.store.write() as unit:
        before = datetime(2026, 1, 5, 8, 59, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study three", "Study four")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, before) for number in late])
        await unit.places.rouse([place])
    stages.clock.advance(minutes=1)
    assert await stages.deliver() == 2


async def test_a_digest_nobody_wants_any_more_is_closed(stages):
    place, number = await stages.subscribe("1", "study", **DAILY)
    await stages.announce("Study one", "Study two")
    stages.post.fails["1"].append(Retry("down", 1))
    await morning(stages, 5)
    async with stages.store.write() as unit:
        await unit.subscriptions.pause(number, paused=True)
        await unit.places.rouse([place])
    stages.clock.advance(minutes=5)
    assert await stages.deliver() == 0
    async with stages.store.read() as unit:
        assert await unit.digests.open([place]) == {}


async def test_what_joined_a_digest_that_was_broken_off_waits_for_the_next(stages):
    place, _ = await stages.subscribe("1", "study", **DAILY)
    await stages.announce(*(f"Study {number}" for number in range(10)))
    stages.post.fails["1"].append(Retry("down", 1))
    await morning(stages, 5)
    await stages.announce("Study late", "Study later")
    async with stages.store.write() as unit:
        eight = datetime(2026, 1, 5, 8, tzinfo=UTC)
        late = [(await unit.papers.get(paper(title).id)).number for title in ("Study late", "Study later")]
        await unit.digests.move_deliveries([(place, number, ARRIVAL, eight) for number in late])
    stages.clock.advance(minutes=5)
    assert await stages.deliver() == 1
    assert await stages.deliver() == 0
    assert await morning(stages, 6) == 1
    assert [len(titles) for titles in stages.post.titles("1")] == [10, 2]


async def test_more_papers_than_are_loaded_at_first_are_one_digest(stages, monkeypatch):
    monkeypatch.setattr("paperwire.pipeline.lookup._LOADED", 4)
    await stages.subscribe("1", "study", **DAILY)
    await stages.announce(*(f"Study {number}" for number in range(12)))
    await morning(stages, 5)
    assert [head.partition(" · ")[0] for head in heads(stages)] == ["12 new papers (1/2)", "12 new papers (2/2)"]


def test_what_only_a_watcher_wants_is_under_no_subscription():
    class Nobodys:
        subscriptions = ()

    assert section_of(Nobodys()) == 0


async def test_digests_are_forgotten_after_a_while(stages):
    place, _ = await stages.subscribe("1", "study", **DAILY)
    await stages.announce("Study one", "Study two")
    await morning(stages, 5)
    stages.clock.advance(seconds=timedelta(days=91).total_seconds())
    async with stages.store.write() as unit:
        await unit.prune.step()
        assert await unit.digests.get(place, "2026-01-05T08:00") is None


async def test_what_a_wrong_clock_planned_is_planned_again(stages, post):
    await stages.subscribe("1", "study", digest_empty=True, **DAILY)
    right = stages.clock()
    stages.clock.set("2027-01-05T07:00:00Z")
    await stages.deliver()
    stages.clock.at = right
    await FutureTimes(stages.store, next_slot=next_slot).correct()
    await stages.deliver()
    assert await morning(stages, 5) == 1
