"""Digests on Discord as sections with a button each, over the wire."""

import pytest
from conversation_world import ANN, BOB, PAPERS, conversing
from delivering import Announcer

from servers.discord_people import plain
from servers.discord_world import IN_COMPONENTS, SECTION, TEXT_DISPLAY, units
from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", PATIENCE)
    async with conversing(store, clock) as made:
        await made.discord.ask(ANN, "/subscribe lora", PAPERS)
        await made.discord.ask(ANN, "/style list", PAPERS)
        yield made


@pytest.fixture
def announcer(conversation):
    return Announcer(conversation)


def lists(conversation):
    """The lists of papers in the channel that are made of sections."""
    sent = conversation.discord.messages(PAPERS)
    return [one for one in sent if int(one.body.get("flags") or 0) & IN_COMPONENTS]


async def test_a_list_is_one_message_of_sections_whose_buttons_open_the_papers(conversation, announcer):
    await announcer.announce("LoRA [x](https://evil.example) @everyone", "LoRA two")
    (listed,) = lists(conversation)
    sections = [part for part in listed.parts if part["type"] == SECTION]
    assert [plain(part["components"][0]["content"]).split("\n") for part in sections] == [
        [
            "**1. [LoRA (x)(https://evil.example) @everyone](<https://arxiv.org/abs/2601.00001>)**",
            "Jiaqi Liu · `cs.CV` · new",
            "Matched **lora**",
        ],
        ["**2. [LoRA two](<https://arxiv.org/abs/2601.00002>)**", "Jiaqi Liu · `cs.CV` · new", "Matched **lora**"],
    ]
    assert listed.labels[:2] == [["1"], ["2"]]
    assert listed.body["allowed_mentions"]["parse"] == []
    assert not listed.body["allowed_mentions"].get("roles")
    assert (listed.content, listed.embeds) == ("", [])
    card = await conversation.discord.answer(await conversation.discord.press(BOB, listed, "2"))
    assert card.embeds[0]["title"] == "LoRA two"
    below = await conversation.discord.answer(await conversation.discord.press(ANN, listed, "Fewer…"))
    assert "To get fewer messages from:" in below.text


async def test_more_papers_than_a_message_holds_come_in_parts(conversation, announcer):
    titles = [f"LoRA {number} {'with a very long title ' * 8}" for number in range(25)]
    assert await announcer.announce(*titles, authors=("A" * 60, "B" * 60)) == 3
    parts = lists(conversation)
    assert [len(part.links) for part in parts] == [10, 10, 5]
    for number, part in enumerate(parts, 1):
        assert f"25 new papers** ({number}/3)" in part.text
        assert len(part.parts) <= 40
        assert sum(units(text["content"]) for text in part.parts if text["type"] == TEXT_DISPLAY) <= 4000
    assert len({link for part in parts for link in part.links}) == 25


async def test_a_list_that_discord_refuses_in_sections_comes_as_embeds(conversation, announcer):
    discord = conversation.discord
    discord.fail("invalid", PAPERS, route="message")
    await announcer.announce("LoRA one", "LoRA two")
    assert lists(conversation) == []
    listed = discord.messages(PAPERS)[-1]
    assert [embed.get("title") for embed in listed.embeds] == [None, "1. LoRA one", "2. LoRA two"]
    assert listed.labels[0] == ["1", "2"]


async def test_a_role_is_pinged_once_and_silent_lists_stay_silent(conversation, announcer):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora role:<@&123456789>", PAPERS)
    await discord.ask(ANN, "/subscriptions 1 silent", PAPERS)
    await announcer.announce("LoRA one", "LoRA two")
    (listed,) = lists(conversation)
    assert listed.parts[1]["content"] == "<@&123456789>"
    assert listed.body["allowed_mentions"]["roles"] == ["123456789"]
    assert int(listed.body["flags"]) & 4096


async def test_buttons_of_a_list_work_after_a_restart(store, clock):
    async with conversing(store, clock) as before:
        await before.discord.ask(ANN, "/subscribe lora", PAPERS)
        await before.discord.ask(ANN, "/style list", PAPERS)
        await Announcer(before).announce("LoRA one", "LoRA two")
        (listed,) = lists(before)
    async with conversing(store, clock) as after:
        card = await after.discord.answer(await after.discord.press(BOB, listed, "1"))
        assert card.embeds[0]["title"] == "LoRA one"
