"""What /status says of the chat it is asked in."""

from dataclasses import replace
from datetime import timedelta

from commands_bot import GROUP, paper, text_of

from paperwire.pipeline.hold import Hold

WHOLE = "The whole service: https://papers.example.org/status"


async def lines_of(bot, **where):
    return text_of(await bot.says("/status", **where)).split("\n")


async def test_where_nothing_is_subscribed_it_says_how_to_begin(bot):
    begin = "You have no subscriptions yet. Start with /subscribe and what interests you."
    assert await lines_of(bot) == ["Status of this chat", begin, WHOLE]
    await bot.says("/start")
    assert await lines_of(bot) == [
        "Status of this chat",
        "Not paused.",
        "New papers come here as they appear. Time zone: UTC.",
        "Nothing is waiting to be sent.",
        "Nothing has been sent here yet.",
        begin,
        WHOLE,
    ]


async def test_what_was_sent_in_seven_days_and_when_last(bot):
    await bot.number("diffusion", name="My topic")
    await bot.number("adapters")
    await bot.record(paper(1, "Diffusion"), paper(2, "Diffusion of heat"))
    await bot.match()
    await bot.deliver()
    bot.clock.advance(days=6)
    await bot.record(paper(3, "Diffusion adapters"))
    await bot.match()
    await bot.deliver()
    at = bot.clock()
    lines = await lines_of(bot)
    assert f"Last sent on {at:%a} {at.day} Jan 2026 {at:%H:%M} UTC." in lines
    assert lines[6:9] == [
        "2 subscriptions, with the papers sent here in the last 7 days:",
        "#1 My topic: 3",
        "#2 adapters: 1",
    ]
    bot.clock.advance(days=2)
    assert (await lines_of(bot))[7:9] == ["#1 My topic: 1", "#2 adapters: 1"]


async def test_what_waits_until_when_and_in_which_zone(bot):
    await bot.says("/digest daily 09:00 Europe/Berlin")
    await bot.says("/quiet 22:00-07:00")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    lines = await lines_of(bot)
    assert lines[2:7] == [
        "Not paused.",
        "New papers come here every day at 09:00 (Europe/Berlin). Time zone: Europe/Berlin.",
        "Quiet hours: 22:00-07:00 (Europe/Berlin).",
        "1 paper waits, due on Tue 6 Jan 2026 09:00 Europe/Berlin.",
        "Nothing has been sent here yet.",
    ]
    down = bot.clock() + timedelta(days=2)
    bot.commands.context = replace(bot.context, down_until=lambda channel: down)
    assert "⚠ 1 paper waits; Telegram isn't working, next try on Wed 7 Jan 2026 09:00 Europe/Berlin." in await lines_of(
        bot
    )
    await Hold(bot.store).begin()
    held = [line for line in await lines_of(bot) if "on hold" in line]
    assert held == ["⚠ 1 paper waits; all deliveries have been on hold since Mon 5 Jan 2026 09:00 Europe/Berlin."]
    await bot.says("/pause")
    lines = await lines_of(bot)
    assert "⚠ Nothing is sent here: paused by User 1. Papers that match are kept until /resume." in lines
    assert "1 paper waits for /resume." in lines


async def test_a_shared_place_speaks_of_itself(bot):
    await bot.number("lora")
    for number in range(22):
        await bot.number(f"word{number}", place=GROUP)
    await bot.says("/subscriptions 3 pause", place=GROUP)
    lines = await lines_of(bot, place=replace(GROUP, problem="no right to write"), who="3", manages=False)
    assert lines[1] == "⚠ Can't post here: no right to write."
    assert "#3 word2: 0 (paused)" in lines
    assert lines[-2:] == ["and 2 more", WHOLE]
    assert not any("lora" in line for line in lines)
