"""A journal club on Telegram and on Discord: submissions, votes, agenda, claims, reminders and the calendar.

Time is the test's: the short one is a week, the long one a month with a moved and a cancelled meeting.
"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper
from icalendar import Calendar
from sqlalchemy import select
from sqlmodel import col

from paperwire.core.messages.agenda import time_in_zone
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Actor
from paperwire.services.papers.meetings import calendar_address, published
from paperwire.store.tables.meetings import AgendaRow
from paperwire.texts import ENGLISH
from servers.discord_people import plain
from servers.loopback import PATIENCE

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


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


PLATFORMS = pytest.mark.parametrize("platform", [OnTelegram, OnDiscord])


async def calendar_of(club):
    """What calendars that follow the club's address read, by the day of each meeting."""
    async with club.world.store.read() as unit:
        (place,) = (await unit.connection.execute(select(col(AgendaRow.destination)))).scalars()
        agenda = await unit.meetings.agenda(place)
    address = calendar_address(club.world.context, agenda)
    content = await published(club.world.context, address.rpartition("/")[2].removesuffix(".ics"))
    return {event.start.day: event for event in meetings(content)}


@PLATFORMS
async def test_a_week_of_a_journal_club(conversation, platform):
    club = Club(conversation, platform(conversation))
    people = club.people
    cards = [await club.submit(who, number) for who, number in ((EVE, 1), (FAY, 2), (BOB, 3))]
    await club.vote(cards[1], ANN, BOB)
    await club.vote(cards[2], EVE)
    assert "Only managers" in people.text(await people.ask(BOB, "/agenda weekly fri 15:00 Europe/Berlin"))
    first = await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin papers:2")
    (event,) = meetings(await people.file())
    assert (event.start, event.end) == (FIRST, FIRST + timedelta(hours=1))
    second = await people.ask(FAY, "/agenda")
    assert people.text(second).index(TITLES[2]) < people.text(second).index(TITLES[3])
    await people.file()

    await people.press(EVE, first, "1. I present this")
    await people.shows(first, "presented by Eve")
    assert await people.press(FAY, second, "1. I present this") == "Eve presents this paper."
    await people.press(FAY, second, "2. I present this")
    await people.shows(second, "presented by Fay")
    assert await people.press(EVE, second, "2. Release") == "Only Fay or a manager can release this paper."
    await people.press(FAY, second, "2. Release")
    await people.shows(second, "1 paper has no presenter yet.")
    assert "/calendar/" in await people.private(FAY, second, "Add to calendar")

    (reminder,) = await club.until(FIRST - timedelta(days=1))
    assert people.text(reminder).startswith("Reminder: journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)")
    assert "1 paper has no presenter yet." in people.text(reminder)
    assert people.notified(reminder) == {EVE}
    await people.press(FAY, reminder, "2. I present this")
    await people.shows(reminder, "presented by Fay")
    (soon,) = await club.until(FIRST - timedelta(hours=1))
    assert people.text(soon).startswith("Soon: journal club on Friday, 9 January 2026")
    assert "no presenter yet" not in people.text(soon)
    assert people.notified(soon) == {EVE, FAY}
    assert people.notified(first) == set()  # an answer names them without a sound
    (over,) = await club.until(FIRST + timedelta(hours=1))
    assert people.text(over).startswith("The journal club of Friday, 9 January 2026, 15:00 (Europe/Berlin) is over.")
    assert "Add notes" in people.actions(over)
    kept = await people.ask(EVE, "/agenda notes https://example.org/notes")
    assert "Kept with the meeting on Friday, 9 January 2026" in people.text(kept)
    assert "https://example.org/notes" in people.text(await people.ask(FAY, "/agenda"))
    await people.file()
    assert "Friday, 16 January 2026, 15:00" in people.text(await people.ask(BOB, "/agenda"))
    events = await calendar_of(club)
    assert sorted(events) == [9, 16]
    assert "presented by Eve" in events[9]["description"]
    assert "presented by Fay" in events[9]["description"]
    assert people.server.violations == []


@pytest.mark.slow
@PLATFORMS
async def test_a_month_of_a_journal_club(conversation, platform):
    """Four meetings: as set, moved to another day, cancelled, and with a presenter who leaves."""
    club, came = Club(conversation, platform(conversation)), []
    people = club.people

    async def week(number):
        """Three papers of the week, the last with the most votes."""
        cards = [await club.submit(EVE, 3 * number + place) for place in range(3)]
        await club.vote(cards[1], FAY)
        await club.vote(cards[2], ANN, BOB)

    async def go_on(**parts):
        came.extend(await club.until(FIRST + timedelta(**parts)))

    await week(1)
    agenda = await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin")
    await people.file()
    for who, number in ((EVE, 1), (FAY, 2)):
        await people.press(who, agenda, f"{number}. I present this")
        await people.shows(agenda, f"presented by {'Eve' if who == EVE else 'Fay'}")
    await go_on(days=3)

    await week(2)
    moved = await people.ask(ANN, "/agenda 2026-01-15 10:00")
    await people.file()
    assert "Thursday, 15 January 2026, 10:00 (Europe/Berlin)" in people.text(moved)
    await go_on(days=10)

    await week(3)
    off = await people.ask(ANN, "/agenda off")
    assert "Friday, 23 January 2026" in people.text(off)
    (cancelled,) = meetings(await people.file())
    assert cancelled["status"] == "CANCELLED"
    await go_on(days=15)

    await week(4)
    agenda = await people.ask(ANN, "/agenda weekly fri 15:00")
    await people.file()
    await people.press(EVE, agenda, "1. I present this")
    await people.shows(agenda, "presented by Eve")
    async with conversation.store.write() as unit:
        person = await unit.people.person_of(Actor(channel=people.kind, user_id=str(EVE)))
        await unit.people.forget(person.number)
    await go_on(days=22)

    heads = [people.text(one).partition(" (Europe")[0] for one in came]
    assert heads == [
        "Reminder: journal club on Friday, 9 January 2026, 15:00",
        "Soon: journal club on Friday, 9 January 2026, 15:00",
        "The journal club of Friday, 9 January 2026, 15:00",
        "Reminder: journal club on Thursday, 15 January 2026, 10:00",
        "Soon: journal club on Thursday, 15 January 2026, 10:00",
        "Reminder: journal club on Friday, 30 January 2026, 15:00",
        "Soon: journal club on Friday, 30 January 2026, 15:00",
    ]
    assert "3 papers have no presenter yet." in people.text(came[-1])
    events = await calendar_of(club)
    assert {day: str(event["status"]) for day, event in events.items()} == {
        9: "CONFIRMED", 15: "CONFIRMED", 23: "CANCELLED", 30: "CONFIRMED", 6: "CONFIRMED",
    }  # fmt: skip
    assert len({event["uid"] for event in events.values()}) == 5
    assert people.server.violations == []
