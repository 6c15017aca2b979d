"""How a place wants its papers."""

from dataclasses import replace

import pytest
from commands_bot import GROUP, Asker, buttons_of, paper, text_of

from paperwire.ports.callers import Actor, Place


async def test_how_often_papers_come(bot):
    assert "come here as they appear" in text_of(await bot.says("/digest"))
    reply = await bot.says("/digest daily 08:00 Europe/Berlin")
    assert text_of(reply) == (
        "New papers come here every day at 08:00 (Europe/Berlin).\nNext digest: Tue 6 Jan 2026 08:00 Europe/Berlin"
    )
    assert "every day at 08:00 (Europe/Berlin)" in text_of(await bot.says("/digest"))
    assert "every Friday at 18:00 (Europe/Berlin)" in text_of(await bot.says("/digest weekly friday 18:00"))
    assert text_of(await bot.says("/digest instant")) == "New papers come here as they appear."


@pytest.mark.parametrize(
    ("typed", "when"),
    [
        ("8am", "every day at 08:00"),
        ("every morning", "every day at 08:00"),
        ("weekdays 7:30", "Monday to Friday at 07:30"),
        ("daily 8, 18", "every day at 08:00 and 18:00"),
        ("every monday and thursday 8am", "every Monday and Thursday at 08:00"),
        ("monthly 15 9am", "on day 15 of each month at 09:00"),
        ("monthly last 9am", "on the last day of each month at 09:00"),
    ],
)
async def test_times_as_people_type_them(bot, typed, when):
    assert f"New papers come here {when} (Europe/Berlin)." in text_of(await bot.says(f"/digest {typed} berlin"))


async def test_the_time_zone_is_asked_once(bot):
    reply = await bot.says("/digest daily")
    assert "every day at 08:00 (UTC)" in text_of(reply)
    assert "Times are in UTC. Choose your time zone" in text_of(reply)
    chosen = await bot.presses("Europe/Berlin", reply)
    assert text_of(chosen).startswith("Time zone: Europe/Berlin. It is Mon 5 Jan 2026 09:00 Europe/Berlin.")
    assert "every day at 08:00 (Europe/Berlin)" in text_of(chosen)
    assert "every day at 08:00 (Europe/Berlin)" in text_of(await bot.says("/digest"))
    assert "zone" not in text_of(await bot.says("/quiet 22-7"))
    assert "(Europe/Berlin)" in text_of(await bot.says("/quiet 22-7", place=GROUP))


async def test_utc_may_be_chosen_and_is_not_asked_for_again(bot):
    assert "Choose your time zone" in text_of(reply := await bot.says("/quiet 22-7"))
    assert "Time zone: UTC." in text_of(await bot.presses("UTC", reply))
    reply = await bot.says("/digest daily 8")
    assert "every day at 08:00 (UTC)" in text_of(reply)
    assert "UTC" not in buttons_of(reply)


async def test_the_zones_of_the_readers_country_come_first(bot):
    request = replace(bot.request(command="digest", args="daily 8"), locale="sv")
    reply = await bot.commands.handle(request)
    assert next(iter(buttons_of(reply))) == "Europe/Stockholm"
    zones = bot.request(action="zone:")
    for locale, first in (
        ("en-US", "America/New York"),  # the first of its zones by name is on the Aleutians
        ("en", "America/New York"),
        ("en-GB", "Europe/London"),
        ("de", "Europe/Berlin"),
        ("pt-br", "America/Sao Paulo"),
        ("pt-PT", "Europe/Lisbon"),
        ("es", "Europe/Madrid"),
        ("es-419", "America/Mexico City"),
        ("zh-hans", "Asia/Shanghai"),
        ("hi", "Asia/Kolkata"),
        ("ru", "Europe/Moscow"),
    ):
        assert next(iter(buttons_of(await bot.commands.handle(replace(zones, locale=locale))))) == first, locale
    german = buttons_of(await bot.commands.handle(replace(zones, locale="de")))
    assert "Europe/Busingen" not in german
    odd = await bot.commands.handle(replace(zones, locale="not a locale"))
    assert "Europe/Berlin" in buttons_of(odd)


