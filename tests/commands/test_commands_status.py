"""What /status says of sources, papers, the outbox and channels."""

from datetime import timedelta

from commands_bot import DAY, paper, text_of

from paperwire.commands.status import health
from paperwire.pipeline.ingest import BACKFILL
from paperwire.store.sources import SourceState


async def saved(bot, *states):
    async with bot.store.write() as unit:
        for state in states:
            await unit.sources.save(state)


async def test_before_anything_was_read(bot):
    lines = text_of(await bot.says("/status")).split("\n")
    assert lines[:3] == ["Status", "arxiv: not read yet", "huggingface: not read yet"]
    assert lines[3].startswith("next arXiv batch Monday 20:00 ET")
    assert lines[4:] == ["No papers are held yet.", "0 papers to send", "telegram: connected"]


async def test_a_source_that_answers_and_one_that_does_not(bot):
    now = bot.clock()
    await saved(
        bot,
        SourceState(source="arxiv", part="cs-1", ok_at=now, next_at=now + timedelta(minutes=15), first_done=True),
        SourceState(source="arxiv", part="cs-2", failures=2, error="timed\nout", next_at=now + timedelta(minutes=2)),
        SourceState(source="huggingface", part="", ok_at=now, next_at=now + timedelta(minutes=30), first_done=True),
        SourceState(source="huggingface", part=BACKFILL, ok_at=now, next_at=now, first_done=True),  # not read again
        SourceState(source="demo", part="", failures=1, error="refused"),
    )
    await bot.record(paper(1, "Diffusion"), paper(2, "Diffusion", day=DAY - timedelta(days=3)))
    lines = text_of(await bot.says("/status")).split("\n")
    assert lines[1] == (
        "⚠ cannot reach arxiv: timed out (1 of 2 parts); next try Mon 5 Jan 2026 08:01 UTC;"
        " last read Mon 5 Jan 2026 07:59 UTC"
    )
    assert lines[2] == "⚠ cannot reach demo: refused"
    assert lines[3] == "huggingface: last read Mon 5 Jan 2026 07:59 UTC, next Mon 5 Jan 2026 08:29 UTC"
    assert "2 papers held, 2026-01-02 to 2026-01-05" in lines


async def test_what_is_owed_is_counted(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    assert "1 paper to send" in text_of(await bot.says("/status"))


async def test_the_same_as_values_for_pages_and_the_shell(bot):
    await saved(bot, SourceState(source="arxiv", part="cs-1", ok_at=bot.clock(), first_done=True))
    await bot.number("diffusion")
    found = await health(bot.desk)
    assert [(source.name, source.first_done, source.error) for source in found.sources] == [
        ("arxiv", True, ""),
        ("huggingface", False, ""),
    ]
    assert found.subscriptions == 1
    assert [(channel.kind, channel.state) for channel in found.channels] == [("telegram", "connected")]


async def test_without_any_source_it_says_so(bot):
    object.__setattr__(bot.desk, "sources", ())
    assert "No source has been read yet." in text_of(await bot.says("/status"))
