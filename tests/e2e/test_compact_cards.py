"""Compact cards, whose abstract comes by a button, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing
from delivering import Announcer

from servers.loopback import PATIENCE

ABSTRACT = "Adapters of rank four. " * 40
PDF = "https://arxiv.org/pdf/2601.00001"


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture
def announcer(conversation):
    return Announcer(conversation)


def quotes(sent):
    """What can be folded away in a message on Telegram."""
    return [
        sent.text[one["offset"] : one["offset"] + one["length"]]
        for one in sent.entities
        if one["type"]["@type"] == "textEntityTypeExpandableBlockQuote"
    ]


def labels(sent):
    return [[key["text"] for key in row] for row in sent.keyboard]


async def test_telegram_adds_the_abstract_to_the_card_itself(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", GROUP)
    assert "as a short message" in (await telegram.ask(ANN, "/style compact", GROUP)).text
    await announcer.announce("LoRA <again> & again", abstract=ABSTRACT)
    card = (await telegram.wait(GROUP, 3))[2]
    assert card.text.splitlines()[:2] == ["LoRA <again> & again", "Jiaqi Liu · cs.CV · new"]
    assert card.text.splitlines()[2:] == ["Matched lora", "PDF · alphaXiv"]
    assert PDF in card.links
    assert ABSTRACT[:20] not in card.text
    assert labels(card) == [["Abstract", "Save", "👍 Upvote", "Mute…"]]

    before = card.text
    telegram.press(BOB, card, "Abstract")
    await telegram.until(lambda: card.edits == 1)
    assert card.text == f"{before}\n{ABSTRACT.strip()}"
    assert quotes(card) == [ABSTRACT.strip()]
    assert card.links[0] == "https://arxiv.org/abs/2601.00001"
    assert labels(card) == [["Save", "👍 Upvote", "Mute…"], ["More like this", "Why?"]]
    assert len(telegram.messages(GROUP)) == 3


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_reaction_leaves_the_buttons_that_stand_there(conversation, announcer, restarts):
    telegram = conversation.telegram
    telegram.chats[GROUP].bot = "administrator"
    for command in ("/subscribe lora", "/style compact"):
        await telegram.ask(ANN, command, GROUP)
    await announcer.announce("LoRA", abstract=ABSTRACT)
    card = (await telegram.wait(GROUP, 3))[2]
    telegram.press(BOB, card, "Abstract")
    await telegram.until(lambda: card.edits == 1)
    shown = card.text
    if restarts:
        await conversation.restart()
    telegram.react(BOB, card, "👍")
    await telegram.until(lambda: "👍 1" in labels(card)[0] and "Abstract" not in labels(card)[0])
    assert labels(card) == [["Save", "👍 1", "Mute…"], ["More like this", "Why?"]]
    assert card.text == shown


async def test_a_card_that_was_deleted_is_answered_with_the_abstract(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora")
    await telegram.ask(ANN, "/style compact")
    await announcer.announce("LoRA", abstract=ABSTRACT)
    card = (await telegram.wait(ANN, 3))[2]
    telegram.chats[ANN].sent.remove(card)
    telegram.press(ANN, card, "Abstract")
    assert quotes((await telegram.wait(ANN, 3))[2]) == [ABSTRACT.strip()]


async def test_discord_shows_the_abstract_to_who_asked_alone(conversation, announcer):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    await discord.ask(ANN, "/style compact", PAPERS)
    await announcer.announce("LoRA", abstract=ABSTRACT)
    card = discord.messages(PAPERS)[-1]
    assert f"[PDF](<{PDF}>)" in card.text
    assert ABSTRACT[:20] not in card.text
    assert card.labels == [["Abstract", "Save", "👍 Upvote", "Mute…"]]

    answer = await discord.answer(await discord.press(BOB, card, "Abstract"))
    assert answer.only_for == BOB
    assert ABSTRACT.strip() in answer.text
    assert card.edits == 0


async def test_a_paper_without_an_abstract_has_no_button_for_it(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora")
    await telegram.ask(ANN, "/style compact")
    await announcer.announce("LoRA", abstract="")
    assert labels((await telegram.wait(ANN, 3))[2]) == [["Save", "Mute…"]]


async def test_only_managers_choose_compact_cards(conversation):
    telegram = conversation.telegram
    assert "Only managers" in (await telegram.ask(BOB, "/style compact", GROUP)).text
    offered = await telegram.ask(ANN, "/style", GROUP)
    telegram.press(ANN, offered, "Compact")
    await telegram.until(lambda: "as a short message" in offered.text)
