"""Search, trending, one paper and more like it."""

from datetime import timedelta

import pytest
from commands_bot import DAY, buttons_of, paper, text_of

from ended import CHAIN, ends_after
from meaning_world import small_table
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.pipeline.encode import Encoding


async def test_search_shows_pages_with_a_button_for_each_paper(bot):
    await bot.record(*(paper(n, f"Diffusion model {n}") for n in range(12)))
    first = await bot.says("/search diffusion model")
    assert text_of(first).startswith("12 papers for diffusion model\n")
    assert text_of(first).endswith("\n1–5")
    assert list(buttons_of(first)) == ["1", "2", "3", "4", "5", "Next »", "Subscribe", "Preview"]
    second = await bot.presses("Next »", first)
    assert second.edit
    assert list(buttons_of(second)) == ["6", "7", "8", "9", "10", "« Back", "Next »", "Subscribe", "Preview"]
    third = await bot.presses("Next »", second)
    assert text_of(third).endswith("\n11–12")
    pages = [item.url for reply in (first, second, third) for item in reply.message.items]
    assert len(set(pages)) == 12
    assert (await bot.presses("« Back", third)).message == second.message


async def test_a_long_query_can_be_paged_too(bot):
    await bot.record(*(paper(n, "Diffusion") for n in range(6)))
    query = " OR ".join(f"word{n}" for n in range(60)) + " OR diffusion"
    first = await bot.says(f"/search {query}")
    assert len((await bot.presses("Next »", first)).message.items) == 1


async def test_one_page_has_no_page_buttons(bot):
    await bot.record(paper(1, "Diffusion"))
    reply = await bot.says("/search diffusion")
    assert text_of(reply).startswith("1 paper for diffusion")
    assert list(buttons_of(reply)) == ["1", "Subscribe", "Preview"]


async def test_nothing_found_says_so(bot):
    assert "No stored paper matches" in text_of(await bot.says("/search diffusion"))
    await bot.record(paper(1, "Diffusion"))
    assert "No more papers" in text_of(await bot.presses("find:5:diffusion"))
    assert "^" in text_of(await bot.says("/search (diffusion"))


async def test_a_conference_in_plain_words_is_named_as_a_venue(bot):
    hint = 'venue:"NeurIPS 2025" maps – accepted or published there'
    assert hint in text_of(await bot.says("/search NeurIPS 2025 maps"))
    await bot.record(paper(1, "Maps of NeurIPS 2025"), paper(2, "Maps", comment="NeurIPS 2025"))
    assert hint in text_of(await bot.says("/search NeurIPS 2025 maps"))
    assert text_of(await bot.says('/search venue:"NeurIPS 2025" maps')).startswith("1 paper for")
    assert "accepted" not in text_of(await bot.says("/search maps"))


async def test_a_paper_is_opened_in_full_with_its_buttons(bot):
    await bot.record(paper(1, "Diffusion", abstract="All of it."))
    opened = await bot.presses("1", await bot.says("/search diffusion"))
    assert opened.message.items[0].abstract == "All of it."
    assert list(buttons_of(opened)) == ["PDF", "alphaXiv", "Save", "Mute…", "More like this", "Why?"]


async def test_more_like_a_paper_leaves_it_out_and_says_which_words_bring_others_close(bot):
    await bot.record(paper(1, "Latent diffusion"), paper(2, "Weather by latent diffusion"), paper(3, "Proof"))
    number = (await bot.stored("2601.00001")).number
    assert "Search by meaning is off" in text_of(await bot.presses(f"more:{number}"))
    encoder = small_table()
    bot.knows(encoder)
    assert "isn't indexed by meaning yet" in text_of(await bot.presses(f"more:{number}"))
    await Encoding(bot.store, encoder).run()
    reply = await bot.presses(f"more:{number}")
    assert [item.title for item in reply.message.items] == ["Weather by latent diffusion"]
    assert text_of(reply).startswith("More like Latent diffusion")
    assert "Close in: diffusion 56%, latent 44%" in text_of(reply)
    assert "No similar paper" in text_of(await bot.presses(f"more:{(await bot.stored('2601.00003')).number}"))


async def test_what_trends_is_ordered_by_upvotes(bot):
    assert "No upvotes" in text_of(await bot.says("/trending"))
    for number, score, age in ((1, 5, 0), (2, 90, 3), (3, 40, 20)):
        listed = paper(number, f"Paper {number}", day=DAY - timedelta(days=age), source="huggingface")
        await bot.record(listed, kind=EventKind.LISTED, score=score)
    week = await bot.says("/trending")
    assert [item.title for item in week.message.items] == ["Paper 2", "Paper 1"]
    assert "90 upvotes gained" in text_of(week)
    listed = paper(3, "Paper 3", day=DAY - timedelta(days=20), source="huggingface")
    await bot.record(listed, kind=EventKind.SCORE, score=47)
    week = await bot.says("/trending")
    assert [item.title for item in week.message.items] == ["Paper 2", "Paper 3", "Paper 1"]
    assert "7 upvotes gained" in text_of(week)
    assert "Most upvoted today" in text_of(await bot.says("/trending Day"))
    month = await bot.says("/trending month")
    assert [item.title for item in month.message.items] == ["Paper 2", "Paper 3", "Paper 1"]
    assert "47 upvotes gained" in text_of(month)


