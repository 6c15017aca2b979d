"""Every button: pressed fresh, twice, by others, after a restart, and after what it names is gone."""

from dataclasses import dataclass, replace

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of
from sqlalchemy import select

from paperwire.commands.answer import Commands, presses
from paperwire.commands.memory import LongTexts
from paperwire.commands.table import COMMANDS
from paperwire.commands.talk.publish import FOR_ALL
from paperwire.store.database.tables.base import Row

pytestmark = pytest.mark.whole
ANN, SECOND, MEMBER = "1", "2", "3"
"""Two managers of a group, and who may change nothing there."""
LONG = "diffusion AND (robot OR navigation OR manipulation OR locomotion OR planning OR grasping)"
MANAGERS, OLD = "Only managers", "This button is too old."
NO_SUBSCRIPTION = "No subscription with this number"
PASSING = {"counter", "open_question", "kept_text", "account", "person"}
"""Tables that tell nothing of what a button changed: who asked, and what waits for an answer."""
RENEWED = {"next_due_at", "sequence", "changed_at"}
"""Columns that change though nothing else does."""


@dataclass(frozen=True, kw_only=True)
class PressCase:
    """A button in the group, and how its answers begin.

    Ann sends what is to `prepare`, commands and presses. `action` has numbers of the scene, or is `@LABEL` of the last
    answer. It answers `fresh`, pressed `twice` or by an `other` manager then what else is said (empty: the same), and
    to a `member` as `member`. After Ann sent what makes it `gone`, or with a paper that isn't stored, it says `lost`.
    """

    action: str
    fresh: str
    twice: str = ""
    other: str = ""
    member: str = MANAGERS
    prepare: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    lost: str = NO_SUBSCRIPTION


def shows(action, fresh, **more):
    """A button that shows something to anyone and changes nothing."""
    return PressCase(action=action, fresh=fresh, member=more.pop("member", fresh), **more)


