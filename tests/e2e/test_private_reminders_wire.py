"""Presenters who are reminded in private too, over the wire of both platforms and across restarts."""

from datetime import timedelta

import pytest
from club_life import EVE, FAY, FIRST, Club, OnDiscord, OnTelegram
from conversation_world import ANN, GROUP

from servers.telegram_world import member


class TelegramChats(OnTelegram):
    """The group, and the private chats of its people."""

    def of(self, who):
        return [self.text(sent) for sent in self.server.messages(who)]

    async def read(self, who, number):
        await self.server.wait(who, number)
        return self.server.messages(who)[number - 1]

    def shut(self, who):
        self.server.chats[who].bot = "kicked"

    async def end(self, who, sent):
        self.server.press(who, sent, "No private reminders")


class DiscordChats(OnDiscord):
    """The channel, and the private chats of its people."""

    def of(self, who):
        return [self.text(sent) for sent in self.server.messages(self.server.dm(who).id)]

    async def read(self, who, number):
        chat = self.server.dm(who).id
        await self.server.wait(chat, number)
        return self.server.messages(chat)[number - 1]

    def shut(self, who):
        self.server.dm(who).closed = True

    async def end(self, who, sent):
        await self.server.press(who, sent, "No private reminders")


async def with_presenters(conversation, people):
    """A club where Eve and Fay present, and its agenda."""
    club = Club(conversation, people)
    for who, number in ((EVE, 1), (FAY, 2)):
        await club.submit(who, number)
    await people.ask(ANN, "/agenda weekly fri 15:00 Europe/Berlin")
    await people.file()
    agenda = await people.ask(FAY, "/agenda")
    await people.file()
    for who, number in ((EVE, 1), (FAY, 2)):
        await people.press(who, agenda, f"{number}. I present this")
        await people.shows(agenda, f"presented by {'Eve' if who == EVE else 'Fay'}")
    return club, agenda


@pytest.mark.parametrize("platform", [TelegramChats, DiscordChats])
async def test_presenters_are_reminded_in_private_if_they_wish(conversation, platform):
    people = platform(conversation)
    club, agenda = await with_presenters(conversation, people)
    await conversation.restart()
    assert await people.press(EVE, agenda, "Remind me privately") == "You'll be reminded in our private chat, too."
    greeting = await people.read(EVE, 1)
    assert people.text(greeting).startswith("As you asked in ")
    await conversation.restart()
    (reminder,) = await club.until(FIRST - timedelta(days=1))
    assert people.text(reminder).startswith("Reminder: journal club on Friday, 9 January 2026, 15:00")
    private = await people.read(EVE, 2)
    assert people.text(private).startswith("Reminder: you present at the journal club of ")
    assert "Friday, 9 January 2026, 15:00 (Europe/Berlin)" in people.text(private)
    assert people.of(FAY) == []
    assert await people.press(FAY, reminder, "Remind me privately") == "You'll be reminded in our private chat, too."
    await conversation.restart()
    await people.end(EVE, private)
    await people.read(EVE, 3)
    await club.until(FIRST - timedelta(hours=1))
    assert [text.split(":")[0] for text in people.of(FAY)][1:] == ["Soon"]
    assert people.of(EVE)[2:] == ["You won't be reminded of this meeting in private."]
    assert people.server.violations == []


@pytest.mark.parametrize("platform", [TelegramChats, DiscordChats])
async def test_who_cannot_be_written_to_is_told_how(conversation, platform):
    people = platform(conversation)
    club, agenda = await with_presenters(conversation, people)
    people.shut(EVE)
    answer = await people.press(EVE, agenda, "Remind me privately") or people.text(people.messages()[-1])
    assert answer.startswith("I can't message you privately: ")
    assert "Open a private chat with me and send " in answer
    await club.until(FIRST - timedelta(days=1))
    assert people.of(EVE) == []


def told_by_message(telegram, who):
    """A small group shows all its bots who left."""
    telegram.say(who, "", GROUP, left_chat_member=telegram.people[who])


def told_as_administrator(telegram, who):
    """A bot that is an administrator is told who left or was removed."""
    group, person = telegram.chats[GROUP].json(), telegram.people[who]
    change = {"old_chat_member": member("member", person), "new_chat_member": member("kicked", person)}
    telegram.push({"chat_member": {"chat": group, "from": telegram.people[ANN], "date": 1} | change})


@pytest.mark.parametrize("told", [told_by_message, told_as_administrator])
async def test_who_left_the_group_presents_nothing_and_is_reminded_no_more(conversation, told):
    people = TelegramChats(conversation)
    club, agenda = await with_presenters(conversation, people)
    for who in (EVE, FAY):
        await people.press(who, agenda, "Remind me privately")
    await conversation.restart()
    before = len(people.messages())
    told(people.server, FAY)
    await people.server.until(people.server.confirmed)
    await conversation.restart()
    assert len(people.messages()) == before
    (reminder, *_) = await club.until(FIRST - timedelta(hours=1))
    assert "presented by Eve" in people.text(reminder)
    assert "Fay" not in people.text(reminder)
    assert [len(people.of(who)) for who in (EVE, FAY)] == [3, 1]
    assert people.server.violations == []
