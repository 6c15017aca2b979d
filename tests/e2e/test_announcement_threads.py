"""Announcements that open a thread for their discussion, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, FORUM, NEWS, PAPERS, POST, conversing
from delivering import Announcer

from servers.discord_world import OPEN_THREADS
from servers.loopback import PATIENCE


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.SUGGEST_WITHIN", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


@pytest.fixture
def announcer(conversation):
    return Announcer(conversation)


def threads(discord):
    """The names of threads by the message that they were opened on."""
    return {one.id: one.name for one in discord.channels.values() if one.parent is not None and one.id != POST}


async def test_each_announcement_on_discord_opens_a_thread_until_it_is_switched_off(conversation, announcer):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    await announcer.announce("LoRA zero")
    on = await discord.ask(ANN, "/style threads on", PAPERS)
    assert on.text == "Each announcement opens a thread for its discussion."
    await announcer.announce("LoRA one " + "x" * 200)
    await discord.ask(ANN, "/style list", PAPERS)
    await announcer.announce(*(f"LoRA {number}" for number in range(12)))
    papers = [one for one in discord.messages(PAPERS) if one.links]
    names = threads(discord)
    assert list(names) == [papers[1].id, papers[2].id]
    assert names[papers[1].id].startswith("LoRA one xxx")
    assert len(names[papers[1].id]) == 100
    assert names[papers[2].id] == "12 new papers (1/2)"
    await discord.ask(ANN, "/style threads off", PAPERS)
    await announcer.announce("LoRA last")
    assert len(threads(discord)) == 2


async def test_a_forum_on_telegram_gets_a_topic_with_a_link_to_the_announcement(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", FORUM, 5)
    offered = await telegram.ask(ANN, "/style", FORUM, 5)
    assert "Announcements open no threads." in offered.text
    telegram.press(ANN, offered, "Threads on")
    await telegram.until(lambda: "Each announcement opens a thread" in offered.text)
    await announcer.announce("LoRA <one>")
    paper, first = telegram.messages(FORUM)[-2:]
    assert paper.thread == 5
    assert telegram.chats[FORUM].topics[first.thread] == "LoRA <one>"
    assert (first.text, first.links, first.silent) == ("LoRA <one>", [f"https://t.me/c/300/5/{paper.id}"], True)


async def test_without_the_right_papers_still_come_and_managers_hear_once(conversation, announcer):
    discord, telegram = conversation.discord, conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", FORUM, 5)
    await telegram.ask(ANN, "/style threads on", FORUM, 5)
    telegram.chats[FORUM].may_open = False
    telegram.chat(ANN, "private", "Ann")
    for title in ("LoRA one", "LoRA two"):
        await announcer.announce(title)
    assert [one.text.partition("\n")[0] for one in telegram.messages(FORUM)[-2:]] == ["LoRA one", "LoRA two"]
    (notice,) = telegram.messages(ANN)
    assert notice.text.startswith("No threads can be opened in Forum")
    assert "Manage Topics" in notice.text
    assert "may open no threads here" in (await telegram.ask(ANN, "/style", FORUM, 5)).text
    telegram.chats[FORUM].may_open = True
    await telegram.ask(ANN, "/style threads on", FORUM, 5)
    await announcer.announce("LoRA three")
    assert "LoRA three" in telegram.chats[FORUM].topics.values()

    await discord.ask(ANN, "/subscribe lora", PAPERS)
    await discord.ask(ANN, "/style threads on", PAPERS)
    discord.channels[PAPERS].denied = OPEN_THREADS
    for title in ("LoRA four", "LoRA five"):
        await announcer.announce(title)
    assert [one.embeds[0]["title"] for one in discord.messages(PAPERS)[-2:]] == ["LoRA four", "LoRA five"]
    assert len([1 for _, path, _ in discord.calls if path.endswith("/threads")]) == 1
    notices = [one for one in discord.messages(discord.dm(ANN).id) if "Create Public Threads" in one.text]
    assert len(notices) == 1


@pytest.mark.parametrize("fault", ["server_error", "unknown_message", "reset"])
async def test_a_thread_that_fails_for_now_is_no_one_s_trouble(conversation, announcer, fault):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    await discord.ask(ANN, "/style threads on", PAPERS)
    discord.fail(fault, PAPERS, route="thread")
    await announcer.announce("LoRA one")
    await announcer.announce("LoRA two")
    assert list(threads(discord).values()) == ["LoRA two"]


async def test_a_topic_that_fails_for_now_is_no_one_s_trouble(conversation, announcer):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", FORUM, 5)
    await telegram.ask(ANN, "/style threads on", FORUM, 5)
    telegram.fail("reset", method="createForumTopic")
    await announcer.announce("LoRA one")
    await announcer.announce("LoRA two")
    assert list(telegram.chats[FORUM].topics.values()) == ["papers", "LoRA two"]


async def test_who_may_choose_threads_and_where(conversation):
    discord, telegram = conversation.discord, conversation.telegram
    assert "Only managers" in (await discord.ask(BOB, "/style threads on", PAPERS)).text
    assert "can't be opened here" in (await discord.ask(ANN, "/style threads on", POST)).text
    assert "can't be opened here" in (await telegram.ask(ANN, "/style threads on")).text
    assert "threads takes on or off." in (await telegram.ask(ANN, "/style threads maybe", FORUM, 5)).text
    telegram.post(NEWS, "/style threads on")
    assert "can't be opened here" in (await telegram.wait(NEWS, 1))[0].text
    assert "threads" not in (await telegram.ask(ANN, "/style")).text


async def test_the_choice_lasts_over_a_restart(store, clock):
    async with conversing(store, clock) as before:
        await before.discord.ask(ANN, "/subscribe lora", PAPERS)
        await before.discord.ask(ANN, "/style threads on", PAPERS)
    async with conversing(store, clock) as after:
        await Announcer(after).announce("LoRA one")
        assert list(threads(after.discord).values()) == ["LoRA one"]
