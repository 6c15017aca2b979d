"""Four lives on both platforms and at a terminal, each with a restart before every answer and press."""

import re
from datetime import timedelta

import pytest
from conversation_world import conversing, paper
from lives import LIVES, SHARED, InTerminal, PostOnDiscord, Shown, TopicOnTelegram
from pressing import next_slot

from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.match import Matching
from servers.loopback import PATIENCE

STUDENT = """
hello -> Subscribe with a query
large language models -> Subscribe to get new papers on this
[Subscribe] -> Subscribed: large language models (#1)
/digest daily 8am -> Choose your time zone
[Europe/Berlin] -> every day at 08:00 (Europe/Berlin)
+3 A large language model
~1 -> 3 new papers
[1] -> A large language model 1
[Save] -> Saved
/saved -> A large language model 1
/subscribe -> What are you looking for?
diffusion models -> Subscribed: diffusion models (#2)
undo -> Unsubscribed: diffusion models
/subscriptions 1 -> #1 large language models
[Edit] -> ew query for #1
language models -> Changed: language models (#1)
/why 2601.00001 -> sent to
stop -> What do you want to stop?
no -> OK. Nothing was changed.
~6
/forget -> Delete everything stored about you?
no -> Nothing was deleted.
/forget -> This can't be undone.
yes -> Everything about you has been deleted.
"""
LAB = """
/subscribe lora -> Subscribed: lora (#1)
/subscriptions 1 -> New papers will be posted here as they appear.
[Edit] -> ew query for #1
qlora OR lora -> Changed: qlora OR lora (#1)
/settings -> No quiet hours are set here.
[Quiet hours…] -> To change this: /quiet
[22:00-07:00] -> Choose your time zone
[Europe/Berlin] -> from 22:00 to 07:00 (Europe/Berlin)
+2 LoRA adapters -> LoRA adapters 2
[Mute…] -> What should be muted here?
[Author Jiaqi Liu] -> Muted here: Jiaqi Liu
[Undo] -> Unmuted.
/unsubscribe 1 -> Unsubscribed: qlora OR lora
[Undo] -> Subscribed again: qlora OR lora (#1)
/import -> query or feed
graphs -> 1 will be subscribed.
[Subscribe to 1] -> Subscribed to 1
/status -> Not paused.
"""
SUBMITTED = """
/submit https://arxiv.org/abs/2601.00500 -> Submitted to the list: Graphs of graphs
+0 - -> Graphs of graphs
[👍 -> vote
"""
SUBMITTED_ALONE = """
/submit https://arxiv.org/abs/2601.00500 -> Submitted to the list: Graphs of graphs
/agenda -> To set when to meet: /agenda weekly fri 15:00
/subscribe list:here -> Only you submit papers here.
/subscribe lora -> Subscribed: lora (#1)
+1 LoRA -> LoRA 1
[👍 Upvote] -> You voted for it.
/trending here -> Graphs of graphs
"""
CLUB = """
/agenda fridays at 3 -> Choose your time zone
[Europe/Berlin]
/agenda -> Journal club on Friday, 9 January 2026, 15:00 (Europe/Berlin)
"""
REMINDED = """
[I present this]
[Remind me privately] -> private chat
"""
REMINDED_ALONE = """
[1. I present this] -> presented by Ann
"""
OVER = """
~5 -> Are there notes or a link to keep?
[Add notes -> Notes or a link
https://example.org/notes -> Kept with the meeting on Friday, 9 January 2026
/agenda -> https://example.org/notes
/agenda every other monday 15:00 -> every 2 weeks on Monday at 15:00 (Europe/Berlin)
~21 -> journal club on
/agenda off -> is cancelled. No other meeting is set.
"""
UNDONE = """
undo -> The last change can't be undone.
"""
FORGOTTEN = """
/forget -> This can't be undone.
yes -> Everything about you has been deleted.
/trending here -> No votes here in this period.
"""
DROWNING = """
/subscribe cat:cs.CV -> Subscribed: cat:cs.CV (#1)
+45 Seeing -> 45 papers came in 5 messages.
[Fewer…] -> To get fewer messages from:
[Best 10 a day] -> Choose your time zone
[Europe/Berlin] -> every day at 08:00 (Europe/Berlin)
undo -> Changed back.
too many papers -> To get fewer messages from:
[Mute] -> Muted here: subscription #1
stop -> What do you want to stop?
[Pause everything here] -> Paused.
/start -> ⚠ Nothing is sent here: paused by
[Resume] -> Resumed.
unsubscribe -> Nothing changes until you press a button.
[#1 cat:cs.CV] -> Unsubscribed: cat:cs.CV
undo -> Subscribed again: cat:cs.CV (#1)
"""
ALL = {
    "student": (STUDENT, LIVES),
    "lab": (LAB, SHARED),
    "club": (SUBMITTED + CLUB + REMINDED + OVER, {"telegram": TopicOnTelegram, "discord": PostOnDiscord}),
    "club of one": (SUBMITTED_ALONE + CLUB + REMINDED_ALONE + OVER + UNDONE + FORGOTTEN, {"console": InTerminal}),
    "drowning": (DROWNING, LIVES),
}
"""What somebody types, [presses], is sent (+papers) or waits (~days), and what they read then."""
DRAWN = re.compile(r"\[#\d+ (.*?)\](?=  |\n)")


