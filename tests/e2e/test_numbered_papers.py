"""Numbers stand before the papers that buttons are for, and go on over messages and pages, on both platforms."""

import re

import pytest
from conversation_world import ANN, GROUP, PAPERS, conversing, paper
from test_lists_in_chats import matched_and_sent

from servers.discord_people import plain


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        yield made


class OnTelegram:
    kind, place = "telegram", GROUP

    def __init__(self, conversation):
        self.wire = conversation.telegram

    @staticmethod
    def buttons(sent):
        return [key["text"] for row in sent.keyboard for key in row]

    async def press(self, sent, label):
        edits = sent.edits
        self.wire.press(ANN, sent, label)
        await self.wire.until(lambda: sent.edits > edits)


class OnDiscord:
    kind, place = "discord", PAPERS

    def __init__(self, conversation):
        self.wire = conversation.discord

    @staticmethod
    def buttons(sent):
        return [label for row in sent.labels for label in row]

    async def press(self, sent, label):
        edits = sent.edits
        await self.wire.press(ANN, sent, label)
        await self.wire.until(lambda: sent.edits > edits)


@pytest.fixture(params=[OnTelegram, OnDiscord])
def chat(request, conversation):
    return request.param(conversation)


def numbers(sent, title="LoRA"):
    """The numbers that stand before papers."""
    return [int(number) for number in re.findall(rf"^\**(\d+)\. \[?{title}", plain(sent.text), re.MULTILINE)]


def numbered(chat, sent):
    """The buttons that are numbers."""
    return [label for label in chat.buttons(sent) if label.isdigit()]


async def test_a_list_in_several_messages_is_numbered_through(conversation, chat):
    await chat.wire.ask(ANN, "/subscribe lora", chat.place)
    await chat.wire.ask(ANN, "/style list", chat.place)
    await conversation.record(*(paper(number, f"LoRA {number}") for number in range(1, 13)))
    await matched_and_sent(conversation, chat.kind)
    first, second = chat.wire.messages(chat.place)[2:]
    assert (numbers(first), numbers(second)) == ([*range(1, 11)], [11, 12])
    assert numbered(chat, first) == [str(number) for number in range(1, 11)]
    assert numbered(chat, second) == ["11", "12"]


async def test_a_digest_in_several_messages_is_numbered_through(conversation, chat):
    await chat.wire.ask(ANN, "/subscribe lora", chat.place)
    await chat.wire.ask(ANN, "/digest daily 08:00 UTC", chat.place)
    await conversation.record(*(paper(number, f"LoRA {number}") for number in range(1, 12)))
    await matched_and_sent(conversation, chat.kind)
    conversation.clock.advance(days=1)
    await matched_and_sent(conversation, chat.kind)
    first, second = chat.wire.messages(chat.place)[2:]
    assert (numbers(first), numbers(second)) == ([*range(1, 11)], [11])
    assert numbered(chat, second) == ["11"]


async def test_the_watched_papers_have_pages(conversation, chat):
    await conversation.record(*(paper(number, f"LoRA {number}") for number in range(1, 13)))
    for number in range(1, 13):
        await chat.wire.ask(ANN, f"/watch 2601.{number:05}", chat.place)
    listed = await chat.wire.ask(ANN, "/watch", chat.place)
    assert numbers(listed) == [*range(1, 11)]
    assert chat.buttons(listed) == [*(f"{number}. Stop" for number in range(1, 11)), "Next »"]
    await chat.press(listed, "Next »")
    assert numbers(listed) == [11, 12]
    assert chat.buttons(listed) == ["11. Stop", "12. Stop", "« Back"]
    await chat.press(listed, "12. Stop")
    assert "No longer watching: LoRA 1" in plain(listed.text)


async def test_the_papers_of_an_agenda_have_the_numbers_of_its_buttons(conversation, chat):
    await conversation.record(paper(1, "LoRA 1"), paper(2, "LoRA 2"))
    for number in (1, 2):
        await chat.wire.ask(ANN, f"/submit 2601.{number:05}", chat.place)
    await chat.wire.ask(ANN, "/agenda weekly fri 15:00 UTC", chat.place)
    if chat.kind == "telegram":
        await chat.wire.until(lambda: chat.wire.messages(GROUP)[-1].document is not None)
    agenda = [sent for sent in chat.wire.messages(chat.place) if "Journal club on" in sent.text][-1]
    assert numbers(agenda) == [1, 2]
    assert chat.buttons(agenda)[:2] == ["1. I present this", "2. I present this"]
