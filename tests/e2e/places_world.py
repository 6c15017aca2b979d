"""Ten places on Telegram and ten on Discord, and how people there subscribe: typing, posting, or naming the place."""

import asyncio
import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from product import papers_of

from servers.discord_world import FORUM, NEWS

FEED = re.compile(r"https?://[^\s)>\]]+\.atom")


@dataclass
class Spot:
    """One place: `messages()` are what the bot wrote there; its manager types commands by these, which give the answer.

    `type(text)` in the place, or elsewhere with its name after the command; `speak(text)` in the place itself;
    `whisper(text)` in their own private chat, whose messages are `private()`, both None where a chat itself speaks.
    `lane` is shared by places that share one chat. Messages before `begun` are answers, later ones are alerts.
    """

    platform: str
    name: str
    messages: Any
    type: Any
    speak: Any
    whisper: Any = None
    private: Any = None
    lane: object = None
    thread: int | None = None
    wants: list = field(default_factory=list)
    begun: int = 0

    @property
    def alerts(self):
        return self.messages()[self.begun :]

    @property
    def told(self):
        """The papers that arrived, in order, repeats included."""
        return [found for message in self.alerts for found in papers_of(message)]


def telegram_places(telegram):
    """Two private chats, three groups (one of them managed by nameless administrators), three topics, two channels."""
    telegram.chat(-201, "group", "Reading club", admins={103})
    telegram.chat(-100301, "supergroup", "Robots", admins={104})
    telegram.chat(-100302, "supergroup", "Nameless", admins={105})
    telegram.chat(-100401, "supergroup", "Forum", forum=True, topics={7: "Vision", 8: "Speech"}, admins={106, 107})
    telegram.chat(-100402, "supergroup", "Far forum", forum=True, topics={5: "Maths"}, admins={108})
    telegram.chat(-100501, "channel", "Daily papers")
    telegram.chat(-100502, "channel", "Weekly papers", admins={109})

    def spot(name, user, chat=None, thread=None, *, to=""):
        place = user if chat is None else chat

        async def spoken(text):
            return await telegram.ask(user, text, chat, thread)

        async def whispered(text):
            return await telegram.ask(user, text)

        async def named(text):
            return await telegram.ask(user, f"{text} to:{to}")

        return Spot(
            "telegram",
            name,
            lambda: telegram.messages(place, thread),
            named if to else spoken,
            spoken,
            whispered,
            lambda: telegram.messages(user),
            lane=("telegram", place),
            thread=thread,
        )

    def speaking(name, chat, say):
        async def spoken(text):
            before = len(telegram.messages(chat))
            say(chat, text)
            return (await telegram.wait(chat, before + 1))[before]

        return Spot("telegram", name, lambda: telegram.messages(chat), spoken, spoken, lane=("telegram", chat))

    return [
        spot("private chat", 101),
        spot("another private chat", 102),
        spot("group", 103, -201),
        spot("supergroup", 104, -100301),
        speaking("supergroup, nameless admin", -100302, telegram.say_as_group),
        spot("forum topic", 106, -100401, 7),
        spot("forum topic next to it", 107, -100401, 8),
        spot("forum topic, named by link", 108, -100402, 5, to="https://t.me/c/402/5"),
        speaking("channel", -100501, telegram.post),
        spot("channel, named by number", 109, -100502, to="-100502"),
    ]


def discord_places(discord):
    """Two private chats, four channels (one for announcements), three threads, and a post in a forum."""
    lab = discord.guild(51_000, "Lab", managers=(201, 202, 203, 204, 205))
    club = discord.guild(52_000, "Club", managers=(206, 207, 208))
    papers = discord.channel(51_101, lab)
    robots = discord.channel(51_102, lab, "robots")
    news = discord.channel(52_101, club, "news", NEWS)
    general = discord.channel(52_102, club, "general")
    forum = discord.channel(52_103, club, "forum", FORUM)
    first, second = discord.thread(51_201, papers, "vision"), discord.thread(51_202, papers, "speech")
    far, post = discord.thread(52_201, general, "maths"), discord.thread(52_202, forum, "causality")

    def spot(name, user, channel=None, *, to=""):
        place = discord.dm(user).id if channel is None else channel.id

        async def spoken(text):
            return await discord.ask(user, text, place)

        async def whispered(text):
            return await discord.ask(user, text)

        async def named(text):
            return await discord.ask(user, text, options={"to": to})

        return Spot(
            "discord",
            name,
            lambda: discord.messages(place),
            named if to else spoken,
            spoken,
            whispered,
            lambda: discord.messages(discord.dm(user).id),
            lane=("discord", place),
        )

    return [
        spot("private chat", 211),
        spot("another private chat", 212),
        spot("channel", 201, papers),
        spot("channel next to it", 202, robots),
        spot("thread", 203, first),
        spot("thread next to it", 204, second),
        spot("channel, named by id", 206, general, to=f"<#{general.id}>"),
        spot("announcement channel", 207, news),
        spot("thread, named by link", 208, far, to=f"https://discord.com/channels/{club.id}/{far.id}"),
        spot("forum post", 208, post),
    ]


def share_out(spots, queries):
    """Give each place a few of the queries: never the same ones as its neighbours, some of them several."""
    for number, spot in enumerate(spots):
        spot.wants = [queries[(number + step) % len(queries)] for step in (0, 3, 7)[: 1 + number % 3]]


async def subscribe(spots):
    """Each place's manager subscribes, place by place at once; then everything said so far is an answer."""
    lanes = defaultdict(list)
    for spot in spots:
        lanes[spot.lane].append(spot)

    async def along(lane):
        for spot in lane:
            for query in spot.wants:
                answer = await spot.type(f"/subscribe {query.text}")
                assert "Subscribed" in answer.text, answer.text

    await asyncio.gather(*map(along, lanes.values()))


async def feed_links(spots):
    """The Atom feeds of private chats, and of places on Discord, where only the manager sees the answer."""
    asked = [spot for spot in spots if spot.platform == "discord" or "private chat" in spot.name]
    return [(spot, FEED.search((await spot.speak("/feed")).text)[0]) for spot in asked]


def begin(spots):
    """From here on what comes is alerts."""
    for spot in spots:
        spot.begun = len(spot.messages())
