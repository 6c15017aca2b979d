"""The list of subscriptions, and changing one of them: by whom, and by whom not."""

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.errors import CloseReason, Gone, Retry
from paperwire.ports.callers import Actor, Place

CHANNEL = Place(channel="telegram", address="-200", kind="channel", title="Our papers")


async def test_the_list_is_ones_own_in_private(bot):
    assert "no subscriptions yet" in text_of(await bot.says("/subscriptions"))
    mine = await bot.number("lora", name="Adapters")
    await bot.number("qlora", who="2")
    reply = await bot.says("/subscriptions")
    assert text_of(reply).split("\n")[:2] == ["1 subscription", "#1 Adapters: lora"]
    assert buttons_of(reply) == {"Open 1": f"sub:{mine}"}


async def test_in_a_group_it_is_what_goes_there_whoever_made_it(bot):
    assert "No subscriptions here yet" in text_of(await bot.says("/subscriptions", place=GROUP))
    await bot.number("lora", place=GROUP)
    await bot.number("qlora", place=GROUP, who="2")
    await bot.number("private things")
    text = text_of(await bot.says("/subscriptions", place=GROUP, who="3", manages=False))
    assert "lora" in text
    assert "qlora" in text
    assert "private" not in text


async def test_a_long_list_has_pages(bot):
    for number in range(23):
        await bot.number(f"word{number}")
    first = await bot.says("/subscriptions")
    assert [len(row) for row in first.message.buttons] == [4, 4, 2, 1]
    assert "Next »" in buttons_of(first)
    assert "« Back" not in buttons_of(first)
    second = await bot.presses("Next »", first)
    assert second.edit
    assert "word10" in text_of(second)
    third = await bot.presses("Next »", second)
    assert "word22" in text_of(third)
    assert "Next »" not in buttons_of(third)
    assert "word19" in text_of(await bot.presses("« Back", third))


async def test_one_is_opened_by_button_or_number(bot):
    number = await bot.number("lora")
    for reply in (await bot.presses(f"sub:{number}"), await bot.says("/subscriptions #1")):
        text = text_of(reply)
        assert "New papers will be posted here as they appear." in text
        assert "Sends: new papers." in text
        assert "Subscribed on Mon 5 Jan 2026 07:59 UTC." in text
        assert list(buttons_of(reply)) == [
            "Edit", "When…", "Pause", "Delete", "Without sound",
        "Share", "Also send new versions", "Also send withdrawals",
        ]  # fmt: skip


async def test_a_number_that_is_nobodys_opens_nothing(bot):
    assert "No subscription with this number" in text_of(await bot.says("/subscriptions 999999999"))
    assert "No subscription with this number" in text_of(await bot.presses("sub:999999999"))


async def test_pause_resume_and_more_occasions_by_button(bot):
    number = await bot.number("lora")
    opened = await bot.presses(f"sub:{number}")
    paused = await bot.presses("Pause", opened)
    assert "This subscription is paused." in text_of(paused)
    assert "(paused)" in text_of(await bot.says("/subscriptions"))
    assert "It was already paused." in text_of(await bot.presses("Pause", opened))
    assert "paused" not in text_of(await bot.presses("Resume", paused))
    assert "It wasn't paused." in text_of(await bot.presses("Resume", paused))
    more = await bot.presses("Also send new versions", opened)
    assert "Sends: new papers and new versions." in text_of(more)
    less = await bot.presses("Stop sending new versions", more)
    assert "Sends: new papers." in text_of(less)
    assert "too old" in text_of(await bot.presses(f"also:{number}:everything"))
    assert "too old" in text_of(await bot.presses(f"drop:{number}:"))


async def test_a_button_names_the_state_that_it_brings_about(bot):
    opened = await bot.presses(f"sub:{await bot.number('lora')}")
    await bot.presses("Also send new versions", opened)
    twice = await bot.presses("Also send new versions", opened)
    assert text_of(twice).startswith("It already includes new versions.")
    assert "Sends: new papers and new versions." in text_of(twice)
    less = await bot.presses("Stop sending new versions", twice)
    assert "Sends: new papers." in text_of(less)
    assert text_of(await bot.presses("Stop sending new versions", twice)).startswith("It doesn't include new versions.")
    await bot.presses("Also send new versions", opened)
    versions = await bot.presses("Stop sending new papers", twice)
    assert "Sends: new versions, but no new papers." in text_of(versions)


