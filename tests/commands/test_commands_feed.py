"""Private feeds: their links, for one person's eyes."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, Bot, text_of

from paperwire.core.address import is_loopback
from paperwire.core.subscriptions.feeds import PrivateFeed, Retired
from paperwire.core.tokens import token_hash


def links(reply):
    return [line for line in text_of(reply).split("\n") if "/f/" in line]


async def found(bot, link):
    token = link.rpartition("/")[2].partition(".")[0]
    async with bot.store.read() as unit:
        return await unit.feeds.by_hash(token_hash(token))


async def test_three_links_as_text_that_lead_to_the_feed(bot):
    await bot.number("diffusion")
    reply = await bot.says("/feed")
    shown = links(reply)
    assert [link.rpartition(".")[2] for link in shown] == ["atom", "rss", "json"]
    assert all(link.startswith("https://papers.example.org/f/") for link in shown)
    assert len({link.rpartition(".")[0] for link in shown}) == 1
    assert isinstance(await found(bot, shown[0]), PrivateFeed)
    assert "only on the machine" not in text_of(reply)
    assert links(await bot.says("/feed")) == shown


async def test_the_answer_is_private_everywhere(bot):
    await bot.number("lora", place=GROUP)
    assert (await bot.says("/feed", place=GROUP, manages=False)).private
    assert (await bot.presses("newfeed:all", place=GROUP, manages=False)).private


@pytest.mark.parametrize("by_button", [True, False])
async def test_a_reset_gives_new_links_and_retires_the_old(bot, by_button):
    first = await bot.says("/feed")
    assert "empty until you /subscribe" in text_of(first)
    if by_button:
        asked = await bot.presses("New links", first)
        assert "stop working at once" in text_of(asked)
        assert "stay as they are" in text_of(await bot.presses("No", asked))
        assert links(await bot.says("/feed")) == links(first)
        reset = await bot.presses("Yes, make new links", asked)
    else:
        reset = await bot.says("/feed RESET")
    assert "the old ones no longer work" in text_of(reset)
    assert links(reset)[0] != links(first)[0]
    assert isinstance(await found(bot, links(first)[0]), Retired)
    assert isinstance(await found(bot, links(reset)[0]), PrivateFeed)
    assert links(await bot.says("/feed")) == links(reset)


async def test_one_subscription_has_a_feed_of_its_own(bot):
    number = await bot.number("diffusion", name="My topic")
    whole, one = await bot.says("/feed"), await bot.says("/feed #1")
    assert "Your private feed of My topic" in text_of(one)
    assert set(links(whole)).isdisjoint(links(one))
    assert (await found(bot, links(one)[0])).subscription == number
    assert links(await bot.presses(f"feed:{number}")) == links(one)
    assert links(await bot.says("/feed 1 reset")) != links(one)
    assert links(await bot.says("/feed")) == links(whole)


async def test_nobody_gets_the_links_of_another(bot):
    number = await bot.number("diffusion")
    for reply in (
        await bot.says("/feed 1", who="2"),
        await bot.presses(f"newfeed:{number}", who="2"),
        await bot.presses(f"feed:{number}", who="2", place=GROUP),
    ):
        assert links(reply) == []
        assert "No subscription with this number" in text_of(reply)
    assert links(await bot.says("/feed", who="2")) != links(await bot.says("/feed"))
    assert "Send /feed, /feed reset" in text_of(await bot.says("/feed one two"))


async def test_links_of_a_local_service_are_said_to_be_local(bot, store, clock):
    local = Bot(store, clock, replace(bot.context, public_url="http://127.0.0.1:8000"))
    assert "work only on the machine" in text_of(await local.says("/feed"))


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.8.8", True),
        ("http://localhost:8000", True),
        ("http://a.localhost", True),
        ("http://[::1]:8000", True),
        ("https://papers.example.org", False),
        ("http://10.0.0.1", False),
        ("http://localhost.example.org", False),
    ],
)
def test_what_is_local(url, local):
    assert is_loopback(url) == local
