"""A search in a chat that finds nothing offers another with its count, as a button."""

from commands_bot import buttons_of, paper, text_of

from paperwire.encoders.table import WordTable


async def test_a_word_spelled_wrong_is_spelled_right_by_a_button(bot):
    bot.knows(WordTable.load())
    await bot.record(paper(1, "Diffusion for video"))
    missed = await bot.says("/search difusion video")
    assert "diffusion video – in another spelling: 1 paper" in text_of(missed)
    assert "Diffusion for video" in text_of(await bot.presses("diffusion video", missed))


async def test_a_wider_query_is_offered_without_a_table_of_words(bot):
    await bot.record(paper(1, "Diffusion for video"))
    missed = await bot.says("/search diffusion video -for")
    assert "without the exclusions: 1 paper" in text_of(missed)
    assert "Diffusion for video" in text_of(await bot.presses("diffusion video", missed))
    missed = await bot.says("/search diffusion video cat:cs.CV abs:about abs:diffusion -for")
    assert "Search for that" in buttons_of(missed)


async def test_by_meaning_has_its_count_and_one_button(bot):
    bot.knows(WordTable.load())
    await bot.record(paper(1, "Diffusion for video"))
    await bot.encode()
    missed = await bot.says("/search elephants savanna")
    assert 'like:"elephants savanna" – by meaning: 1 paper' in text_of(missed)
    assert [label for label in buttons_of(missed) if "meaning" in label or "like" in label] == ["Search by meaning"]


async def test_nothing_is_offered_where_nothing_is_known(bot):
    await bot.record(paper(1, "Diffusion for video"))
    assert " – " not in text_of(await bot.says("/search elephants"))


# --- abbreviations ------------------------------------------------------------------------------------------------


async def test_papers_that_say_the_abbreviation_are_offered_with_their_number(bot):
    await bot.record(
        paper(1, "Large language models"), paper(2, "An LLM"), paper(3, "LLMs, a survey"), paper(4, "Cats")
    )
    found = await bot.says("/search large language model")
    assert "large language model OR LLM – +2 papers say LLM" in text_of(found)
    assert "3 papers" in text_of(await bot.presses("+2 papers say LLM", found))
    found = await bot.says("/search LLM")
    assert "3 papers" in text_of(await bot.presses("+1 paper says large language models", found))
    assert "papers say" not in text_of(await bot.says('/search LLM OR "large language model"'))


async def test_a_preview_offers_it_too(bot):
    await bot.record(paper(1, "Large language models"), paper(2, "An LLM"))
    found = await bot.says('/preview "large language models"')
    assert "2 matches" in text_of(await bot.presses("+1 paper says LLM", found))


async def test_a_subscription_takes_both_forms_by_one_button_and_gives_them_back(bot):
    await bot.record(paper(1, "Large language models"), paper(2, "An LLM"))
    made = await bot.says("/subscribe LLM")
    both = 'LLM OR "large language models"'
    changed = await bot.presses("+1 paper says large language models", made)
    assert await bot.subscribed() == [both]
    assert "papers say" not in text_of(changed)
    await bot.presses("+1 paper says large language models", made)
    assert await bot.subscribed() == [both]
    await bot.presses("Undo", changed)
    assert await bot.subscribed() == ["LLM"]


async def test_nothing_is_offered_where_no_paper_says_only_the_other(bot):
    await bot.record(paper(1, "Large language models (LLM)"))
    for command in ("search", "preview", "subscribe"):
        assert "+" not in text_of(await bot.says(f"/{command} LLM"))