@pytest.mark.parametrize(
    "pressed", ["Stop sending new versions", "drop:{}:versions,withdrawn", "drop:{}:arrival,versions"]
)
async def test_the_last_occasion_stays_and_delete_is_offered(bot, pressed):
    number = await bot.number("lora occasions:versions")
    opened = await bot.says("/subscriptions 1")
    refused = await bot.presses(pressed.format(number), None if ":" in pressed else opened)
    assert "includes new versions and nothing else" in text_of(refused)
    assert "Sends: new versions" in text_of(await bot.says("/subscriptions 1"))
    assert "Unsubscribed" in text_of(await bot.presses("Delete", refused))


async def test_a_cadence_is_chosen_by_button(bot):
    number = await bot.number("lora")
    choices = await bot.presses(f"when:{number}")
    assert "Every day at 08:00" in buttons_of(choices)
    chosen = await bot.presses("Mondays at 08:00", choices)
    assert text_of(chosen).split("\n")[0] == "lora: every Monday at 08:00 (UTC)"
    assert "lora · every Monday at 08:00 (UTC)" in text_of(await bot.says("/subscriptions"))
    await bot.presses("Same as the chat", choices)
    assert "weekly" not in text_of(await bot.says("/subscriptions"))
    assert "Use instant" in text_of(await bot.presses(f"when:{number}:whenever"))


async def test_a_query_is_edited_by_typing_it_again(bot):
    await bot.record(paper(1, "Quantised adapters"))
    await bot.number("lora")
    changed = await bot.says("/subscriptions 1 quantised adapter")
    assert "Changed: quantised adapter" in text_of(changed)
    assert "1 match in the last day, about 7 a week." in text_of(changed)
    assert "Before: lora" in text_of(changed)
    assert await bot.subscribed() == ["quantised adapter"]
    assert "^" in text_of(await bot.says("/subscriptions 1 (lora"))
    assert await bot.subscribed() == ["quantised adapter"]


async def test_the_button_asks_for_the_new_query_and_begins_with_the_old_one(bot):
    number = await bot.number("lora")
    asked = await bot.presses(f"edit:{number}")
    assert text_of(asked) == "Send the new query for #1, or cancel. The current one is:\nlora"
    assert (asked.question.value, asked.question.typed) == ("lora", "1 lora")
    refused = await bot.commands.handle(bot.request(args="(qlora"))
    assert "^" in text_of(refused)
    changed = await bot.commands.handle(bot.request(args="pause detection"))  # no command, but a query
    assert text_of(changed).startswith("Changed: pause detection (#1)")
    assert await bot.subscribed() == ["pause detection"]
    await bot.presses(f"edit:{number}")
    assert text_of(await bot.commands.handle(bot.request(args="cancel"))) == "Cancelled. Nothing was changed."
    assert await bot.subscribed() == ["pause detection"]


async def test_an_edit_can_be_undone_while_it_is_the_last(bot):
    await bot.record(paper(1, "About lora"))
    number = await bot.number("lora")
    first = await bot.says("/subscriptions 1 quantised adapter")
    second = await bot.says("/subscriptions #1 attention")
    assert "Nothing to undo" in text_of(await bot.presses("Undo", first))
    back = await bot.presses("Undo", second)
    assert text_of(back) == "Changed back: quantised adapter (#1)"
    assert back.edit
    assert "Nothing to undo" in text_of(await bot.presses("Undo", second))
    assert await bot.subscribed() == ["quantised adapter"]
    again = await bot.says("/subscriptions 1 lora")
    bot.clock.advance(days=1, seconds=1)
    assert "Nothing to undo" in text_of(await bot.presses("Undo", again))
    assert "No subscription with this number" in text_of(await bot.presses(f"revert:{number}:1", who="2"))


async def test_an_edit_to_a_query_that_is_there_already_is_refused(bot):
    await bot.number("lora")
    await bot.number("attention")
    assert text_of(await bot.says("/subscriptions 2 LoRAs")) == "#1 already has this query."
    edited = await bot.says("/subscriptions 2 diffusion")
    await bot.number("attention")
    assert text_of(await bot.presses("Undo", edited)) == "#3 already has this query."
    assert await bot.subscribed() == ["lora", "diffusion", "attention"]


