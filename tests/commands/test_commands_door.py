"""The door: near misses, limits, refusals, and the table that everybody reads."""

import re

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.commands.answer import presses
from paperwire.commands.papers import papers
from paperwire.commands.subscriptions import calmer, less
from paperwire.commands.table import COMMANDS, SPECS
from paperwire.commands.talk import publish
from paperwire.services.typed import unquoted
from paperwire.store.people.places import Places
from paperwire.texts import ENGLISH


def test_each_name_and_each_button_belongs_to_one_command():
    assert len({spec.name for spec in SPECS}) == len(SPECS)
    assert (
        len(presses(COMMANDS))
        == sum(len(command.buttons) for command in COMMANDS)
        + len(papers.BUTTONS | calmer.BUTTONS | less.BUTTONS | publish.BUTTONS)
        + 1
    )


def test_the_table_fits_both_platforms():
    for spec in SPECS:
        assert re.fullmatch(r"[a-z]{1,32}", spec.name)
        assert 1 <= len(spec.help) <= 100
        assert [argument.name for argument in spec.args] in ([], ["query"])
        for argument in (*spec.args, *spec.options):
            assert re.fullmatch(r"[a-z]{1,32}", argument.name)
            assert 1 <= len(argument.help) <= 100
            assert len(argument.choices) <= 25


def test_verbs_of_buttons_leave_room_for_their_arguments():
    assert all(len(verb) <= 12 and ":" not in verb for verb in presses(COMMANDS))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/subscirbe x", "/subscribe x?"),
        ("/sub x", "/subscribe x?"),
        ("/unsub", "/unsubscribe?"),
        ("/feeds", "/feed?"),
        ("/stat", "/status?"),
        ("/xyzzy", "/help lists"),
    ],
)
async def test_an_unknown_command_names_the_nearest_right_one(bot, typed, hint):
    reply = await bot.says(typed)
    assert reply.aside
    assert hint in text_of(reply)


async def test_a_command_is_known_in_any_case(bot):
    assert "Paperwire" in text_of(await bot.says("/START"))


async def test_plain_words_in_private_are_told_what_to_do_with_them_and_ignored_in_a_group(bot):
    reply = await bot.commands.handle(bot.request(args="diffusion  models"))
    assert text_of(reply).startswith("diffusion models\n")
    assert list(buttons_of(reply)) == ["Subscribe", "Preview", "Search", "How to write a query"]
    assert await bot.subscribed() == []
    await bot.presses("Subscribe", reply)
    assert await bot.subscribed() == ["diffusion models"]
    assert "/help" in text_of(await bot.commands.handle(bot.request()))
    silent = await bot.commands.handle(bot.request(place=GROUP, args="hello all"))
    assert text_of(silent) == ""


@pytest.mark.parametrize(
    ("words", "meant"), [("subscrib lora", "/subscribe lora"), ("trendign week", "/trending week")]
)
async def test_a_mistyped_command_without_its_slash_is_a_button(bot, words, meant):
    reply = await bot.commands.handle(bot.request(args=words))
    assert text_of(reply).startswith(f"{words}\n")
    assert next(iter(buttons_of(reply))) == meant
    assert await bot.subscribed() == []


async def test_a_mistyped_command_is_run_by_its_button_with_all_its_words(bot):
    words = " OR ".join(f'"word {number}"' for number in range(30))
    reply = await bot.says(f"/suscribe {words}")
    (label,) = buttons_of(reply)
    assert label.startswith('/subscribe "word 0" OR')
    assert text_of(await bot.presses(label, reply)).startswith("Subscribed:")
    assert await bot.subscribed() == [words]


async def test_words_that_are_no_query_are_answered_with_what_is_wrong_and_the_help(bot):
    reply = await bot.commands.handle(bot.request(args="foo:bar"))
    assert "isn't a field" in text_of(reply)
    assert list(buttons_of(reply)) == ["How to write a query", "All commands"]


@pytest.mark.parametrize(
    "pasted",
    [
        "2601.00001",
        "https://arxiv.org/abs/2601.00001v2",
        "have you seen https://arxiv.org/pdf/2601.00001 ?",
        "arXiv:2601.00001v1  [cs.CV]  4 Jan 2026",
    ],
)
async def test_a_pasted_link_id_or_stamp_is_answered_with_the_paper(bot, pasted):
    await bot.record(paper(1, "Diffusion", abstract="All about it."))
    reply = await bot.commands.handle(bot.request(args=pasted))
    (item,) = reply.message.items
    assert (item.title, item.url, item.abstract) == ("Diffusion", "https://arxiv.org/abs/2601.00001", "All about it.")
    assert {"PDF", "Save", "Mute…", "More like this", "Why?", "Watch"} <= set(buttons_of(reply))
    assert text_of(await bot.presses("Watch", reply)).startswith("Watching: Diffusion")


