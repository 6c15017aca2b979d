"""Subscriptions whose queries are refused by now go on: listed, matched, exported, changed, and undone."""

import pytest
from commands_bot import DAY, paper, text_of

from paperwire.core.query.language import parse

STORED = {
    "a category that doesn't exist": "cat:cs.XX OR adapter",
    "several at once": "cat:cs.CL,cs.LG OR adapter",
    "! before a word": "!adapter",
    "a letter": "adapter OR wom?n",
    "a distance": '"an adapter"~3 OR adapter',
    "of Web of Science": "TS=(x) OR adapter",
}


async def stored(bot, text):
    """A subscription to a query as an earlier version took it."""
    number = await bot.number("lora")
    async with bot.store.write() as unit:
        await unit.subscriptions.edit(number, query=parse(text))
    return number


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
async def test_a_stored_query_that_is_refused_now_goes_on(bot, text):
    number = await stored(bot, text)
    await bot.record(paper(1, "An adapter", day=DAY))
    await bot.match()
    await bot.deliver()
    assert "An adapter" in str(bot.channel.sent)
    assert text in text_of(await bot.says("/subscriptions"))
    opened = await bot.presses(f"sub:{number}")
    assert text in text_of(opened)
    assert "adapter" in text_of(await bot.says("/why 2601.00001")).casefold()
    assert text_of(await bot.says("/checkup"))
    assert text_of(await bot.presses(f"when:{number}"))
    assert "paused" in text_of(await bot.presses("Pause", opened))
    assert (await bot.says("/export")).message.head
    assert await bot.subscribed() == [text]


@pytest.mark.parametrize("text", STORED.values(), ids=STORED)
async def test_it_can_be_edited_and_brought_back(bot, text):
    await stored(bot, text)
    assert "already has this query" in text_of(await bot.says(f"/subscriptions 1 {text}"))
    assert "^" in text_of(await bot.says(f"/subscriptions 1 x {text}"))
    assert await bot.subscribed() == [text]
    changed = await bot.says("/subscriptions 1 quantised adapter")
    assert f"Before: {text}" in text_of(changed)
    await bot.presses("Undo", changed)
    assert await bot.subscribed() == [text]
    await bot.says("/unsubscribe 1")
    assert await bot.subscribed() == []


async def test_the_refusal_offers_what_to_type_as_a_button(bot):
    refused = await bot.says("/subscribe cat:cs.AI after:2025")
    assert "Queries have no dates" in text_of(refused)
    await bot.presses("cat:cs.AI", refused)
    assert await bot.subscribed() == ["cat:cs.AI"]