@pytest.mark.parametrize(
    ("typed", "locale", "zones"),
    [
        ("IST", "", ["Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"]),
        ("ist", "he", ["Asia/Jerusalem", "Asia/Kolkata", "Europe/Dublin"]),
        ("CET", "fr", ["Europe/Paris", "Europe/Berlin", "Europe/Madrid", "Europe/Rome"]),
        ("Europe/Berlim", "", ["Europe/Berlin"]),
    ],
)
async def test_a_zone_that_may_mean_several_is_offered_as_buttons(bot, typed, locale, zones):
    for command, args in (("digest", "daily 07:30"), ("digest", "weekly"), ("quiet", "22-7")):
        request = bot.request(command=command, args=f"{args}  {typed} min:2" * (args != "22-7") or f"{args} {typed}")
        reply = await bot.commands.handle(replace(request, locale=locale, options={}))
        assert list(buttons_of(reply)) == zones
        assert f"({zones[0]})" in text_of(await bot.presses(zones[0], reply))
    assert '"IST" is used for several time zones: Asia/Kolkata, Europe/Dublin, or Asia/Jerusalem.' in text_of(
        await bot.says("/digest daily 8 IST")
    )


async def test_a_zone_that_vanished_is_told_and_asked_for(bot):
    await bot.says("/digest daily 8 berlin")
    async with bot.store.write() as unit:
        place = await unit.places.at(bot.request().place)
        await unit.places.update(place.number, zone="Mars/Olympus")
    reply = await bot.says("/digest")
    assert "every day at 08:00 (UTC)" in text_of(reply)
    assert "The time zone Mars/Olympus doesn't exist any more. Times are in UTC" in text_of(reply)
    assert "Europe/Berlin" in buttons_of(reply)


async def test_only_managers_choose_a_zone(bot):
    reply = await bot.presses("zone:Europe/Berlin", place=GROUP, manages=False)
    assert "Only managers" in text_of(reply)


async def test_what_digests_hold(bot):
    reply = await bot.says("/digest daily 8 berlin min:3 max:20 empty:yes")
    assert "A digest waits until it has 3 papers." in text_of(reply)
    assert "A digest lists at most 20 papers and links to the others." in text_of(reply)
    assert "When there is nothing new, a digest says so." in text_of(reply)
    await bot.says("/digest", min="1", max="all", empty="no")
    assert "A digest" not in text_of(await bot.says("/digest"))


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("berlin", "Europe/Berlin"),
        ("new york", "America/New_York"),
        ("EUROPE/paris", "Europe/Paris"),
        ("utc", "UTC"),
        ("JST", "Asia/Tokyo"),
        ("et", "America/New_York"),
    ],
)
async def test_zones_as_people_type_them(bot, typed, zone):
    assert f"({zone})" in text_of(await bot.says(f"/digest daily 07:00 {typed}"))
    assert f"({zone})" in text_of(await bot.says(f"/digest weekly mon 07:00 {typed}"))
    assert f"every Tuesday at 08:00 ({zone})" in text_of(await bot.says(f"/digest weekly Tuesday {typed}"))
    assert f"every Monday at 08:00 ({zone})" in text_of(await bot.says(f"/digest weekly {typed}"))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/digest daily 08:00 Europe/Berlim", "Did you mean Europe/Berlin?"),
        ("/digest daily 08:00 America", "America isn't a time zone"),
        ("/digest daily 08:00 ../../etc/passwd", "isn't a time zone. Use a city"),
        ("/digest hourly", 'Can\'t read "hourly". Use instant, daily'),
        ("/digest daily 25:00", 'Can\'t read "25:00". Use a time such as 08:00.'),
        ("/digest weekly someday", 'Can\'t read "someday". Use a day such as mon, a time'),
        ("/digest daily 08:00 min:0", 'Can\'t read "min:0". Use a number from 1 to 500.'),
        ("/digest empty:maybe", "empty: takes yes or no."),
        ("/quiet 22:00-25:00", 'Can\'t read "25:00"'),
        ("/quiet 22:00", "Use two different times"),
        ("/quiet 22:00-07:00 Nowhere/Land", "isn't a time zone"),
        ("/style fancy", "Use one of: auto, cards, compact, list"),
    ],
)
async def test_what_cannot_be_read_changes_nothing(bot, typed, hint):
    reply = await bot.says(typed)
    assert hint in text_of(reply)
    assert reply.aside
    assert "as they appear" in text_of(await bot.says("/digest"))
    assert "No quiet hours" in text_of(await bot.says("/quiet"))


