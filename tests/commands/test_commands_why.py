"""Why a paper did or did not come: every stage it can have stopped at."""

from dataclasses import replace
from datetime import timedelta

import pytest
from commands_bot import GROUP, paper, text_of

from paperwire.core.papers.paper import EventKind
from paperwire.core.query.language import parse
from paperwire.errors import Rejected, SourceBusy
from paperwire.pipeline.hold import Hold
from paperwire.store.database.tables.base import Row, State


async def last_line(bot, text="/why 2601.00001", **where):
    return text_of(await bot.says(text, **where)).split("\n")[-1]


async def test_a_query_against_a_paper_shows_each_term(bot):
    await bot.record(paper(1, "Diffusion for games"))
    text = text_of(await bot.says("/why https://arxiv.org/abs/2601.00001v2 diffusion game -survey"))
    assert text.endswith("The query matches this paper:\n✓ diffusion\n✓ game\n✓ -survey")
    text = text_of(await bot.says("/why 2601.00001 lora -game"))
    assert text.endswith("The query doesn't match this paper:\n✗ lora: missing\n✗ game: excluded, but present")


async def test_a_query_with_upvotes_shows_how_many_there_are(bot):
    await bot.record(paper(1, "Diffusion", source="huggingface"), kind=EventKind.LISTED, score=12)
    assert text_of(await bot.says("/why 2601.00001 diffusion upvotes>=50")).endswith("✗ 12 of 50 upvotes")
    assert text_of(await bot.says("/why 2601.00001 diffusion upvotes>=10")).endswith("✓ 12 of 10 upvotes")


async def test_a_wrong_query_is_pointed_at(bot):
    assert "^" in text_of(await bot.says("/why 2601.00001 (lora"))


async def test_a_paper_of_a_class_nobody_collects(bot, known):
    known["2601.09999"] = paper(9999, "Sheaves", categories=("math.AG",))
    assert await last_line(bot, "/why 2601.09999") == "This paper isn't stored: math.AG isn't collected here."
    known["2601.09999"] = paper(9999, "Sheaves", categories=("math.AG", "14F05; I.2.7", "K.m"))
    assert await last_line(bot, "/why 2601.09999") == "This paper isn't stored: math.AG isn't collected here."
    known["2601.09999"] = paper(9999, "Sheaves", categories=("math.AG", "cs.LG"))
    assert "announced before Paperwire started" in await last_line(bot, "/why 2601.09999")
    assert "The query matches this paper" in text_of(await bot.says("/why 2601.09999 sheaves"))


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("/why", "Add a paper"),
        ("/why nonsense", 'Can\'t read "nonsense"'),
        ("/why 2601.77777", "2601.77777 isn't stored, and no source has it"),
    ],
)
async def test_no_such_paper(bot, typed, hint):
    assert hint in await last_line(bot, typed)


async def test_a_paper_of_another_source_lacks_no_class(bot, known):
    known["10.1101/2026.01.01.123456"] = replace(
        paper(1, "Neurons"), id="10.1101/2026.01.01.123456", source="biorxiv", categories=("neuroscience",)
    )
    assert "announced before Paperwire started" in await last_line(bot, "/why 10.1101/2026.01.01.123456")


async def test_arxiv_that_cannot_be_asked(bot, known):
    known["2601.77777"] = SourceBusy("arXiv asks for patience", 60)
    assert "looking it up failed: arXiv asks for patience" in await last_line(bot, "/why 2601.77777")


async def test_nobody_subscribed(bot):
    await bot.record(paper(1, "Diffusion"))
    assert "You have no subscriptions yet" in await last_line(bot)
    assert "No subscriptions here yet" in await last_line(bot, place=GROUP)


async def test_none_of_the_subscriptions_finds_it_and_which_term_failed(bot):
    await bot.record(paper(1, "Diffusion for games", source="huggingface"), kind=EventKind.LISTED, score=3)
    await bot.number("lora diffusion")
    await bot.number("diffusion -game", name="No games")
    await bot.number("diffusion upvotes>=50")
    assert text_of(await bot.says("/why 2601.00001")).split("\n")[-4:] == [
        "This paper is stored, but no subscription matches it:",
        "#1 lora diffusion: no lora",
        "#2 No games: has game, which is excluded",
        "#3 diffusion upvotes>=50: ✗ 3 of 50 upvotes",
    ]


async def test_it_came_before_the_subscription(bot):
    await bot.record(paper(1, "Diffusion"))
    bot.clock.advance(hours=1)
    await bot.number("diffusion")
    text = text_of(await bot.says("/why 2601.00001"))
    assert "Matched by diffusion (#" in text
    assert "it appeared on Mon 5 Jan 2026 07:59 UTC, before the subscription began on Mon 5 Jan 2026 08:59 UTC" in text


