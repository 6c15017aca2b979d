"""Questions that are answered after a restart, over the wire of both platforms."""

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing
from lives import reply_to

from servers.discord_people import plain


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_group_on_telegram_reads_the_reply_to_its_question(store, clock, restarts):
    async with conversing(store, clock) as conversation:
        telegram = conversation.telegram
        other = await telegram.ask(ANN, "/help search", GROUP)
        asked = await telegram.ask(ANN, "/subscribe", GROUP)
        if restarts:
            await conversation.restart()
        telegram.say(ANN, "what a help", GROUP, **reply_to(telegram, other))  # people talk about what we sent
        telegram.say(BOB, "graphs", GROUP, **reply_to(telegram, asked))  # and answer what another was asked
        telegram.say(ANN, "graphs", GROUP, **reply_to(telegram, asked))
        made = (await telegram.wait(GROUP, 3))[2]
        assert made.text.startswith("Subscribed: graphs (#1)")
        telegram.say(ANN, "lora", GROUP, **reply_to(telegram, asked))  # it was answered
        assert "1 subscription" in (await telegram.ask(ANN, "/subscriptions", GROUP)).text
        assert await conversation.queries() == ["graphs"]


async def test_a_group_reads_the_reply_to_a_question_of_a_button_after_a_restart(store, clock):
    async with conversing(store, clock) as conversation:
        telegram = conversation.telegram
        await telegram.ask(ANN, "/subscribe lora", GROUP)
        telegram.press(ANN, await telegram.ask(ANN, "/subscriptions lora", GROUP), "Edit")
        asked = (await telegram.wait(GROUP, 3))[2]
        await conversation.restart()
        telegram.say(ANN, "qlora", GROUP, **reply_to(telegram, asked))
        assert (await telegram.wait(GROUP, 4))[3].text.startswith("Changed: qlora (#1)")


@pytest.mark.parametrize("restarts", [False, True])
async def test_a_form_of_discord_is_read_once(store, clock, restarts):
    async with conversing(store, clock) as conversation:
        discord = conversation.discord
        await discord.ask(ANN, "/subscribe lora", PAPERS)
        card = await discord.ask(ANN, "/subscriptions lora", PAPERS)
        pressed = await discord.press(ANN, card, "Edit")
        await discord.until(lambda: pressed.form is not None)
        if restarts:
            await conversation.restart()
        answer = await discord.answer(await discord.fill(ANN, pressed, "qlora"))
        assert plain(answer.text).replace("**", "").startswith("Changed: `qlora` (#1)")
        again = await discord.answer(await discord.fill(ANN, pressed, "dora"))
        assert again.text == "This was answered already, or is too old. Send the command again."
        assert again.only_for == ANN
        assert await conversation.queries() == ["qlora"]


async def test_what_a_form_cannot_take_is_said(store, clock):
    async with conversing(store, clock) as conversation:
        discord = conversation.discord
        await discord.ask(ANN, "/subscribe lora", PAPERS)
        pressed = await discord.press(ANN, await discord.ask(ANN, "/subscriptions lora", PAPERS), "Edit")
        await discord.until(lambda: pressed.form is not None)
        answer = await discord.answer(await discord.fill(ANN, pressed, "(qlora"))
        assert "The closing ) is missing" in answer.text
        assert await conversation.queries() == ["lora"]
