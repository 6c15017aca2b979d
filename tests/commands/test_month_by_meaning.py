"""A month replayed with ten subscriptions by meaning and keyword ones: preview, search, feed and alerts agree."""

from datetime import timedelta
from itertools import islice

import pytest
from commands_bot import paper

from meaning_world import DIRECTIONS, small_table
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Owner
from paperwire.services.papers.search import preview, search

BY_MEANING = (
    'like:"diffusion" rate:1/day',
    'like:"weather" rate:2/week',
    'like:"proof" -forecast rate:1/day',
    'like:"latent weather" rate:3/day',
    "like:2601.00003 rate:1/day",
    "like:2601.00001 weather rate:4/week",
    "like:saved rate:1/day",
    'like:"forecast" cat:cs.CV rate:1/week',
    'like:"diffusion proof" rate:20/day',
    'ti:latent like:"weather" rate:1/month',
)
BY_WORDS = ("diffusion", "weather proof", "forecast OR latent")
BEYOND = {'like:"forecast" cat:cs.CV rate:1/week': 2}
"""How many papers of a week with more than three times the rate were told as a number alone."""
_A_DAY = 3
_QUIET_DAYS, _DAYS = 15, 30  # the second as many as a preview counts


def papers(bot, numbers):
    """Papers of a day, whose titles go through pairs of words that point somewhere, in changing proportions."""
    words = list(DIRECTIONS)
    for number in numbers:
        first, second = words[number % 5], words[number * 7 % 4]
        title = " ".join([first] * (1 + number % 3) + [second] * (1 + number % 4))
        yield paper(number, f"{title} no {number}", day=bot.clock().date(), abstract=".")


async def replay(bot, numbers, days, *, quiet):
    for _ in range(days):
        bot.clock.advance(days=1)
        await bot.record(*papers(bot, islice(numbers, _A_DAY)), quiet=quiet)
        await bot.match()
        await bot.deliver()


@pytest.fixture
async def month(bot):
    """A bot with all these subscriptions, each of another person, after a month that nobody was told of."""
    bot.knows(small_table())
    bot.began = bot.clock().date()
    numbers = iter(range(1, 10_000))
    await replay(bot, numbers, _QUIET_DAYS, quiet=True)
    await bot.encode()
    for who, query in enumerate((*BY_MEANING, *BY_WORDS), 1):
        if "saved" in query:
            for number in (2, 7, 12):
                await bot.says(f"/save 2601.{number:05}", who=str(who))
        await bot.says(f"/subscribe {query}", who=str(who))
        await fed(bot, str(who))
    bot.began = bot.clock().date() + timedelta(days=1)
    bot.channel.sent.clear()
    await replay(bot, numbers, _DAYS, quiet=False)
    return bot


async def person_of(bot, who):
    async with bot.store.read() as unit:
        return (await unit.people.person_of(bot.request(who).actor)).number


async def fed(bot, who):
    """The papers that entered a person's feed since the subscriptions began."""
    async with bot.store.write() as unit:
        feed = await unit.feeds.ensure(Owner(await person_of(bot, who)), None, lambda number, _: f"hash {number}")
        return {entry.paper.id for entry in await unit.feeds.entries(feed) if entry.at.date() >= bot.began}


def arrived(bot, who):
    """The ids of the papers in the messages that came to a chat, in order."""
    messages = [message for to, message in bot.channel.sent if to == who]
    return [item.url.rpartition("/")[2] for message in messages for item in message.items]


@pytest.mark.whole
async def test_preview_search_feed_and_alerts_agree_and_each_paper_comes_once(month):
    for who, text in enumerate((*BY_MEANING, *BY_WORDS), 1):
        query = parse(text).of(await person_of(month, str(who)))
        alerts = arrived(month, str(who))
        assert len(alerts) == len(set(alerts)), text
        found = await search(month.store, month.context.calibration, query, order="date", since=month.began, limit=999)
        told = len(alerts) + BEYOND.get(text, 0)
        assert set(alerts) <= {each.id for each in found.papers}, text
        assert len(found.papers) == (await preview(month.context, query)).total == told, text
        assert alerts, text
        entries = await fed(month, str(who))
        assert set(alerts[-5:]) <= entries <= {each.id for each in found.papers}, text
    await no_delivery_again(month)


async def no_delivery_again(month):
    """Thresholds are renewed, and another encoder takes over."""
    before = list(month.channel.sent)
    await month.encode()
    month.context.calibration.encoder.version = "another"
    for _ in range(2):
        await month.encode()
        await month.match()
        await month.deliver()
    assert month.channel.sent == before
