"""A library joins the saved papers."""

import json
from dataclasses import replace

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.errors import SourceBusy
from paperwire.pipeline.libraries import go_on

BIB = """@article{one, title = {Diffusion}, author = {Lee, Ada}, year = 2026}
@misc{two, eprint = {2601.00002}, archivePrefix = {arXiv}, title = {Adapters}}
@misc{gone, title = {A book that nobody stored}, author = {Bee, Ann}, year = 1999}
"""


async def sends(bot, text, attached="", **where):
    bot.clock.advance(seconds=5)
    command, _, args = text.removeprefix("/").partition(" ")
    request = bot.request("1", where.get("place"), command=command, args=args, attached=attached)
    return await bot.commands.handle(request)


async def followed(reply):
    """What a reply becomes, step by step."""
    steps = []
    while reply.update is not None:
        change = await reply.update()
        steps.append(change)
        reply = change.reply
    return steps


async def test_a_bib_file_joins_the_saved_papers(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Adapters"))
    await bot.says("/save 2601.00002")
    reply = await sends(bot, "/saved import", BIB)
    assert text_of(reply) == (
        "1 paper added to your saved papers.\n1 was already there.\n1 wasn't found:\n• A book that nobody stored"
    )
    assert reply.private
    assert reply.update is None
    assert {item.title for item in (await bot.says("/saved")).message.items} == {"Diffusion", "Adapters"}


async def test_a_file_alone_with_saved_is_imported(bot):
    await bot.record(paper(1, "Diffusion"))
    assert "1 paper added" in text_of(await sends(bot, "/saved", json.dumps([{"number": "arXiv:2601.00001"}])))


async def test_a_pasted_list_is_imported(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Adapters"))
    reply = await bot.says("/saved import 2601.00001, https://arxiv.org/abs/2601.00002v3 and more")
    assert "2 papers added" in text_of(reply)
    assert "• more" in text_of(reply)


@pytest.mark.parametrize("why", ["stopped", "trouble"])
async def test_what_was_still_to_be_looked_up_is_after_a_restart(bot, known, why):
    """The process ended before it asked, or the source had trouble."""
    known["2601.09999"] = SourceBusy("asked to slow down", after=1)
    reply = await sends(bot, "/saved import", "2601.09999 2601.00404")
    if why == "trouble":
        await followed(reply)
    known["2601.09999"] = paper(9999, "Elsewhere")
    assert await go_on(bot.store, bot.context.lookup_many) == 0  # left to who asked, for an hour
    bot.clock.advance(hours=1)
    assert await go_on(bot.store, bot.context.lookup_many) == 1
    assert {item.title for item in (await bot.says("/saved")).message.items} == {"Elsewhere"}
    bot.clock.advance(hours=1)
    known.clear()
    assert await go_on(bot.store, bot.context.lookup_many) == 0
    async with bot.store.write() as unit:
        assert await unit.libraries.claim_lookups(10) is None


async def test_what_could_not_be_looked_up_in_a_week_is_forgotten(bot, known):
    await sends(bot, "/saved import", "2601.09999")
    known["2601.09999"] = paper(9999, "Elsewhere")
    bot.clock.advance(days=7, seconds=1)
    assert await go_on(bot.store, bot.context.lookup_many) == 0


async def test_what_is_not_stored_is_looked_up_and_announced_to_nobody(bot, known):
    await bot.number("elsewhere")
    known["2601.09999"] = paper(9999, "Elsewhere")
    reply = await bot.says("/saved import 2601.09999 2601.08888")
    assert text_of(reply) == "0 papers added to your saved papers.\nLooking up 2 more papers …"
    progress, end = await followed(reply)
    assert text_of(progress.reply) == "1 paper added to your saved papers.\nStill looking up papers …"
    assert progress.line is None
    assert text_of(end.reply) == "1 paper added to your saved papers.\n1 wasn't found:\n• 2601.08888"
    assert end.line == end.reply.message
    await bot.match()
    await bot.deliver()
    assert bot.channel.sent == []


async def test_a_source_that_fails_leaves_its_papers_missing(bot):
    async def busy(_ids):
        raise SourceBusy("asked to slow down", after=1)

    bot.commands.context = replace(bot.commands.context, lookup_many=busy)
    reply = await bot.says("/saved import 2601.09999")
    assert "1 wasn't found" in text_of((await followed(reply))[-1].reply)


async def test_who_is_forgotten_meanwhile_keeps_nothing(bot, known):
    known["2601.09999"] = paper(9999, "Elsewhere")
    reply = await bot.says("/saved import 2601.09999")
    await bot.presses("forget:yes")
    await followed(reply)
    assert "haven't saved" in text_of(await bot.says("/saved"))


async def test_many_that_are_not_found_come_as_a_file(bot):
    items = [{"title": f"Lost {number}"} for number in range(12)]
    reply = await sends(bot, "/saved import", json.dumps(items))
    assert "12 weren't found:" in text_of(reply)
    assert "• Lost 9" in text_of(reply)
    assert "• Lost 10" not in text_of(reply)
    (file,) = reply.files
    assert file.content.decode().splitlines() == [f"Lost {number}" for number in range(12)]


async def test_entries_beyond_the_most_are_told(bot):
    reply = await sends(bot, "/saved import", json.dumps([{"title": f"Lost {n}"} for n in range(10_001)]))
    assert "Only the first 10,000 entries were read." in text_of(reply)


@pytest.mark.parametrize("text", ["/saved import nothing of use", "/saved import @misc{}"])
async def test_what_names_no_paper_is_refused(bot, text):
    assert "No papers are mentioned here" in text_of(await bot.says(text))


async def test_import_alone_asks_and_takes_the_next_message(bot):
    await bot.record(paper(1, "Diffusion"))
    asked = await bot.says("/saved import")
    assert asked.question.options == {"import": "import"}
    assert "next message" in text_of(asked)
    bot.clock.advance(seconds=5)
    assert "No papers are mentioned" in text_of(await bot.commands.handle(bot.request(args="x")))
    answered = await bot.commands.handle(bot.request(args="2601.00001"))
    assert "1 paper added" in text_of(answered)
    in_group = await bot.says("/saved import", place=GROUP)
    assert in_group.question is None
    assert in_group.private


async def test_a_form_answers_with_its_option(bot):
    await bot.record(paper(1, "Diffusion"))
    assert "1 paper added" in text_of(await bot.says("/saved 2601.00001", **{"import": "import"}))


async def test_an_offer_to_subscribe_stands_where_the_language_has_the_term(bot):
    await bot.record(*(paper(n, f"Paper {n}") for n in range(1, 4)))
    reply = await bot.says("/saved import 2601.00001 2601.00002 2601.00003")
    offered = buttons_of(reply)
    assert offered in ({}, {"Subscribe to papers like these": "add:like:saved"})
