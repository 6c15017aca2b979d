"""Buttons that were shown before something else changed what they are about."""

from dataclasses import replace

from commands_bot import GROUP, buttons_of, paper, text_of

from paperwire.core.papers.paper import EventKind


async def test_mute_mutes_who_the_button_names_though_a_new_version_has_other_authors(bot):
    first = paper(1, "Diffusion", authors=("Ann Lee", "Bo Wu"))
    await bot.record(first)
    number = (await bot.stored("2601.00001")).number
    chosen = await bot.presses(f"mute:{number}")
    assert list(buttons_of(chosen))[:2] == ["Author Ann Lee", "Author Bo Wu"]
    await bot.record(replace(first, version=2, authors=("Cy Ng", "Bo Wu", "Ann Lee")), kind=EventKind.REPLACED)
    assert text_of(await bot.presses("Author Ann Lee", chosen)) == "Muted here: Ann Lee"
    await bot.record(replace(first, version=3, authors=("Cy Ng",)), kind=EventKind.REPLACED)
    assert "too old" in text_of(await bot.presses("Author Bo Wu", chosen))


async def test_an_undo_of_a_mute_that_was_there_is_not_offered(bot):
    await bot.record(paper(1, "Diffusion"))
    number = (await bot.stored("2601.00001")).number
    await bot.presses(f"muted:{number}:author:0", place=GROUP)
    again = await bot.presses(f"muted:{number}:author:0", place=GROUP, who="2")
    assert (text_of(again), buttons_of(again)) == ("Already muted here: Ann Lee", {})


async def test_only_a_subscription_of_the_place_is_muted_there(bot):
    await bot.record(paper(1, "Diffusion"))
    elsewhere = await bot.number("diffusion", who="9")
    number = (await bot.stored("2601.00001")).number
    refused = await bot.presses(f"muted:{number}:subscription:{elsewhere}", place=GROUP)
    assert "No subscription with this number" in text_of(refused)


async def test_release_is_for_the_presenter_whom_the_button_was_about(club):
    await club.sets()
    await club.vote({1: 2})
    agenda = await club.says("/agenda")
    presented = await club.presses("I present this", agenda, who="1")
    await club.presses("Release", presented, who="1")
    await club.presses("I present this", agenda, who="2")
    old = await club.presses("Release", presented, who="3", manages=True)
    assert text_of(old) == "User 2 presents this paper now. /agenda shows the agenda."
    assert "presented by User 2" in text_of(await club.says("/agenda"))


async def test_new_links_and_addresses_are_made_once(bot):
    await bot.number("diffusion")
    asked = await bot.presses("New links", await bot.says("/feed"))
    first = await bot.presses("Yes, make new links", asked)
    assert text_of(await bot.presses("Yes, make new links", asked)) == text_of(first)
    older = await bot.presses("newfeed:all:yes")  # a button of an earlier version
    assert text_of(older) != text_of(first)


async def test_a_watch_of_a_colleague_is_not_undone(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.says("/watch 2601.00001", place=GROUP)
    again = await bot.says("/watch 2601.00001", place=GROUP, who="2")
    assert (text_of(again), buttons_of(again)) == ("Already watched here: Diffusion", {})


async def test_a_vote_from_before_stands_when_a_submission_is_undone(bot):
    await bot.record(paper(1, "Diffusion"))
    number = (await bot.stored("2601.00001")).number
    await bot.presses(f"vote:{number}", place=GROUP)
    made = await bot.says("/submit 2601.00001", place=GROUP)
    assert "Removed from the list" in text_of(await bot.presses("Undo", made, place=GROUP))
    assert (await bot.presses(f"vote:{number}", place=GROUP)).toast.startswith("Your vote stands.")


async def test_swapped_twice_undo_brings_the_first_query_back(bot):
    number = await bot.number("diffusion")
    await bot.presses(f"swap:{number}:lora")
    twice = await bot.presses(f"swap:{number}:lora")
    assert text_of(await bot.presses("Undo", twice)).startswith("Changed back: diffusion")
    assert text_of(await bot.says("/subscriptions 1 diffusion")) == "#1 already has this query."


async def test_saved_is_shown_in_private_and_taken_back_there(bot):
    await bot.record(paper(1, "Diffusion"))
    number = (await bot.stored("2601.00001")).number
    saved = await bot.presses(f"save:{number}")
    assert (saved.toast, text_of(saved)) == ("Saved. /saved shows your list.", "")
    ((key,),) = saved.keys.values()
    assert key.label == "Saved ✓"
    assert (await bot.presses(f"save:{number}")).toast == "Already saved. /saved shows your list."
    opened = await bot.presses(f"open:{number}")
    back = await bot.presses("Saved ✓", opened)
    assert (back.toast, [key.label for (key,) in back.keys.values()]) == ("No longer saved.", ["Save"])
    assert (await bot.presses(key.action)).toast == "Not saved."
    assert "Save" in buttons_of(await bot.presses(f"open:{number}"))


async def test_a_page_beyond_the_end_is_the_last_one(bot):
    await bot.record(*(paper(number, f"Paper {number}") for number in range(1, 13)))
    for number in range(1, 13):
        await bot.says(f"/save 2601.{number:05}")
        await bot.says(f"/watch 2601.{number:05}")
    for verb in ("saved", "watched"):
        shown = await bot.presses(f"{verb}:90")
        assert len(shown.message.items) == 2
        assert "« Back" in buttons_of(shown)
