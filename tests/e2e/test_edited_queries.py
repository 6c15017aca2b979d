"""A query edited by its button, over the wire of both platforms."""

import asyncio

from conversation_world import ANN, BOB, GROUP, PAPERS

from servers.discord_people import plain
from servers.telegram_people import BOT_ID


async def test_telegram_asks_for_the_new_query_and_reads_the_next_message(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora")
    card = await telegram.ask(ANN, "/subscriptions lora")
    telegram.press(ANN, card, "Edit")
    asked = (await telegram.wait(ANN, 3))[2]
    assert asked.text == "Send the new query for #1, or cancel. The current one is:\nlora"
    changed = await telegram.ask(ANN, "qlora adapters")
    assert changed.text.startswith("Changed: qlora adapters (#1)")
    assert await conversation.queries() == ["qlora adapters"]


async def test_a_group_on_telegram_reads_the_reply_of_who_pressed(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe lora", GROUP)
    card = await telegram.ask(ANN, "/subscriptions lora", GROUP)
    telegram.press(BOB, card, "Edit")
    await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
    telegram.press(ANN, card, "Edit")
    asked = (await telegram.wait(GROUP, 3))[2]
    bot = {"id": BOT_ID, "is_bot": True, "first_name": "Paperwire", "username": telegram.username}
    chat = telegram.chats[GROUP].json()
    asking = {"message_id": asked.id, "date": 1, "chat": chat, "from": bot, "text": asked.text}
    telegram.say(ANN, "qlora", GROUP, reply_to_message=asking)
    assert (await telegram.wait(GROUP, 4))[3].text.startswith("Changed: qlora (#1)")


async def test_a_form_of_discord_begins_with_the_old_query(conversation):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe lora", PAPERS)
    card = await discord.ask(ANN, "/subscriptions lora", PAPERS)
    pressed = await discord.press(ANN, card, "Edit")
    await discord.until(lambda: pressed.form is not None)
    if running := [task for task in asyncio.all_tasks() if task.get_name().startswith("discord-ui")]:
        await asyncio.wait(running)  # a form is known to the channel a moment after it was shown
    filled = await discord.fill(ANN, pressed, "qlora adapters")
    *_, label = pressed.form["components"]
    assert (pressed.form["title"], label["component"]["value"]) == ("New query for #1", "lora")
    answer = await discord.answer(filled)
    assert plain(answer.text).replace("**", "").startswith("Changed: `qlora adapters` (#1)")
    assert await conversation.queries() == ["qlora adapters"]