async def test_a_pasted_paper_that_is_not_stored_says_why_and_can_be_watched(bot, known):
    known["2601.00009"] = paper(9, "Elsewhere", categories=("math.AG",))
    reply = await bot.commands.handle(bot.request(args="https://arxiv.org/abs/2601.00009"))
    assert "math.AG isn't collected here" in text_of(reply)
    assert list(buttons_of(reply)) == ["Watch"]
    assert text_of(await bot.presses("Watch", reply)).startswith("Watching: Elsewhere")
    unknown = await bot.commands.handle(bot.request(args="2601.00010"))
    assert "no source has it" in text_of(unknown)


async def test_a_pasted_list_shows_its_papers_and_all_of_them_can_be_watched(bot, known):
    await bot.record(paper(1, "One"), paper(2, "Two"))
    known["2601.00003"] = paper(3, "Three")
    pasted = "\n".join(f"@misc{{key{n}, eprint = {{2601.{n:05}}}, title = {{A title}}}}" for n in (1, 2, 3))
    reply = await bot.commands.handle(bot.request(args=pasted))
    assert text_of(reply).startswith("3 papers are mentioned here.\nOne\n")
    assert text_of(reply).endswith("1 of them isn't stored.")
    assert list(buttons_of(reply)) == ["1", "2", "Watch all 3 papers"]
    assert text_of(await bot.presses("Watch all 3 papers", reply)).startswith("Watching 3 papers here")


async def test_a_query_on_an_id_is_a_query(bot):
    assert "Subscribe" in buttons_of(await bot.commands.handle(bot.request(args="id:2601.00001")))


async def test_the_twenty_first_command_in_a_minute_is_put_off(bot):
    replies = [await bot.commands.handle(bot.request(command="help")) for _ in range(21)]
    assert "/subscribe" in text_of(replies[19])
    assert text_of(replies[20]) == "Too many requests. Try again in 3 s."
    assert replies[20].aside


async def test_what_a_channel_reports_is_never_put_off(bot):
    for _ in range(70):
        await bot.commands.handle(bot.request(command="help"))
    assert text_of(await bot.commands.handle(bot.request(place=GROUP, action="place:open"))).startswith("Paperwire")


async def test_four_thousand_characters_are_read_and_more_refused(bot):
    assert "2000 characters" in text_of(await bot.says("/search " + "word " * 810))
    assert "at most 4,096" in text_of(await bot.says("/search " + "x" * 4097))
    assert "at most 4,096" in text_of(await bot.says("/subscribe x", name="y" * 4097))


async def test_a_button_of_another_time_is_refused_kindly(bot):
    for action in (
        "nosuch:1",
        "sub:x",
        "sub:",
        "open:999999999",
        "open:9" * 9,
        "open:3000000000",
        "sub:3000000000",
        "muted:1",
        "find:x:y",
        "find:0:~gone",
    ):
        assert "too old" in text_of(await bot.presses(action)) or "no such" in text_of(await bot.presses(action))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  diffusion   model ", "diffusion model"),
        ("`diffusion model`", "diffusion model"),
        ("``a b``", "a b"),
        ("```\ndiffusion\nmodel\n```", "diffusion model"),
        ("```text\ndiffusion\n```", "diffusion"),
        ("`a` OR `b`", "`a` OR `b`"),
        ("", ""),
    ],
)
def test_code_formatting_around_the_words_is_taken_off(typed, read):
    assert unquoted(typed) == read


async def test_every_help_page_is_there(bot):
    whole = await bot.says("/help")
    assert {spec.name for spec in SPECS} - set(re.findall(r"(?<=/)[a-z]+", text_of(whole))) == {"agenda"}
    query = await bot.presses("How to write a query", whole)
    assert "upvotes>=50" in text_of(query)
    for spec in SPECS:
        one = text_of(await bot.says(f"/help /{spec.name}", place=GROUP))
        assert spec.help in one
        assert ("only managers can use it" in one) == (spec.who == "manager")
        assert ("only managers can change it" in one) == (spec.who == "viewer")
    assert "when:" in text_of(await bot.says("/help subscribe"))
    assert "Did you mean /feed?" in text_of(await bot.says("/help feedd"))
    assert "/search" in text_of(await bot.presses("help:"))


async def test_a_link_into_the_chat_runs_the_command_it_names(bot):
    reply = await bot.says("/start feed")
    assert reply.private
    assert "papers.example.org/f/" in text_of(reply)
    assert "How to write a query" in buttons_of(await bot.says("/start hello"))


async def test_a_group_is_greeted_as_one(bot):
    assert "Managers subscribe with a query" in text_of(await bot.says("/start", place=GROUP, manages=False))


async def test_a_fault_of_ours_is_answered(bot, monkeypatch):
    async def fall_over(self, place):
        raise RuntimeError("made-up trouble")

    monkeypatch.setattr(Places, "at", fall_over)
    reply = await bot.says("/status")
    assert "on our side" in text_of(reply)
    assert reply.aside


async def test_who_reports_no_language_reads_the_one_that_is_stored(bot, monkeypatch):
    read = []
    monkeypatch.setattr("paperwire.ports.callers.texts_in", lambda locale: read.append(locale) or ENGLISH)
    answered_in = []
    for request in ({"locale": "de"}, {}, {"who": "2"}):
        await bot.commands.handle(bot.request(command="start", **request))
        answered_in.append(read[-1])
    assert answered_in == ["de", "de", ""]
