"""Places that close to us, in every way they can: paused at the first refusal, managers told, nothing lost."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from typing import Any

import pytest
from places_days import made_up
from places_replay import replay
from places_world import subscribe
from product import PAPERS_A_MESSAGE, papers_of

from paperwire.core.messages.bundles import SINGLES_WHEN_LATE
from paperwire.core.messages.closed import pause_reason, remedy
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store
from paperwire.texts import ENGLISH
from servers.discord_world import DM, SEND, VIEW, Channel
from servers.loopback import PATIENCE

OWNER, DEAD = 301, 500


@dataclass
class Door:
    """A place that closes when `thing` gets `values`, paused then as `reason`."""

    spot: Any
    reason: str
    thing: Any
    values: dict
    asked: int = 0
    heard: int = 0

    def close(self, world):
        self.asked = world.requests_to(self.spot)
        self.heard = len(self.spot.private()) if self.spot.private else 0
        self.values, before = {name: getattr(self.thing, name) for name in self.values}, self.values
        vars(self.thing).update(before)

    def open(self):
        vars(self.thing).update(self.values)

    @property
    def is_told(self):
        """Whether its manager can be told: not in a chat that is closed, nor on Telegram who never wrote to the bot."""
        return self.spot.private is not None and self.spot.name not in {"another private chat", "forum topic"}

    def notices(self):
        """What the manager heard of it in private."""
        return [message.text for message in self.spot.private()[self.heard :] if "no longer reach" in message.text]


def doors(world):
    """Ten places that close without a word to the bot."""

    def door(platform, name, reason, thing, **values):
        return Door(world.spot(name, platform), reason, thing, values)

    chats, channels = world.telegram.chats, world.discord.channels
    return [
        door("telegram", "another private chat", "blocked", chats[102], bot="kicked"),
        door("telegram", "supergroup", "removed", chats[-100301], bot="kicked"),
        door("telegram", "supergroup, nameless admin", "silenced", chats[-100302], may_post=False),
        door("telegram", "forum topic", "topic closed", chats[-100401], closed_topics={7}),
        door("telegram", "forum topic, named by link", "deleted", chats[-100402], topics={}),
        door("discord", "another private chat", "blocked", world.discord.dm(212), closed=True),
        door("discord", "channel", "deleted", channels[51_101], deleted=True),
        door("discord", "channel next to it", "silenced", channels[51_102], denied=SEND),
        door("discord", "thread next to it", "archived", channels[51_202], archived=True, locked=True),
        door("discord", "announcement channel", "hidden", channels[52_101], denied=VIEW),
    ]


@pytest.mark.slow
async def test_closed_places_are_paused_at_once_told_of_and_caught_up_with(tmp_path, database):
    async with replay(tmp_path, database, made_up(3, 8)) as world:
        await world.begin()
        await world.spot("supergroup", "telegram").whisper("/help")  # which stores nothing of them
        shut = doors(world)
        for one in shut:
            one.close(world)
        move(world)
        world.discord.channels[51_201].archived = True  # as threads are that nobody has written in: it opens by itself
        for number in (1, 2):
            world.show(number)
            await world.complete(but=[one.spot for one in shut])
        for one in shut:
            await until_paused(world, one)
        world.assert_once_each(but=[one.spot for one in shut])

        await world.product.stop()
        await world.restart(hours=14)
        for one in shut:
            one.open()
            assert "starting with those you missed" in (await one.spot.speak("/resume")).text
        await world.complete()
        for one in shut:
            late = [message for message in one.spot.alerts if papers_of(message)]
            few = len(world.expected(one.spot)) <= SINGLES_WHEN_LATE
            assert few or len(late) <= 1 + ceil(len(world.expected(one.spot)) / PAPERS_A_MESSAGE), one.spot.name
        world.show(3)
        await world.complete()
        world.assert_once_each()
        assert not world.telegram.violations


def move(world):
    """A group becomes a supergroup, and its people go on there."""
    world.telegram.chats[-201].migrated_to = -100_999
    world.telegram.chat(-100_999, "supergroup", "Reading club", admins={103})
    spot = world.spot("group", "telegram")
    old, spot.begun = world.telegram.messages(-201), 0
    assert len(old) == len(spot.wants)
    spot.messages = lambda: world.telegram.messages(-100_999)


async def until_paused(world, door):
    """The place was asked once, is paused for the reason it gave, and its manager was told once, where that can be."""

    async def is_settled():
        return door.reason in await world.paused(door.spot) and (not door.is_told or door.notices())

    await world.product.until(is_settled)
    assert world.requests_to(door.spot) == door.asked + 1, door.spot.name
    if door.is_told:
        [notice] = door.notices()
        assert pause_reason(door.reason, ENGLISH) in notice
        assert remedy(door.reason, ENGLISH) in notice
        assert "/resume" in notice


@pytest.mark.slow_on_postgresql
async def test_who_throws_the_bot_out_is_not_written_to_again(tmp_path, database):
    async with replay(tmp_path, database, made_up(2, 8)) as world:
        await world.product.ready()
        spot = world.spot("channel, named by number", "telegram")
        world.spots = [spot]
        await subscribe(world.spots)
        heard, asked = len(spot.private()), world.requests_to(spot)
        world.telegram.standing(109, -100502, "kicked")

        async def is_told():
            return len(spot.private()) > heard

        await world.product.until(is_told)
        assert "Weekly papers: the bot was removed" in spot.private()[-1].text
        world.show(1)
        await world.product.until(world.has_stored_all)
        world.telegram.standing(109, -100502, "administrator", can_post_messages=True)
        [back] = await world.telegram.wait(-100502)
        assert "/resume sends them" in back.text
        assert world.requests_to(spot) == asked + 1
        await spot.speak("/resume")
        await world.complete()
        world.assert_once_each()


@pytest.mark.slow
async def test_five_hundred_dead_channels_cost_one_refusal_each(tmp_path, database):
    days = made_up(1, 8)
    await subscribe_channels(database, range(60_000, 60_000 + DEAD + 1))
    async with replay(tmp_path, database, days) as world:
        discord = world.discord
        lab = discord.guilds[51_000]
        discord.channels[70_000] = private = Channel(70_000, DM, recipient=OWNER)
        alive, *dead = [discord.channel(number, lab) for number in range(60_000, 60_000 + DEAD + 1)]
        for place, channel in enumerate(dead):
            channel.deleted, channel.denied = bool(place % 2), 0 if place % 2 else VIEW
        await world.product.ready()
        world.show(1)

        async def is_settled():
            return len(alive.sent) >= 1 and sum(map(told, private.sent)) >= DEAD

        await world.product.until(is_settled, 3 * PATIENCE)
        posts = [path.split("/")[4] for method, path, _ in discord.calls if method == "POST" and "messages" in path]
        assert sorted(set(posts)) == sorted([str(channel.id) for channel in (alive, *dead, private)])
        assert all(posts.count(str(channel.id)) == 1 for channel in dead)
        assert len(discord.limits.invalid) == DEAD // 2
        assert sum(map(told, private.sent)) == DEAD
        assert len(private.sent) <= DEAD // 20
        papers = [found for message in alive.sent for found in papers_of(message)]
        assert papers == [paper.id for paper in days.papers[1]]
        assert not discord.violations


def told(message):
    """Of how many closed places a notice tells."""
    several = re.search(r"no longer reach (\d+) of your chats:", message.text)
    return int(several[1]) if several else 1


async def subscribe_channels(database, numbers):
    """One person wants all papers in all these channels, and has a private chat."""
    store = Store.open(database, now=lambda: datetime(2026, 4, 20, 11, tzinfo=UTC))
    async with store.write() as unit:
        person = await unit.people.ensure(Actor(channel="discord", user_id=str(OWNER)), "en")
        await unit.places.ensure(Place(channel="discord", address="70000", kind="private"), person.number)
        places = [
            await unit.places.ensure(
                Place(channel="discord", address=str(number), kind="channel", title=f"channel {number}"), person.number
            )
            for number in numbers
        ]
        for place in places:
            await unit.subscriptions.subscribe(
                person.number,
                parse("study"),
                name="",
                occasions=frozenset({"arrival"}),
                cadence="instant",
                destinations=[place.number],
            )
    await store.close()
