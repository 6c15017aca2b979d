"""Subscriptions whose papers come without a sound, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing
from delivering import Announcer

from servers.loopback import PATIENCE

SILENT = 1 << 12
"""Discord's flag for a message that notifies no one."""


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture
def announcer(conversation):
    return Announcer(conversation)


def sounds(conversation):
    """Whether each paper in the group made a sound, by title."""
    sent = [one for one in conversation.telegram.messages(GROUP) if one.links and "Matched" in one.text]
    return {one.text.partition("\n")[0]: not one.silent for one in sent}


async def test_only_what_silent_subscriptions_alone_want_makes_no_sound(conversation, announcer):
    telegram = conversation.telegram
    for query in ("lora", "graph"):
        await telegram.ask(ANN, f"/subscribe {query}", GROUP)
    opened = await telegram.ask(ANN, "/subscriptions lora", GROUP)
    telegram.press(BOB, opened, "Without sound")
    await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
    before = len(telegram.messages(GROUP))
    telegram.press(ANN, opened, "Without sound")
    silenced = (await telegram.wait(GROUP, before + 1))[before]
    assert "Its papers come without a sound." in silenced.text
    await announcer.announce("LoRA one")
    await announcer.announce("LoRA two", "Graph three")
    await announcer.announce("A graph for LoRA")
    assert sounds(conversation) == {
        "LoRA one": False,
        "LoRA two": False,
        "Graph three": True,  # a silent message of the same burst is no sound that covers it
        "A graph for LoRA": True,
    }

    telegram.press(ANN, silenced, "With sound")
    loud = (await telegram.wait(GROUP, len(telegram.messages(GROUP)) + 1))[-1]
    assert "without a sound" not in loud.text
    await announcer.announce("LoRA four")
    assert sounds(conversation)["LoRA four"]


async def test_words_make_a_subscription_silent_from_the_next_message_on(conversation, announcer):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    refused = await discord.ask(BOB, "/subscriptions 1 silent", PAPERS)
    assert "Only managers" in refused.text
    await announcer.announce("LoRA one")
    assert "without a sound" in (await discord.ask(ANN, "/subscriptions 1 silent", PAPERS)).text
    conversation.clock.advance(seconds=60)
    await announcer.announce("LoRA two")
    await discord.ask(ANN, "/subscriptions 1 sound", PAPERS)
    await announcer.announce("LoRA three")
    flags = {
        one.embeds[0]["title"]: int(one.body.get("flags") or 0) & SILENT
        for one in discord.messages(PAPERS)
        if one.links
    }
    assert flags == {"LoRA one": 0, "LoRA two": SILENT, "LoRA three": 0}


async def test_a_digest_is_silent_if_all_in_it_is(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora")
    await telegram.ask(ANN, "/style list")
    await telegram.ask(ANN, "/subscriptions 1 silent")
    await announcer.announce("LoRA one", "LoRA two")
    (listed,) = [one for one in telegram.messages(ANN) if "2 new papers" in one.text]
    assert listed.silent
