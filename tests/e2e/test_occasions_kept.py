"""Over the wire of both platforms: a subscription goes on sending what it was made for, whatever is added to it."""

import pytest
from conversation_world import ANN, GROUP, PAPERS, conversing, paper

from paperwire.core.papers.paper import Event, EventKind
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from servers.discord_people import plain
from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):  # whatever the machine does besides
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


class OnTelegram:
    place = GROUP

    def __init__(self, conversation):
        self.wire = conversation.telegram

    async def ask(self, text):
        return await self.wire.ask(ANN, text, GROUP)

    async def press(self, sent, label):
        count = len(self.wire.messages(GROUP))
        self.wire.press(ANN, sent, label)
        return (await self.wire.wait(GROUP, count + 1))[-1]

    async def press_in_place(self, sent, label):
        """Press a button whose answer takes the place of its message."""
        noted = len(self.wire.toasts)
        self.wire.press(ANN, sent, label)
        await self.wire.until(lambda: len(self.wire.toasts) > noted and self.wire.confirmed())

    def posted(self):
        return [sent.text for sent in self.wire.messages(GROUP)]


class OnDiscord:
    place = PAPERS

    def __init__(self, conversation):
        self.wire = conversation.discord

    async def ask(self, text):
        query, _, occasions = text.partition(" occasions:")
        options = {"occasions": occasions} if occasions else None
        return await self.wire.ask(ANN, query, PAPERS, options=options)

    async def press(self, sent, label):
        return await self.wire.answer(await self.wire.press(ANN, sent, label))

    async def press_in_place(self, sent, label):
        await self.press(sent, label)

    def posted(self):
        return [plain(sent.text) for sent in self.wire.messages(PAPERS)]


@pytest.fixture(params=[OnTelegram, OnDiscord])
def chat(request, conversation):
    return request.param(conversation)


async def deliver(conversation, chat, *papers, kind=EventKind.NEW):
    """Papers as a source announces them, on to the chat; what is posted there of each."""
    before = len(chat.posted())
    events = [Event(paper=one, source="arxiv", day=one.announced, at=conversation.clock(), kind=kind) for one in papers]
    async with conversation.store.write() as unit:
        await unit.papers.record(events, quiet=False)
    slots = {"next_slot": lambda cadence, zone, after: Cadence.parse(cadence).next_slot(zone, after)}
    await Matching(conversation.store, now=conversation.clock, **slots).run()
    about = {"owner": "test", "now": conversation.clock, "hold": Hold(conversation.store), "public_list": None}
    for channel in conversation.context.channels:
        await Delivery(conversation.store, conversation.context.channels, **about).run(channel)
    return chat.posted()[before:]


async def occasions(conversation):
    return [one.occasions for one in await conversation.subscriptions()]


async def test_versions_that_are_asked_for_too_take_no_new_papers_away(conversation, chat):
    await chat.ask("/subscribe lora")
    more = await chat.ask("/subscribe lora occasions:versions")
    assert "New papers will be posted here as they appear." in plain(more.text)
    assert "Sends: new papers and new versions." in plain(more.text)
    assert await occasions(conversation) == [{"arrival", "versions"}]
    (posted,) = await deliver(conversation, chat, paper(1, "On LoRA"))
    assert "On LoRA" in posted
    (posted,) = await deliver(conversation, chat, paper(1, "On LoRA", version=2), kind=EventKind.REPLACED)
    assert "On LoRA" in posted
    await chat.press(more, "Undo")
    assert await occasions(conversation) == [{"arrival"}]
    assert len(await deliver(conversation, chat, paper(2, "More LoRA"))) == 1


async def test_what_a_subscription_sends_last_is_never_removed(conversation, chat):
    made = await chat.ask("/subscribe lora occasions:versions")
    assert "Updates will be posted here as they appear." in plain(made.text)
    assert "Sends: new versions, but no new papers." in plain(made.text)
    assert await deliver(conversation, chat, paper(1, "On LoRA")) == []
    why = await chat.ask("/why 2601.00001")
    assert "not sent: this subscription doesn't include new papers" in plain(why.text)
    opened = await chat.ask("/subscriptions 1")
    refused = await chat.press(opened, "Stop sending new versions")
    assert "includes new versions and nothing else" in plain(refused.text)
    assert await occasions(conversation) == [{"versions"}]
    added = await chat.press(opened, "Also send new papers")
    assert "Sends: new papers and new versions." in plain(added.text)
    fewer = await chat.press(added, "Stop sending new versions")
    assert "Sends: new papers." in plain(fewer.text)
    assert len(await deliver(conversation, chat, paper(2, "More LoRA"))) == 1


async def test_undo_of_a_deletion_brings_back_what_it_sent_though_the_query_was_subscribed_again(conversation, chat):
    await chat.ask("/subscribe lora")
    deleted = await chat.ask("/unsubscribe lora")
    again = await chat.ask("/subscribe lora occasions:versions")
    assert "Sends: new versions, but no new papers." in plain(again.text)
    await chat.press_in_place(deleted, "Undo")
    opened = await chat.ask("/subscriptions lora")
    assert "Sends: new papers and new versions." in plain(opened.text)
    assert len(await deliver(conversation, chat, paper(1, "On LoRA"))) == 1
    assert len(await deliver(conversation, chat, paper(1, "On LoRA", version=2), kind=EventKind.REPLACED)) == 1
