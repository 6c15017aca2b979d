"""What becomes known of a paper together is one message, and one entry of a list and of a digest."""

import pytest
from pipeline_world import ada

from paperwire.core.papers.paper import EventKind
from paperwire.errors import Rejected, Retry

BOTH = "Accepted at NeurIPS 2025. Code: https://github.com/a/b"


async def change(stages, *titles, kind=EventKind.CHANGED, **about):
    """The records of papers are read again."""
    stages.clock.advance(hours=1)
    return await stages.announce(*titles, kind=kind, **about)


async def watch(stages, title):
    place = await ada(stages, "nothing")
    async with stages.store.write() as unit:
        paper = await unit.papers.get(stages.page(title).events[0].paper.id)
        await unit.people.watch(place, paper.number, (await unit.places.get(place)).owner)


def words(message):
    return ["".join(span.text for span in line) for item in message.items for line in item.lines]


def heads(stages):
    return [message.head[0][0].text for message in stages.post.arrived["1"] if message.head]


async def test_code_acceptance_and_version_of_one_reading_are_one_message(stages):
    await stages.announce("Diffusion")
    await watch(stages, "Diffusion")
    await change(stages, "Diffusion", kind=EventKind.REPLACED, version=2, comment=BOTH)
    assert await stages.owed() == 3
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert message.items[0].title == "Diffusion"
    lines = words(message)
    assert "cs.CL · updated to v2, now accepted, code available" in lines
    assert lines.count("Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025”") == 1
    assert "code" in lines
    assert await stages.owed() == 0
    await stages.deliver()
    assert len(stages.post.arrived["1"]) == 1


@pytest.mark.parametrize("style", ["cards", "compact", "list"])
async def test_each_style_tells_two_facts_as_one(stages, style):
    await stages.subscribe("1", "venue:any", style=style)
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=BOTH)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert len(message.items) == 1
    assert sum(line.endswith("now accepted, code available") for line in words(message)) == 1


async def test_a_message_of_two_facts_that_fails_comes_again_as_the_same_one(stages):
    await stages.subscribe("1", "venue:any")
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=BOTH)
    tried, send = [], stages.post.send

    async def first_fails(to, message):
        tried.append(message)
        if len(tried) == 1:
            raise Retry("down", 1)
        return await send(to, message)

    stages.post.send = first_fails
    await stages.deliver()
    stages.begin()
    await stages.delivery.begin()
    stages.clock.advance(minutes=5)
    await stages.deliver()
    assert (tried[0].key, tried[0].items, tried[0].head) == (tried[1].key, tried[1].items, tried[1].head)
    assert len(stages.post.arrived["1"]) == 1


async def test_a_message_of_two_facts_that_is_refused_is_tried_fact_by_fact(stages):
    await stages.subscribe("1", "venue:any")
    await stages.subscribe("1", "has:code")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=BOTH)
    stages.post.fails["1"].append(Rejected("bad words"))
    await stages.deliver()
    assert len(stages.post.arrived["1"]) == 2
    assert not await stages.given_up()


async def test_five_papers_with_two_facts_each_are_five_messages_and_six_a_list(stages):
    await stages.subscribe("1", "venue:any")
    await stages.subscribe("1", "has:code")
    titles = [f"Paper {number}" for number in range(6)]
    await stages.announce(*titles)
    await change(stages, *titles[:5], comment=BOTH)
    await stages.deliver()
    assert sorted(stages.post.titles("1")) == [[title] for title in titles[:5]]
    await change(stages, titles[5], comment=BOTH)
    await stages.announce(*(f"New {number}" for number in range(5)), comment=BOTH)
    await stages.deliver()
    assert heads(stages) == ["5 new papers, 1 accepted"]


async def test_a_digest_of_one_paper_with_two_facts_is_its_card(stages):
    await stages.subscribe("1", "venue:any", cadence="daily 08:00")
    await stages.subscribe("1", "has:code", cadence="daily 08:00")
    await stages.announce("Diffusion")
    await change(stages, "Diffusion", comment=BOTH)
    stages.clock.advance(days=1)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert (message.head, len(message.items)) == ((), 1)
    assert sum(line.endswith("now accepted, code available") for line in words(message)) == 1


async def test_each_message_of_a_digest_counts_papers_and_facts_of_the_whole(stages):
    """Also after a restart between them."""
    await stages.subscribe("1", "venue:any", cadence="daily 08:00")
    await stages.subscribe("1", "has:code", cadence="daily 08:00")
    await stages.subscribe("1", "study", cadence="daily 08:00")
    titles = [f"Paper {number}" for number in range(12)]
    await stages.announce(*titles)
    await change(stages, *titles, comment=BOTH)
    await stages.announce(*(f"Study {number}" for number in range(9)))
    tried, send = [], stages.post.send

    async def second_fails(to, message):
        tried.append(message)
        if len(tried) == 2:
            raise Retry("down", 1)
        return await send(to, message)

    stages.post.send = second_fails
    stages.clock.advance(days=1)
    await stages.deliver()
    stages.begin()
    await stages.delivery.begin()
    stages.clock.advance(minutes=5)
    await stages.deliver()
    assert heads(stages) == ["9 new papers, 12 accepted"] * 3
    assert sorted(title for sent in stages.post.titles("1") for title in sent) == sorted(
        [*titles, *(f"Study {number}" for number in range(9))]
    )
    assert await stages.owed() == 0


async def test_a_digest_that_lists_less_counts_all(stages):
    await stages.subscribe("1", "venue:any", cadence="daily 08:00", digest_max=2)
    await stages.subscribe("1", "has:code", cadence="daily 08:00")
    titles = [f"Paper {number}" for number in range(5)]
    await stages.announce(*titles)
    await change(stages, *titles, comment=BOTH)
    stages.clock.advance(days=1)
    await stages.deliver()
    (message,) = stages.post.arrived["1"]
    assert (heads(stages), len(message.items)) == (["5 papers accepted"], 2)
    assert message.foot[0][0].text == "and 3 more"
    assert await stages.owed() == 0
