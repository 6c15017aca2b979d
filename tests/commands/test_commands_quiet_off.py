"""`/quiet` changes what waits already, not only what comes later."""

from commands_bot import paper


async def test_quiet_off_sends_what_the_quiet_hours_held(bot):
    await bot.says("/quiet 07:00-12:00")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion one"))
    await bot.match()
    await bot.deliver()
    assert bot.channel.sent == []
    bot.clock.advance(minutes=5)
    await bot.says("/quiet off")
    await bot.deliver()
    (sent,) = bot.channel.sent
    assert sent[1].items[0].title == "Diffusion one"


async def test_shorter_quiet_hours_hold_as_long_as_the_new_ones_last(bot):
    await bot.says("/quiet 07:00-12:00")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion one"))
    await bot.match()
    await bot.deliver()
    await bot.says("/quiet 07:00-08:30")
    await bot.deliver()
    assert bot.channel.sent == []
    bot.clock.set("2026-01-05T08:30:00Z")
    await bot.deliver()
    assert len(bot.channel.sent) == 1
