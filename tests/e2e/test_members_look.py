"""Members see over the wire what managers have set in a shared place, without buttons that they may not press."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper

from servers.discord_people import plain

MAY_NOT = "Managers can change this."


class OnTelegram:
    def __init__(self, world):
        self.telegram = world.telegram

    async def ask(self, person, text):
        """The lines of the answer and the labels of its buttons."""
        before = len(self.telegram.messages(GROUP))
        self.telegram.say(person, text, GROUP)
        await self.telegram.until(self.telegram.confirmed)  # files follow
        sent = self.telegram.messages(GROUP)[before]
        return sent.text.replace("\u2060", "").split("\n"), {button["text"] for row in sent.keyboard for button in row}


class OnDiscord:
    def __init__(self, world):
        self.discord = world.discord

    async def ask(self, person, text):
        sent = await self.discord.ask(person, text, PAPERS)
        return plain(sent.text).replace("*", "").split("\n"), {label for row in sent.labels for label in row} - {
            "Share here"
        }


@pytest.fixture(params=[OnTelegram, OnDiscord])
async def place(request, store, clock):
    async with conversing(store, clock) as world:
        await world.record(paper(1, "LoRA"))
        yield request.param(world), world


async def test_members_see_how_often_and_when_papers_come_and_how_they_look(place):
    here, _ = place
    for typed in ("/digest daily 08:00", "/quiet 22:00-07:00", "/style list"):
        await here.ask(ANN, typed)
    digest = "New papers come here every day at 08:00 (UTC)."
    (shown, *_, may_not), buttons = await here.ask(BOB, "/digest")
    assert (shown, may_not, buttons) == (digest, MAY_NOT, set())
    (shown, *_, may_not), buttons = await here.ask(BOB, "/quiet")
    assert (shown.startswith("Nothing is sent here from 22:00 to 07:00"), may_not, buttons) == (True, MAY_NOT, set())
    (shown, *_, may_not), buttons = await here.ask(BOB, "/style")
    assert (may_not, buttons) == (MAY_NOT, set())
    for typed, button in (("/digest", "Time zone…"), ("/quiet", "Time zone…"), ("/style", "Cards")):
        lines, buttons = await here.ask(ANN, typed)
        assert MAY_NOT not in lines
        assert button in buttons


async def test_members_see_what_is_muted(place):
    here, world = place
    nothing = await here.ask(BOB, "/mutes")
    assert nothing[0][0].startswith("Nothing is muted here.")
    await here.ask(ANN, "/subscribe lora")
    async with world.store.write() as unit:
        for address in (str(GROUP), str(PAPERS)):
            stored = [one for one in await unit.places.owned_places(only_closed=False) if address in one.addresses]
            for one in stored:
                await unit.places.mute(one.number, "category", "cs.LG")
    assert await here.ask(BOB, "/mutes") == (["Muted here", "• cs.LG", MAY_NOT], set())
    assert (await here.ask(ANN, "/mutes"))[1] == {"Unmute cs.LG"}


async def test_members_open_subscriptions_and_change_none(place):
    here, _ = place
    await here.ask(ANN, "/subscribe lora")
    lines, buttons = await here.ask(BOB, "/subscriptions")
    assert (lines[0], buttons) == ("1 subscription", {"Open 1"})
    lines, buttons = await here.ask(BOB, "/subscriptions 1")
    assert (lines[-1], buttons) == (MAY_NOT, set())
    lines, buttons = await here.ask(ANN, "/subscriptions 1")
    assert MAY_NOT not in lines
    assert {"Edit", "When…", "Pause", "Delete"} < buttons
    lines, _ = await here.ask(BOB, "/subscriptions 1 pause")
    assert lines == ["Only managers can change subscriptions and settings here."]


async def test_members_see_the_agenda_with_what_they_may_do(place):
    here, _ = place
    lines, buttons = await here.ask(BOB, "/agenda")
    assert (lines[0], buttons) == ("No meeting is set.", set())
    await here.ask(ANN, "/agenda weekly fri 15:00 UTC")
    assert await here.ask(BOB, "/agenda") == await here.ask(ANN, "/agenda")  # anyone may present


async def test_members_see_what_is_watched_and_stop_nothing(place):
    here, _ = place
    assert (await here.ask(BOB, "/watch"))[0][0].startswith("No papers are watched here.")
    assert "Only managers can change" in (await here.ask(BOB, "/watch 2601.00001"))[0][0]
    await here.ask(ANN, "/watch 2601.00001")
    lines, buttons = await here.ask(BOB, "/watch")
    assert lines[0].startswith("Watching 1 paper here")
    assert (lines[-1], buttons) == (MAY_NOT, set())
    assert (await here.ask(ANN, "/watch"))[1] == {"1. Stop"}
