"""Fewer messages from subscriptions that go elsewhere, and buttons that say nothing sensible."""

import pytest
from commands_bot import GROUP, Asker, buttons_of, text_of

from paperwire.ports.callers import Place

OURS = Place(channel="telegram", address="-200", kind="channel", title="Our papers")


@pytest.fixture
async def elsewhere(bot):
    """The number of a subscription that goes to a channel, made and pressed from the private chat."""
    bot.channel.managed |= {"@ours": (OURS, {"1"}), "-200": (OURS, {"1"})}
    return await bot.number("diffusion to:@ours")


async def place_at(bot, place):
    async with bot.store.read() as unit:
        return await unit.places.at(place)


async def test_what_goes_elsewhere_is_made_calmer_there(bot, elsewhere):
    reply = await bot.presses(f"calm:best:{elsewhere}")
    assert "#1 diffusion: every day at 08:00 (UTC)" in text_of(reply)
    assert "A digest lists at most 10 papers" in text_of(reply)
    assert "Time zone: Europe/Berlin." in text_of(await bot.presses("Europe/Berlin", reply))
    place = await place_at(bot, OURS)
    assert (place.digest_max, place.zone) == (10, "Europe/Berlin")
    here = await place_at(bot, bot.request().place)
    assert here.digest_max == 0
    options = await bot.presses("Digest options…", reply)
    assert "Digests of Our papers" in text_of(options)
    muted = text_of(await bot.presses(f"mutes:{elsewhere}"))
    assert muted == "These papers go to Our papers. To pause them: /subscriptions 1 pause"


async def test_who_manages_it_no_longer_changes_nothing_there(bot, elsewhere):
    bot.channel.managed["-200"] = (OURS, set())
    for action in (f"fewer:{elsewhere}", f"calm:daily:{elsewhere}", f"options:{elsewhere}:max:10"):
        assert "Only managers of Our papers" in text_of(await bot.presses(action))
    assert (await place_at(bot, OURS)).digest_max == 0


async def test_an_address_of_another_account_keeps_its_digests(bot):
    topic = Place(channel="ntfy", address="lab", kind="address", title="lab")
    bot.context.channels["ntfy"] = Asker(kind="ntfy", managed={"lab": (topic, {"1", "2"})}, naming="anyone")
    for who in ("1", "2"):
        number = await bot.number("diffusion to:ntfy:lab", who=who)
    reply = await bot.presses(f"options:{number}:max:20", who="2")
    assert text_of(reply) == "lab belongs to another account, and only that account can change it."
    assert "every day at 08:00" in text_of(await bot.presses(f"calm:best:{number}", who="2"))
    assert (await place_at(bot, topic)).digest_max == 0


@pytest.mark.parametrize("action", ["calm:weekly:1", "options::size:3", "settings:colours", "fewer:", "mutes:x"])
async def test_a_forged_button_is_too_old(bot, action):
    await bot.number("diffusion")
    assert "too old" in text_of(await bot.presses(action))


async def test_a_mute_that_was_there_is_not_taken_back_by_who_asks_again(bot):
    number = await bot.number("diffusion", place=GROUP)
    first = await bot.presses(f"mutes:{number}", place=GROUP)
    assert "Undo" in buttons_of(first)
    again = await bot.presses(f"mutes:{number}", place=GROUP, who="2")
    assert text_of(again) == "Already muted here: subscription #1"


async def test_of_many_subscriptions_ten_have_sound_buttons_and_times(bot):
    for number in range(12):
        await bot.number(f"word{number} when:daily 07:00", place=GROUP)
    sounds = await bot.presses("settings:sound", place=GROUP)
    assert len(buttons_of(sounds)) == 11
    assert "For the others: /subscriptions" in text_of(sounds)
    assert "and 2 more" in text_of(await bot.says("/digest", place=GROUP))
