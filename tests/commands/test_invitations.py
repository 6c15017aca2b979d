"""A link into a chat that a page made: what it shows, that nothing is subscribed by itself, and links that fail."""

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.errors import CommandError
from paperwire.ports.channels import START_ROOM
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.share import kept_code, short_code, trending_code
from paperwire.texts import ENGLISH

LONG = '"diffusion models" -survey OR "something long enough to have no room"'
NO_GOOD = "This link is too old, or a part of it is missing or was changed."


async def kept(bot, text=LONG, client="203.0.113.7"):
    return await kept_code(bot.context, "telegram", text, client=client, texts=ENGLISH)


async def test_a_link_shows_its_query_and_subscribes_when_the_button_is_pressed(bot):
    await bot.record(paper(1, "Diffusion models"))
    reply = await bot.says(f"/start {short_code(bot.context, 'diffusion')}")
    assert text_of(reply).startswith(
        "You aren't subscribed yet. Press Subscribe to get new papers like these here.\nPreview: diffusion\n1 match in"
    )
    assert await bot.subscribed() == []
    assert "Subscribed: diffusion (#1)" in text_of(await bot.presses("Subscribe", reply))
    assert await bot.subscribed() == ["diffusion"]


async def test_while_nothing_is_known_yet_the_preview_follows(bot):
    reply = await bot.says(f"/start {short_code(bot.context, 'diffusion')}")
    assert "The expected number will appear here" in text_of(reply)
    assert reply.update is not None


async def test_a_long_query_travels_by_its_number(bot):
    assert short_code(bot.context, LONG) == ""
    code = await kept(bot)
    assert len(code) <= START_ROOM
    reply = await bot.says(f"/start {code}")
    assert LONG in text_of(reply)
    await bot.presses("Subscribe", reply)
    assert await bot.subscribed() == [LONG]


@pytest.mark.parametrize(("window", "upvotes"), [("day", 10), ("week", 30)])
async def test_trending_papers_have_a_link_of_their_own(bot, window, upvotes):
    reply = await bot.says(f"/start {trending_code(window)}")
    assert f"upvotes>={upvotes}" in text_of(reply)
    assert "Subscribe" in buttons_of(reply)


@pytest.mark.parametrize("size", [1, 32, 33])
def test_a_short_code_is_as_long_as_a_link_carries(bot, size):
    code = short_code(bot.context, "a" * size)
    assert (len(code) <= START_ROOM, bool(code)) == (True, size <= 32)
    assert code.replace("-", "").replace("_", "").isalnum() or size > 32


async def test_a_link_that_was_changed_says_so(bot):
    short, long = short_code(bot.context, "diffusion"), await kept(bot)
    for code in (short[:-1], "A" + short[1:], short + "AA", "f" + long, long[:-1] + "2", "x" * 64):
        reply = await bot.says(f"/start {code}")
        assert text_of(reply).startswith(NO_GOOD)
        assert reply.aside


async def test_a_kept_link_is_good_for_seven_days(bot):
    code = await kept(bot)
    bot.clock.advance(days=7, seconds=-10)
    assert LONG in text_of(await bot.says(f"/start {code}"))
    bot.clock.advance(seconds=20)
    assert text_of(await bot.says(f"/start {code}")).startswith(NO_GOOD)
    await kept(bot)  # which forgets the old ones
    assert text_of(await bot.says(f"/start {code}")).startswith(NO_GOOD)


async def test_in_a_group_only_managers_press_the_button(bot):
    reply = await bot.says(f"/start {short_code(bot.context, 'diffusion')}", place=GROUP, manages=False)
    refused = await bot.presses("Subscribe", reply, place=GROUP, manages=False)
    assert "Only managers" in text_of(refused)
    assert await bot.subscribed(place=GROUP) == []


async def test_only_queries_are_kept_and_ten_an_hour(bot):
    with pytest.raises(CommandError, match="closing"):
        await kept(bot, "(")
    for _ in range(10):
        await kept(bot)
    with pytest.raises(CommandError, match="Too many requests"):
        await kept(bot)
    await kept(bot, client="203.0.113.8")


async def test_a_link_of_one_kind_is_none_of_the_other(bot):
    assert await opt_in.look(bot.context, await kept(bot)) is None


async def test_a_link_shows_no_link_of_who_made_it(bot):
    text = '"verify at http://evil.example" OR lora'
    for code in (short_code(bot.context, '"http://evil.example"'), await kept(bot, text)):
        assert "evil.example" not in text_of(await bot.says(f"/start {code}"))