class Player:
    """Somebody who lives through steps in one chat; `shown` is all that they saw."""

    def __init__(self, world, chat):
        self.world, self.chat, self.shown, self.papers, self.expected = world, chat, [], 0, ""

    async def lives(self, steps):
        """Go through the lines of a life."""
        for line in filter(None, steps.splitlines()):
            step, _, self.expected = line.partition(" -> ")
            if step[0] not in "/+~":
                await self.world.restart()
                await self.chat.restarted()
            came = "\n".join(f"{shown.text} {shown.labels}" for shown in await self.does(step))
            assert self.expected in came, step

    async def does(self, step):
        """Do one step: the messages that came of it."""
        before = len(self.shown)
        match step[0]:
            case "+":
                count, _, title = step[1:].partition(" ")
                await self._came(self._announced(int(count), title))
            case "~":
                await self._came(self._waited(int(step[1:])))
            case "[":
                self.shown.append(await self._pressed(step[1:].removesuffix("]")))
            case _:
                self.shown.append(await self.chat.says(step))
        return self.shown[before:]

    async def _pressed(self, label):
        """Press the newest button whose label begins so."""
        for shown in reversed(self.shown):
            for each in shown.labels or DRAWN.findall(shown.text):
                if each.startswith(label):
                    return await self.chat.presses(shown, each, self.expected)
        pytest.fail(f"no button {label}")

    async def _came(self, work):
        before = self.chat.came()
        await work
        now = self.chat.came()
        if self.chat.kind == "console":
            self.shown.append(Shown(now[0].text.removeprefix(before[0].text)))
        else:
            self.shown += now[len(before) :]

    async def _announced(self, count, title):
        self.world.clock.advance(minutes=5)
        first = self.papers + 1
        self.papers += count
        await self.world.record(*(paper(first + each, f"{title} {each + 1}") for each in range(count)))
        await self._sent()

    async def _waited(self, days):
        clock = self.world.clock
        end = clock.at + timedelta(days=days)
        while clock.at < end:
            due = await self._sent() or end
            clock.at = min(max(due, clock.at + timedelta(seconds=1)), end)
        await self._sent()

    async def _sent(self):
        """Match and send what is due; when something is due next."""
        await Matching(self.world.store, now=self.world.clock, next_slot=next_slot).run()
        about = {"owner": "test", "now": self.world.clock, "hold": Hold(self.world.store)}
        delivery = Delivery(self.world.store, self.world.context.channels, **about)
        await delivery.run(self.chat.kind)
        due = await delivery.next_due(self.chat.kind)
        await delivery.shut_down()
        return due


@pytest.mark.parametrize(("life", "kind"), [(life, kind) for life, (_, chats) in ALL.items() for kind in chats])
async def test_a_life_goes_on_over_a_restart_at_every_question(store, clock, tmp_path, monkeypatch, life, kind):
    for limit in ("SUGGEST_WITHIN", "DEFER_AFTER"):
        monkeypatch.setattr(f"paperwire.channels.discord.answer.{limit}", PATIENCE)
    steps, chats = ALL[life]
    async with conversing(store, clock) as world:
        world.known["2601.00500"] = paper(500, "Graphs of graphs")
        chat = chats[kind](world, tmp_path)
        await chat.restarted()
        await Player(world, chat).lives(steps)
        await chat.end()