async def test_orders_after_a_number_are_no_queries(bot):
    await bot.number("lora")
    assert "This subscription is paused." in text_of(await bot.says("/subscriptions 1 pause"))
    assert "paused" not in text_of(await bot.says("/subscriptions 1 Resume"))
    assert "every Friday at 18:00 (UTC)" in text_of(await bot.says("/subscriptions 1 weekly fri 18:00"))
    assert "lora · every Friday at 18:00 (UTC)" in text_of(await bot.says("/subscriptions"))
    refused = text_of(await bot.says("/subscriptions 1 delete"))
    assert "/unsubscribe 1" in refused
    assert '/subscriptions 1 "delete"' in refused
    assert await bot.subscribed() == ["lora"]
    await bot.says('/subscriptions 1 "pause"')
    assert await bot.subscribed() == ['"pause"']


@pytest.mark.parametrize("named", ["1", "#1", "LoRAs", "big adapters"])
async def test_one_is_opened_by_number_query_or_name(bot, named):
    await bot.number("lora", name="Big adapters")
    assert text_of(await bot.says(f"/subscriptions {named}")).startswith("#1 Big adapters: lora")


@pytest.mark.parametrize("named", ["1", "#1", "LoRAs", "adapters"])
async def test_unsubscribing_by_number_query_or_name(bot, named):
    await bot.number("lora", name="Adapters")
    reply = await bot.says(f"/unsubscribe {named}")
    assert text_of(reply) == "Unsubscribed: lora"
    assert await bot.subscribed() == []
    await bot.presses("Undo", reply)
    assert await bot.subscribed() == ["lora"]


async def test_what_is_offered_for_unsubscribing_has_pages(bot):
    for number in range(23):
        await bot.number(f"word{number}")
    first = await bot.says("/unsubscribe")
    assert list(buttons_of(first)) == [*(f"#{number} word{number - 1}" for number in range(1, 11)), "Next »"]
    second = await bot.presses("Next »", first)
    assert second.edit
    third = await bot.presses("Next »", second)
    assert list(buttons_of(third)) == ["#21 word20", "#22 word21", "#23 word22", "« Back"]
    assert text_of(await bot.presses("#22 word21", third)) == "Unsubscribed: word21"
    assert "#23 word22" in buttons_of(await bot.presses("unsubs:20"))
    assert "Only managers" in text_of(await bot.presses("unsubs:10", place=GROUP, manages=False))


async def test_unsubscribing_without_words_offers_what_there_is(bot):
    assert "no subscriptions yet" in text_of(await bot.says("/unsubscribe"))
    assert "No subscriptions here yet" in text_of(await bot.says("/unsubscribe", place=GROUP))
    await bot.number("lora")
    reply = await bot.says("/unsubscribe")
    assert text_of(await bot.presses("#1 lora", reply)) == "Unsubscribed: lora"
    assert "No subscription with this number" in text_of(await bot.says("/unsubscribe 999999999"))
    for text in ("nothing", "(x"):
        said = text_of(await bot.says(f"/unsubscribe {text}"))
        assert said.startswith(f'No subscription here has the query or name "{text}".\nYou have no subscriptions yet.')


async def test_unsubscribing_a_query_that_is_not_there_offers_the_nearest_ones_or_all(bot):
    for query in ("lora adapters", "graph neural networks", "protein design"):
        await bot.says(f"/subscribe {query}")
    reply = await bot.says("/unsubscribe lora")
    assert text_of(reply) == 'No subscription here has the query or name "lora".\nDid you mean this one?'
    assert list(buttons_of(reply)) == ["#1 lora adapters"]
    assert list(buttons_of(await bot.says("/unsubscribe protien desing"))) == ["#3 protein design"]
    other = await bot.says("/unsubscribe xyzzy")
    assert text_of(other).endswith("Which one do you want to delete?")
    assert len(buttons_of(other)) == 3
    assert len(await bot.subscribed()) == 3
    assert text_of(await bot.presses("#1 lora adapters", reply)) == "Unsubscribed: lora adapters"
    assert "Only managers" in text_of(await bot.says("/unsubscribe lora", place=GROUP, manages=False))


# --- rights ------------------------------------------------------------------------------------------------------

VERBS = (
    "sub:{}",
    "undo:{}",
    "del:{}",
    "edit:{}",
    "when:{}",
    "when:{}:instant",
    "also:{}:versions",
    "drop:{}:versions",
    "off:{}",
    "on:{}",
    "hush:{}",
    "loud:{}",
)