async def test_it_came_with_an_import(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"), quiet=True)
    assert "an import or a backfill" in await last_line(bot)


async def test_it_waits_to_be_matched(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    assert "about to be matched" in await last_line(bot)


async def test_an_occasion_that_is_not_included(bot):
    await bot.number("diffusion occasions:versions,withdrawn")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    line = "→ not sent: this subscription doesn't include new papers"
    assert await last_line(bot) == line
    await bot.deliver()
    assert bot.channel.sent == []
    await bot.record(paper(1, "Diffusion", version=2), kind=EventKind.REPLACED)
    await bot.match()
    assert "→ will be sent" in await last_line(bot)


async def test_a_new_version_that_is_not_included(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion", version=2), kind=EventKind.REPLACED)
    await bot.match()
    assert await last_line(bot) == "→ not sent: this subscription doesn't include new versions"


async def test_what_is_owed_is_not_promised_once_its_occasion_was_removed(bot):
    number = await bot.number("diffusion occasions:arrival,versions when:daily")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    assert "→ will be sent" in await last_line(bot)
    await bot.presses(f"drop:{number}:arrival")
    assert await last_line(bot) == "→ not sent: this subscription doesn't include new papers"
    bot.clock.advance(days=1)
    await bot.deliver()
    assert bot.channel.sent == []


async def test_a_paused_subscription(bot):
    number = await bot.number("diffusion")
    await bot.presses(f"off:{number}")
    await bot.record(paper(1, "Diffusion"))
    assert await last_line(bot) == "→ not sent: this subscription is paused"


@pytest.mark.parametrize(
    ("mute", "name"), [("author:0", "ann lee"), ("category:0", "cs.cv"), ("subscription", "this subscription")]
)
async def test_something_muted(bot, mute, name):
    number = await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    stored = (await bot.stored("2601.00001")).number
    await bot.presses(f"muted:{stored}:{mute}" + (f":{number}" if mute == "subscription" else ""))
    assert await last_line(bot) == f"→ not sent: {name} is muted in your chat on Telegram; /mutes lists what is"


# --- deliveries --------------------------------------------------------------------------------------------------


async def test_it_was_sent_and_when(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    assert "→ will be sent to your chat on Telegram on Mon 5 Jan 2026 07:59 UTC" in text_of(
        await bot.says("/why 2601.00001")
    )
    bot.clock.advance(minutes=5)
    await bot.deliver()
    assert "→ sent to your chat on Telegram on Mon 5 Jan 2026 08:05 UTC" in text_of(await bot.says("/why 2601.00001"))
    again = await bot.presses(f"why:{(await bot.stored('2601.00001')).number}")
    assert "→ sent to your chat on Telegram" in text_of(again)


async def test_it_was_sent_before_the_subscription_was_deleted(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.deliver()
    await bot.says("/unsubscribe 1")
    lines = text_of(await bot.says("/why 2601.00001")).split("\n")
    assert lines[-2:] == [
        "Matched by a subscription that was deleted or changed since:",
        "→ sent to your chat on Telegram on Mon 5 Jan 2026 07:59 UTC",
    ]
    await bot.number("rivers")
    assert text_of(await bot.says("/why 2601.00001")).split("\n")[-2:] == lines[-2:]
    assert "No subscriptions here yet." in await last_line(bot, place=GROUP)


async def test_what_was_owed_to_a_deleted_subscription_is_not_told_as_sent(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.says("/unsubscribe 1")
    assert "You have no subscriptions yet" in await last_line(bot)


async def test_it_waits_for_its_digest_in_the_places_own_zone(bot):
    await bot.says("/digest daily 18:00 Europe/Berlin")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    assert await last_line(bot) == "→ will be sent to your chat on Telegram on Mon 5 Jan 2026 18:00 Europe/Berlin"


async def test_it_is_held_by_quiet_hours(bot):
    await bot.says("/quiet 07:00-09:30")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.deliver()
    assert await last_line(bot) == "→ will be sent to your chat on Telegram on Mon 5 Jan 2026 09:30 UTC"


async def test_it_is_held_by_a_pause(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    await bot.says("/pause")
    assert (
        await last_line(bot) == "→ not sent yet: your chat on Telegram is paused (paused by User 1); /resume sends it"
    )


@pytest.fixture
async def owed(bot):
    """Paper 1 is owed to a private chat."""
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()


async def keep(bot, *, state=0, attempts=0, unknowns=0, reason="Telegram: Bad Request: message text is empty"):
    """Put down what became of every delivery, and why, as the outbox does."""
    tables = Row.metadata.tables
    settled = bot.clock() if state else None
    async with bot.store.write() as unit:
        for row in (await unit.connection.execute(tables["delivery"].select())).all():
            key = {"destination": row.destination, "paper": row.paper, "occasion": row.occasion}
            changed = {"state": int(state), "attempts": attempts, "settled_at": settled}
            await unit.connection.execute(tables["delivery"].update().values(**changed))
            if reason:
                about = {"first_at": bot.clock(), "last_at": bot.clock(), "unknowns": unknowns, "reason": reason}
                await unit.connection.execute(tables["failure"].insert().values(**key, **about))


@pytest.mark.usefixtures("owed")
async def test_the_platform_refused_it(bot):
    bot.channel.refuses = Rejected("message text is empty")
    await bot.deliver()
    assert await last_line(bot) == (
        "→ not sent to your chat on Telegram: given up after 1 attempt on Mon 5 Jan 2026 07:59 UTC:"
        " message text is empty"
    )


@pytest.mark.usefixtures("owed")
@pytest.mark.parametrize(
    ("became", "line"),
    [
        (
            {"state": State.GIVEN_UP, "reason": "Bad Request: message text is empty"},
            "→ not sent to your chat on Telegram: given up after 1 attempt on WHEN: Bad Request: message text is empty",
        ),
        (
            {"state": State.GIVEN_UP, "reason": ""},
            "→ not sent to your chat on Telegram: given up after 1 attempt on WHEN: reason unknown",
        ),
        (
            {"state": State.GIVEN_UP, "attempts": 1200, "reason": "busy\x00"},
            "→ not sent to your chat on Telegram: given up after 1,200 attempts on WHEN: busy",
        ),
        (
            {"state": State.UNKNOWN, "unknowns": 3},
            (
                "→ may have reached your chat on Telegram: sent 3 times without an answer, last on WHEN;"
                " won't be sent again"
            ),
        ),
        (
            {"state": State.DROPPED, "reason": ""},
            "→ not sent to your chat on Telegram: dropped by the operator on WHEN",
        ),
        (
            {"unknowns": 1, "reason": "no answer"},
            "→ may have reached your chat on Telegram: sent once without an answer; next try on WHEN",
        ),
        (
            {"attempts": 2, "reason": "busy"},
            "→ not sent to your chat on Telegram yet: failing since WHEN (busy); next try on WHEN",
        ),
    ],
)
async def test_what_became_of_it(bot, became, line):
    await keep(bot, **became)
    assert await last_line(bot) == line.replace("WHEN", "Mon 5 Jan 2026 07:59 UTC")


@pytest.mark.usefixtures("owed")
async def test_it_waits_as_everything_is_on_hold(bot):
    await Hold(bot.store).begin()
    assert await last_line(bot) == "→ not sent yet: all deliveries have been on hold since Mon 5 Jan 2026 07:59 UTC"


@pytest.mark.usefixtures("owed")
async def test_it_waits_for_a_channel_that_does_not_work(bot):
    until = bot.clock() + timedelta(minutes=5)
    bot.commands.context = replace(bot.context, down_until={"telegram": until}.get)
    assert await last_line(bot) == (
        "→ not sent to your chat on Telegram yet: Telegram isn't working; next try on Mon 5 Jan 2026 08:04 UTC"
    )


async def test_a_channel_that_does_not_work_is_no_matter_before_the_digest_is_due(bot):
    await bot.says("/digest daily 18:00")
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    bot.commands.context = replace(bot.context, down_until={"telegram": bot.clock() + timedelta(minutes=5)}.get)
    assert await last_line(bot) == "→ will be sent to your chat on Telegram on Mon 5 Jan 2026 18:00 UTC"


async def test_it_was_muted_when_it_came_and_is_no_longer(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"), paper(2, "Other", authors=("Bo Chen",)))
    await bot.presses(f"muted:{(await bot.stored('2601.00002')).number}:author:0")
    muted = await bot.presses(f"muted:{(await bot.stored('2601.00001')).number}:author:0")
    await bot.match()
    await bot.presses("Undo", muted)
    assert "muted or paused there when the paper appeared" in await last_line(bot)


async def test_it_was_matched_for_somebody_else_before_one_changed_the_query(bot):
    await bot.number("diffusion", who="2")
    await bot.record(paper(1, "Diffusion"))
    number = await bot.number("lora")
    await bot.match()
    async with bot.store.write() as unit:
        await unit.subscriptions.edit(number, query=parse("diffusion OR lora"))
    assert "before the subscription began" in await last_line(bot)