async def test_quiet_hours_and_style(bot):
    assert "No quiet hours" in text_of(await bot.says("/quiet"))
    assert "from 22:00 to 07:00 (Asia/Tokyo)" in text_of(await bot.says("/quiet 22:00 - 7:00 tokyo"))
    assert "from 22:00 to 07:00" in text_of(await bot.says("/quiet"))
    assert "No quiet hours" in text_of(await bot.says("/quiet off"))
    assert "Up to five" in text_of(await bot.says("/style"))
    assert "as lists" in text_of(await bot.says("/style list"))
    assert "as lists" in text_of(await bot.says("/style"))
    assert "a message of its own" in text_of(await bot.says("/style cards"))


async def test_pausing_and_resuming_a_place(bot):
    paused = await bot.says("/pause")
    assert "until /resume" in text_of(paused)
    assert "starting with those you missed" in text_of(await bot.presses("Resume", paused))
    assert "Not paused" in text_of(await bot.says("/resume"))


async def test_resuming_where_the_bot_may_not_write_is_refused(bot):
    place = Place(channel="telegram", address="-100", kind="group", problem="no right to write")
    assert "no right to write" in text_of(await bot.says("/resume", place=place))


@pytest.mark.parametrize(
    "command",
    ["digest daily", "quiet off", "style list", "pause", "resume", "subscribe x", "unsubscribe", "watch 2601.00001"],
)
async def test_only_managers_change_a_shared_place(bot, command):
    reply = await bot.says(f"/{command}", place=GROUP, manages=False)
    assert "Only managers" in text_of(reply)
    assert reply.aside


@pytest.mark.parametrize("action", ["resume:", "mute:1", "muted:1:author:0", "lift:1", "unwatch:1", "redo:1:1"])
async def test_only_managers_press_what_changes_a_shared_place(bot, action):
    assert "Only managers" in text_of(await bot.presses(action, place=GROUP, manages=False))


# --- mutes -------------------------------------------------------------------------------------------------------


async def test_an_author_a_category_or_a_subscription_is_muted_and_unmuted(bot):
    await bot.record(paper(1, "Diffusion", authors=("Ann Lee", "Bo Chen"), categories=("cs.CV", "I.2.7", "cs.LG")))
    await bot.number("diffusion", name="My topic")
    await bot.number("unrelated")
    choices = await bot.presses(f"mute:{(await bot.stored('2601.00001')).number}")
    assert list(buttons_of(choices)) == [
        *("Author Ann Lee", "Author Bo Chen", "cs.CV", "cs.LG", "Subscription My topic"),
        "Acceptances of saved and watched papers",
        "Code of saved and watched papers",
    ]
    assert text_of(await bot.presses("Author Bo Chen", choices)) == "Muted here: Bo Chen"
    muted = await bot.presses("cs.LG", choices)
    await bot.presses("Subscription My topic", choices)
    listed = await bot.says("/mutes")
    assert list(buttons_of(listed)) == ["Unmute Bo Chen", "Unmute cs.LG", "Unmute subscription #1"]
    assert text_of(await bot.presses("Undo", muted)) == "Unmuted."
    assert "isn't muted here" in text_of(await bot.presses("Undo", muted))
    await bot.presses("Unmute Bo Chen", listed)
    assert list(buttons_of(await bot.says("/mutes"))) == ["Unmute subscription #1"]


async def test_nothing_muted_and_mutes_of_another_place(bot):
    assert "Nothing is muted here" in text_of(await bot.says("/mutes"))
    await bot.record(paper(1, "Diffusion"))
    stored = (await bot.stored("2601.00001")).number
    muted = await bot.presses(f"muted:{stored}:author:0")
    assert "isn't muted here" in text_of(await bot.presses(buttons_of(muted)["Undo"], who="2"))
    for action in (f"muted:{stored}:author:7", f"muted:{stored}:category:7", f"muted:{stored}:journal:0"):
        assert "too old" in text_of(await bot.presses(action))


