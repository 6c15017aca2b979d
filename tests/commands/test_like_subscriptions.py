"""Subscriptions by meaning as people see them: what to expect of one, why a paper came, and how they change."""

import asyncio

import pytest
from commands_bot import paper, text_of

from meaning_world import small_table
from paperwire.services.running.health import health
from paperwire.texts import ENGLISH
from paperwire.wording.health import status_lines
from processes import process_of

TITLES = ("Diffusion", "Weather", "Latent proof", "Diffusion weather", "Proof", "Latent diffusion proof", "Forecast")


@pytest.fixture
async def knowing(bot):
    """A bot that knows an encoder, with a fortnight of papers that nobody was told of."""
    bot.knows(small_table())
    for number, title in enumerate(2 * TITLES, 1):
        bot.clock.advance(days=1)
        await bot.record(paper(number, f"{title} {number}", day=bot.clock().date()), quiet=True)
    await bot.match()
    await bot.encode()
    bot.clock.advance(hours=1)
    return bot


async def titles(bot, who="1"):
    return [item.title for message in bot.channel.arrived.get(who, ()) for item in message.items]


async def meaning(bot, who="1"):
    async with bot.store.read() as unit:
        person = await unit.people.person_of(bot.request(who).actor)
        (subscription,) = await unit.subscriptions.of_person(person.number)
        return await unit.meanings.of(subscription.query)


async def test_a_subscription_has_its_threshold_and_first_matches_when_it_is_answered(knowing):
    answer = text_of(await knowing.says('/subscribe like:"diffusion" rate:1/week'))
    assert "2 matches in the last 14 days, about 1 a week" in answer
    assert (await meaning(knowing)).threshold.days == 14


async def test_a_new_install_says_that_its_threshold_comes_from_few_days(knowing):
    line = "The threshold for rate:5/week comes from only 14 days of papers. It is renewed daily until there are 30."
    assert line in text_of(await knowing.says('/preview like:"diffusion"'))
    assert line in text_of(await knowing.says('/subscribe like:"diffusion"'))
    assert line in text_of(await knowing.says('/why 2601.00002 like:"diffusion"'))
    assert line not in text_of(await knowing.says("/preview diffusion"))
    knowing.clock.advance(days=16)
    await knowing.record(paper(90, "Weather", day=knowing.clock().date()), quiet=True)
    await knowing.match()
    await knowing.encode()
    for command in ('/preview like:"diffusion" rate:4/week', '/why 2601.00001 like:"diffusion" rate:4/week'):
        assert "comes from only" not in text_of(await knowing.says(command))


async def test_why_tells_the_score_and_what_was_asked_for(knowing):
    await knowing.says('/subscribe like:"diffusion" rate:1/week')
    await knowing.record(paper(90, "Diffusion diffusion", day=knowing.clock().date()), paper(91, "Weather and proof"))
    await knowing.match()
    assert '✓ like:"diffusion": score 1.00, needs 1.00' in text_of(await knowing.says("/why 2601.00090"))
    assert "score 0.00, needs 1.00" in text_of(await knowing.says("/why 2601.00091"))
    for number in range(92, 99):
        knowing.clock.advance(days=1)
        await knowing.record(paper(number, "Diffusion proof", day=knowing.clock().date()), quiet=True)
    await knowing.match()
    await knowing.encode()
    assert "score 1.00, needs 1.00" in text_of(await knowing.says("/why 2601.00090"))


async def test_status_counts_queries_by_meaning_and_those_without_a_threshold(knowing):
    await knowing.says('/subscribe like:"diffusion"')
    await knowing.says('/subscribe like:"weather" cat:math')
    now = await health(knowing.context, process_of())
    assert (now.by_meaning, now.no_threshold) == (2, 1)
    assert "1 query with like: finds no stored paper to take its threshold from" in status_lines(now, ENGLISH)


async def test_an_edit_and_its_undo_keep_what_saved_papers_mean(knowing):
    for number in (1, 8, 4):
        await knowing.says(f"/save 2601.{number:05}")
    number = await knowing.number("like:saved rate:1/day")
    before = await meaning(knowing)
    edited = await knowing.says('/subscriptions 1 like:"weather"')
    assert (await meaning(knowing)).list_of is None
    await knowing.presses("Undo", edited)
    after = await meaning(knowing)
    assert (after.list_of, after.packed, after.threshold) == (before.list_of, before.packed, before.threshold)
    deleted = await knowing.presses(f"undo:{number}")
    knowing.clock.advance(minutes=1)
    await knowing.presses("Undo", deleted)
    assert (await meaning(knowing)).threshold == before.threshold


async def less(bot, number, *papers):
    return [f"less:{(await bot.stored(f'2601.{each:05}')).number}:{number}" for each in papers]


async def test_two_managers_teach_a_subscription_at_once(knowing):
    number = await knowing.number('like:"diffusion" rate:1/week')
    await asyncio.gather(*map(knowing.presses, await less(knowing, number, 4, 6)))
    async with knowing.store.read() as unit:
        text = (await unit.subscriptions.get(number)).text
    assert set(text.partition(" -like:")[2].split(",")) == {"2601.00004", "2601.00006"}


async def test_a_subscription_that_is_gone_can_not_be_taught(knowing):
    number = await knowing.number('like:"diffusion"')
    (press,) = await less(knowing, number, 4)
    await knowing.says("/unsubscribe 1")
    for action in (press, f"unlearn:{number}"):
        assert "No subscription with this number here" in text_of(await knowing.presses(action))


@pytest.mark.parametrize("typed", ["–like:2601.00004", "−LIKE:2601.00004"])
async def test_what_is_avoided_is_found_in_the_query_whichever_dash_it_has(knowing, typed):
    number = await knowing.number(f'"a -like:2601.00001 b" like:"diffusion" {typed} rate:1/week')
    (press,) = await less(knowing, number, 6)
    rest = '"a -like:2601.00001 b" like:"diffusion" rate:1/week'
    assert f"{rest} -like:2601.00004,2601.00006" in text_of(await knowing.presses(press))
    assert text_of(await knowing.presses(f"unlearn:{number}")) == f"Forgotten. #1 is now: {rest}"


async def test_less_like_this_is_said_undone_and_forgotten_by_one_press(knowing):
    number = await knowing.number('like:"diffusion" rate:1/week')
    fourth, sixth = await less(knowing, number, 4, 6)
    reply = await knowing.presses(fourth)
    lines = text_of(reply).splitlines()
    assert lines[0].startswith("Less like this from #1: Diffusion weather 4")
    assert lines[1:] == ["It avoids: weather", 'like:"diffusion" rate:1/week -like:2601.00004']
    assert "already avoids papers like this" in text_of(await knowing.presses(fourth))
    await knowing.presses("Undo", reply)
    assert "Changed back" in text_of(await knowing.presses("Undo", await knowing.presses(sixth)))
    await knowing.presses(fourth)
    reply = await knowing.presses(sixth)
    assert "-like:2601.00004,2601.00006" in text_of(reply)
    assert text_of(await knowing.presses("Forget all", reply)) == 'Forgotten. #1 is now: like:"diffusion" rate:1/week'