DELETED = ("del:{n}",)
CANCELLED = {"gone": ("/agenda off",), "lost": "This meeting is cancelled."}
CASES = {
    "add": PressCase(action="@Subscribe anyway", prepare=("/preview lora",), fresh="Subscribed: lora (#3)"),
    "agenda": PressCase(
        action="@New address", prepare=("agenda:calendar:{place}",), fresh="Journal club of Vision lab"
    ),
    "agendazone": PressCase(action="agendazone:Europe/Berlin", fresh="Journal club on Friday, 9 January 2026, 15:00"),
    "also": PressCase(
        action="also:{n}:versions", fresh="#1 diffusion", twice="It already includes new versions.", gone=DELETED
    ),
    "back": PressCase(
        action="@Undo", prepare=("/subscribe diffusion name:Ours when:daily",), fresh="#1 diffusion", gone=DELETED
    ),
    "calm": PressCase(
        action="calm:daily:{n}",
        fresh="#1 diffusion: every day",
        gone=DELETED,
        lost="The subscription that brought these papers",
    ),
    "checkups": PressCase(action="checkups:off", fresh="No more notes of subscriptions that need a change."),
    "del": PressCase(action="del:{n}", fresh="Unsubscribed: diffusion", twice=NO_SUBSCRIPTION, gone=DELETED),
    "digest": PressCase(action="digest:daily 08:00", fresh="New papers come here every day at 08:00"),
    "drop": PressCase(
        action="drop:{n}:versions",
        prepare=("also:{n}:versions",),
        fresh="#1 diffusion",
        twice="It doesn't include new versions.",
        gone=DELETED,
    ),
    "edit": PressCase(action="edit:{n}", fresh="Send the new query for #1", gone=DELETED),
    "feed": PressCase(action="feed:{n}", fresh="Feed of diffusion", member="Feed of diffusion", gone=DELETED),
    "fewer": PressCase(
        action="fewer:{n}", fresh="To get fewer", gone=DELETED, lost="The subscription that brought these papers"
    ),
    "find": shows("find:0:diffusion", "1 paper for diffusion"),
    "forget": shows("forget:no", "Nothing was deleted."),
    "former": PressCase(action="@Undo", prepare=("/style list",), fresh="Changed back.", twice="Nothing to undo: this"),
    "help": shows("help:query", "How to write a query"),
    "hush": PressCase(action="hush:{n}", fresh="#1 diffusion\nIts papers come without a sound.", gone=DELETED),
    "import": PressCase(action="import:lora", fresh="Subscribed to 1.", twice="Already subscribed to all of these."),
    "join": shows("join:nonsense", "This code isn't valid"),
    "lift": PressCase(
        action="@Undo",
        prepare=("muted:{p}:author:0",),
        fresh="Unmuted.",
        twice="This isn't muted here.",
        gone=("@itself",),
        lost="This isn't muted here.",
    ),
    "less": PressCase(action="less:{p}:{n}", fresh="Search by meaning is off here.", lost=OLD),
    "look": shows("@Search", "No papers for diffusion AND", prepare=(f"/preview {LONG}",)),
    "loud": PressCase(action="loud:{n}", prepare=("hush:{n}",), fresh="#1 diffusion\nNew papers", gone=DELETED),
    "more": shows("more:{p}", "Search by meaning is off here.", lost=OLD),
    "mute": PressCase(action="mute:{p}", fresh="What should be muted here?", lost=OLD),
    "muted": PressCase(
        action="@Author Bo Wu",
        prepare=("mute:{p}",),
        fresh="Muted here: Bo Wu",
        twice="Already muted here: Bo Wu",
    ),
    "mutes": PressCase(
        action="mutes:{n}",
        fresh="Muted here: subscription #1",
        twice="Already muted here: subscription #1",
        gone=DELETED,
        lost="The subscription that brought these papers",
    ),
    "narrow": PressCase(
        action="narrow:{n}", fresh="No narrower", gone=DELETED, lost="The subscription that brought these papers"
    ),
    "newfeed": PressCase(
        action="@Yes, make new links",
        prepare=("newfeed:place:{place}",),
        fresh="New links; the old ones no longer work",
    ),
    "notes": shows("notes:{e}", "No meeting here is over yet."),
    "off": PressCase(action="off:{n}", fresh="#1 diffusion", twice="It was already paused.", gone=DELETED),
    "on": PressCase(
        action="on:{n}", prepare=("off:{n}",), fresh="#1 diffusion", twice="It wasn't paused.", gone=DELETED
    ),
    "open": shows("open:{p}", "Diffusion", lost=OLD),
    "options": PressCase(action="options:{n}:max:10", fresh="Digests of Vision lab", gone=DELETED),
    "pause": PressCase(action="pause:", fresh="Paused. Nothing is sent here", twice="It was already paused."),
    "present": PressCase(
        action="present:{e}:{p}",
        fresh="Journal club on",
        other="User 1 presents this paper.",
        member="Journal club on",
        **CANCELLED,
    ),
    "private": PressCase(
        action="private:{e}",
        prepare=("present:{e}:{p}",),
        fresh="You'll be reminded in our private chat, too.",
        twice="You're already being reminded in our private chat, too.",
        other="Private reminders are for presenters.",
        member="Private reminders are for presenters.",
        **CANCELLED,
    ),
    "publish": shows("publish:", OLD),  # of answers that one person alone sees
    "quiet": PressCase(action="quiet:22:00-07:00", fresh="Nothing is sent here from 22:00 to 07:00"),
    "redo": PressCase(
        action="redo:{n}", prepare=DELETED, fresh="Subscribed again: diffusion", twice="Already subscribed again:"
    ),
    "release": PressCase(
        action="release:{e}:{p}:{ann}",
        prepare=("present:{e}:{p}",),
        fresh="Journal club on",
        member="Only User 1 or a manager can release this paper.",
        **CANCELLED,
    ),
    "resume": PressCase(action="resume:", prepare=("/pause",), fresh="Resumed.", twice="Not paused"),
    "revert": PressCase(
        action="@Undo",
        prepare=("/subscriptions 1 lora",),
        fresh="Changed back: diffusion (#1)",
        twice="Nothing to undo",
        gone=DELETED,
    ),
    "run": shows("run:search diffusion", "1 paper for diffusion"),
    "save": PressCase(
        action="save:{p}",
        fresh="Saved: Diffusion",
        twice="Already saved: Diffusion",
        other="Saved: Diffusion",
        member="Saved: Diffusion",
        lost=OLD,
    ),
    "saved": shows(
        "saved:0", "1 saved paper", prepare=("save:{p}",), other="You haven't saved", member="You haven't saved"
    ),
    "settings": PressCase(action="settings:", fresh="Settings of this chat"),
    "share": shows("share:{n}", "Share #1", gone=DELETED),
    "sign": PressCase(
        action="sign:{p}",
        fresh="Shown as submitted by User 1.",
        other="Someone else submitted this paper.",
        member="Someone else submitted this paper.",
        lost="This paper isn't on the list.",
    ),
    "language": PressCase(action="language:en", fresh="Language here: English."),
    "style": PressCase(action="style:cards", fresh="Each paper is sent as a message of its own."),
    "sub": shows("sub:{n}", "#1 diffusion", gone=DELETED),
    "subs": shows("subs:0", "2 subscriptions"),
    "swap": PressCase(action="swap:{n}:lora", fresh="Subscribed: lora (#1)", gone=DELETED),
    "tidy": PressCase(action="tidy:daily:{n}", fresh="diffusion: every day at 08:00", gone=DELETED),
    "try": shows("try:diffusion", "Preview: diffusion"),
    "undo": PressCase(action="undo:{n}", fresh="Unsubscribed: diffusion", twice=NO_SUBSCRIPTION, gone=DELETED),
    "unimport": PressCase(
        action="@Undo",
        prepare=("import:lora",),
        fresh="1 subscription taken back.",
        twice="There was nothing left to undo.",
    ),
    "unlink": shows("unlink:yes:telegram:9", "This account isn't linked with yours."),
    "unsave": PressCase(
        action="unsave:{p}",
        prepare=("save:{p}",),
        fresh="No longer saved: Diffusion",
        twice="Not saved: Diffusion",
        member="Not saved: Diffusion",
        lost=OLD,
    ),
    "unsubmit": PressCase(
        action="unsubmit:{p}",
        fresh="Removed from the list: Diffusion",
        twice="This paper isn't on the list.",
        member="Only its submitter and managers",
        lost=OLD,
    ),
    "unsubs": PressCase(action="unsubs:0", fresh="Which subscription do you want to delete?"),
    "unvote": PressCase(
        action="unvote:{p}",
        fresh="Your vote is withdrawn. 0 votes",
        twice="You have no vote for it. 0 votes",
        member="You have no vote for it. 1 vote",
        lost=OLD,
    ),
    "unwatch": PressCase(
        action="unwatch:{p}",
        prepare=("/watch 2601.00001",),
        fresh="No longer watching: Diffusion",
        twice="Not watched here: Diffusion",
        lost=OLD,
    ),
    "unlearn": PressCase(action="unlearn:{n}", fresh="Search by meaning is off here.", gone=DELETED),
    "vote": PressCase(
        action="vote:{q}",
        fresh="You voted for it. 1 vote",
        twice="Your vote stands. 1 vote",
        other="You voted for it. 2 votes",
        member="You voted for it. 1 vote",
        lost=OLD,
    ),
    "watch": PressCase(action="watch:2601.00001", fresh="Watching: Diffusion", twice="Already watched here: Diffusion"),
    "watched": shows("watched:0", "No papers are watched here."),
    "week": shows("week:{n}", "1 match in the last 7 days for diffusion", gone=DELETED),
    "when": PressCase(action="when:{n}:daily 08:00", fresh="diffusion: every day at 08:00", gone=DELETED),
    "whole": shows("whole:{p}", "Diffusion", lost=OLD),
    "why": shows("why:{p}", "Diffusion", lost=OLD),
    "widen": PressCase(action="widen:{n}", fresh="No wider query to suggest.", gone=DELETED),
    "zone": PressCase(action="zone:Europe/Berlin", fresh="Time zone: Europe/Berlin."),
}
OF_PRESSER = {"save", "vote", "feed", "present", "zone", "agendazone"}
"""Buttons that also do something for the person who presses."""


