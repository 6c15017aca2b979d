"""Lists over both fake platforms: who may submit, vote and remove where, and what is sent on the wire."""

from datetime import timedelta

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Place as RequestPlace

CY = 9
"""A member who submitted nothing."""


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as conversation:
        conversation.telegram.chats[GROUP].bot = "administrator"
        conversation.telegram.person(CY, "Cy")
        await conversation.record(paper(1, "Diffusion models"))
        yield conversation


async def matched_and_sent(conversation, platform):
    """Match and send, as the worker does."""
    matching = Matching(
        conversation.store,
        now=conversation.clock,
        next_slot=lambda cadence, zone, after: Cadence.parse(cadence).next_slot(zone, after),
    )
    await matching.run()
    delivery = Delivery(
        conversation.store,
        conversation.context.channels,
        owner="me",
        now=conversation.clock,
        hold=Hold(conversation.store),
    )
    await delivery.run(platform)


class Place:
    """A group of Telegram or a channel of Discord, where people type, press and react."""

    def __init__(self, conversation, platform):
        self.world, self.platform = conversation, platform
        self.on_discord = platform == "discord"
        self.what = "server" if self.on_discord else "group"
        self.address = PAPERS if self.on_discord else GROUP
        self.wire = conversation.discord if self.on_discord else conversation.telegram

    async def types(self, who, text):
        """What the bot answers."""
        return (await self.wire.ask(who, text, self.address)).text

    async def presses(self, who, sent, label):
        """Press a button, and wait until it was dealt with."""
        if self.on_discord:
            made = await self.wire.press(who, sent, label)
            await self.wire.until(lambda: made.answered)
        else:
            before = len(self.wire.toasts)
            self.wire.press(who, sent, label)
            await self.wire.until(lambda: len(self.wire.toasts) > before)

    async def withdraw(self, who, sent, label):
        """Press the button of a vote that stands, and the one that this offers; what was said of the vote."""
        if self.on_discord:
            answer = await self.wire.answer(await self.wire.press(who, sent, label))
            text = answer.text
            assert answer.only_for == who
            await self.presses(who, answer, "Withdraw")
            await self.wire.until(lambda: "Your vote is withdrawn. 1 vote" in answer.text)
            return text
        await self.presses(who, sent, label)
        text = self.wire.toasts[-1]["text"]
        await self.wire.until(lambda: [key["text"] for key in sent.keyboard[1]][1:3] == [label, "Withdraw my vote"])
        await self.presses(who, sent, "Withdraw my vote")
        await self.wire.until(lambda: [key["text"] for key in sent.keyboard[1]] == ["Save", "👍 1", "Mute…"])
        return text

    async def reacts(self, who, sent, *, back=False):
        """React with 👍 or take it back, and wait until that is counted."""
        before = await self.votes()
        if self.on_discord:
            await self.wire.react(who, sent, back=back)
        else:
            self.wire.react(who, sent, *(() if back else ("👍",)), before=("👍",) if back else ())
        for _ in range(3):
            await self.types(ANN, "/style")  # what was sent before is dealt with by then
            if await self.votes() != before:
                return

    async def shows(self, card, label):
        """Wait until a card has a button with this label, among those that it had."""
        await self.wire.until(lambda: label in self.labels(card))
        assert self.labels(card)[-5:] == ["Save", label, "Mute…", "More like this", "Why?"]

    def labels(self, card):
        return [
            key.get("label") or key["text"] for row in (card.rows if self.on_discord else card.keyboard) for key in row
        ]

    async def deliver(self):
        """Match and send; the messages that came of it."""
        before = len(self.wire.messages(self.address))
        await matched_and_sent(self.world, self.platform)
        return self.wire.messages(self.address)[before:]

    async def votes(self):
        """The votes of the paper here."""
        async with self.world.store.read() as unit:
            here = RequestPlace(channel=self.platform, address=str(self.address), kind="group")
            place = await unit.places.at(here)
            stored = await unit.papers.get("2601.00001")
            return (await unit.lists.votes(place.number, [stored.number])).get(stored.number, 0) if place else 0


@pytest.fixture(params=["telegram", "discord"])
def place(conversation, request):
    return Place(conversation, request.param)


async def test_a_paper_is_submitted_voted_for_and_seen(place):
    answer = await place.types(BOB, "/submit 2601.00001")
    assert "Submitted to the list: Diffusion models" in answer
    (card,) = await place.deliver()
    assert "submitted to the list" in card.text
    assert await place.votes() == 1  # the submitter's own
    await place.presses(CY, card, "👍 Upvote")
    assert await place.votes() == 2
    await place.wire.until(lambda: card.edits == 1)
    assert "Your vote stands" in await place.withdraw(CY, card, "👍 2")
    assert await place.votes() == 1
    await place.reacts(CY, card)
    await place.reacts(CY, card)
    assert await place.votes() == 2
    await place.shows(card, "👍 2")
    await place.reacts(CY, card, back=True)
    assert await place.votes() == 1
    await place.shows(card, "👍 1")
    assert "1 vote" in await place.types(CY, "/trending here")
    assert place.wire.violations == []


MAY = {
    # who: (submit, vote, remove what Bob submitted)
    ANN: (True, True, True),
    BOB: (True, True, True),
    CY: (True, True, False),
}


@pytest.mark.parametrize("who", MAY, ids=["manager", "submitter", "member"])
async def test_who_may_do_what(place, who):
    may_submit, may_vote, may_remove = MAY[who]
    assert ("Submitted" in await place.types(who, "/submit 2601.00001")) is may_submit
    assert "Removed" in await place.types(who, "/unsubmit 2601.00001")  # one's own
    assert await place.votes() == 0
    assert "Submitted" in await place.types(BOB, "/submit 2601.00001")
    (card,) = await place.deliver()
    if who != BOB:
        await place.presses(who, card, "👍 Upvote")
        assert (await place.votes() == 2) is may_vote
    answer = await place.types(who, "/unsubmit 2601.00001")
    assert ("Removed from the list" in answer) is may_remove
    assert ("Only its submitter and managers" in answer) is not may_remove
    again = await place.types(BOB, "/submit 2601.00001")
    if who == ANN:
        assert "Only managers can put it back" in again
    else:
        assert ("Submitted" in again) is may_remove


async def test_undo_before_it_is_sent_stops_it(place):
    await place.types(BOB, "/submit 2601.00001")
    answer = place.wire.messages(place.address, *((BOB,) if place.on_discord else ()))[-1]
    await place.presses(CY, answer, "Undo")  # not theirs
    async with place.world.store.read() as unit:
        assert await unit.lists.submitted(unit.now - timedelta(days=1)) == 1
    await place.presses(BOB, answer, "Undo")
    await place.wire.until(lambda: answer.edits)
    assert "Removed from the list" in answer.text
    assert await place.deliver() == []


async def test_in_private_there_is_no_list_without_a_public_one(place):
    answer = await place.wire.ask(BOB, "/submit 2601.00001")
    assert "There is no public list here" in answer.text
