"""A list of queries and feeds, imported on the page of a person."""

import re
from datetime import timedelta

import pytest
from me_world import BOB


async def test_a_list_is_previewed_imported_and_taken_back(my_pages):
    my_pages.context.sources["arxiv"] = timedelta(minutes=15)
    await my_pages.bot.says("/subscribe lora")
    await my_pages.bot.says("/subscribe theirs", who=BOB)
    ann = await my_pages.signed_in()
    await ann.open("/me")
    assert "Import a list of queries or feeds" in ann.words
    await ann.open("/me/import")
    place = re.search(r'<option value="(\d+)"', ann.answer.text)[1]
    typed = "LoRA\nqlora\nhttps://rss.arxiv.org/rss/cs.CV\nhttps://blog.example.org/rss"
    await ann.send("/me/import", do="plan", list=typed, place=place)
    for words in ("2 will be subscribed.", "1 was already there.", "cat:cs.CV (from arxiv)", "1 can't be subscribed:"):
        assert words in ann.words
    assert "Line 4: https://blog.example.org/rss – This feed isn't collected here." in ann.words
    assert await my_pages.bot.subscribed() == ["lora"]
    await ann.send("/me/import", do="import", list="qlora\ncat:cs.CV", place=place)
    assert "Subscribed to 2." in ann.words
    assert await my_pages.bot.subscribed() == ["lora", "qlora", "cat:cs.CV"]
    await ann.send("/me/import", do="undo", numbers="2", place=place)
    assert await my_pages.bot.subscribed(BOB) == ["theirs"]
    await ann.send("/me/import", do="import", list="qlora", place=place)
    await ann.send("/me/import", do="undo", numbers="3 4", place=place)
    assert "2 subscriptions taken back." in ann.words
    assert await my_pages.bot.subscribed() == ["lora"]
    await ann.send("/me/import", do="import", list="qlora\ncat:cs.CV", place=place)
    numbers = re.search(r'name="numbers" value="([^"]*)"', ann.answer.text)[1]
    await ann.send("/me/import", do="undo", numbers=numbers, place=place)
    assert "2 subscriptions taken back." in ann.words
    assert await my_pages.bot.subscribed() == ["lora"]


async def test_a_list_that_cannot_be_read_stays_in_the_form(my_pages):
    await my_pages.bot.says("/subscribe lora")
    ann = await my_pages.signed_in()
    await ann.open("/me/import")
    place = re.search(r'<option value="(\d+)"', ann.answer.text)[1]
    await ann.send("/me/import", do="plan", list="<opml><body>", place=place)
    assert ann.answer.status_code == 400
    assert "This OPML file can't be read" in ann.words
    assert "&lt;opml&gt;&lt;body&gt;</textarea>" in ann.answer.text


async def uploaded(ann, place, content):
    """Send the form with a file, as browsers do without any script."""
    form = re.search(r'name="form" value="([^"]+)"', ann.answer.text)[1]
    answer = await ann.client.post(
        ann._url("/me/import"),
        data={"form": form, "do": "plan", "list": "", "place": place},
        files={"file": ("list.txt", content, "text/plain")},
    )
    return await ann._shown(answer)


@pytest.mark.whole
async def test_a_file_and_two_hundred_long_queries_are_imported(my_pages):
    await my_pages.bot.says("/subscribe lora")
    ann = await my_pages.signed_in()
    await ann.open("/me/import")
    assert 'type="file"' in ann.answer.text
    place = re.search(r'<option value="(\d+)"', ann.answer.text)[1]
    queries = [
        f'"topic number{number}" OR {" OR ".join(f"w{number}x{each}" for each in range(12))}' for number in range(200)
    ]
    await uploaded(ann, place, "\ufeff" + "\r\n".join(queries))
    assert "200 will be subscribed." in ann.words
    plan = "\n".join(queries)
    assert len(plan) > 20_000
    await ann.send("/me/import", do="import", list=plan, place=place)
    assert "Subscribed to 200." in ann.words
    assert len(await my_pages.bot.subscribed()) == 201


async def test_a_file_that_is_too_long_is_refused(my_pages):
    await my_pages.bot.says("/subscribe lora")
    ann = await my_pages.signed_in()
    await ann.open("/me/import")
    place = re.search(r'<option value="(\d+)"', ann.answer.text)[1]
    assert (await uploaded(ann, place, "x" * 500_001)).status_code == 400
    await ann.open("/me/import")
    assert (await uploaded(ann, place, "x" * 2_000_001)).status_code == 413