async def test_a_query_narrows_what_trends(bot):
    for number, comment, handle in ((1, "Accepted at NeurIPS 2025", "akhaliq"), (2, "12 pages", "ada")):
        hub = HubEntry(submitter="AK", submitter_handle=handle)
        listed = paper(number, f"Paper {number}", comment=comment, source="huggingface", hub=hub)
        await bot.record(listed, kind=EventKind.LISTED, score=5)
    for typed in ("week venue:any", "venue:neurips", "Week paper venue:any", "=Paper venue:any", "by:akhaliq"):
        narrowed = await bot.says(f"/trending {typed}")
        assert [item.title for item in narrowed.message.items] == ["Paper 1"]
    assert "No matching paper" in text_of(await bot.says("/trending venue:icml"))
    assert "Use one of" in text_of(await bot.says("/trending here venue:any"))
    assert "foo:" in text_of(await bot.says("/trending week foo:bar"))


@pytest.mark.parametrize(("window", "days"), [("day", 1), ("week", 7), ("month", 30)])
async def test_a_window_of_trending_papers_is_so_many_days(bot, window, days):
    old = paper(1, "Paper 1", day=DAY - timedelta(days=60), source="huggingface")
    await bot.record(old, kind=EventKind.LISTED, score=5)
    bot.clock.advance(hours=1)
    await bot.record(old, kind=EventKind.SCORE, score=9)
    bot.clock.advance(days=days, minutes=-30)
    assert "4 upvotes gained" in text_of(await bot.says(f"/trending {window}"))
    bot.clock.advance(hours=1)
    assert "No upvotes" in text_of(await bot.says(f"/trending {window}"))


@pytest.mark.parametrize("window", ["year", "5"])
async def test_an_unknown_window_is_refused(bot, window):
    assert "Use one of: day, week, month" in text_of(await bot.says(f"/trending {window}"))


async def test_a_search_that_ends_early_says_so_and_goes_on_with_older_papers(bot, monkeypatch):
    ends_after(monkeypatch, 8)
    await bot.record(*(paper(n, "abcdefgh" if n < 10 else "x") for n in range(20)))
    first = await bot.says(f"/search {CHAIN}")
    assert (
        text_of(first)
        == f"No match yet for {CHAIN}\nSearched back to Monday, 5 January 2026. Older papers may match too."
    )
    assert list(buttons_of(first)) == ["Next »", "Subscribe", "Preview"]
    second = await bot.presses("Next »", first)
    assert text_of(second).startswith(f"At least 6 papers for {CHAIN}\n")
    assert text_of(second).endswith("\n1–5")
    assert list(buttons_of(second)) == ["1", "2", "3", "4", "5", "« Back", "Next »", "Subscribe", "Preview"]
    third = await bot.presses("Next »", second)
    assert text_of(third).endswith("\n6–6\nSearched back to Monday, 5 January 2026. Older papers may match too.")
    assert (await bot.presses("« Back", third)).message == second.message
    last = await bot.presses("Next »", third)
    assert text_of(last).startswith(f"4 papers for {CHAIN}\n")
    assert list(buttons_of(last)) == ["1", "2", "3", "4", "« Back", "Subscribe", "Preview"]
    assert (await bot.presses("« Back", last)).message == first.message
    shown = [item.title for reply in (second, third, last) for item in reply.message.items]
    assert shown == ["abcdefgh"] * 10


async def test_a_search_that_goes_on_and_finds_nothing_says_there_are_no_more(bot):
    await bot.record(paper(1, "Diffusion"))
    assert "No more papers" in text_of(await bot.presses("find:0@1:diffusion"))


async def test_a_preview_that_ends_early_does_not_say_never(bot, monkeypatch):
    ends_after(monkeypatch, 2)
    await bot.record(*(paper(n, "x") for n in range(4)))
    preview = text_of(await bot.says(f"/preview {CHAIN}"))
    assert "No match yet, but not all papers were searched" in preview
    assert "never" not in preview


async def test_the_stamp_of_a_pdf_names_its_paper_wherever_one_is_typed(bot):
    await bot.record(paper(1, "Diffusion"), paper(2, "Diffusion twice"))
    stamp = "arXiv:2601.00001v2 [cs.CL] 1 Jan 2026"
    for text in (f"/search {stamp}", f"/search id:{stamp}", f"/why {stamp}", f"/why {stamp} diffusion"):
        assert [item.title for item in (await bot.says(text)).message.items] == ["Diffusion"]
    assert text_of(await bot.says(f"/why {stamp} lora")).endswith("✗ lora: missing")
    assert text_of(await bot.says(f"/watch {stamp}")).startswith("Watching: Diffusion\n")
    assert text_of(await bot.says(f"/save {stamp}")).startswith("Saved: Diffusion")
