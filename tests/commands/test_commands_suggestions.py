"""What `/subscribe` suggests and says: corrections, narrower and wider queries, when the next papers come."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from commands_bot import DAY, GROUP, buttons_of, paper, text_of

from paperwire.ports.callers import Actor, Place

THURSDAY = datetime(2026, 11, 26, 15, tzinfo=UTC)  # Thanksgiving


def unnumbered(reply):
    """What a reply shows, whatever number the subscription has."""
    return re.sub(r"\(#\d+\)", "(#N)", text_of(reply))


# --- corrections -------------------------------------------------------------------------------------------------


async def test_a_mistake_is_answered_with_the_corrected_query_as_a_button(bot):
    refused = await bot.says('/subscribe ti:lora abs:"fine tuning name:Mine when:daily')
    assert list(buttons_of(refused)) == ['ti:lora abs:"fine tuning"']
    assert await bot.subscribed() == []
    made = await bot.presses('ti:lora abs:"fine tuning"', refused)
    assert unnumbered(made).startswith('Subscribed: Mine: ti:lora abs:"fine tuning" (#N)')
    assert "every day at 08:00" in text_of(made)


async def test_options_that_came_with_the_query_stay_with_its_correction(bot):
    refused = await bot.says("/subscribe (lora", when="weekly fri 09:00")
    assert "every Friday at 09:00" in text_of(await bot.presses("lora", refused))


@pytest.mark.parametrize(
    ("typed", "better"),
    [
        ("Hawking, S*", 'au:"S Hawking"'),
        ("cs.AI", "cat:cs.AI"),
        (r"\bsodium[- ]ion\b|na3v2", "sodium-ion OR na3v2"),
        ('"dark matter"[ti] AND Lee K[au]', 'ti:"dark matter" au:"K Lee"'),
        ("archive/**", "archive/"),
        ('ti:"x" AND submittedDate:[2023 TO 2024]', 'ti:"x"'),
    ],
)
async def test_syntax_from_elsewhere_is_answered_with_what_to_type(bot, typed, better):
    refused = await bot.says(f"/subscribe {typed}")
    assert list(buttons_of(refused)) == [better]
    assert text_of(await bot.presses(better, refused)).startswith(f"Subscribed: {better} (#")


async def test_a_long_correction_is_shown_in_whole_next_to_its_button(bot):
    words = "one two three four five six seven eight nine ten eleven"
    refused = await bot.says(f'/subscribe "{words}')
    assert text_of(refused).endswith(f'You may have meant:\n"{words}"')
    assert refused.message.head[-1][0].style == "code"


async def test_preview_and_search_have_the_corrected_query_as_a_button_too(bot):
    await bot.record(paper(1, "Lora"))
    previewed = await bot.presses("lora", await bot.says("/preview (lora"))
    assert text_of(previewed).startswith("Preview: lora")
    searched = await bot.presses("lora", await bot.says("/search (lora"))
    assert text_of(searched).startswith("1 paper for lora")


async def test_a_query_that_nothing_is_known_for_has_no_button(bot):
    assert buttons_of(await bot.says("/subscribe &")) == {}


@pytest.mark.parametrize("action", ["add:~gone", "try:~gone", "swap:1:~gone"])
async def test_a_correction_too_long_for_its_button_is_forgotten_with_the_process(bot, action):
    await bot.says("/subscribe lora")
    assert "too old" in text_of(await bot.presses(action))


async def test_only_managers_take_a_correction_in_a_group(bot):
    assert "Only managers" in text_of(await bot.presses("add:lora", place=GROUP, manages=False))


@pytest.mark.shared
@pytest.mark.slow
async def test_every_collected_query_is_subscribed_or_its_correction_is(bot, shared_data):
    lines = (shared_data / "queries" / "queries.jsonl").read_text("utf-8").splitlines()
    refused = 0
    for number, line in enumerate(lines):
        query, who = json.loads(line)["query"], str(number // 400)
        reply = await bot.says(f"/subscribe {query}", who=who)
        if not text_of(reply).startswith("Subscribed:"):
            refused += 1
            (better,) = buttons_of(reply)
            print(f"{query}\n  -> {better}")  # noqa: T201 -- the list is what the run is for
            reply = await bot.presses(better, reply, who=who)
        assert text_of(reply).startswith("Subscribed:")
    assert (len(lines), refused) == (822, 32)


# --- narrower and wider ------------------------------------------------------------------------------------------


async def test_a_flood_has_narrower_queries_with_their_rates(bot):
    await bot.record(*(paper(n, "Diffusion" if n < 4 else "Other", abstract="diffusion model") for n in range(33)))
    reply = await bot.says("/subscribe diffusion")
    assert "ti:diffusion – in titles only: 28 a week" in text_of(reply)
    assert list(buttons_of(reply)) == [
        "in titles only: 28 a week",
        "Daily digest",
        "Best 10 a day",
        "Narrow…",
        "Mute",
        "When…",
        "Undo",
        "Show last week's",
    ]
    swapped = await bot.presses("in titles only: 28 a week", reply)
    assert swapped.edit
    assert unnumbered(swapped).startswith("Subscribed: ti:diffusion (#N)\n4 matches in the last day")
    assert await bot.subscribed() == ["ti:diffusion"]
    assert unnumbered(await bot.presses("Undo", swapped)).startswith("Changed back: diffusion (#N)")
    assert await bot.subscribed() == ["diffusion"]


async def test_a_query_that_never_matched_has_wider_ones(bot):
    await bot.record(paper(1, "Diffusion models for graphs"), paper(2, "Other", day=DAY - timedelta(days=9)))
    reply = await bot.says('/subscribe ti:"graph diffusion"')
    assert "No match in the last 10 days." in text_of(reply)
    assert "ti:graph ti:diffusion – words in any order: 1 a week" not in text_of(reply)
    assert "ti:graph ti:diffusion – words in any order: 3 a month" in text_of(reply)
    taken = await bot.presses("words in any order: 3 a month", reply)
    assert "1 match in the last 10 days" in text_of(taken)


async def test_a_conference_in_plain_words_is_offered_as_a_venue(bot):
    await bot.record(*(paper(n, f"Maps {n}", comment="Accepted at NeurIPS 2025") for n in range(3)), paper(9, "Other"))
    reply = await bot.says("/subscribe NeurIPS 2025")
    assert 'venue:"NeurIPS 2025" – accepted or published there: 21 a week' in text_of(reply)
    await bot.presses("accepted or published there: 21 a week", reply)
    assert await bot.subscribed() == ['venue:"NeurIPS 2025"']
    for command in ("/subscribe", "/preview"):  # of a conference still to come there are no papers yet
        lines = text_of(await bot.says(f"{command} ICLR 2031 maps")).split("\n")
        assert 'venue:"ICLR 2031" maps – accepted or published there' in lines


async def test_an_author_as_catalogues_have_them_is_offered_as_an_author(bot):
    await bot.record(paper(1, "Black holes", authors=("Stephen Hawking",)))
    reply = await bot.says("/subscribe Hawking, S")
    assert 'au:"S Hawking" – written this way: 7 a week' in text_of(reply)


async def test_a_pasted_paragraph_is_offered_as_its_phrases(bot):
    await bot.record(paper(1, "Multimodal machine learning"))
    text = "We work on large language models and their pretraining, and also on multimodal machine learning for robots"
    reply = await bot.says(f"/subscribe {text}")
    assert " – written this way: 7 a week" in text_of(reply)
    await bot.presses("written this way: 7 a week", reply)
    (query,) = await bot.subscribed()
    assert '"large language models" OR pretraining OR "multimodal machine learning" OR robots' in query


async def test_before_there_are_papers_nothing_is_suggested(bot):
    reply = await bot.says("/subscribe diffusion")
    assert list(buttons_of(reply)) == ["When…", "Undo"]
    number = buttons_of(reply)["Undo"].removeprefix("undo:")
    assert "No narrower query" in text_of(await bot.presses(f"narrow:{number}"))
    assert "too old" in text_of(await bot.presses(f"week:{number}"))


async def test_narrow_shows_what_matches_some_of_the_papers(bot):
    await bot.record(paper(1, "Graph", abstract="a model"), paper(2, "Graph model", categories=("cs.LG",)))
    reply = await bot.says("/subscribe graph model")
    narrowed = await bot.presses("Narrow…", reply)
    assert text_of(narrowed).split("\n") == [
        "Narrower than graph model:",
        "ti:(graph model) – in titles only: 7 a week",
        '"graph model" – as a phrase: 7 a week',
        "graph model cat:cs.LG – in cs.LG only: 7 a week",
    ]
    await bot.presses("as a phrase: 7 a week", narrowed)
    assert await bot.subscribed() == ['"graph model"']
    number = buttons_of(reply)["Undo"].removeprefix("undo:")
    none = await bot.presses(f"narrow:{number}")
    assert "/subscriptions 1 " in text_of(none)


async def test_somebody_elses_subscription_is_neither_narrowed_nor_shown(bot):
    number = await bot.number("diffusion")
    for action in (f"swap:{number}:lora", f"week:{number}"):
        assert "No subscription with this number" in text_of(await bot.presses(action, who="2"))
    for action in (f"fewer:{number}", f"narrow:{number}", f"calm:best:{number}", f"mutes:{number}"):
        assert "was deleted" in text_of(await bot.presses(action, who="2"))
    assert await bot.subscribed() == ["diffusion"]


async def test_the_subscription_of_another_place_is_changed_from_the_private_chat(bot):
    ours = Place(channel="telegram", address="-200", kind="channel", title="Our papers")
    bot.channel.managed["@ours"] = (ours, {"1"})
    number = await bot.number("diffusion to:@ours")
    bot.channel.managed["-200"] = (ours, {"1"})
    assert "New papers go to Our papers" in text_of(await bot.presses(f"swap:{number}:lora"))


async def test_the_last_week_is_shown_page_by_page(bot):
    week_ago = DAY - timedelta(days=7)
    await bot.record(*(paper(n, f"Graph {n}") for n in range(7)), paper(9, "Graph long ago", day=week_ago))
    first = await bot.presses("Show last week's", await bot.says("/subscribe graph"))
    assert text_of(first).startswith("7 matches in the last 7 days for graph")
    assert not first.edit
    assert len(first.message.items) == 5
    second = await bot.presses("Next »", first)
    assert second.edit
    assert len(second.message.items) == 2
    assert len((await bot.presses("« Back", second)).message.items) == 5


async def test_a_week_without_matches_says_so(bot):
    number = await bot.number("graph")
    await bot.record(paper(1, "Other"))
    assert text_of(await bot.presses(f"week:{number}")) == "No match in the last 7 days."


# --- what to expect ----------------------------------------------------------------------------------------------


async def test_the_next_announcement_is_named_with_the_holiday_before_it(bot):
    bot.clock.at = THURSDAY
    bot.commands.context = replace(bot.context, zone="Europe/Berlin")
    text = text_of(await bot.says("/subscribe diffusion"))
    assert text.endswith(
        "Next papers: Monday about 06:00 (Europe/Berlin), when arXiv's feeds list them;"
        " no announcement on Thanksgiving."
    )


async def test_evenings_of_the_settings_are_named_by_their_days(bot):
    bot.clock.at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    closed = frozenset(date(2026, 3, 2) + timedelta(days=n) for n in range(7))
    bot.commands.context = replace(bot.context, closures=closed)
    text = text_of(await bot.says("/subscribe diffusion"))
    assert "Next papers: Tue 10 Mar about 04:00 (UTC)" in text
    assert "; no announcement on Mon 2 Mar, Tue 3 Mar, Wed 4 Mar" in text


async def test_without_arxiv_nothing_is_said_of_announcements(bot):
    bot.commands.context = replace(bot.context, sources={"rss": timedelta(minutes=5)})
    assert "Next" not in text_of(await bot.says("/subscribe diffusion"))
    assert "No source here counts upvotes" in text_of(await bot.says("/subscribe diffusion upvotes>=5"))


async def test_upvotes_say_what_they_wait_for(bot):
    text = text_of(await bot.says("/subscribe diffusion upvotes>=5"))
    assert text.endswith("A paper is sent once it has 5 upvotes on Hugging Face.")
    assert list(buttons_of(await bot.says("/subscribe upvotes>=5"))) == ["cat:cs upvotes>=5"]


async def test_a_category_that_only_cross_lists_reach_says_so(bot):
    await bot.record(paper(1, "Strings", categories=("cs.CV", "hep-th")))
    text = text_of(await bot.says("/subscribe strings cat:hep-th"))
    assert "hep-th isn't collected here: only papers that are cross-listed to it" in text
    assert "math.AG isn't collected here, so no papers" in text_of(await bot.says("/subscribe strings cat:math.AG"))


# --- asking ------------------------------------------------------------------------------------------------------


async def test_without_a_query_the_next_message_is_the_query(bot):
    asked = await bot.says("/subscribe name:Mine")
    assert text_of(asked).startswith("What are you looking for?")
    assert asked.question.command == "subscribe"
    made = await bot.commands.handle(bot.request(args="diffusion model"))
    assert unnumbered(made).startswith("Subscribed: Mine: diffusion model (#N)")
    assert not text_of(await bot.commands.handle(bot.request(args="lora"))).startswith("Subscribed")


async def test_options_with_an_empty_query_wait_with_the_question(bot):
    asked = await bot.says("/subscribe ``", when="daily 07:00")
    assert asked.question.options == {"when": "daily 07:00"}
    assert "every day at 07:00" in text_of(await bot.commands.handle(bot.request(args="lora")))


@pytest.mark.parametrize("how", [{"args": "Cancel"}, {"command": "cancel"}])
async def test_a_question_can_be_cancelled(bot, how):
    await bot.says("/subscribe")
    assert text_of(await bot.commands.handle(bot.request(**how))) == "Cancelled. Nothing was changed."
    await bot.commands.handle(bot.request(args="diffusion"))
    assert await bot.subscribed() == []


async def test_another_command_is_a_change_of_mind(bot):
    await bot.says("/subscribe")
    await bot.says("/status")
    await bot.commands.handle(bot.request(args="diffusion"))
    assert await bot.subscribed() == []


async def test_an_answer_that_cannot_be_read_may_be_given_again(bot):
    await bot.says("/subscribe name:Mine")
    refused = await bot.commands.handle(bot.request(args="(lora"))
    assert list(buttons_of(refused)) == ["lora"]
    assert refused.question is not None
    made = await bot.commands.handle(bot.request(args="qlora"))
    assert unnumbered(made).startswith("Subscribed: Mine: qlora (#N)")


async def test_an_answer_that_is_refused_for_another_reason_may_be_given_again(bot):
    await bot.says("/subscribe")
    refused = await bot.commands.handle(bot.request(args="lora when:hourly"))
    assert "Use instant" in text_of(refused)
    assert text_of(await bot.commands.handle(bot.request(args="lora"))).startswith("Subscribed: lora")


async def test_a_question_waits_a_day_and_for_one_person(bot):
    await bot.says("/subscribe", place=GROUP)
    other = bot.request("2", GROUP, args="diffusion")
    assert text_of(await bot.commands.handle(other)) == ""
    bot.clock.advance(days=1, minutes=1)
    assert text_of(await bot.commands.handle(bot.request("1", GROUP, args="diffusion"))) == ""


async def test_who_no_longer_manages_a_group_is_refused_with_the_answer(bot):
    await bot.says("/subscribe", place=GROUP)
    refused = await bot.commands.handle(bot.request("1", GROUP, manages=False, args="diffusion"))
    assert "Only managers" in text_of(refused)


async def test_a_channel_that_posts_itself_reads_what_to_post(bot):
    channel = Place(channel="telegram", address="-200", kind="channel", title="News")
    request = replace(
        bot.request("-200", channel, command="subscribe"), actor=Actor(channel="telegram", user_id="-200")
    )
    reply = await bot.commands.handle(request)
    assert reply.question is None
    assert "/subscribe " in text_of(reply)


# --- categories and sources that nothing here has -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "term", "nearest"),
    [
        ("diffusion cat:csCV", "cat:csCV", "cat:cs.CV"),
        ("diffusion cat:CV", "cat:CV", "cat:cs.CV"),
        ("diffusion source:arxive", "source:arxive", "source:arxiv"),
    ],
)
async def test_a_value_that_nothing_has_is_taken_with_a_warning_and_the_nearest(bot, typed, term, nearest):
    await bot.record(paper(1, "Diffusion"))
    made = await bot.says(f"/subscribe {typed}")
    assert f"No stored paper has {term}. Did you mean {nearest}?" in text_of(made)
    assert f"{term} isn't collected" not in text_of(made)
    assert await bot.subscribed() == [typed]
    (label,) = [label for label in buttons_of(made) if "as you may have meant it" in label]
    assert f"diffusion {nearest}" in text_of(await bot.presses(label, made))
    assert await bot.subscribed() == [f"diffusion {nearest}"]


@pytest.mark.parametrize("typed", ["diffusion source:qqqq", "diffusion cat:qqqq"])
async def test_of_a_value_like_no_other_it_is_said_that_nothing_has_it(bot, typed):
    await bot.record(paper(1, "Diffusion"))
    assert f"No stored paper has {typed.split()[1]}. Check" in text_of(await bot.says(f"/preview {typed}"))


@pytest.mark.parametrize("typed", ["cat:cs.CV", "-cat:csCV diffusion", "source:arxiv", "cat:math.AG"])
async def test_what_exists_or_must_not_match_is_no_reason_for_a_warning(bot, typed):
    await bot.record(paper(1, "Diffusion"))
    assert "isn't known" not in text_of(await bot.says(f"/preview {typed}"))