@pytest.mark.parametrize("verb", VERBS)
async def test_nobody_opens_or_changes_what_belongs_to_another(bot, verb):
    number = await bot.number("lora")
    reply = await bot.presses(verb.format(number), who="2")
    assert "No subscription with this number" in text_of(reply)
    assert reply.aside
    assert "No subscription with this number" in text_of(await bot.presses(verb.format(number), who="1", place=GROUP))
    assert await bot.subscribed() == ["lora"]


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "sub:{}"])
async def test_an_old_button_of_a_demoted_manager_is_refused(bot, verb):
    number = await bot.number("lora", place=GROUP)
    reply = await bot.presses(verb.format(number), place=GROUP, manages=False)
    assert "Only managers" in text_of(reply)
    assert reply.aside
    assert await bot.subscribed(place=GROUP) == ["lora"]


async def test_another_manager_of_the_place_may_change_and_undo(bot):
    number = await bot.number("lora", place=GROUP)
    ended = await bot.presses(f"del:{number}", place=GROUP, who="2")
    assert await bot.subscribed(place=GROUP) == []
    assert "again" in text_of(await bot.presses("Undo", ended, place=GROUP, who="2"))
    assert await bot.subscribed(place=GROUP) == ["lora"]


async def test_a_channel_is_managed_from_a_private_chat_while_one_manages_it(bot):
    bot.channel.managed["-200"] = (CHANNEL, {"1"})
    number = await bot.number("lora", to="-200")
    assert "Our papers" in text_of(await bot.presses(f"off:{number}"))
    bot.channel.managed["-200"] = (CHANNEL, set())
    assert "Only managers of Our papers" in text_of(await bot.presses(f"del:{number}"))
    assert await bot.subscribed(place=CHANNEL) == ["lora"]
    bot.channel.fails = Retry("busy", 1)
    assert "Can't check your permissions" in text_of(await bot.presses(f"del:{number}"))
    bot.channel.fails = Gone("kicked", CloseReason.REMOVED)
    for action in (f"del:{number}", f"edit:{number}", f"feed:{number}"):
        assert "Can't check your permissions" in text_of(await bot.presses(action))
    bot.channel.fails = Gone("chat not found", CloseReason.DELETED)
    ended = await bot.presses(f"del:{number}")
    assert "Unsubscribed" in text_of(ended)
    bot.channel.fails = None
    assert "Only managers of Our papers" in text_of(await bot.presses("Undo", ended))
    assert await bot.subscribed(place=CHANNEL) == []


async def test_what_is_brought_back_onto_the_same_query_goes_on_where_it_went_and_is_owed_what_it_was(bot):
    number = await bot.number("lora", when="daily 08:00")
    async with bot.store.write() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        mailbox = Place(channel="email", address="ann@example.org", kind="mailbox")
        other = await unit.places.ensure(mailbox, person.number)
        await unit.routes.lead(number, other.number)
    await bot.record(paper(1, "LoRA"))
    await bot.match()
    ended = await bot.presses(f"del:{number}")
    await bot.deliver()
    twin = await bot.number("lora")
    await bot.presses(f"off:{twin}")
    assert "Already subscribed again" in text_of(await bot.presses("Undo", ended))
    async with bot.store.read() as unit:
        now = await unit.subscriptions.get(twin)
    assert other.number in now.destinations
    assert not now.paused
    await bot.deliver()
    assert len(bot.channel.sent) == 1


async def test_a_deleted_subscription_of_another_cannot_be_brought_back(bot):
    number = await bot.number("lora")
    ended = await bot.presses(f"del:{number}")
    action = buttons_of(ended)["Undo"]
    assert "No subscription with this number" in text_of(await bot.presses(action, who="2"))
    assert "No subscription with this number" in text_of(await bot.presses(action, place=GROUP, who="2"))
    assert "No subscription with this number" in text_of(await bot.presses("redo:999999999"))
    assert await bot.subscribed() == []


async def test_a_place_on_a_channel_that_is_gone_is_changed_there(bot):
    bot.channel.managed["-200"] = (CHANNEL, {"1"})
    number = await bot.number("lora", to="-200")
    del bot.context.channels["telegram"]
    assert "on another channel. Change it there" in text_of(await bot.presses(f"del:{number}"))
