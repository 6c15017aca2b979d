"""Papers followed through their versions, one or a whole list of references."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy

BIB = """
@article{a, title={Diffusion}, eprint={2601.00001}, archivePrefix={arXiv},
  doi = {10.48550/arXiv.2601.00001}, url = "https://arxiv.org/abs/2601.00001v3"}
@misc{b, note={arXiv preprint arXiv:2601.00002}}
@article{c, doi={10.1000/nobody\\_knows}}
@misc{d, howpublished={\\url{https://huggingface.co/papers/2601.00003}}}
"""


async def test_a_watched_paper_and_no_longer(bot):
    await bot.record(paper(1, "Diffusion"))
    reply = await bot.says("/watch 2601.00001")
    assert text_of(reply).startswith("Watching: Diffusion\n")
    exported = (await bot.says("/export")).files[0].content
    assert b"2601.00001" in exported
    assert text_of(await bot.presses("Undo", reply)) == "No longer watching: Diffusion"
    assert b"2601.00001" not in (await bot.says("/export")).files[0].content
    assert buttons_of(reply) == {"Undo": f"unwatch:{(await bot.stored('2601.00001')).number}"}


async def test_a_pasted_bib_is_followed_as_a_whole(bot, known):
    await bot.record(paper(1, "Diffusion"))
    known["2601.00002"] = paper(2, "Adapters")
    known["2601.00003"] = paper(3, "Agents")
    reply = await bot.says(f"/watch {BIB}")
    assert text_of(reply).startswith("Watching 3 papers here: ")
    assert [item.title for item in reply.message.items] == ["Diffusion", "Adapters", "Agents"]
    assert "Not found: 10.1000/nobody_knows" in text_of(reply)
    listed = await bot.says("/watch")
    assert {item.title for item in listed.message.items} == {"Diffusion", "Adapters", "Agents"}
    stopped = listed.message.items[0].title
    assert text_of(await bot.presses("1. Stop", listed)) == f"No longer watching: {stopped}"
    assert "Watching 2 papers here" in text_of(await bot.says("/watch"))


async def test_nothing_is_watched_yet(bot):
    assert "No papers are watched here" in text_of(await bot.says("/watch"))
    assert "No papers are watched here" in text_of(await bot.says("/watch", place=GROUP))


async def test_papers_that_nobody_knows(bot, known):
    known["2601.00001"] = SourceBusy("arXiv asks us to wait", 60)
    reply = await bot.says("/watch 2601.00001 2601.00002")
    assert "looking it up failed" in text_of(reply)
    known.clear()
    assert text_of(await bot.says("/watch 2601.00001 and 2601.00002")) == "Not found: 2601.00001, 2601.00002"
    many = " ".join(f"2601.{number:05}" for number in range(1, 15))
    assert text_of(await bot.says(f"/watch {many}")).endswith("2601.00010 and 4 more")
    assert 'Can\'t read "diffusion"' in text_of(await bot.says("/watch diffusion"))


async def test_what_is_known_is_followed_although_arxiv_cannot_be_asked(bot, known):
    await bot.record(paper(1, "Diffusion"))
    known["2601.00002"] = SourceBusy("arXiv asks us to wait", 60)
    reply = await bot.says("/watch 2601.00001 2601.00002")
    assert text_of(reply).startswith("Watching 1 paper here")
    assert "Not found: 2601.00002" in text_of(reply)


async def test_a_paper_that_is_only_watched_is_announced_to_others_as_ever(bot, known):
    known["2601.00007"] = paper(7, "Diffusion")
    await bot.says("/watch 2601.00007")
    await bot.number("diffusion", who="2")
    await bot.match()
    await bot.deliver()
    assert bot.channel.sent == []
    await bot.record(paper(7, "Diffusion"))
    await bot.match()
    await bot.deliver()
    assert [to for to, _ in bot.channel.sent] == ["2"]


@pytest.mark.parametrize(
    ("changed", "kind", "says"),
    [
        ({"version": 2, "abstract": "All new."}, EventKind.REPLACED, "updated to v2"),
        ({"version": 2, "withdrawn": True}, EventKind.WITHDRAWN, "withdrawn"),
        ({"doi": "10.1000/journal"}, EventKind.CHANGED, "now published"),
        ({"comment": "Code: https://github.com/a/b"}, EventKind.CHANGED, "code available"),
    ],
)
async def test_changes_of_a_watched_paper_are_told(bot, changed, kind, says):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/watch 2601.00001")
    await bot.record(replace(paper(1, "Diffusion"), **changed), kind=kind)
    await bot.match()
    await bot.deliver()
    ((_, message),) = bot.channel.sent
    assert any(says in span.text for line in message.items[0].lines for span in line)


async def test_what_names_no_paper_is_said(bot):
    await bot.record(paper(1, "One"), paper(2, "Two"))
    assert text_of(await bot.says("/watch 2601.00001 foo")).endswith("\nNo paper recognised in: foo")
    listed = "2601.00001\n" + "\n".join(f"Nobody, Title {number}" for number in range(12)) + "\n2601.00002"
    reply = text_of(await bot.says(f"/watch {listed}"))
    assert "No paper recognised in: Nobody, Title 0, Nobody, Title 1" in reply
    assert reply.endswith("and 2 more")


async def test_beyond_two_hundred_papers_the_rest_is_to_be_sent_again(bot, known):
    known |= {f"2601.{number:05}": paper(number, f"Paper {number}") for number in range(201)}
    request = bot.request(command="watch", attached="\n".join(known))
    reply = text_of(await bot.commands.handle(request))
    assert reply.startswith("Watching 200 papers here")
    assert reply.endswith("Only the first 200 papers were added. Send the rest separately.")
