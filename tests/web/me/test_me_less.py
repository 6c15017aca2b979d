"""Less like this on pages: what a subscription by meaning learned is said in words, undone and forgotten there."""

from datetime import timedelta

import pytest
from me_world import BOB

from commands.commands_bot import paper
from meaning_world import small_table
from web_page import Checked
from web_scene import DAY

TITLES = ("Diffusion weather", "Latent diffusion proof", "Diffusion")
ASKED = 'like:"diffusion" rate:20/day'
PATH = "/search?q=diffusion"


@pytest.fixture
async def taught(my_pages):
    """Ann's subscription by meaning, which brought papers."""
    bot = my_pages.bot
    days = [DAY - timedelta(days=before) for before in range(1, 4)]
    await bot.record(*(paper(number, f"Diffusion {number}", day=day) for number, day in enumerate(days, 1)))
    bot.knows(small_table())
    my_pages.context = bot.context
    await bot.encode()
    my_pages.number = await bot.number(ASKED)
    await bot.match()
    await bot.record(*(paper(number, title, day=DAY) for number, title in enumerate(TITLES, 4)))
    await bot.encode()
    await bot.match()
    return my_pages


async def text(world):
    async with world.store.read() as unit:
        return (await unit.subscriptions.get(world.number)).text


def press_of(browser, verb):
    return next(press for press in browser.page.presses if press.startswith(f"{verb}:"))


async def test_less_is_pressed_said_in_words_undone_and_forgotten_where_papers_are_read(taught):
    ann = await taught.signed_in()
    await ann.open(PATH)
    weather, proof = [f"less:{(await taught.bot.stored(f'2601.0000{each}')).number}:{taught.number}" for each in (4, 5)]
    await ann.send("/me/act", do=weather, back=PATH)
    assert "Less like this from #1: " in ann.words
    assert "It avoids: weather" in ann.words
    assert (await text(taught)).startswith(f"{ASKED} -like:2601.")
    assert not any(press.startswith("unlearn:") for press in ann.page.presses)
    await ann.send("/me/act", do=press_of(ann, "more"), back=PATH)
    assert "The query was changed back." in ann.words
    assert await text(taught) == ASKED
    for press in (weather, proof):
        await ann.send("/me/act", do=press, back=PATH)
    await ann.send("/me/act", do=press_of(ann, "unlearn"), back=PATH)
    assert f"Forgotten. #1 is now: {ASKED}" in ann.words
    assert await text(taught) == ASKED
    assert {weather, proof} <= set(ann.page.presses)


async def test_the_script_gets_the_part_of_the_paper_with_what_was_learned(taught):
    ann = await taught.signed_in()
    await ann.open(PATH)
    token = next(one["value"] for one in ann.page.inputs if one["name"] == "form")
    press = press_of(ann, "less")
    answer = await ann.client.post("/me/act", data={"form": token, "back": PATH, "part": "1", "do": press})
    part = Checked(answer.text)
    assert part.ids == [f"paper-{press.split(':')[1]}"]
    assert "Less like this from #1: " in part.words
    assert any(each.startswith("more:") for each in part.presses)


async def test_a_page_loaded_again_says_nothing_that_another_tab_undid(taught):
    ann, tab = await taught.signed_in(), await taught.signed_in()
    await ann.open(PATH)
    await ann.send("/me/act", do=press_of(ann, "less"), back=PATH)
    address = str(ann.answer.url)
    await tab.open(PATH)
    await tab.send("/me/act", do=press_of(ann, "more"), back=PATH)
    await ann.open(address)
    assert "Less like this from" not in ann.words


async def test_it_is_offered_to_whom_a_subscription_by_meaning_brought_papers_and_to_no_one_else(taught):
    bob, ann = await taught.signed_in(BOB), await taught.signed_in()
    await bob.open(PATH)
    await ann.open(PATH)
    offered = press_of(ann, "less")
    assert not any(press.startswith("less:") for press in bob.page.presses)
    before = await text(taught)
    for press in (
        offered,
        offered.replace("less", "unlearn"),
        f"{offered.replace('less', 'more')}:1",
        "less:1",
        "less:x:y",
    ):
        await bob.send("/me/act", do=press, back=PATH)
        assert bob.answer.status_code == 400
        await bob.open(PATH)
    assert await text(taught) == before