def parts(case):
    """The parts of an action."""
    return case.action.split(":")


class Scene:
    """A group with a subscription, papers, a meeting and a mute, and three people."""

    def __init__(self, bot):
        self.bot = bot
        self.numbers = {}

    async def set(self):
        bot = self.bot
        await bot.record(paper(1, "Diffusion", authors=("Ann Lee", "Bo Wu")), paper(2, "Attention"))
        number = await bot.number("diffusion", place=GROUP)
        stored, second = [(await bot.stored(f"2601.0000{one}")).number for one in (1, 2)]
        await bot.says("/submit 2601.00001", place=GROUP, who=ANN)
        await bot.says("/agenda weekly fri 15:00 UTC", place=GROUP)
        async with bot.store.read() as unit:
            place = await unit.places.at(GROUP)
            meeting = await unit.meetings.coming(place.number)
            person = await unit.people.person_of(bot.request(ANN).actor)
        self.numbers = {"n": number, "p": stored, "q": second, "place": place.number, "e": meeting.number}
        self.numbers["ann"] = person.number
        for who in (SECOND, MEMBER):
            await bot.says("/start", who=who)

    async def do(self, what):
        """What Ann sends as a manager."""
        if what.startswith("/"):
            return await self.bot.says(what, who=ANN, place=GROUP)
        return await self.bot.presses(what.format(**self.numbers), who=ANN, place=GROUP)

    async def ready(self, case):
        """The action of a case once all is prepared."""
        reply = None
        for what in case.prepare:
            reply = await self.do(what)
        if case.action.startswith("@"):
            return buttons_of(reply)[case.action[1:]]
        return case.action.format(**self.numbers)

    async def press(self, action, *, who=ANN, manages=True):
        """What the presser reads; never that something failed."""
        self.bot.clock.advance(seconds=30)
        reply = await self.bot.presses(action, who=who, place=GROUP, manages=manages)
        text = text_of(reply) or reply.toast
        assert "Something went wrong" not in text
        return text

    async def rows(self):
        """All that is stored, except for what passes."""
        stored = {}
        async with self.bot.store.read() as unit:
            for name, table in Row.metadata.tables.items():
                columns = [column for column in table.columns if column.name not in RENEWED]
                if name not in PASSING:
                    stored[name] = sorted(map(str, await unit.connection.execute(select(*columns))))
        return stored

    def restart(self):
        """Let another process answer, which remembers nothing."""
        self.bot.commands = Commands(replace(self.bot.context, long_texts=LongTexts()))


