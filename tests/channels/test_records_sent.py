"""A paper's record and picture in chats: what others wrote there stays text, and a picture keeps no paper back."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from test_discord_markup import judge

from paperwire.channels.discord.channel import DiscordChannel
from paperwire.channels.telegram.channel import TelegramChannel
from paperwire.core.messages.card import brief, card
from paperwire.core.messages.message import Item, Message, Span
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import Paper
from paperwire.errors import Rejected
from paperwire.texts import ENGLISH
from servers.direct import DIRECT
from servers.discord import DiscordServer
from servers.loopback import PATIENCE
from servers.telegram import TelegramServer

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
PICTURE = "https://cdn.example.org/2501.00001.png"
ITEM = Item("A paper", "https://arxiv.org/abs/2501.00001", ((Span("Ann"),),), "We show.", image=PICTURE)
OTHER = replace(ITEM, url="https://arxiv.org/abs/2501.00002", image="")
NOT_SHOWN = ["", "http://localhost/a.png", "javascript:alert(1)", "https://intranet/a.png", "no address"]


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.chat(100)
        yield server


@pytest.fixture
async def on_telegram(telegram):
    channel = TelegramChannel(telegram.token, api_url=telegram.url, network=DIRECT, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


@pytest.fixture
async def discord():
    async with DiscordServer() as server:
        server.channel(2000, server.guild(1000))
        yield server


@pytest.fixture
async def on_discord(discord):
    channel = DiscordChannel(discord.token, network=DIRECT, api_url=discord.url, now=lambda: NOW, timeout=PATIENCE)
    yield channel
    await channel.close()


HOSTILE = [
    "**@everyone** [x](https://evil.example/a) `code` <@1> <b>bold</b> &amp; ||spoiler||",
    "@channel #tag $TSLA /start evil.example tg://resolve?domain=evil +1 212 555 0123 4111 1111 1111 1111",
    "\u202e\u200fright to left\n# heading\n> quote\n- list",
    "M" * 5_000,
    "𝔸" * 5_000,
]


@pytest.mark.parametrize("name", HOSTILE, ids=["markup", "triggers", "lines", "long", "astral"])
@pytest.mark.parametrize("form", [card, brief])
async def test_what_others_write_in_a_record_stays_text(telegram, on_telegram, name, form):
    hub = HubEntry(organisation=name, submitter=name, keywords=(name,), project_url="https://evil.example/")
    paper = Paper(id="2501.00001", title="A paper", comment=f"Accepted at NeurIPS 2025. {name}", hub=hub)
    message = Message(items=(form(paper, ENGLISH),))
    await on_telegram.send("100", message)
    (sent,) = telegram.messages(100)
    assert sent.links == [ITEM.url]
    assert len(sent.text) < 1_000
    assert "Accepted: NeurIPS 2025" in sent.text
    judge(message, links=[ITEM.url])  # on Discord


async def test_telegram_previews_the_picture_and_no_link(telegram, on_telegram):
    await on_telegram.send("100", Message(items=(ITEM,)))
    (sent,) = telegram.messages(100)
    assert json.loads(sent.raw["link_preview_options"]) == {"url": PICTURE, "prefer_large_media": True}
    assert sent.links == [ITEM.url]
    assert PICTURE not in sent.text


@pytest.mark.parametrize("image", NOT_SHOWN)
async def test_without_a_picture_telegram_previews_nothing(telegram, on_telegram, image):
    await on_telegram.send("100", Message(items=(replace(ITEM, image=image),)))
    (sent,) = telegram.messages(100)
    assert json.loads(sent.raw["link_preview_options"]) == {"is_disabled": True}


async def test_a_list_on_telegram_has_no_picture(telegram, on_telegram):
    await on_telegram.send("100", Message(items=(ITEM, OTHER)))
    (sent,) = telegram.messages(100)
    assert json.loads(sent.raw["link_preview_options"]) == {"is_disabled": True}


async def test_discord_shows_the_picture_in_the_embed(discord, on_discord):
    await on_discord.send("2000", Message(items=(ITEM,), key="k"))
    ((embed,),) = [sent.embeds for sent in discord.messages(2000)]
    assert embed["image"] == {"url": PICTURE}
    assert embed["url"] == ITEM.url


@pytest.mark.parametrize("image", [*NOT_SHOWN, f"https://cdn.example.org/{'a' * 2048}"])
async def test_without_a_picture_the_embed_is_as_before(discord, on_discord, image):
    await on_discord.send("2000", Message(items=(replace(ITEM, image=image),), key="k"))
    ((embed,),) = [sent.embeds for sent in discord.messages(2000)]
    assert "image" not in embed


async def test_a_picture_that_discord_refuses_keeps_no_paper_back(discord, on_discord):
    discord.fail("invalid")
    await on_discord.send("2000", Message(items=(ITEM,), key="k"))
    ((embed,),) = [sent.embeds for sent in discord.messages(2000)]
    assert "image" not in embed
    assert embed["url"] == ITEM.url


@pytest.mark.parametrize("refusals", [1, 2])
async def test_a_picture_that_telegram_refuses_keeps_no_paper_back(telegram, on_telegram, refusals):
    telegram.fail("odd", left=refusals)
    if refusals == 1:
        await on_telegram.send("100", Message(items=(ITEM,)))
    else:
        with pytest.raises(Rejected):
            await on_telegram.send("100", Message(items=(ITEM,)))
    assert [json.loads(sent.raw["link_preview_options"]) for sent in telegram.messages(100)] == [
        {"is_disabled": True}
    ] * (2 - refusals)
