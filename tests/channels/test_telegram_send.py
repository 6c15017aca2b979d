"""Sending over a fake Bot API: what readers see, the chat's pace, and what each fault means to the outbox."""

from datetime import UTC, datetime

import pytest
from servers.telegram import TelegramServer

from paperwire.channels.telegram import TelegramChannel
from paperwire.core.message import Button, Item, Message, Span
from paperwire.errors import Gone, Moved, Rejected, Retry, Unknown

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)


def text(words):
    return Message(head=((Span(words),),))


@pytest.fixture
async def telegram():
    async with TelegramServer() as server:
        server.say(100, "hello")
        server.chat(-1001, "supergroup", "Lab", forum=True, topics={7: "Papers", 8: "Old"}, closed_topics={8})
        yield server


@pytest.fixture
async def channel(telegram):
    channel = TelegramChannel(telegram.token, api_url=telegram.url, now=lambda: NOW, timeout=0.5)
    yield channel
    await channel.close()


async def test_an_alert_arrives_as_its_reader_should_see_it(telegram, channel):
    item = Item("A < B", "https://arxiv.org/abs/2501.00001", ((Span("Ann · cs.AI"),),), "We show.")
    message = Message(
        items=(item,),
        buttons=((Button("Save", "save:1"), Button("Page", url="https://paperwire.example/papers/1")),),
        silent=True,
    )
    receipt = await channel.send("100", message)
    (sent,) = telegram.messages(100)
    assert receipt.message_id == str(sent.id)
    assert sent.text == "A < B\nAnn · cs.\u2060AI\nWe show."
    assert sent.links == ["https://arxiv.org/abs/2501.00001"]
    assert [e["type"]["@type"] for e in sent.entities][-1] == "textEntityTypeExpandableBlockQuote"
    assert sent.keyboard == [
        [{"text": "Save", "callback_data": "save:1"}, {"text": "Page", "url": "https://paperwire.example/papers/1"}]
    ]
    assert sent.silent
    assert sent.raw["link_preview_options"] == '{"is_disabled": true}'
