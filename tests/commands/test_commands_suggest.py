"""Queries from examples."""

from dataclasses import replace
from datetime import timedelta

import pytest
from commands_bot import DAY, GROUP, buttons_of, paper, text_of

from meaning_world import small_table
from paperwire.errors import SourceBusy
from paperwire.pipeline.encode import Encoding
from paperwire.services.papers.suggest import like_text


async def shelf(bot):
    """Six papers on one subject among others of four weeks."""
    words = ("atlas", "beacon", "cinder", "dynamo", "ember", "fathom")
    await bot.record(*(paper(n, f"Wombat optics {word}") for n, word in enumerate(words, 1)))
    await bot.record(*(paper(n, f"Platypus {n}", day=DAY - timedelta(days=n - 20)) for n in range(20, 48)))


async def test_queries_are_offered_with_their_rate_and_what_they_find(bot):
    await shelf(bot)
    reply = await bot.says("/suggest 2601.00001 2601.00002 2601.00003 2601.00004")
    assert text_of(reply).splitlines() == [
        "Queries for papers like these 4:",
        '1. "wombat optics"',
        "Finds 4 of 4 papers, about 2 a week.",
    ]
    await bot.presses("Subscribe to 1", reply)
    assert "optics" in text_of(await bot.says("/subscriptions"))


@pytest.mark.parametrize(("days", "words"), [(2, "Keywords can't find papers like these"), (4, "about 10 a week.")])
async def test_a_query_that_brings_too_many_a_week_is_not_offered(bot, days, words):
    names = ("atlas", "beacon", "cinder", "dynamo", "ember", "fathom")
    await bot.record(*(paper(n, f"Wombat optics {name}") for n, name in enumerate(names, 1)))
    await bot.record(*(paper(n, f"Platypus {n}", day=DAY - timedelta(days=n % days)) for n in range(20, 48)))
    assert words in text_of(await bot.says("/suggest 2601.00001 2601.00002 2601.00003 2601.00004"))


async def test_a_library_file_and_papers_of_sources_count_too(bot, known):
    await shelf(bot)
    known["2601.09999"] = paper(9999, "Wombat optics elsewhere")
    bib = "@misc{a, title={Wombat optics atlas}, author={Lee, Ann}, year=2026}\n@misc{b, eprint={2601.09999}}\n"
    request = bot.request(command="suggest", attached=f"{bib}@misc{{c, title={{Lost}}}}")
    reply = await bot.commands.handle(request)
    assert "Queries for papers like these 2:" in text_of(reply)
    assert "Not known here: Lost" in text_of(reply)
    async with bot.store.read() as unit:
        assert await unit.papers.get("2601.09999") is None


async def test_one_paper_is_enough_and_more_than_twenty_are_not_taken(bot):
    await shelf(bot)
    assert "Queries for papers like this one:" in text_of(await bot.says("/suggest 2601.00001"))
    ids = " ".join(f"2601.{n:05}" for n in (*range(1, 7), *range(20, 40)))
    assert "Only the first 20 papers were taken." in text_of(await bot.says(f"/suggest {ids}"))


async def test_the_made_up_papers_of_the_demo_are_read_by_id_and_address(bot):
    await bot.record(*(replace(paper(n, f"Wombat optics {n}"), id=f"demo.{n:05}") for n in (1, 2)))
    await bot.record(*(paper(n, f"Platypus {n}", day=DAY - timedelta(days=n - 20)) for n in range(20, 48)))
    reply = await bot.says("/suggest demo.00001 http://127.0.0.1:8000/papers/demo.00002")
    assert "Queries for papers like these 2:" in text_of(reply)


async def test_words_that_will_not_do_are_told(bot):
    names = ("Wombat", "Echidna", "Numbat", "Quokka", "Bilby", "Dunnart")
    await bot.record(*(paper(n, f"{name} of the world", abstract="") for n, name in enumerate(names, 1)))
    reply = await bot.says("/suggest 2601.00001 2601.00002 2601.00003 2601.00004")
    assert "Keywords can't find papers like these" in text_of(reply)


async def test_a_query_whose_other_papers_are_about_something_else_is_not_offered(bot, monkeypatch):
    monkeypatch.setattr("paperwire.services.papers.suggest.NEAR_A_WEEK", 2)
    names = ("atlas", "beacon", "cinder", "dynamo")
    await bot.record(*(paper(n, f"Wombat optics {name} proof", abstract="") for n, name in enumerate(names, 1)))
    await bot.record(*(paper(n, f"Wombat optics {n} by weather", abstract="") for n in range(10, 16)))
    await bot.record(*(paper(n, f"Proof {n}", abstract="") for n in range(50, 56)))
    await bot.record(*(paper(n, f"Weather {n}", day=DAY - timedelta(days=n - 20)) for n in range(20, 48)))
    asked = "/suggest 2601.00001 2601.00002 2601.00003 2601.00004"
    assert "wombat" in text_of(await bot.says(asked))
    encoder = small_table()
    bot.knows(encoder)
    assert "wombat" in text_of(await bot.says(asked))
    await Encoding(bot.store, encoder).run()
    assert "1. proof\n" in text_of(await bot.says(asked))
    assert "wombat" not in text_of(await bot.says(asked))


async def test_without_words_it_asks_and_takes_the_answer(bot):
    await shelf(bot)
    asked = await bot.says("/suggest")
    assert asked.question.command == "suggest"
    bot.clock.advance(seconds=5)
    answered = await bot.commands.handle(bot.request(args="2601.00001 2601.00002"))
    assert "Queries for papers like these 2:" in text_of(answered)


async def test_what_names_no_paper_or_none_that_is_known_is_refused(bot):
    assert "No papers are mentioned here" in text_of(await bot.says("/suggest wombats please", place=GROUP))
    assert "None of these papers is stored" in text_of(await bot.says("/suggest 2601.00001"))

    async def busy(_ids):
        raise SourceBusy("asked to slow down", after=1)

    bot.commands.context = replace(bot.commands.context, lookup_many=busy)
    assert "None of these papers is stored" in text_of(await bot.says("/suggest 2601.00001"))


async def test_before_any_paper_is_stored_there_is_nothing_to_offer(bot, known):
    known["2601.09999"] = paper(9999, "Wombat optics elsewhere")
    reply = await bot.says("/suggest 2601.09999")
    assert "Keywords can't find papers like these" in text_of(reply)
    assert buttons_of(reply).keys() <= {"Subscribe by meaning"}


@pytest.mark.parametrize(
    ("numbers", "ids", "query"),
    [
        ((1, 2), ("2601.00001", "2601.00002"), "like:2601.00001,2601.00002"),
        ((1, 0), ("2601.00001", "2601.00002"), "like:2601.00001"),
        ((1, 2), ("a,b", "2601.00002"), "like:2601.00002"),
        ((0, 0), ("2601.00001", "2601.00002"), 'like:"Wombat optics Wombat optics"'),
    ],
)
async def test_by_meaning_the_stored_papers_are_followed_and_titles_only_where_none_is_stored(numbers, ids, query):
    papers = [replace(paper(1, "Wombat optics"), id=name, number=n) for n, name in zip(numbers, ids, strict=True)]
    assert like_text(papers) == query
