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
