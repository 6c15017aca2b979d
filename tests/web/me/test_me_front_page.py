"""The front page of who is signed in: for them first, then what matters to all."""

from dataclasses import replace
from datetime import timedelta

import pytest
from me_world import BOB

from commands.commands_bot import DAY, paper
from meaning_world import small_table
from paperwire.core.papers.paper import EventKind
from web_scene import Scene


async def test_what_is_for_the_reader_comes_first(my_pages):
    await my_pages.bot.number("diffusion")
    await my_pages.bot.number("owls OR ladders")
    await my_pages.bot.says("/subscribe walrus", who=BOB)
    papers = [paper(1, "Plain snakes"), paper(2, "Diffusion of ladders"), paper(3, "Ladders"), paper(4, "A walrus")]
    await my_pages.bot.record(*papers)
    await my_pages.bot.says("/save 2601.00001")
    await my_pages.bot.says("/watch 2601.00004")
    my_pages.clock.advance(hours=1)
    newer = paper(4, "A walrus", version=2)
    scene = Scene(my_pages.store, my_pages.clock)
    await scene.papers(newer, kind=EventKind.REPLACED)
    await my_pages.bot.match()
    ann = await my_pages.signed_in()
    await ann.open("/")
    words = ann.words
    own = words.partition("For you")[2].partition("News about papers you watch")[0]
    assert "Diffusion of ladders diffusion; owls OR ladders (ladders)" in own
    assert "walrus" not in own
    assert "A walrus updated to v2" in words.partition("News about papers you watch")[2].partition("More")[0]
    assert "Plain snakes" in words.partition(" Saved ")[2].partition("More")[0]
    assert "each new paper that matches your keywords" not in words
    await ann.open("/?order=mine")
    titles = ["Diffusion of ladders", "Ladders", "A walrus"]
    assert sorted(titles, key=ann.words.index) == titles
    stranger = my_pages.browser()
    assert "For you" not in (await stranger.client.get("/?order=mine")).text


async def test_what_subscriptions_by_meaning_found_says_by_which_words_it_is_near(my_pages):
    bot = my_pages.bot
    days = [DAY - timedelta(days=before) for before in range(1, 4)]
    await bot.record(*(paper(n, f"Weather {n}", day=day) for n, day in enumerate(days, 1)))
    bot.knows(small_table())
    my_pages.context = bot.context
    await bot.encode()
    await bot.number('like:"weather" rate:20/day')
    await bot.match()
    await bot.record(paper(7, "Weather forecast", day=DAY), paper(8, "Proof", day=DAY))
    await bot.encode()
    await bot.match()
    ann = await my_pages.signed_in()
    await ann.open("/")
    own = ann.words.partition("For you")[2].partition("More")[0]
    why = 'Weather forecast like:"weather" rate:20/day. Close in: weather'
    assert why in own
    assert "Proof" not in own
    assert ann.words.count("Close in: weather") >= 2  # at the paper of the day, too
    await ann.open("/papers/2601.00007")
    found_by = ann.words.partition("Found by your subscriptions")[2].partition("Categories")[0]
    assert '#1 like:"weather" rate:20/day Close in: weather' in found_by


@pytest.mark.shared
async def test_real_days_with_all_actions_keep_to_their_budget(my_pages, real_days):
    bot = my_pages.bot
    bot.knows(small_table())
    my_pages.context = replace(bot.context, public_list=True)
    await bot.number("diffusion")
    ann = await my_pages.signed_in()
    scene = Scene(my_pages.store, my_pages.clock)
    for day in list(real_days)[::4]:
        await scene.papers(*real_days[day])
        await bot.encode()
        for path, papers in (("/", 25), (f"/daily/{day}", 50)):
            await ann.open(path)
            text = ann.answer.text
            assert text.count('class="paper"') == papers
            for action in ('value="save:', 'value="vote:', ">More like this</a>", "/me/mute/"):
                assert text.count(action) == papers, action
            assert text.count('<form id="act"') == 1
            assert len(ann.answer.content) <= 150 * 1024