@pytest.fixture
async def scene(bot):
    made = Scene(bot)
    await made.set()
    return made


def test_every_button_is_in_the_table():
    assert CASES.keys() == presses(COMMANDS).keys() - {"place"}  # a channel's own reports


def test_under_a_shared_message_stays_what_members_may_press():
    asks_managers = {verb for verb in FOR_ALL if CASES[verb].member == MANAGERS}
    assert asks_managers == {"add"}


every_button = pytest.mark.parametrize("verb", sorted(CASES))


@every_button
async def test_pressed_twice_a_button_changes_nothing_more_and_says_so(scene, verb):
    case = CASES[verb]
    action = await scene.ready(case)
    assert (await scene.press(action)).startswith(case.fresh)
    before = await scene.rows()
    assert (await scene.press(action)).startswith(case.twice or case.fresh)
    assert await scene.rows() == before


@every_button
async def test_another_manager_presses_what_was_pressed(scene, verb):
    case = CASES[verb]
    action = await scene.ready(case)
    await scene.press(action)
    before = await scene.rows()
    assert (await scene.press(action, who=SECOND)).startswith(case.other or case.twice or case.fresh)
    assert verb in OF_PRESSER or await scene.rows() == before


@every_button
async def test_a_member_changes_nothing_of_others(scene, verb):
    case = CASES[verb]
    action = await scene.ready(case)
    before = await scene.rows()
    assert (await scene.press(action, who=MEMBER, manages=False)).startswith(case.member)
    assert verb in OF_PRESSER or await scene.rows() == before


@every_button
async def test_after_a_restart_a_button_does_the_same(scene, verb):
    case = CASES[verb]
    action = await scene.ready(case)
    scene.restart()
    assert (await scene.press(action)).startswith(case.fresh)


@pytest.mark.parametrize("verb", [verb for verb, case in sorted(CASES.items()) if case.gone])
async def test_what_a_button_names_is_gone(scene, verb):
    case = CASES[verb]
    action = await scene.ready(case)
    for what in case.gone:
        await scene.do(action if what == "@itself" else what)
    before = await scene.rows()
    assert (await scene.press(action)).startswith(case.lost)
    assert await scene.rows() == before


@pytest.mark.parametrize("verb", [verb for verb, case in sorted(CASES.items()) if {"{p}", "{q}"} & set(parts(case))])
async def test_the_paper_of_a_button_is_gone(scene, verb):
    case = CASES[verb]
    await scene.ready(case)
    before = await scene.rows()
    action = case.action.format(**scene.numbers | dict.fromkeys("pq", 999_999_999))
    lost = case.lost if not case.gone else "This paper isn't on the agenda any more."
    assert (await scene.press(action)).startswith(lost)
    assert await scene.rows() == before
