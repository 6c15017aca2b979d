"""What people read and press in their chats: the first words, refusals, and buttons that carry a query on."""

import asyncio

import pytest
from conversation_world import ANN, BOB, GROUP, NEWS, PAPERS, SERVER, conversing

from paperwire.channels.discord.listen import Bot
from servers.discord_people import plain
from servers.discord_world import SEND


@pytest.fixture
async def world(store, clock):
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture
async def ready(monkeypatch):
    """Set once the Discord library has seen all servers it was in before: only then one counts as new."""
    seen = asyncio.Event()

    async def on_ready(_bot):
        seen.set()

    monkeypatch.setattr(Bot, "on_ready", on_ready, raising=False)
    return seen


# --- the first words ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("chat", "status"), [(GROUP, "member"), (NEWS, "administrator")])
async def test_added_to_a_telegram_chat_the_bot_greets_once_and_a_button_subscribes(world, chat, status):
    telegram = world.telegram
    telegram.chats[chat].bot = "left"
    telegram.standing(ANN, chat, status, **({"can_post_messages": True} if chat == NEWS else {}))
    (greeting,) = await telegram.wait(chat)
    assert "Managers subscribe with a query" in greeting.text
    assert "To get rid of Paperwire, remove the bot from this" in greeting.text
    telegram.standing(ANN, chat, "administrator", can_post_messages=True)  # its rights change, and nothing is said
    telegram.press(BOB, greeting, "Subscribe to this example")
    await telegram.until(lambda: len(telegram.toasts) == 1)
    assert "Only managers" in telegram.toasts[0]["text"]
    telegram.press(ANN, greeting, "Subscribe to this example")
    answer = (await telegram.wait(chat, 2))[1]
    assert answer.text.startswith('Subscribed: "large language model" reasoning')
    assert await world.subscriptions() == ['"large language model" reasoning']


async def test_added_to_a_discord_server_the_bot_greets_in_the_system_channel(ready, world):
    await ready.wait()
    discord = world.discord
    guild = discord.guild(1500, "New lab", managers=(ANN,))
    discord.channel(2500, guild, "rules")
    discord.channel(2501, guild, "welcome")
    guild.system = 2501
    await discord.join(guild)
    (greeting,) = await discord.wait(2501)
    assert discord.messages(2500) == []
    assert "remove the bot from this channel or server." in plain(greeting.text)
    answer = await discord.answer(await discord.press(ANN, greeting, "Subscribe to this example"))
    assert '`"large language model" reasoning`' in plain(answer.text)


@pytest.mark.parametrize("where", ["nowhere", "forbidden"])
async def test_a_discord_server_without_a_system_channel_to_write_in_is_not_greeted(ready, world, where):
    await ready.wait()
    discord = world.discord
    guild = discord.guild(1500, "New lab", managers=(ANN,))
    discord.channel(2501, guild, "welcome", denied=SEND)
    guild.system = 2501 if where == "forbidden" else None
    await discord.join(guild)
    assert "help" in (await discord.ask(ANN, "/help", PAPERS)).text
    assert discord.messages(2501) == []
    assert SERVER in discord.guilds


# --- from one query to the next ----------------------------------------------------------------------------------


async def test_preview_search_and_subscribe_are_a_tap_apart_on_telegram(world):
    telegram = world.telegram
    preview = await telegram.ask(ANN, "/preview lora")
    telegram.press(ANN, preview, "Search")
    found = (await telegram.wait(ANN, 2))[1]
    assert found.text.startswith("No papers for lora")
    telegram.press(ANN, found, "Preview")
    assert (await telegram.wait(ANN, 3))[2].text.startswith("Preview: lora")
    telegram.press(ANN, found, "Subscribe")
    assert (await telegram.wait(ANN, 4))[3].text.startswith("Subscribed: lora")
    assert await world.subscriptions() == ["lora"]


async def test_preview_search_and_subscribe_are_a_tap_apart_on_discord_also_for_a_long_query(world):
    discord, query = world.discord, " OR ".join(f'"word {number}"' for number in range(60))
    preview = await discord.ask(BOB, f"/preview {query}", PAPERS)
    refused = await discord.answer(await discord.press(BOB, preview, "Subscribe"))
    assert "Only managers" in refused.text
    assert refused.only_for == BOB
    found = await discord.answer(await discord.press(BOB, preview, "Search"))
    assert "**No papers** for" in found.text
    made = await discord.answer(await discord.press(ANN, found, "Subscribe"))
    assert "Subscribed:" in made.text
    assert await world.subscriptions() == [query]
