"""Over a loopback arXiv: what a record says only later reaches who asked for it once, in whichever order it comes."""

from datetime import date, timedelta

import pytest
from fortnight_world import quick, subscribe
from one_view_world import DAY, world

PAPER = "2601.00001"
THURSDAY = DAY + timedelta(days=1)
EVENING = ("03:40", "05:10")
"""OAI-PMH has an announcement by the first, the feeds by the second."""


@pytest.fixture(autouse=True)
def quick_retries():
    with quick():
        yield


def lines_of(scene, address):
    return ["".join(span.text for span in line) for m in scene.channel.arrived[address] for line in m.items[0].lines]


async def begun(scene, store, **queries):
    """The first evening without the paper, and who asks for what by address."""
    await scene.go_on("17:00", "17:20")
    for address, query in queries.items():
        await subscribe(store, address, query, occasions=("arrival", "versions", "withdrawn"))


async def night(scene, day, text):
    """The comment of the paper as its record has it in the night before `day`."""
    scene.server.archive.comment(PAPER, day, text)
    await scene.go_on(*EVENING)


@pytest.mark.parametrize("comment", ["", "Accepted at NeurIPS 2025"])
async def test_a_record_that_comes_before_the_feeds_paper_is_one_message(clock, store, comment):
    async with world(clock, store) as scene:
        await begun(scene, store, all="made-up paper", venue="venue:neurips")
        scene.server.archive.add(PAPER, DAY, ["cs.CL"], "A made-up paper 1", comment=comment)
        await scene.go_on("03:40")  # OAI-PMH alone
        assert scene.asked("/oai")
        await scene.go_on("05:10")
        if not comment:
            assert scene.got("venue") == []
            await night(scene, THURSDAY, "Accepted at NeurIPS 2025")
        assert (scene.got("all"), scene.got("venue")) == ([1], [1])
        assert any("Accepted: NeurIPS 2025" in line for line in lines_of(scene, "venue"))


async def test_an_acceptance_that_is_withdrawn_is_told_as_both_once(clock, store):
    async with world(clock, store) as scene:
        await begun(scene, store, venue="venue:any")
        scene.announce(1)
        await scene.go_on(*EVENING)
        await night(scene, THURSDAY, "Accepted at NeurIPS 2025")
        assert scene.got("venue") == [1]
        scene.server.archive.replace(PAPER, THURSDAY + timedelta(days=1), comment="This paper has been withdrawn")
        await scene.go_on(*EVENING)
        await night(scene, date(2026, 1, 12), "This paper has been withdrawn. Accepted at NeurIPS 2025")
        await night(scene, date(2026, 1, 13), "Accepted at NeurIPS 2025")
        accepted = [line for line in lines_of(scene, "venue") if "now accepted" in line]
        assert len(accepted) == 1


@pytest.mark.parametrize(
    "text",
    ["will be submitted to ICLR", "CVPR 2020 challenge data", "Extended version of a paper accepted at ICLR 2026"],
)
async def test_what_is_no_acceptance_is_told_to_no_one(clock, store, text):
    async with world(clock, store) as scene:
        await begun(scene, store, any="venue:any", iclr="venue:iclr OR venue:cvpr")
        scene.announce(1)
        await scene.go_on(*EVENING)
        await night(scene, THURSDAY, text)
        assert scene.got("any") == scene.got("iclr") == []


async def test_a_workshop_is_told_to_who_asks_for_it_alone(clock, store):
    async with world(clock, store) as scene:
        await begun(scene, store, main="venue:neurips", workshop='venue:"neurips workshop"')
        scene.announce(1)
        await scene.go_on(*EVENING)
        await night(scene, THURSDAY, "Accepted at NeurIPS 2025 Workshop")
        assert (scene.got("main"), scene.got("workshop")) == ([], [1])
        assert any("now at a workshop" in line for line in lines_of(scene, "workshop"))


async def test_a_comment_rewritten_each_night_for_a_week_is_told_once(clock, store):
    async with world(clock, store) as scene:
        await begun(scene, store, venue="venue:neurips", code="has:code")
        scene.announce(1)
        await scene.go_on(*EVENING)
        both = "Accepted at NeurIPS 2025. Code: https://github.com/a/b"
        for number in range(1, 8):
            text = "12 pages" if number % 2 else f"{both} ({number} pages)"
            await night(scene, DAY + timedelta(days=number), text)
        assert (scene.got("venue"), scene.got("code")) == ([1], [1])
