"""What people change while messages come holds from the next message on, on both platforms, for every command."""

import asyncio
import re
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

import pytest
from places_days import Days
from places_replay import replay
from product import PAPERS_A_MESSAGE, papers_of

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from servers.arxiv_archive import Archive
from servers.arxiv_pages import rss
from servers.loopback import PATIENCE

CARDS, LISTED = 20, 50
"""So many papers are owed to a place that gets cards, and to one that gets lists."""
HEARD = 2
"""After so many messages the command is given."""
NUMBER = re.compile(r"#(\d+)")


def one_day():
    """A day of history, and a day with papers of which all are a study, and the first CARDS also a report."""
    start = datetime(2026, 4, 20, 4, 0, 11, tzinfo=UTC)
    archive, feeds, papers = Archive(), [], []
    archive.add("2604.00001", start.date(), title="Something else")
    tomorrow = start + timedelta(days=1)
    for number in range(LISTED):
        title = f"Study {number}" + (", a report" if number < CARDS else "")
        archive.add(f"2604.{10_000 + number}", tomorrow.date(), title=title)
    for rendered in (start, tomorrow):
        rows = archive.batch(rendered.date(), ["cs.CL"])
        feeds.append(rss(["cs.CL"], rows, rendered))
        papers.append([Paper(id=entry.id, title=entry.versions[-1].title) for entry, _, _ in rows])
    return Days("cs.CL", start + timedelta(hours=8), feeds, papers, [parse("report"), parse("study")])


@dataclass
class Someone:
    """A person in a private chat with the bot; `subscribed` is the answer to `/subscribe`, `number` the subscription's.

    `before` are the messages with papers that had come when the command was answered.
    """

    platform: str
    fake: Any
    user: int
    case: Any
    begun: int = 0
    subscribed: Any = None
    number: str = ""
    before: list = field(default_factory=list)

    @property
    def messages(self):
        place = self.user if self.platform == "telegram" else self.fake.dm(self.user).id
        return self.fake.messages(place)

    @property
    def alerts(self):
        return [message for message in self.messages[self.begun :] if papers_of(message)]

    @property
    def told(self):
        return [paper for message in self.alerts for paper in papers_of(message)]

    @property
    def after(self):
        return self.alerts[len(self.before) :]

    async def ask(self, text):
        """The answer to a command, however many papers come meanwhile."""
        if self.platform == "discord":
            return await self.fake.ask(self.user, text)
        before = len(self.messages)
        self.fake.say(self.user, text)
        return await self._answer(before)

    async def press(self, message, label):
        """The answer to a press of the button whose text holds `label`."""
        if self.platform == "discord":
            await self.fake.until(lambda: any(label in one for row in message.labels for one in row))
            name = next(one for row in message.labels for one in row if label in one)
            return await self.fake.answer(await self.fake.press(self.user, message, name))
        name = next(key["text"] for row in message.keyboard for key in row if label in key["text"])
        before, edits = len(self.messages), message.edits
        self.fake.press(self.user, message, name)
        return await self._answer(before, lambda: message if message.edits > edits else None)

    async def _answer(self, before, edited=lambda: None):
        def found():
            return edited() or next((one for one in self.messages[before:] if not papers_of(one)), None)

        await self.fake.until(lambda: found() is not None)
        return found()

    async def begin(self):
        """Subscribe, with the form that the case begins with."""
        await self.ask(f"/style {self.case.style}")
        wanted = "report" if self.case.style == "cards" else "study"
        self.subscribed = await self.ask(f"/subscribe {wanted}")
        self.number = NUMBER.search(self.subscribed.text)[1]
        self.begun = len(self.messages)

    async def act(self):
        """Give the command after the second message."""
        await self.fake.until(lambda: len(self.alerts) >= HEARD)
        await self.case.act(self)
        self.before = self.alerts


# --- the commands ----------------------------------------------------------------------------------------------------


async def nothing(_someone):
    pass


def typed(text):
    async def act(someone):
        await someone.ask(text.format(number=someone.number))

    return act


async def undo(someone):
    await someone.press(someone.subscribed, "Undo")


async def undo_the_undo(someone):
    answer = await someone.press(someone.subscribed, "Undo")
    await someone.fake.until(lambda: "Unsubscribed" in answer.text)  # a slow answer edits the message after a while
    await someone.press(answer, "Undo")


async def pause_one(someone):
    await someone.press(await someone.ask(f"/subscriptions {someone.number}"), "Pause")


async def choose_cadence(someone):
    await someone.press(await someone.press(someone.subscribed, "When"), "08:00")


