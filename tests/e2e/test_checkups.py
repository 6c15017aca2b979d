"""The monthly note of subscriptions that need a change, over the wire of both platforms."""

import asyncio
from datetime import timedelta

import pytest
from conversation_world import ANN, BOB, GROUP, PAPERS, conversing, paper
from sqlalchemy import insert

from paperwire.pipeline.checkups import CheckupNotes
from paperwire.pipeline.hold import Hold
from paperwire.store.database.tables.deliveries import MatchRow
from servers.discord_people import plain

NOTE = """\
3 subscriptions here may need a change:
#1 qlora has never matched a paper.
#2 lora hasn't matched a paper for 60 days.
#3 Vision: cat:cs.CV matches about 30 papers a day, 1 were expected."""


@pytest.fixture
async def conversation(store, clock):
    async with conversing(store, clock) as made:
        await made.record(paper(1, "LoRA"))
        yield made


def notes_of(conversation, down_until=lambda _kind: None):
    return CheckupNotes(conversation.store, conversation.context.channels, down_until=down_until)


async def matched(conversation, query, days_ago, count=1, first=1000):
    """Let the last subscription with a query have matched papers."""
    (number,) = {one.query for one in await conversation.subscriptions() if one.text == query}
    seen_at = conversation.clock() - timedelta(days=days_ago)
    rows = [
        {"seen_at": seen_at, "query": number, "paper": first + one, "occasion": 0, "quiet": False}
        for one in range(count)
    ]
    async with conversation.store.write() as unit:
        await unit.connection.execute(insert(MatchRow), rows)


async def grown_old(conversation, ask):
    """Three subscriptions, 100 days later: one never matched, one went quiet, one is loud; a fourth does well."""
    for words in ("qlora", "lora", 'cat:cs.CV name:"Vision"', "diffusion"):
        await ask(f"/subscribe {words}")
    conversation.clock.advance(days=100)
    await matched(conversation, "lora", 61)
    await matched(conversation, "cat:cs.CV", 1, 14 * 30)
    await matched(conversation, "diffusion", 1)


# --- Telegram ----------------------------------------------------------------------------------------------------


async def test_a_person_gets_one_silent_note_a_month_in_private(conversation):
    telegram, notes = conversation.telegram, notes_of(conversation)
    await grown_old(conversation, lambda text: telegram.ask(ANN, text))
    assert await notes.run() == 1
    note = (await telegram.wait(ANN, 5))[4]
    assert note.text == NOTE
    assert note.raw["disable_notification"] == "true"
    assert [[key["text"] for key in row] for row in note.keyboard] == [
        ["Widen #1…", "Delete #1"],
        ["Widen #2…", "Delete #2"],
        ["Narrow #3…", "Daily digest", "Delete #3"],
        ["Don't tell me again"],
    ]
    conversation.clock.advance(days=29)
    assert await notes.run() == 0
    conversation.clock.advance(days=1)
    assert await notes.run() == 1


async def test_the_buttons_of_a_note_mend_what_it_names(conversation):
    telegram = conversation.telegram
    await grown_old(conversation, lambda text: telegram.ask(ANN, text))
    await notes_of(conversation).run()
    note = (await telegram.wait(ANN, 5))[4]
    telegram.press(ANN, note, "Delete #1")
    assert (await telegram.wait(ANN, 6))[5].text == "Unsubscribed: qlora"
    telegram.press(ANN, note, "Daily digest")
    daily = (await telegram.wait(ANN, 7))[6]
    assert daily.text.startswith("Vision: cat:cs.CV: every day at 08:00")
    assert (await conversation.subscriptions())[1].cadence == "daily 08:00"
    telegram.press(ANN, daily, "Undo")
    await telegram.until(lambda: "posted here as they appear." in telegram.messages(ANN)[6].text)
    assert (await conversation.subscriptions())[1].cadence == ""
    assert telegram.messages(ANN)[4].text == NOTE


