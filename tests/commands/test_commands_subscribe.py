"""Subscribing: at once, once, with a preview and a way back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from commands_bot import DAY, GROUP, buttons_of, paper, text_of

from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse
from paperwire.errors import Retry
from paperwire.ports.callers import Actor, Place
from paperwire.services.papers.search import preview

CHANNEL = Place(channel="telegram", address="-200", kind="channel", title="Our papers")


async def test_the_answer_is_a_preview_with_its_rate_and_three_samples(bot):
    days = [DAY - timedelta(days=ahead) for ahead in (0, 1, 4, 8)]
    await bot.record(*(paper(n, f"Diffusion models {n}", day=days[n % 4]) for n in range(8)))
    await bot.record(*(paper(100 + n, "Something else", day=days[0]) for n in range(5)))
    reply = await bot.says("/subscribe diffusion model")
    text = text_of(reply)
    assert text.startswith("Subscribed: diffusion model (#")
    assert "8 matches in the last 9 days, about 6 a week." in text
    assert [item.title for item in reply.message.items] == [
        "Diffusion models 4",
        "Diffusion models 0",
        "Diffusion models 5",
    ]
    assert "Matched diffusion, model" in text
    assert "New papers will be posted here as they appear." in text
    assert list(buttons_of(reply)) == ["Show last week's", "When…", "Narrow…", "Undo"]


async def test_asking_twice_says_so_and_makes_no_second_subscription(bot):
    await bot.record(paper(1, "Diffusion model"))
    first = await bot.says("/subscribe diffusion models")
    again = await bot.says("/subscribe  diffusion   models ")
    assert text_of(again).replace("It was already there.\n", "") == text_of(first)
    assert "Undo" not in buttons_of(again)
    assert "#" in text_of(await bot.says("/subscribe Model diffusion"))
    assert await bot.subscribed() == ["diffusion models"]


async def test_before_anything_is_held_there_is_no_preview(bot):
    assert "No papers are stored yet" in text_of(await bot.says("/subscribe diffusion"))
    assert (await preview(bot.context, parse("diffusion"))).a_week == 0.0


@pytest.mark.parametrize(
    ("total", "days", "rate"),
    [(9, 30, "about 2 a week"), (1, 30, "about 1 a month"), (3, 30, "about 3 a month"), (1, 1, "about 7 a week")],
)
async def test_small_rates_are_told_by_the_month(bot, total, days, rate):
    other = [paper(500, "Other", day=DAY - timedelta(days=days - 1)), paper(501, "Other", day=DAY)]
    await bot.record(*other, *(paper(n, "Diffusion", day=DAY) for n in range(total)))
    assert rate in text_of(await bot.says("/preview diffusion"))


async def test_only_the_last_thirty_days_that_are_held_count(bot):
    long_ago = [paper(n, "Diffusion", day=date(2025, 10, 1)) for n in range(4)]
    await bot.record(*long_ago, paper(10, "Diffusion", day=DAY - timedelta(days=29)), paper(11, "Other", day=DAY))
    assert "1 match in the last 30 days, about 1 a month." in text_of(await bot.says("/preview diffusion"))


async def test_a_flood_is_warned_of(bot):
    await bot.record(*(paper(n, "Diffusion") for n in range(31)))
    text = text_of(await bot.says("/subscribe diffusion"))
    assert "31 matches in the last day, about 217 a week." in text
    assert "more than 30 a day" in text


async def test_silence_is_warned_of(bot):
    await bot.record(paper(1, "Diffusion"))
    text = text_of(await bot.says("/subscribe difusion"))
    assert "No match in the last day. Check the spelling or use fewer words." in text


async def test_a_class_that_nobody_collects_is_said(bot):
    assert "math.AG isn't collected here" in text_of(await bot.says("/subscribe sheaf cat:math.AG"))
    assert "collected" not in text_of(await bot.says("/subscribe kernel cat:stat.ML"))


async def test_a_trending_query_is_previewed_by_its_score(bot):
    await bot.record(paper(1, "Diffusion", source="huggingface"), kind=EventKind.LISTED, score=60)
    await bot.record(paper(2, "Diffusion", source="huggingface"), kind=EventKind.LISTED, score=40)
    assert "1 match in the last day" in text_of(await bot.says("/preview diffusion upvotes>=50"))


async def test_undo_takes_it_back_and_undo_again_brings_it_back(bot):
    reply = await bot.says("/subscribe diffusion")
    undone = await bot.presses("Undo", reply)
    assert text_of(undone) == "Unsubscribed: diffusion"
    assert undone.edit
    assert await bot.subscribed() == []
    redone = await bot.presses("Undo", undone)
    assert text_of(redone).startswith("Subscribed again: diffusion (#")
    assert await bot.subscribed() == ["diffusion"]
    await bot.presses("Undo", redone)
    assert await bot.subscribed() == []


async def test_a_wrong_query_is_pointed_at_and_nothing_is_subscribed(bot):
    reply = await bot.says("/subscribe diffusion (model")
    assert reply.aside
    lines = text_of(reply).split("\n")
    assert lines[1] == "diffusion (model"
    assert lines[2].index("^") == 10
    assert "(column 11)" in lines[0]
    assert reply.message.head[1][0].style == reply.message.head[2][0].style == "code"
    assert len(lines) == 4
    assert await bot.subscribed() == []


async def test_a_long_wrong_query_shows_the_place_that_is_wrong(bot):
    lines = text_of(await bot.says("/preview " + "word " * 100 + "foo:bar " + "word " * 50)).split("\n")
    assert len(lines[1]) <= 60
    assert lines[1][lines[2].index("^") :].startswith("foo:bar")


async def test_code_formatting_is_tolerated(bot):
    await bot.says("/subscribe `diffusion model`")
    assert await bot.subscribed() == ["diffusion model"]


async def test_options_may_be_typed_after_the_query_or_come_with_it(bot):
    typed = await bot.says('/subscribe "to: be" lora name:"My topic" when:Daily 7:30 occasions:arrival,versions')
    assert "Subscribed: My topic: " in text_of(typed)
    assert "New papers will be posted here every day at 07:30 (UTC)." in text_of(typed)
    assert "Sends: new papers and new versions." in text_of(typed)
    assert "Next digest: Tue 6 Jan 2026 07:30 UTC" in text_of(typed)
    text = text_of(await bot.says("/subscriptions"))
    assert 'My topic: "to: be" lora · every day at 07:30 (UTC)' in text
    await bot.says("/subscribe qlora", name="Other", when="weekly fri 09:00", occasions="withdrawn arrival")
    opened = text_of(await bot.says("/subscriptions 2"))
    assert "every Friday at 09:00 (UTC)" in opened
    assert "Sends: new papers and withdrawals." in opened


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        ({"when": "hourly"}, "Use instant"),
        ({"occasions": "everything"}, "Use one or more of: arrival, versions, withdrawn"),
        ({"occasions": ","}, "Use one or more of"),
    ],
)
async def test_a_wrong_option_is_refused_with_what_to_say(bot, option, hint):
    assert hint in text_of(await bot.says("/subscribe lora", **option))
    assert await bot.subscribed() == []


async def test_asking_again_with_other_options_changes_them_and_wakes_it(bot):
    number = await bot.number("lora")
    await bot.presses(f"off:{number}")
    await bot.says("/subscribe lora", name="LoRA", when="daily", occasions="versions")
    opened = text_of(await bot.says("/subscriptions 1"))
    assert "LoRA" in opened
    assert "every day at 08:00 (UTC)" in opened
    assert "Sends: new papers and new versions." in opened
    assert "paused" not in opened


async def occasions(bot):
    """What each subscription of the first person includes."""
    async with bot.store.read() as unit:
        person = await unit.people.person_of(Actor(channel="telegram", user_id="1"))
        return [one.occasions for one in await unit.subscriptions.of_person(person.number)]


async def test_naming_an_occasion_adds_it_and_undo_removes_only_that(bot):
    await bot.says("/subscribe lora")
    more = await bot.says("/subscribe lora occasions:versions,withdrawn")
    assert "New papers will be posted here as they appear." in text_of(more)
    assert "Sends: new papers, new versions, and withdrawals." in text_of(more)
    await bot.says("/subscribe LoRA occasions:withdrawn")
    assert await occasions(bot) == [{"arrival", "versions", "withdrawn"}]
    await bot.presses("Undo", more)
    assert await occasions(bot) == [{"arrival"}]
    await bot.presses("Undo", more)  # pressed twice
    assert await occasions(bot) == [{"arrival"}]


async def test_undo_of_another_time_for_what_was_there_keeps_it(bot):
    await bot.says("/subscribe lora when:weekly")
    daily = await bot.says("/subscribe lora when:daily")
    assert "every day at 08:00" in text_of(daily)
    await bot.presses("Undo", daily)
    assert "every Monday at 08:00" in text_of(await bot.says("/subscriptions 1"))


async def test_undo_of_the_first_time_of_its_own_goes_back_to_that_of_the_chat(bot):
    await bot.says("/subscribe lora")
    await bot.presses("Undo", await bot.says("/subscribe lora when:daily"))
    assert "as they appear" in text_of(await bot.says("/subscriptions 1"))


async def test_undo_takes_back_all_that_was_changed_of_what_was_there(bot):
    number = await bot.number("lora name:Mine when:daily")
    await bot.presses(f"off:{number}")
    before = text_of(await bot.says("/subscriptions 1"))
    changed = await bot.says("/subscribe lora name:Adapters when:weekly occasions:versions")
    now = text_of(await bot.says("/subscriptions 1"))
    assert "Adapters" in now
    assert "paused" not in now
    assert "Undo" not in buttons_of(await bot.says("/subscribe lora name:Adapters"))
    undone = await bot.presses("Undo", changed)
    assert (text_of(undone), undone.edit) == (before, True)
    assert text_of(await bot.presses("Undo", changed)) == before  # pressed twice


async def test_undo_leaves_what_was_changed_again_since(bot):
    await bot.number("lora when:daily")
    changed = await bot.says("/subscribe lora name:Adapters when:weekly")
    await bot.says("/subscribe lora when:monthly")
    undone = text_of(await bot.presses("Undo", changed))
    assert "Adapters" not in undone
    assert "each month" in undone


@pytest.mark.parametrize(
    "text", ["{}", "[]", "1", '{"name":1}', '{"mention":["@everyone",""]}', '{"occasions":[[],["x"]]}', "{", "x"]
)
async def test_changes_that_no_button_says_change_nothing(bot, text):
    number = await bot.number("lora")
    before = text_of(await bot.says("/subscriptions 1"))
    reply = text_of(await bot.presses(f"back:{number}:{text}"))
    assert "too old" in reply or reply == before
    assert text_of(await bot.says("/subscriptions 1")) == before


async def test_undo_of_asking_again_for_what_was_paused_pauses_it(bot):
    number = await bot.number("lora")
    await bot.presses(f"off:{number}")
    await bot.presses("Undo", await bot.says("/subscribe lora"))
    assert "This subscription is paused." in text_of(await bot.says("/subscriptions 1"))


async def test_without_new_papers_all_texts_say_so_and_the_plain_query_adds_them(bot):
    made = text_of(await bot.says("/subscribe lora occasions:versions"))
    opened = text_of(await bot.says("/subscriptions 1"))
    for text in (made, opened):
        assert "New papers" not in text
        assert "Updates will be posted here as they appear." in text
        assert "Sends: new versions, but no new papers." in text
    assert "New papers will be posted here as they appear." in text_of(await bot.says("/subscribe lora"))
    assert await occasions(bot) == [{"arrival", "versions"}]


@pytest.mark.parametrize("query", ["lora upvotes>=50", "list:here"])
async def test_what_says_itself_when_a_paper_is_news_takes_no_other_occasion(bot, query):
    refused = text_of(await bot.says(f"/subscribe {query} occasions:versions", place=GROUP))
    assert "can't be combined with upvotes>=N or list:" in refused
    number = await bot.number(query, place=GROUP)
    opened = await bot.says("/subscriptions 1", place=GROUP)
    assert "New papers will be posted here as they appear." in text_of(opened)
    assert "Includes" not in text_of(opened)
    assert not {"Also send new versions", "Stop sending new papers"} & buttons_of(opened).keys()
    for old in (f"also:{number}:versions", f"drop:{number}:arrival"):
        assert "can't be combined" in text_of(await bot.presses(old, place=GROUP))


async def test_one_subscription_more_than_the_most_is_refused(bot):
    bot.commands.context = replace(bot.context, max_subscriptions=8)
    for number in range(8):
        await bot.says(f"/subscribe word{number}")
    assert "8 subscriptions" in text_of(await bot.says("/subscribe onemore"))
    assert len(await bot.subscribed()) == 8
    assert "Subscribed: word7" in text_of(await bot.says("/subscribe word7"))


# --- places ------------------------------------------------------------------------------------------------------


async def test_in_a_group_only_managers_subscribe_and_others_are_told_so_alone(bot):
    refused = await bot.says("/subscribe diffusion", place=GROUP, manages=False)
    assert refused.aside
    assert "Only managers" in text_of(refused)
    made = await bot.says("/subscribe diffusion", place=GROUP)
    assert not made.aside
    assert "Everyone here sees them" in text_of(made)


async def test_a_place_where_the_bot_may_not_write_is_found_at_once(bot):
    mute = Place(channel="telegram", address="-100", kind="channel", title="News", problem="the bot may not post")
    reply = await bot.says("/subscribe diffusion", place=mute)
    assert "Can't post to News: the bot may not post." in text_of(reply)
    assert await bot.subscribed() == []


async def test_to_takes_a_link(bot):
    bot.channel.managed["https://t.me/c/200"] = (CHANNEL, {"1"})
    assert "Our papers as they appear" in text_of(await bot.says("/subscribe diffusion to:https://t.me/c/200"))
    assert "Our papers as they appear" in text_of(await bot.says("/subscribe lora to:telegram:https://t.me/c/200"))


async def test_to_sends_to_another_place_that_one_manages(bot):
    bot.channel.managed["@ours"] = (CHANNEL, {"1"})
    reply = await bot.says("/subscribe diffusion to:@ours")
    assert "New papers go to Our papers as they appear." in text_of(reply)
    assert "Everyone here" not in text_of(reply)
    listed = await bot.says("/subscriptions")
    assert list(buttons_of(listed)) == ["Our papers (1)"]
    of_place = await bot.presses("Our papers (1)", listed)
    assert text_of(of_place).split("\n") == ["Our papers: 1 subscription", "#1 diffusion (added by User 1)"]
    assert "New papers go to Our papers" in text_of(await bot.presses("Open 1", of_place))
    assert "diffusion" in text_of(await bot.says("/subscriptions", place=CHANNEL, who="2"))
    assert "Subscribed" in text_of(await bot.says("/subscribe lora to:telegram:@ours"))


@pytest.mark.parametrize(
    ("to", "hint"),
    [
        ("@ours", "Only managers of Our papers"),
        ("@nowhere", "can't reach @nowhere: chat not found"),
        ("slack:x", "slack isn't connected. Connected channels: discord, telegram"),
        ("discord:x", "Send this from Discord"),
    ],
)
async def test_to_is_refused_where_one_manages_nothing(bot, to, hint):
    bot.channel.managed["@ours"] = (CHANNEL, {"2"})
    bot.context.channels["discord"] = type(bot.channel)(kind="discord")
    assert hint in text_of(await bot.says("/subscribe diffusion", to=to))
    assert await bot.subscribed() == []


async def test_rights_that_cannot_be_looked_up_are_no_rights(bot):
    bot.channel.fails = Retry("busy", 3)
    assert "Can't check your permissions there" in text_of(await bot.says("/subscribe diffusion to:@ours"))


async def test_a_paused_place_is_mentioned(bot):
    await bot.says("/pause")
    assert "⚠ Deliveries are paused here (paused by User 1) until /resume." in text_of(
        await bot.says("/subscribe diffusion")
    )


async def test_a_role_is_kept_and_pinged_by_alerts_alone(bot):
    await bot.says('/subscribe "gliding snakes" role:<@&123456789>')
    async with bot.commands.context.store.read() as unit:
        person = await unit.people.person_of(bot.request().actor)
        (kept,) = await unit.subscriptions.of_person(person.number)
    assert kept.mention == "<@&123456789>"
    assert kept.text == '"gliding snakes"'


async def test_what_is_no_role_is_refused(bot):
    assert "role:" in text_of(await bot.says("/subscribe snakes role:@everyone"))


@pytest.mark.parametrize(
    ("typed", "weekly"),
    [
        ("venue:iclr cat:cs.LG", True),
        ("venue:iclr OR diffusion", False),
        ("venue:iclr upvotes>=50", False),
        ("venue:iclr when:instant", False),
        ("diffusion", False),
    ],
)
async def test_a_venue_alone_comes_weekly_unless_the_text_says_otherwise(bot, typed, weekly):
    await bot.says(f"/subscribe {typed}")
    assert ("every Monday" in text_of(await bot.says("/subscriptions"))) is weekly