def mute(what):
    async def act(someone):
        await someone.press(await someone.press(someone.alerts[0], "Mute"), what)

    return act


async def forget(someone):
    await someone.press(await someone.ask("/forget"), "Yes")


STOPS, LATER, FORM, ALL = "stops", "comes later", "comes in the other form", "all comes"


@dataclass(frozen=True)
class Case:
    """A command, what becomes of the rest, and the form in which the place gets its papers before."""

    name: str
    act: Any
    rest: str = STOPS
    style: str = "cards"

    @property
    def papers(self):
        return CARDS if self.style == "cards" else LISTED


CASES = (
    Case("(no command)", nothing, ALL),
    Case("(no command, lists)", nothing, ALL, "list"),
    Case("/unsubscribe", typed("/unsubscribe {number}")),
    Case("/unsubscribe, lists", typed("/unsubscribe {number}"), STOPS, "list"),
    Case("button Undo", undo),
    Case("button Undo, and undone", undo_the_undo, ALL),
    Case("another query", typed("/subscriptions {number} zebra")),
    Case("button Pause", pause_one),
    Case("button Mute, subscription", mute("report")),
    Case("button Mute, category", mute("cs.CL")),
    Case("/quiet", typed("/quiet 11:00-14:00"), LATER),
    Case("/style list", typed("/style list"), FORM),
    Case("/style cards, lists", typed("/style cards"), FORM, "list"),
    Case("/digest", typed("/digest daily 08:00"), LATER),
    Case("/digest, lists", typed("/digest daily 08:00"), LATER, "list"),
    Case("button When", choose_cadence, LATER),
    Case("/pause", typed("/pause")),
    Case("/forget", forget),
)


def is_of_the_old_form(someone, message):
    return (len(papers_of(message)) == 1) == (someone.case.style == "cards")


def still_came(someone):
    """How many messages came after the answer that should not have come."""
    if someone.case.rest == ALL:
        return 0
    if someone.case.rest == FORM:
        return sum(is_of_the_old_form(someone, message) for message in someone.after)
    return len(someone.after)


def is_complete(someone):
    return len(set(someone.told)) == someone.case.papers


def show(people, database):
    """The table, for whoever reads the tests' output."""
    lines = ["", f"messages that still came after a command in mid-flow, {database.partition('+')[0]}"]
    lines.append(f"{'command':<28}{'then':<26}{'telegram':>10}{'discord':>10}")
    for case in CASES:
        came = [f"{still_came(one):>10}" for one in people if one.case is case]
        lines.append(f"{case.name:<28}{'the rest ' + case.rest if case.rest != ALL else ALL:<26}{''.join(came)}")
    sys.stdout.write("\n".join(lines) + "\n")


@pytest.mark.slow_on_postgresql
async def test_a_command_in_mid_flow_holds_from_the_next_message_on(tmp_path, database):
    async with replay(tmp_path, database, one_day()) as world:
        await world.product.ready()
        fakes = {"telegram": world.telegram, "discord": world.discord}
        people = [
            Someone(platform, fake, 600 + number, case)
            for number, case in enumerate(CASES)
            for platform, fake in fakes.items()
        ]
        for pair in zip(people[::2], people[1::2], strict=True):  # thirty at once may hear "busy"
            await asyncio.gather(*(someone.begin() for someone in pair))
        world.show(1)
        await asyncio.gather(*(one.act() for one in people))

        async def all_came():
            return all(is_complete(one) for one in people if one.case.rest in {ALL, FORM})

        await world.product.until(all_came, 2 * PATIENCE)
        came = {(one.platform, one.case.name): still_came(one) for one in people}
        show(people, database)
        assert {name: count for name, count in came.items() if count > 1} == {}
        await assert_the_rest_comes_later(world, people)
        for one in people:
            assert len(one.told) == len(set(one.told)), (one.platform, one.case.name)
        assert not world.telegram.violations


async def assert_the_rest_comes_later(world, people):
    """When quiet hours are over, and in the digest of the next morning."""
    waiting = [one for one in people if one.case.rest == LATER]
    for one in waiting:
        one.before = one.alerts
    await world.product.stop()
    await world.restart(hours=21)

    async def all_came():
        return all(is_complete(one) for one in waiting)

    await world.product.until(all_came, 2 * PATIENCE)
    for one in waiting:
        if one.case.name != "/quiet":
            left = one.case.papers - sum(len(papers_of(message)) for message in one.before)
            assert len(one.after) == ceil(left / PAPERS_A_MESSAGE), (one.platform, one.case.name)
