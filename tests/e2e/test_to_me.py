"""`/subscribe QUERY to:me`, from groups and private chats, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing

from servers.discord_people import plain
from servers.loopback import PATIENCE
from servers.telegram_world import Chat


@pytest.fixture
async def conversation(store, clock, monkeypatch):
    monkeypatch.setattr("paperwire.channels.discord.answer.DEFER_AFTER", PATIENCE)
    async with conversing(store, clock) as made:
        yield made


async def destinations(conversation):
    """Where each subscription goes, and what kind of place that is."""
    subscriptions = await conversation.subscriptions()
    async with conversation.store.read() as unit:
        places = [await unit.places.get(each.destinations[0]) for each in subscriptions]
    return [(place.channel, place.address, place.kind) for place in places]


async def test_in_a_telegram_group_anyone_may_subscribe_their_private_chat(conversation):
    telegram = conversation.telegram
    telegram.chats[BOB] = Chat(BOB, "private", "Bob")
    answer = await telegram.ask(BOB, "/subscribe lora to:me", GROUP)
    assert answer.text.startswith("Subscribed: lora (#1)")
    assert "New papers go to your chat on Telegram as they appear." in answer.text
    assert answer.keyboard == []
    (written,) = telegram.messages(BOB)
    assert written.text == "As you asked in Lab, new papers for this query will be sent here:\nlora"
    assert await destinations(conversation) == [("telegram", str(BOB), "private")]
    assert "lora" in (await telegram.ask(BOB, "/subscriptions")).text
    assert "Only managers" in (await telegram.ask(BOB, "/subscribe lora", GROUP)).text


async def test_who_never_wrote_to_the_telegram_bot_is_told_how(conversation):
    telegram = conversation.telegram
    answer = await telegram.ask(BOB, "/subscribe lora to:me", GROUP)
    assert answer.text.startswith("I can't message you privately: ")
    assert answer.text.endswith("Open a private chat with me and send /start, then try again.")
    assert await conversation.queries() == []
    telegram.say_as_group(GROUP, "/subscribe lora to:me")
    assert "I can't message you privately" in (await telegram.wait(GROUP, 2))[1].text
    assert await conversation.queries() == []


async def test_in_a_discord_channel_anyone_may_subscribe_their_private_chat(conversation):
    discord = conversation.discord
    answer = await discord.ask(BOB, "/subscribe lora to:me", PAPERS)
    assert plain(answer.text).replace("**", "").startswith("Subscribed: `lora` (#1)")
    assert (answer.only_for, answer.labels) == (BOB, [])
    chat = discord.dm(BOB).id
    (written,) = await discord.wait(chat)
    assert "new papers for this query will be sent here:" in written.text
    assert await destinations(conversation) == [("discord", str(chat), "private")]


async def test_who_takes_no_messages_from_the_discord_bot_is_told_how(conversation):
    discord = conversation.discord
    discord.dm(BOB).closed = True
    answer = await discord.ask(BOB, "/subscribe lora to:me", PAPERS)
    assert answer.only_for == BOB
    assert answer.text.startswith("I can't message you privately: ")
    assert await conversation.queries() == []


async def test_in_a_private_chat_to_me_is_here(conversation):
    answer = await conversation.telegram.ask(ANN, "/subscribe lora to:me")
    assert "New papers will be posted here as they appear." in answer.text
    assert "Undo" in [button["text"] for row in answer.keyboard for button in row]
    assert len(conversation.telegram.messages(ANN)) == 1
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora to:me")
    kinds = [("telegram", str(ANN), "private"), ("discord", str(discord.dm(ANN).id), "private")]
    assert await destinations(conversation) == kinds


@pytest.mark.parametrize("platform", ["telegram", "discord"])
async def test_the_private_chat_has_the_undo_of_what_a_group_answered(conversation, platform):
    wire = getattr(conversation, platform)
    if platform == "telegram":
        wire.chats[BOB] = Chat(BOB, "private", "Bob")
    where, chat = (GROUP, BOB) if platform == "telegram" else (PAPERS, wire.dm(BOB).id)
    await wire.ask(BOB, "/subscribe lora to:me", where)
    (written,) = await wire.wait(chat)
    await conversation.restart()
    if platform == "telegram":
        wire.press(BOB, written, "Undo")
    else:
        await wire.press(BOB, written, "Undo")
    await wire.until(lambda: "Unsubscribed:" in written.text)
    assert await conversation.queries() == []
    await wire.ask(BOB, "/subscribe lora", None)
    await wire.ask(BOB, "/subscribe lora to:me", where)
    again = wire.messages(chat)[-1]
    assert "will be sent here" in again.text
    assert not (again.keyboard if platform == "telegram" else again.rows)  # it was there before


async def test_discord_completes_to_with_the_private_chat_and_channels_by_name(conversation):
    discord = conversation.discord
    offered = await discord.complete(ANN, "subscribe", "", PAPERS, option="to")
    assert offered["me: your private chat"] == "me"
    (name,) = [shown for shown, value in offered.items() if value == f"<#{PAPERS}>"]
    assert name.startswith("#")
    assert list((await discord.complete(ANN, "subscribe", name, PAPERS, option="to")).values()) == [f"<#{PAPERS}>"]
    assert list(await discord.complete(ANN, "subscribe", "m", None, option="to")) == ["me: your private chat"]
    answer = await discord.ask(ANN, "/subscribe lora", PAPERS, options={"to": "me"})
    assert answer.only_for == ANN
    await discord.ask(ANN, "/subscribe qlora", None, options={"to": f"<#{PAPERS}>"})
    kinds = [(kind, address) for kind, address, _ in await destinations(conversation)]
    assert kinds == [("discord", str(discord.dm(ANN).id)), ("discord", str(PAPERS))]