# --- the first words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "end"),
    [
        ("group", "remove the bot from this group."),
        ("topic", "remove the bot from this group."),
        ("channel", "remove the bot from this channel or server."),
        ("thread", "remove the bot from this server."),
    ],
)
async def test_the_first_words_have_an_example_a_button_that_subscribes_to_it_and_the_way_out(bot, kind, end):
    place = Place(channel="telegram", address="-5", kind=kind, title="Lab")
    greeting = await bot.presses("place:open", place=place)
    assert '/subscribe "large language model" reasoning' in text_of(greeting)
    assert text_of(greeting).endswith(end)
    refused = await bot.presses("Subscribe to this example", greeting, place=place, manages=False)
    assert "Only managers" in text_of(refused)
    assert await bot.subscribed() == []
    assert "Preview:" in text_of(await bot.presses("Preview it", greeting, place=place, manages=False))
    made = await bot.presses("Subscribe to this example", greeting, place=place)
    assert 'Subscribed: "large language model" reasoning' in text_of(made)
    assert "posted here" in text_of(made)


async def test_in_private_the_first_words_say_how_to_have_everything_deleted(bot):
    greeting = await bot.says("/start")
    assert text_of(greeting).endswith("To delete everything stored about you, send /forget.")
    await bot.presses("Subscribe to this example", greeting)
    assert await bot.subscribed() == ['"large language model" reasoning']


# --- what channels report ----------------------------------------------------------------------------------------


async def test_a_place_that_closes_is_paused_and_told_how_to_go_on_when_it_opens(bot):
    await bot.number("lora", place=GROUP)
    assert text_of(await bot.presses("place:closed", place=GROUP)) == ""
    await bot.presses("place:closed", place=GROUP)
    opened = await bot.presses("place:open", place=GROUP)
    assert "/resume sends them" in text_of(opened)
    assert "starting with those you missed" in text_of(await bot.presses("Resume", opened, place=GROUP))
    assert text_of(await bot.presses("place:open", place=GROUP)) == ""
    assert text_of(await bot.presses("place:open")) == ""
    assert text_of(await bot.presses("place:closed", place=Place(channel="telegram", address="-7", kind="group"))) == ""


async def test_a_place_that_moves_keeps_its_subscriptions(bot):
    await bot.number("lora", place=GROUP)
    await bot.presses("place:moved:-1009", place=GROUP)
    moved = Place(channel="telegram", address="-1009", kind="group", title="Vision lab")
    assert "lora" in text_of(await bot.says("/subscriptions", place=moved))
    assert "No subscriptions here yet" in text_of(await bot.says("/subscriptions", place=GROUP))


async def test_a_place_that_closes_is_told_of_once(bot):
    told = []
    bot.commands.context = replace(bot.context, closed=lambda place, reason: told.append((place.title, reason)))
    await bot.says("/subscribe diffusion", place=GROUP)
    await bot.presses("place:closed", place=GROUP)
    await bot.presses("place:closed", place=GROUP)
    assert told == [("Vision lab", "removed")]


async def test_a_private_chat_is_known_from_the_first_word_on(bot):
    bot.channel.managed["@ours"] = (GROUP, {"1"})
    await bot.says("/subscribe diffusion to:@ours")
    await bot.says("/start", who="2")
    async with bot.store.read() as unit:
        for who in ("1", "2"):
            place = await unit.places.at(Place(channel="telegram", address=who, kind="private"))
            assert place.kind == "private"


async def test_an_address_that_is_verified_takes_papers_at_once_from_its_owner_and_asks_first_about_others(bot):
    mailbox = Place(channel="mail", address="ann@example.org", kind="mailbox", title="ann@example.org")
    bot.context.channels["mail"] = Asker(kind="mail", managed={"ann@example.org": (mailbox, set())}, naming="verified")
    async with bot.store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="1"), "en")
        await unit.people.link(Actor(channel="mail", user_id="ann@example.org"), person.number)
    assert "Subscribed" in text_of(await bot.says("/subscribe diffusion to:mail:ann@example.org"))
    asked = text_of(await bot.says("/subscribe diffusion to:mail:ann@example.org", who="2"))
    assert asked.startswith("A mail is on its way to ann@example.org. Open the link in it within 24 hours.")


async def test_a_place_that_is_managed_is_named_from_its_own_channel_alone(bot):
    group = Place(channel="matrix", address="!lab", kind="group", title="Lab")
    bot.context.channels["matrix"] = Asker(kind="matrix", managed={"!lab": (group, {"1"})})
    assert "Send this from matrix" in text_of(await bot.says("/subscribe diffusion to:matrix:!lab"))
    assert "can't reach https://matrix.to/lab" in text_of(
        await bot.says("/subscribe diffusion to:https://matrix.to/lab")
    )
