"""A paper's id, DOI or address finds it wherever a query is typed."""

import pytest
from commands_bot import buttons_of, paper, text_of

from named_forms import FORMS


@pytest.mark.parametrize("command", ["/search", "/preview"])
@pytest.mark.parametrize("typed", FORMS)
async def test_a_paper_that_is_named_is_the_answer(bot, command, typed):
    await bot.record(paper(1, "Diffusion"), paper(2, "Another"))
    reply = await bot.says(f"{command} {typed}")
    assert [item.url for item in reply.message.items] == ["https://arxiv.org/abs/2601.00001"]
    assert "Watch" in buttons_of(reply)


@pytest.mark.parametrize("typed", FORMS)
async def test_a_message_that_names_a_paper_is_answered_with_it(bot, typed):
    await bot.record(paper(1, "Diffusion"))
    assert [item.url for item in (await bot.says(f"/ {typed}")).message.items] == ["https://arxiv.org/abs/2601.00001"]


@pytest.mark.parametrize("typed", FORMS)
async def test_a_paper_is_no_subscription(bot, typed):
    await bot.record(paper(1, "Diffusion"))
    reply = await bot.says(f"/subscribe {typed}")
    assert "nothing was subscribed" in text_of(reply)
    assert "no subscriptions" in text_of(await bot.says("/subscriptions"))
    assert buttons_of(reply)["Subscribe to papers like it"] == "add:like:2601.00001"


async def test_an_edited_query_is_no_paper_either(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/subscribe diffusion")
    assert "type like:2601.00001" in text_of(await bot.says("/subscriptions 1 arxiv.org/abs/2601.00001"))
