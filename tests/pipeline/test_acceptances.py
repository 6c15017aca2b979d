"""An acceptance reaches once who saved, follows or voted for the paper, and who asks for its venue."""

import pytest
from pipeline_world import ada

from paperwire.core.papers.lists import PUBLIC
from paperwire.core.papers.paper import EventKind
from paperwire.core.subscriptions.subscription import ACCEPTANCES, CODE_ARRIVALS
from paperwire.store.database.tables.deliveries import DeliveryRow

ACCEPTED = "Accepted at NeurIPS 2025"


async def change(stages, title, **about):
    """The record of a paper is read again."""
    stages.clock.advance(hours=1)
    return await stages.announce(title, kind=EventKind.CHANGED, **about)


async def save(stages, number, title):
    async with stages.store.write() as unit:
        paper = await unit.papers.get(stages.page(title).events[0].paper.id)
        place = await unit.places.get(number)
        await unit.people.save_paper(place.owner, paper.number)


def lines_of(message):
    return ["".join(span.text for span in line) for item in message.items for line in item.lines]


async def test_who_saved_a_paper_hears_of_its_acceptance_once_with_the_words(stages):
    place = await ada(stages, "nothing")
    await stages.announce("Diffusion")
    await save(stages, place, "Diffusion")
    await change(stages, "Diffusion", comment=ACCEPTED)
    await stages.deliver()
    await change(stages, "Diffusion", comment="12 pages")
    await change(stages, "Diffusion", comment=f"{ACCEPTED} (oral)")
    await change(stages, "Diffusion", comment=f"{ACCEPTED} (oral)", doi="10.1000/abc")
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert "Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025" in "\n".join(lines_of(message))


async def test_what_was_saved_after_it_was_accepted_is_not_told(stages):
    place = await ada(stages, "nothing")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=ACCEPTED)
    stages.clock.advance(days=1)
    await save(stages, place, "Diffusion")
    await change(stages, "Diffusion", comment=f"{ACCEPTED}, 12 pages")
    await stages.deliver()
    assert not stages.post.arrived["1"]


CODE = "Code: https://github.com/a/b"


@pytest.mark.parametrize(
    ("muted", "comment"), [(ACCEPTANCES, ACCEPTED), (("category", "cs.CL"), ACCEPTED), (CODE_ARRIVALS, CODE)]
)
@pytest.mark.parametrize("before", [True, False])
async def test_a_mute_keeps_it_from_who_saved_it(stages, muted, comment, before):
    place = await ada(stages, "nothing")
    await stages.announce("Diffusion")
    await save(stages, place, "Diffusion")

    async def mute():
        async with stages.store.write() as unit:
            await unit.places.mute(place, *muted)

    if before:
        await mute()
    await change(stages, "Diffusion", comment=comment)
    if not before and muted in {ACCEPTANCES, CODE_ARRIVALS}:
        await mute()
        await stages.deliver()
        assert not stages.post.arrived["1"]
        return
    await stages.deliver()
    assert bool(stages.post.arrived["1"]) is not before


async def test_a_venue_that_becomes_known_is_told_once_and_kept_when_pruned(stages):
    await stages.subscribe("1", "venue:neurips")
    await stages.subscribe("1", "venue:any")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment="Submitted to NeurIPS 2025")
    await change(stages, "Diffusion", comment=ACCEPTED)
    await stages.deliver()
    stages.clock.advance(days=200)
    async with stages.store.write() as unit:
        await unit.prune.step()
        assert len((await unit.connection.execute(DeliveryRow.__table__.select())).all()) == 1
    await change(stages, "Diffusion", comment="12 pages")
    await change(stages, "Diffusion", comment=ACCEPTED)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]


async def test_an_accepted_paper_that_is_withdrawn_is_told_as_withdrawn_alone(stages):
    await stages.subscribe("1", "venue:any")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment="Withdrawn by the authors, accepted at NeurIPS 2025", withdrawn=True)
    await stages.deliver()
    assert not stages.post.arrived["1"]


async def keep(stages, number, title, how):
    async with stages.store.write() as unit:
        paper = await unit.papers.get(stages.page(title).events[0].paper.id)
        place = await unit.places.get(number)
        if how == "watches":
            await unit.people.watch(number, paper.number, place.owner)
        elif how == "votes":
            await unit.lists.vote(PUBLIC, place.owner, paper.number)
        else:
            await unit.people.save_paper(place.owner, paper.number)


@pytest.mark.parametrize("how", ["saves", "votes", "watches"])
async def test_who_votes_for_a_paper_or_watches_it_hears_of_it_as_who_saved_it(stages, how):
    place = await ada(stages, "nothing")
    await stages.subscribe("2", "nothing")
    await stages.announce("Diffusion")
    await keep(stages, place, "Diffusion", how)
    await change(stages, "Diffusion", comment=ACCEPTED)
    await stages.deliver()
    assert stages.post.titles("1") == [["Diffusion"]]
    assert not stages.post.arrived["2"]


async def test_an_acceptance_week_is_one_digest(stages):
    await stages.subscribe("1", "venue:iclr", cadence="weekly mon 08:00")
    titles = [f"Paper {number}" for number in range(8)]
    await stages.announce(*titles)
    for title in titles:
        await change(stages, title, comment="Accepted at ICLR 2026")
    assert await stages.deliver() == 0
    stages.clock.advance(days=7)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert message.head[0][0].text == "8 papers accepted"
    assert len(message.items) == 8
    assert "Accepted: ICLR 2026 – “Accepted at ICLR 2026”" in lines_of(message)


async def test_a_digest_leaves_out_what_is_not_so_any_more(stages):
    place = await ada(stages, "venue:any", cadence="weekly mon 08:00")
    await stages.subscribe("1", "co:accepted")
    titles = ["Withdrawn", "Rewritten", "Accepted"]
    await stages.announce(*titles)
    for title in titles:
        await keep(stages, place, title, "saves")
        await change(stages, title, comment=ACCEPTED)
    await change(stages, "Rewritten", comment="12 pages")
    await stages.announce("Withdrawn", kind=EventKind.WITHDRAWN, version=2, comment="Found an error")
    stages.clock.advance(days=7)
    await stages.deliver()
    told = [(item.title, line) for message in stages.post.arrived["1"] for item in message.items for line in item.lines]
    assert {title for title, line in told if "now accepted" in line[-1].text} == {"Accepted"}
    assert await stages.owed() == 0
