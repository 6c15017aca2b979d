"""Papers kept."""

import pytest
from commands_bot import GROUP, buttons_of, paper, text_of


async def test_saving_listing_and_taking_off(bot):
    assert "You haven't saved any papers yet" in text_of(await bot.says("/saved"))
    await bot.record(paper(1, "Diffusion"), paper(2, "Adapters"))
    saved = await bot.says("/save arXiv:2601.00001v3")
    assert saved.aside
    assert "Undo" not in buttons_of(await bot.says("/save 2601.00001", place=GROUP))
    await bot.says("/save 2601.00001")
    assert text_of(saved) == "Saved: Diffusion"
    pressed = await bot.presses(f"save:{(await bot.stored('2601.00002')).number}", place=GROUP, manages=False)
    assert (pressed.toast, pressed.aside) == ("Saved. /saved shows your list.", True)
    assert text_of(pressed) == "Saved: Adapters"
    again = await bot.presses(f"save:{(await bot.stored('2601.00002')).number}", place=GROUP, manages=False)
    assert (again.toast, text_of(again)) == ("Already saved. /saved shows your list.", "Already saved: Adapters")
    listed = await bot.says("/saved", place=GROUP)
    assert listed.private
    assert [item.title for item in listed.message.items] == ["Adapters", "Diffusion"]
    assert text_of(await bot.presses("Undo", saved)) == "No longer saved: Diffusion"
    assert [item.title for item in (await bot.says("/saved")).message.items] == ["Adapters"]
    assert "haven't saved any papers" in text_of(await bot.says("/saved", who="2"))


async def test_a_long_list_has_pages(bot):
    await bot.record(*(paper(n, f"Paper {n}") for n in range(23)))
    for n in range(23):
        await bot.says(f"/save 2601.{n:05}")
    first = await bot.says("/saved")
    assert "Paper 22" in text_of(first)
    second = await bot.presses("Next »", first)
    third = await bot.presses("Next »", second)
    assert [item.title for item in third.message.items] == ["Paper 2", "Paper 1", "Paper 0"]
    assert (await bot.presses("« Back", third)).message == second.message


@pytest.mark.parametrize(("form", "begins"), [("bibtex", b"@misc{lee2026diffusion,"), ("RIS", b"TY  - UNPB\r\n")])
async def test_the_list_as_a_file(bot, form, begins):
    assert "haven't saved any papers" in text_of(await bot.says(f"/saved {form}"))
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/save 2601.00001")
    (file,) = (await bot.says(f"/saved {form}")).files
    assert file.content.startswith(begins)
    listed = await bot.says("/saved")
    assert (await bot.presses({"bibtex": "BibTeX"}.get(form, form), listed)).files == (file,)


async def test_what_is_not_held_cannot_be_kept_and_wrong_words_are_refused(bot, known):
    known["2601.09999"] = paper(9999, "Elsewhere")
    assert "isn't stored, so it can't be saved" in text_of(await bot.says("/save 2601.09999"))
    assert "Add a paper" in text_of(await bot.says("/save"))
    assert "Use one of: bibtex, ris" in text_of(await bot.says("/saved docx"))
