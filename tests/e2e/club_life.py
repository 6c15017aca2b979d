"""A journal club on Telegram and on Discord as its people see it, and the service's stages between what they do."""

import re
from datetime import UTC, datetime, timedelta

from conversation_world import ANN, BOB, GROUP, PAPERS, paper
from icalendar import Calendar

from paperwire.core.messages.agenda import time_in_zone
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.texts import ENGLISH
from servers.discord_people import plain

EVE, FAY = 9, 10
TITLES = ("Seeing in the dark", "Graphs <of> graphs & *more*", "Heat on manifolds", "Slow light", "Fast trees")
FIRST = datetime(2026, 1, 9, 14, tzinfo=UTC)
"""The first Friday, at three in Berlin."""


class OnTelegram:
    """The group as its people see it."""

    kind = "telegram"

    def __init__(self, conversation):
        self.server = conversation.telegram
        for number, name in ((EVE, "Eve"), (FAY, "Fay")):
            self.server.person(number, name)
            self.server.chat(number, "private", name)  # they have talked to the bot before

    def messages(self):
        return [one for one in self.server.messages(GROUP) if one.document is None]

    async def ask(self, who, text):
        return await self.server.ask(who, text, GROUP)

    async def press(self, who, sent, label):
        """Press a button, and wait until it is answered."""
        before = len(self.server.toasts)
        self.server.press(who, sent, label)
        await self.server.until(lambda: len(self.server.toasts) > before)
        return self.server.toasts[-1].get("text") or ""

    async def shows(self, sent, text):
        await self.server.until(lambda: text in sent.text)

    async def file(self):
        """The last calendar file that came into the group."""
        await self.server.until(lambda: self.server.messages(GROUP)[-1].document is not None)
        name, content = self.server.messages(GROUP)[-1].document
        assert name == "journal-club.ics"
        return content

    async def private(self, who, sent, label):
        """What a button shows to one person alone."""
        before = len(self.server.messages(who))
        self.server.press(who, sent, label)
        return (await self.server.wait(who, before + 1))[before].text

    @staticmethod
    def actions(sent):
        """The labels of buttons, and what they do."""
        return {key["text"]: key.get("callback_data", "") for row in sent.keyboard for key in row}

    @staticmethod
    def text(sent):
        return sent.text

    @staticmethod
    def notified(sent):
        """Whom a message names so that Telegram notifies them."""
        kinds = [entity["type"] for entity in sent.entities]
        return {kind["user_id"] for kind in kinds if kind["@type"] == "textEntityTypeMentionName"}


class OnDiscord:
    """The channel as its people see it."""

    kind = "discord"

    def __init__(self, conversation):
        self.server = conversation.discord
        self.server.names.update({ANN: "Ann", BOB: "Bob", EVE: "Eve", FAY: "Fay"})
        self.last = None

    def messages(self):
        return self.server.messages(PAPERS)

    async def ask(self, who, text):
        self.last = await self.server.ask(who, text, PAPERS)
        return self.last

    async def press(self, who, sent, label):
        """Press a button; what its person alone is shown, if anything."""
        before = len(self.server.messages(PAPERS, who))
        edits = sent.edits
        await self.server.press(who, sent, label)
        await self.server.until(lambda: sent.edits > edits or len(self.server.messages(PAPERS, who)) > before)
        return plain(self.server.messages(PAPERS, who)[-1].text) if sent.edits == edits else ""

    async def shows(self, sent, text):
        await self.server.until(lambda: text in self.text(sent))

    async def file(self):
        (content,) = self.last.files.values()
        assert list(self.last.files) == ["journal-club.ics"]
        return content

    async def private(self, who, sent, label):
        made = await self.server.press(who, sent, label)
        answer = await self.server.answer(made)
        assert answer.only_for == who
        return plain(answer.text)

    @staticmethod
    def actions(sent):
        """The labels of buttons, and what they do."""
        return {key["label"]: key.get("custom_id", "") for row in sent.rows for key in row}

    def text(self, sent):
        """The message as somebody in Berlin sees it."""
        text = re.sub(r"<t:(\d+):F>", lambda stamp: _in_berlin(int(stamp[1])), plain(sent.text).replace("**", ""))
        text = re.sub(r"^(<@\d+> ?)+\n", "", text)  # who is notified
        return re.sub(r"<@(\d+)>", lambda user: self.server.names[int(user[1])], text)

    @staticmethod
    def notified(sent):
        """Whom a message names so that Discord notifies them: in its text, and allowed to be."""
        allowed = set(map(int, sent.body["allowed_mentions"].get("users", ())))
        return allowed & set(map(int, re.findall(r"<@(\d+)>", sent.content or sent.text)))


def _in_berlin(stamp):
    return time_in_zone(datetime.fromtimestamp(stamp, UTC), "Europe/Berlin", ENGLISH)


class Club:
    """A club on one platform, and the service's stages between what its people do."""

    def __init__(self, conversation, people):
        self.world, self.people = conversation, people
        self.begin()

    def begin(self):
        """Make new stages, as a starting process does."""
        conversation = self.world
        self.matching = Matching(conversation.store, now=conversation.clock, next_slot=lambda *_: None)
        self.delivery = Delivery(
            conversation.store,
            conversation.context.channels,
            owner="one",
            now=conversation.clock,
            hold=Hold(conversation.store),
        )

    async def run(self):
        """Match and send what is due; what came into the chat."""
        before = len(self.people.messages())
        await self.matching.run()
        await self.delivery.run(self.people.kind)
        return self.people.messages()[before:]

    async def until(self, instant):
        """Go on to an instant from one due message to the next, each sent by a new process; what came meanwhile."""
        came, clock = [], self.world.clock
        while clock.at < instant:
            due = await self.delivery.next_due(self.people.kind) or instant
            clock.at = min(max(due, clock.at + timedelta(seconds=1)), instant)
            self.begin()
            came += await self.run()
        return came

    async def submit(self, who, number):
        """Somebody submits a paper that no source has announced here; the card that it becomes."""
        self.world.known[f"2601.{number:05}"] = paper(number, TITLES[number % len(TITLES)])
        await self.people.ask(who, f"/submit https://arxiv.org/abs/2601.{number:05}")
        (card,) = await self.run()
        return card

    async def vote(self, card, *voters):
        for voter in voters:
            (label,) = [label for label, action in self.people.actions(card).items() if "vote:" in action]
            await self.people.press(voter, card, label)


def meetings(content):
    whole = Calendar.from_ical(content)
    assert whole.errors == []
    return whole.walk("VEVENT")
