"""Buttons with long texts and open questions after a restart, and how long they are kept."""

import pytest
from commands_bot import GROUP, buttons_of, text_of

from chats import chat_of
from paperwire.commands.answer import Commands
from paperwire.commands.memory import LongTexts, take
from paperwire.core.messages.message import Button, Message
from paperwire.errors import StoreError
from paperwire.ports.callers import Actor
from paperwire.ports.requests import Reply, Update
from paperwire.store.database.part import count_rows
from paperwire.store.database.tables.people import KeptTextRow, OpenQuestionRow
from paperwire.store.people.chat_memory import ChatMemory

LONG = "diffusion AND (robot OR navigation OR manipulation OR locomotion OR planning OR grasping)"
ANN = Actor(channel="telegram", user_id="1")


@pytest.fixture
def restart(bot):
    """Let another process answer from here on."""

    def restart():
        bot.commands = Commands(chat_of(store=bot.store, now=bot.clock))

    return restart


async def kept(bot):
    async with bot.store.read() as unit:
        return [await count_rows(unit.connection, table) for table in (KeptTextRow, OpenQuestionRow)]


async def test_a_button_with_a_long_query_works_after_a_restart_for_anyone(bot, restart):
    shown = await bot.says(f"/preview {LONG}", place=GROUP)
    restart()
    made = await bot.presses("Subscribe", shown, place=GROUP, who="2")
    assert text_of(made).startswith(f"Subscribed: {LONG} (#")


async def test_a_button_with_a_long_query_is_kept_for_a_month(bot, restart):
    shown = await bot.says(f"/preview {LONG}")
    bot.clock.advance(days=30)
    restart()
    assert "Subscribed" in text_of(await bot.presses("Subscribe", shown))
    bot.clock.advance(days=40)
    async with bot.store.write() as unit:
        await unit.chat_memory.forget_old()
    restart()
    assert text_of(await bot.presses("Subscribe", shown)) == "This button is too old. Send the command again."


async def test_a_button_that_an_answer_becomes_later_is_kept_too(bot):
    texts = LongTexts()

    async def later():
        button = Button("Subscribe", texts.action("add:", LONG))
        return Update(Reply(message=Message(buttons=((button,),))), None)

    reply = await texts.keep(bot.store, ANN, Reply(message=Message(), update=later))
    assert await kept(bot) == [0, 0]
    became = await reply.update()
    (((button,),),) = (became.reply.message.buttons,)
    after = LongTexts()
    await after.recall(bot.store, button.action)
    assert after.text(button.action.removeprefix("add:")) == LONG


async def test_a_question_is_answered_after_a_restart(bot, restart):
    await bot.says("/subscribe name:Mine", when="daily 07:00")
    restart()
    made = text_of(await bot.commands.handle(bot.request(args="diffusion model")))
    assert made.startswith("Subscribed: Mine: diffusion model")
    assert "every day at 07:00" in made
    assert await kept(bot) == [0, 1]  # what `undo` would take back


async def test_the_message_that_asks_is_kept_with_its_question_and_forgotten_with_it(bot, restart):
    await (await bot.says("/subscribe", place=GROUP)).on_asked("77")
    restart()
    for replied in ("76", "78"):  # other messages of ours
        request = bot.request(args="lora", place=GROUP, replied=replied)
        assert text_of(await bot.commands.handle(request)) == ""
    assert await bot.subscribed(place=GROUP) == []
    assert await kept(bot) == [0, 1]
    await bot.says("/forget")
    assert await kept(bot) == [0, 0]
    request = bot.request(args="lora", place=GROUP, replied="77")
    assert (await bot.commands.handle(request)).toast.startswith("This was answered already, or is too old.")
    await (await bot.says("/subscribe", place=GROUP)).on_asked("79")
    made = await bot.commands.handle(bot.request(args="lora", place=GROUP, replied="79"))
    assert text_of(made).startswith("Subscribed: lora")


async def test_what_undo_takes_back_is_forgotten_with_the_person(bot):
    await bot.says("/subscribe lora", place=GROUP)
    changed = await bot.says(f"/subscribe lora name:{'Adapters' * 7}", place=GROUP)
    assert "~" in buttons_of(changed)["Undo"]
    assert await kept(bot) == [1, 1]  # for the button, and for the word in a reply
    await bot.presses("Yes, delete everything", await bot.says("/forget"))
    assert await kept(bot) == [0, 0]


async def test_a_question_whose_message_cannot_be_kept_is_asked(bot, monkeypatch):
    async def fails(*_):
        raise StoreError("disk full")

    monkeypatch.setattr(ChatMemory, "asked_in", fails)
    await (await bot.says("/subscribe", place=GROUP)).on_asked("77")
    made = await bot.commands.handle(bot.request(args="lora", place=GROUP, replied="77"))
    assert text_of(made).startswith("Subscribed: lora")


async def test_forgetting_a_person_takes_what_is_kept_for_their_buttons_along(bot):
    for who in ("1", "2"):
        await bot.says(f"/preview {LONG}", who=who)
        await bot.says("/subscribe", who=who)
    await bot.says("/quiet 22-7", who="2")  # the other isn't known yet
    await bot.says("/subscribe", who="2")
    assert await kept(bot) == [3, 3]
    assert text_of(await bot.says("/forget")) == "Nothing is stored about you."
    assert await kept(bot) == [2, 2]
    asked = await bot.says("/forget", who="2")
    assert await kept(bot) == [2, 2]
    await bot.presses("Yes, delete everything", asked, who="2")
    assert await kept(bot) == [0, 0]


async def test_a_press_whose_text_cannot_be_written_down_is_answered(bot, monkeypatch):
    async def fails(*_):
        raise StoreError("disk full")

    monkeypatch.setattr(ChatMemory, "keep_texts", fails)
    assert list(buttons_of(await bot.says(f"/preview {LONG}")))


async def test_a_question_that_another_message_just_answered_is_over(bot, monkeypatch):
    await bot.says("/subscribe")
    request = bot.request(args="lora")
    async with bot.store.read() as unit:
        before = await unit.chat_memory.question(request.actor, request.place.address)
    assert await take(bot.store, request) is not None

    async def read_before(*_):
        return before

    monkeypatch.setattr(ChatMemory, "question", read_before)
    assert await take(bot.store, request) is None
