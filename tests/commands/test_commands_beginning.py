"""While the first days are read, answers say so, count whole days only, and are put right once it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from commands_bot import DAY, buttons_of, paper, text_of

from paperwire.pipeline.ingest import BACKFILL
from paperwire.ports.sources import SourceState


@pytest.fixture
def install(bot):
    """A new install whose first days are being read, and whose pauses move the state on."""
    return Install(bot)


class Install:
    def __init__(self, bot):
        self.bot, self.steps, self.pauses = bot, [], 0
        bot.commands.context = replace(bot.context, pause=self._pause)

    async def _pause(self, seconds):
        self.pauses += 1
        if self.steps:
            await self.steps.pop(0)()

    async def begins(self, *, whole=None, failures=0):
        """The first reading is under way; the feeds showed the list of the day `whole` before."""
        await self._save(BACKFILL, tried_at=self.bot.clock(), failures=failures)
        if whole:
            await self._save("cs", first_done=True)
            async with self.bot.store.write() as unit:
                await unit.settings.put("batches of arxiv after", whole.isoformat())

    async def ends(self):
        await self._save(BACKFILL, tried_at=self.bot.clock(), first_done=True)

    async def _save(self, part, **state):
        async with self.bot.store.write() as unit:
            await unit.sources.save(SourceState(source="arxiv", part=part, **state))


async def test_a_rate_is_not_told_while_the_first_days_are_read(bot, install):
    await bot.record(paper(1, "Diffusion"), paper(2, "Diffusion", day=DAY - timedelta(days=3)))
    await install.begins()
    for reply in (await bot.says("/subscribe diffusion"), await bot.says("/preview diffusion")):
        text = text_of(reply)
        assert (
            "The last 30 days are still being read (2 days with 2 papers so far), so the rate isn't known yet." in text
        )
        assert "The expected number will appear here." in text
        assert "a week" not in text
        assert "match" not in text
        assert "Narrow…" not in buttons_of(reply)


async def test_whole_days_alone_are_counted(bot, install):
    before = [paper(n, "Diffusion", day=DAY - timedelta(days=n)) for n in range(1, 9)]
    await bot.record(paper(20, "Diffusion"), *before)
    await install.begins(whole=DAY)
    text = text_of(await bot.says("/subscribe diffusion"))
    assert "1 match in the one full day read so far." in text
    await install.begins(whole=DAY + timedelta(days=1))
    assert "whole day" not in text_of(await bot.says("/preview diffusion"))


async def test_a_flood_of_the_first_day_is_no_flood_yet(bot, install):
    await bot.record(*(paper(n, "Diffusion") for n in range(33)))
    await install.begins(whole=DAY)
    assert "more than 30 a day" not in text_of(await bot.says("/subscribe diffusion"))


async def test_the_answer_is_put_right_once_they_are_read(bot, install):
    await bot.record(paper(1, "Diffusion"))
    await install.begins()
    subscribed, previewed = await bot.says("/subscribe diffusion"), await bot.says("/preview diffusion")

    async def more():
        await bot.record(paper(2, "Diffusion", day=DAY - timedelta(days=6)))

    install.steps = [more, install.ends]
    update = await subscribed.update()
    assert install.pauses == 2
    head, rate = text_of(update.reply).split("\n")[:2]
    assert head.startswith("Subscribed: diffusion (#")
    assert rate == "2 matches in the last 7 days, about 2 a week."
    assert "will appear here" not in text_of(update.reply)
    assert update.reply.update is None
    assert text_of(replace(update.reply, message=update.line)) == (
        "diffusion: 2 matches in the last 7 days, about 2 a week."
    )
    assert "about 2 a week" in text_of((await previewed.update()).reply)


async def test_the_first_papers_of_an_empty_install_are_waited_for_too(bot, install):
    reply = await bot.says("/subscribe diffusion")
    assert "No papers are stored yet" in text_of(reply)

    async def first():
        await bot.record(paper(1, "Diffusion"))

    install.steps = [first]
    assert "1 match in the last day" in text_of((await reply.update()).reply)


@pytest.mark.parametrize("change", ["/unsubscribe diffusion", "/subscriptions 1 lora"])
async def test_a_subscription_that_is_another_by_then_gets_no_update(bot, install, change):
    await install.begins()
    reply = await bot.says("/subscribe diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.says(change)
    install.steps = [install.ends]
    assert await reply.update() is None


async def test_nothing_is_waited_for_longer_than_hours(bot, install, monkeypatch):
    monkeypatch.setattr("paperwire.commands.papers.preview._MOST_LOOKS", 5)
    await install.begins()
    reply = await bot.says("/subscribe diffusion")
    assert await reply.update() is None
    assert install.pauses == 5


async def test_once_all_is_read_there_is_no_update(bot, install):
    await bot.record(paper(1, "Diffusion"))
    await install.ends()
    assert (await bot.says("/subscribe diffusion")).update is None
    assert (await bot.says("/preview diffusion")).update is None


async def test_a_source_that_keeps_failing_is_not_waited_for(bot, install):
    await bot.record(paper(1, "Diffusion"))
    await install.begins(failures=3)
    assert "about 7 a week" in text_of(await bot.says("/preview diffusion"))
