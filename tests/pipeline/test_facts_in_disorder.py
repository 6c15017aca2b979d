"""Later facts while places pause and mute, sources contradict each other, and databases of before are upgraded."""

from dataclasses import replace

import pytest
from pipeline_world import ada
from sqlalchemy import delete

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.core.subscriptions.subscription import ACCEPTANCES, CODE_ARRIVALS
from paperwire.store.database.tables.deliveries import DeliveryRow, MatchRow

BOTH = "Accepted at NeurIPS 2025. Code: https://github.com/a/b"


async def say(stages, title, *, source="arxiv", kind=EventKind.CHANGED, **about):
    """A source says how the record of a paper reads now; that is matched."""
    stages.clock.advance(hours=1)
    page = stages.page(title, kind=kind, **about)
    events = tuple(replace(event, source=source) for event in page.events)
    stages.source.says["all"].append(replace(page, events=events))
    await stages.collector.poll(early=True)
    await stages.matching.run()


async def asked(stages, **place):
    """A place that asks for acceptances and code knows of a paper."""
    number = await ada(stages, "venue:any", **place)
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    return number


def lines_of(message):
    return "\n".join("".join(span.text for span in line) for item in message.items for line in item.lines)


async def test_a_place_that_pauses_between_fact_and_message_gets_it_once_when_it_resumes(stages):
    place = await asked(stages)
    await say(stages, "Diffusion", comment=BOTH)
    async with stages.store.write() as unit:
        await unit.places.pause(place, "by a person")
    await stages.deliver()
    assert not stages.post.arrived["1"]
    await say(stages, "Diffusion", comment=f"{BOTH} 12 pages")
    stages.clock.advance(days=3)
    async with stages.store.write() as unit:
        await unit.places.resume(place)
    await stages.deliver()
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]
    assert "now accepted, code available" in lines_of(stages.post.arrived["1"][0])


async def test_a_subscription_that_pauses_between_takes_its_fact_out_of_the_message(stages):
    place = await asked(stages)
    await say(stages, "Diffusion", comment=BOTH)
    async with stages.store.write() as unit:
        (venue, _code) = await unit.subscriptions.of_place(place)
        await unit.subscriptions.pause(venue.number, paused=True)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert "code available" in lines_of(message)
    assert "now accepted" not in lines_of(message)


@pytest.mark.parametrize(("muted", "left"), [(ACCEPTANCES, "code available"), (CODE_ARRIVALS, "now accepted")])
async def test_a_mute_between_leaves_the_other_fact_of_a_watched_paper(stages, muted, left):
    place = await ada(stages, "nothing")
    await stages.announce("Diffusion")
    async with stages.store.write() as unit:
        paper = await unit.papers.get(stages.page("Diffusion").events[0].paper.id)
        await unit.people.watch(place, paper.number, (await unit.places.get(place)).owner)
    await say(stages, "Diffusion", comment=BOTH)
    async with stages.store.write() as unit:
        await unit.places.mute(place, *muted)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    labels = {label for label in ("code available", "now accepted") if label in lines_of(message)}
    assert labels == {left}


async def test_two_sources_with_two_truths_tell_each_fact_once(stages):
    """Each night one says that the paper is accepted and has code, and the other knows of neither."""
    await asked(stages)
    await stages.subscribe("1", "org:maps")
    for night in range(4):
        await say(stages, "Diffusion", comment=f"{BOTH} ({night})")
        await stages.deliver()
        await say(stages, "Diffusion", source="huggingface", hub=HubEntry(organisation="Maps"), comment="")
        await stages.deliver()
        await say(stages, "Diffusion", source="europepmc", comment="Submitted to ICLR", doi="10.1000/abc")
        await stages.deliver()
    told = "\n".join(map(lines_of, stages.post.arrived["1"]))
    assert told.count("now accepted") == told.count("code available") == told.count("organisation now named") == 1
    assert told.count("now published") <= 1
    assert await stages.owed() == 0


async def test_two_venues_by_two_sources_are_one_acceptance(stages):
    await asked(stages)
    await say(stages, "Diffusion", comment="Accepted at NeurIPS 2025")
    await stages.deliver()
    await say(stages, "Diffusion", source="huggingface", comment="Accepted at ICLR 2026")
    await say(stages, "Diffusion", comment="Accepted at NeurIPS 2025")
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_an_upgrade_enters_what_history_knew_silently_and_tells_what_is_new(stages):
    """A database of before has records and none of their matches; each record is read again, and rewritten."""
    await stages.announce("Diffusion", comment=BOTH)
    await stages.announce("Waves")
    await ada(stages, "venue:any")
    await stages.subscribe("1", "has:code")
    async with stages.store.write() as unit:
        await unit.connection.execute(delete(MatchRow))
        await unit.connection.execute(delete(DeliveryRow))
    stages.begin()
    await say(stages, "Diffusion", comment=f"{BOTH} .")
    await say(stages, "Waves", comment="12 pages")
    await stages.deliver()
    assert not stages.post.arrived["1"]
    await say(stages, "Waves", comment=BOTH)
    await stages.deliver()
    assert stages.post.titles("1") == [["Waves"]]
