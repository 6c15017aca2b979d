"""Which parts of a source fail, and why, in what operators read."""

from dataclasses import replace
from datetime import timedelta

from paperwire.ports.sources import SourceState
from paperwire.services.running.health import health
from processes import overview, process_of


async def test_each_part_that_fails_is_named_with_its_reason_and_no_secret(bot):
    feeds = ["https://me:secret@a.example/feed?key=secret", "https://b.example/feed", "https://c.example/feed"]
    reasons = ["blocked", "timed out", "timed out"]
    states = [
        *(
            SourceState(source="rss", part=part, failures=1, error=why)
            for part, why in zip(feeds, reasons, strict=True)
        ),
        SourceState(source="arxiv", part="cs-2", ok_at=bot.clock(), first_done=True),
        SourceState(source="arxiv", part="reconcile", failures=1, error="asks us to wait"),
    ]
    async with bot.store.write() as unit:
        for state in states:
            await unit.sources.save(state)
    context = bot.commands.context
    context = replace(context, sources={**context.sources, "rss": timedelta(hours=1)})
    state = await health(context, process_of())
    named = {source.name: sorted((part.name, part.error) for part in source.failing) for source in state.sources}
    assert named["rss"] == [
        ("a.example/feed", "blocked"),
        ("b.example/feed", "timed out"),
        ("c.example/feed", "timed out"),
    ]
    lines = await overview(context)
    assert "⚠ rss, a.example/feed: blocked" in lines
    assert "⚠ rss, b.example/feed, c.example/feed: timed out" in lines
    assert "⚠ arxiv, OAI-PMH: asks us to wait" in lines
    assert not any("secret" in line for line in lines)