async def test_a_wider_query_takes_the_place_of_one_that_never_matched(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, '/subscribe "lora about"')
    await telegram.ask(ANN, "/subscribe like:2601.00001")
    conversation.clock.advance(days=31)
    await notes_of(conversation).run()
    note = telegram.messages(ANN)[-1]
    assert note.text == '1 subscription here may need a change:\n#1 "lora about" has never matched a paper.'
    telegram.press(ANN, note, "Widen #1…")
    wider = (await telegram.wait(ANN, 4))[3]
    assert wider.text.startswith('Wider than "lora about":\nlora about – ')
    telegram.press(ANN, wider, wider.keyboard[0][0]["text"])
    await telegram.until(lambda: telegram.messages(ANN)[3].text.startswith("Subscribed: lora about (#1)"))


async def test_where_nothing_wider_is_known_it_says_what_to_type(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe qlora")
    conversation.clock.advance(days=31)
    await notes_of(conversation).run()
    telegram.press(ANN, (await telegram.wait(ANN, 2))[1], "Widen #1…")
    assert (await telegram.wait(ANN, 3))[2].text.startswith("No wider query to suggest. Check the spelling")


async def test_who_said_no_gets_none_until_they_ask_for_it(conversation):
    telegram, notes = conversation.telegram, notes_of(conversation)
    await grown_old(conversation, lambda text: telegram.ask(ANN, text))
    await notes.run()
    telegram.press(ANN, (await telegram.wait(ANN, 5))[4], "Don't tell me again")
    assert (await telegram.wait(ANN, 6))[5].text == "No more notes of subscriptions that need a change."
    conversation.clock.advance(days=40)
    assert await notes.run() == 0
    shown = await telegram.ask(ANN, "/checkup")
    assert shown.text.startswith("2 subscriptions here may need a change:")
    assert "Don't tell me again" not in str(shown.keyboard)
    assert (await telegram.ask(ANN, "/checkup on")).text.startswith("A note comes once a month at most")
    assert await notes.run() == 1
    await telegram.ask(ANN, "/checkup off")
    assert (await telegram.ask(ANN, "/checkup maybe")).text.startswith("Use one of: on, off.")
    telegram.press(ANN, await telegram.ask(ANN, "/forget"), "Yes, delete everything")
    await telegram.until(lambda: telegram.messages(ANN)[-1].text.startswith("Everything about you"))
    assert (await telegram.ask(ANN, "/checkup")).text.startswith("No subscription here needs a change.\nWhen one needs")


async def test_checkup_says_that_nothing_needs_a_change_and_whether_the_note_is_off(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/checkup off")
    assert (await telegram.ask(ANN, "/checkup")).text.endswith("The monthly note is off. To get it: /checkup on")


async def test_a_group_gets_it_and_only_managers_use_it(conversation):
    telegram = conversation.telegram
    await telegram.ask(ANN, "/subscribe qlora", GROUP)
    conversation.clock.advance(days=31)
    await notes_of(conversation).run()
    note = (await telegram.wait(GROUP, 2))[1]
    for label in ("Widen #1…", "Delete #1", "Don't tell me again"):
        telegram.press(BOB, note, label)
        await telegram.until(lambda: telegram.toasts and "Only managers" in telegram.toasts[-1].get("text", ""))
        telegram.toasts.clear()
    assert await conversation.queries() == ["qlora"]
    telegram.press(ANN, note, "Delete #1")
    await telegram.wait(GROUP, 3)
    assert await conversation.queries() == []


async def test_it_waits_for_quiet_hours_a_channel_that_is_down_and_a_hold(conversation):
    telegram, clock = conversation.telegram, conversation.clock
    await telegram.ask(ANN, "/subscribe qlora")
    clock.advance(days=31)
    hour = clock().hour
    await telegram.ask(ANN, f"/quiet {hour:02}:00-{(hour + 2) % 24:02}:00")
    notes = notes_of(conversation)
    assert await notes.run() == 0
    clock.advance(hours=3)
    assert await notes_of(conversation, down_until=lambda _kind: clock()).run() == 0
    await Hold(conversation.store).begin()
    assert await notes.run() == 0
    await Hold(conversation.store).end()
    assert await notes.run() == 1


@pytest.mark.parametrize(("status", "again"), [(429, 1), (400, 0), (403, 0)])
async def test_a_note_that_was_not_sent_is_due_again_only_where_it_may_arrive(conversation, status, again):
    telegram, notes = conversation.telegram, notes_of(conversation)
    await telegram.ask(ANN, "/subscribe qlora")
    conversation.clock.advance(days=31)
    telegram.fail({429: "flood", 400: "bad request", 403: "blocked"}[status], ANN)
    assert await notes.run() == 0
    assert await notes.run() == again


async def test_two_processes_send_one_note(conversation):
    await conversation.telegram.ask(ANN, "/subscribe qlora")
    conversation.clock.advance(days=31)
    assert sum(await asyncio.gather(*(notes_of(conversation).run() for _ in range(3)))) == 1


async def test_what_was_not_expected_in_numbers_is_measured_first(conversation):
    telegram, notes = conversation.telegram, notes_of(conversation)
    preview = await telegram.ask(ANN, "/import cat:cs.CV\ndiffusion")
    telegram.press(ANN, preview, "Subscribe to all 2")
    await telegram.until(lambda: telegram.messages(ANN)[-1].text.startswith("Subscribed to 2."))
    conversation.clock.advance(days=31)
    await matched(conversation, "cat:cs.CV", 1, 14 * 30)
    await matched(conversation, "diffusion", 1)
    assert await notes.run() == 0
    conversation.clock.advance(days=31)
    await matched(conversation, "diffusion", 1, 14 * 30 + 1, first=2000)
    await notes.run()
    assert telegram.messages(ANN)[-1].text.endswith("#2 diffusion matches about 30 papers a day, 0 were expected.")


async def test_many_are_cut_to_five(conversation):
    telegram = conversation.telegram
    preview = await telegram.ask(ANN, "/import " + "\n".join(f"word{number} {'x' * 99}" for number in range(7)))
    telegram.press(ANN, preview, "Subscribe to all 7")
    await telegram.until(lambda: telegram.messages(ANN)[-1].text.startswith("Subscribed to 7."))
    conversation.clock.advance(days=31)
    await notes_of(conversation).run()
    note = (await telegram.wait(ANN, 2))[1]
    assert note.text.startswith("7 subscriptions here may need a change:\n#1 word0 xxx")
    assert note.text.endswith("and 2 more: /checkup")


# --- Discord -----------------------------------------------------------------------------------------------------


async def test_discord_gets_it_in_a_channel_silently_and_its_buttons_work(conversation):
    discord = conversation.discord
    await grown_old(conversation, lambda text: discord.ask(ANN, text, PAPERS))
    assert await notes_of(conversation).run() == 1
    note = discord.messages(PAPERS)[-1]
    assert plain(note.text).replace("**", "").replace("`", "") == NOTE
    assert note.body["flags"] & 1 << 12
    refused = await discord.answer(await discord.press(BOB, note, "Don't tell me again"))
    assert "Only managers" in plain(refused.text)
    gone = await discord.answer(await discord.press(ANN, note, "Delete #1"))
    assert "Unsubscribed:" in plain(gone.text)
    daily = await discord.answer(await discord.press(ANN, note, "Daily digest"))
    assert "every day at 08:00" in plain(daily.text)
    off = await discord.answer(await discord.press(ANN, note, "Don't tell me again"))
    assert "No more notes" in plain(off.text)
    conversation.clock.advance(days=40)
    assert await notes_of(conversation).run() == 0
    back = await discord.answer(await discord.press(ANN, off, "Undo"))
    assert "A note comes once a month" in plain(back.text)
    assert await notes_of(conversation).run() == 1


async def test_discord_gets_it_in_private(conversation):
    discord = conversation.discord
    await discord.ask(ANN, "/subscribe qlora")
    conversation.clock.advance(days=31)
    assert await notes_of(conversation).run() == 1
    note = discord.messages(discord.dm(ANN).id)[-1]
    assert "has never matched a paper." in plain(note.text)
