"""Whether this chat missed anything: what /status says of arXiv's days, for what its subscriptions can match."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from commands_bot import text_of

from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.doubt import Doubt, Why
from paperwire.ports.sources import SourceState

MONDAY, TUESDAY = date(2026, 1, 5), date(2026, 1, 6)
COMPLETE, UNCONFIRMED, EXPECTED = BatchState.COMPLETE, BatchState.UNCONFIRMED, BatchState.EXPECTED
STALE, LACKS = Doubt(why=Why.STALE, views=("rss",)), Doubt(why=Why.LACKS, views=("oai",))


@pytest.fixture
def bot(bot):
    bot.clock.set("2026-01-06T17:00:00Z")  # Tuesday noon in New York
    bot.commands.context = replace(bot.commands.context, followed=("cs.CL", "cs.CV", "hep-th"))
    return bot


async def seen(bot, day, state, *doubts, parts=("cs.CL", "cs.CV", "hep-th")):
    async with bot.store.write() as unit:
        await unit.sources.save_batches(
            [Batch(source="arxiv", part=part, day=day, state=state, doubts=doubts) for part in parts]
        )


async def missed(bot):
    return next(line for line in text_of(await bot.says("/status")).split("\n") if "arXiv:" in line)


async def test_nothing_is_missing(bot):
    await bot.number("lora")
    assert await missed(bot) == "arXiv: no day has been read yet."
    await seen(bot, MONDAY, COMPLETE)
    assert await missed(bot) == "arXiv: read to Mon 5 Jan, nothing missing."
    await seen(bot, TUESDAY, COMPLETE)
    assert await missed(bot) == "arXiv: read to today, nothing missing."


async def test_a_day_that_is_not_confirmed_is_named_with_its_reason(bot):
    await bot.number("lora")
    await seen(bot, MONDAY, COMPLETE, parts=["cs.CL", "hep-th"])
    await seen(bot, MONDAY, UNCONFIRMED, STALE, parts=["cs.CV"])
    await seen(bot, TUESDAY, COMPLETE)
    assert await missed(bot) == "⚠ arXiv: Mon 5 Jan not confirmed: cs.CV: the feed still shows an older list."
    await seen(bot, TUESDAY, UNCONFIRMED, LACKS)
    assert await missed(bot) == (
        "⚠ arXiv: Tue 6 Jan not confirmed: not in OAI-PMH yet;"
        " Mon 5 Jan not confirmed: cs.CV: the feed still shows an older list."
    )


async def test_many_days_are_counted(bot):
    await bot.number("lora")
    for number in range(5):
        await seen(bot, date(2026, 1, 2) + timedelta(days=number), UNCONFIRMED, STALE, parts=["cs.CL"])
    assert (await missed(bot)).endswith("Sun 4 Jan not confirmed: the feed still shows an older list and 2 more.")


@pytest.mark.parametrize(
    ("query", "misses"),
    [
        ("cat:cs.CV", True),
        ("lora cat:cs", True),
        ("cat:hep-th", False),
        ("cat:hep-th OR lora", True),
        ("lora -cat:math", True),
    ],
)
async def test_only_what_the_chat_follows_counts(bot, query, misses):
    await bot.number(query)
    await seen(bot, MONDAY, COMPLETE, parts=["cs.CL", "hep-th"])
    await seen(bot, MONDAY, UNCONFIRMED, STALE, parts=["cs.CV"])
    assert (await missed(bot)).startswith("⚠") is misses


async def test_a_subscription_that_is_paused_misses_nothing(bot):
    await bot.number("cat:hep-th")
    await bot.number("lora")
    await bot.says("/subscriptions 2 pause")
    await seen(bot, MONDAY, COMPLETE, parts=["cs.CL", "hep-th"])
    await seen(bot, MONDAY, UNCONFIRMED, STALE, parts=["cs.CV"])
    assert await missed(bot) == "arXiv: read to Mon 5 Jan, nothing missing."


async def test_what_is_nobodys_failure_is_said_without_alarm(bot):
    await bot.number("lora")
    await seen(bot, MONDAY, UNCONFIRMED, Doubt(why=Why.HISTORY))
    assert await missed(bot) == "arXiv: Mon 5 Jan not confirmed: not enough history to judge the number."


async def test_a_day_that_is_still_coming_in_is_not_missed(bot):
    await bot.number("lora")
    await seen(bot, MONDAY, COMPLETE)
    bot.clock.set("2026-01-06T06:00:00Z")
    await seen(bot, TUESDAY, UNCONFIRMED, LACKS)
    assert await missed(bot) == "arXiv: read to Mon 5 Jan, nothing missing."
    bot.clock.set("2026-01-06T15:01:00Z")  # past ten in New York
    assert await missed(bot) == "⚠ arXiv: Tue 6 Jan not confirmed: not in OAI-PMH yet."


async def test_that_it_cannot_be_read_now_is_said(bot):
    await bot.number("lora")
    await seen(bot, MONDAY, COMPLETE)
    async with bot.store.write() as unit:
        await unit.sources.save(SourceState(source="arxiv", part="cs.CL", failures=2, error="timed out"))
    line = "arXiv: read to Mon 5 Jan, nothing missing. Can't be read right now: timed out."
    assert await missed(bot) == line


async def test_without_arxiv_there_is_nothing_to_say(bot):
    bot.commands.context = replace(bot.commands.context, sources={})
    await bot.number("lora")
    assert "arXiv" not in text_of(await bot.says("/status"))
