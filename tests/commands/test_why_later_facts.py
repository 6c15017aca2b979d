"""Why a paper came for what its record said only later: by a subscription, or because it is saved."""

from commands_bot import paper, text_of

from paperwire.core.papers.paper import EventKind


async def test_what_its_record_said_only_later_made_it_news(bot):
    await bot.says("/subscribe venue:neurips")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    bot.clock.advance(hours=1)
    await bot.record(paper(1, "Diffusion", comment="Accepted at NeurIPS 2025"), kind=EventKind.CHANGED)
    await bot.match()
    lines = text_of(await bot.says("/why 2601.00001")).split("\n")
    assert "News from its record: now accepted" in lines
    assert "Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025”" in lines


def without_times(text):
    return [line.partition(" on Mon")[0] for line in text.split("\n")]


async def test_each_subscription_has_its_own_news_and_the_rest_came_as_the_paper_is_saved(bot):
    await bot.number("diffusion")
    await bot.number("diffusion has:code")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.deliver()
    await bot.says("/save 2601.00001")
    for changes in ({"code_url": "https://github.com/a/b"}, {"comment": "Accepted at NeurIPS 2025"}):
        bot.clock.advance(hours=1)
        await bot.record(paper(1, "Diffusion", **changes), kind=EventKind.CHANGED)
        await bot.match()
        await bot.deliver()
    sent = "→ sent to your chat on Telegram"
    lines = without_times(text_of(await bot.says("/why 2601.00001")))
    assert lines[lines.index("Matched by diffusion (#1)") + 1 :] == [
        sent,
        "Matched by diffusion has:code (#2)",
        "News from its record: code available",
        sent,
        "Acceptances of saved and watched papers",
        "News from its record: now accepted",
        "Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025”",
        sent,
    ]
    for number in (1, 2):
        await bot.says(f"/unsubscribe {number}")
    lines = without_times(text_of(await bot.says("/why 2601.00001")))
    assert lines[lines.index("Matched by a subscription that was deleted or changed since:") + 1 :][:3] == [
        sent,
        "Code of saved and watched papers",
        "News from its record: code available",
    ]


async def test_a_fact_of_a_saved_paper_that_no_subscription_ever_matched(bot):
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.says("/save 2601.00001")
    bot.clock.advance(hours=1)
    await bot.record(paper(1, "Diffusion", comment="Accepted at NeurIPS 2025"), kind=EventKind.CHANGED)
    await bot.match()
    assert text_of(await bot.says("/why 2601.00001")).split("\n")[-4:-1] == [
        "Acceptances of saved and watched papers",
        "News from its record: now accepted",
        "Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025”",
    ]
