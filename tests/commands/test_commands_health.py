"""What the operator's page says of sources, papers, the outbox and channels."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import isnan

import pytest
from commands_bot import DAY, paper
from sqlalchemy import select, update

from paperwire import observe
from paperwire.core.days.batch import Batch, BatchState, Listing
from paperwire.core.days.calendar import NEW_YORK, outlook
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.health import StageHealth
from paperwire.errors import CloseReason, StoreError
from paperwire.pipeline.ingest import BACKFILL, IMPORT
from paperwire.ports.sources import SourceState
from paperwire.services.running.health import health, measure
from paperwire.store.database.tables.base import Row, State
from paperwire.store.outbox.ledger import Ledger
from paperwire.texts import ENGLISH
from paperwire.wording.days import outlook_line
from processes import overview, process_of


async def saved(bot, *states):
    async with bot.store.write() as unit:
        for state in states:
            await unit.sources.save(state)


async def test_before_anything_was_read(bot):
    lines = await overview(bot.commands.context)
    assert lines[:3] == ["Status", "arxiv: not read yet", "huggingface: not read yet"]
    assert lines[3].startswith("Next arXiv announcement: Monday 20:00 ET")
    assert lines[4:] == ["No papers stored yet.", "0 papers to send", "Telegram: connected", "No process is running."]


async def test_an_evening_that_the_settings_close_has_no_batch(bot):
    context = replace(bot.context, closures=frozenset({date(2026, 1, 5)}))
    outlook = (await health(context, process_of())).outlook
    assert (outlook.tonight, outlook.holiday, outlook.next.day) == (False, "closed", 6)


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
    context = bot.commands.context
    context = replace(context, sources={**context.sources, "demo": timedelta(seconds=5)})
    lines = await overview(context)
    assert lines[1] == (
        "⚠ Can't reach arxiv: timed out (1 of 2 parts); next try Mon 5 Jan 2026 08:01 UTC;"
        " last read Mon 5 Jan 2026 07:59 UTC"
    )
    assert lines[2:4] == ["⚠ arxiv, cs-2: timed out", "⚠ Can't reach demo: refused"]
    assert lines[4] == "huggingface: last read Mon 5 Jan 2026 07:59 UTC; next Mon 5 Jan 2026 08:29 UTC"
    assert "2 papers stored, 2026-01-02 to 2026-01-05" in lines


async def test_a_second_view_that_had_nothing_to_ask_yet_makes_no_source_read(bot):
    later = bot.clock() + timedelta(hours=11)
    await saved(
        bot,
        SourceState(source="arxiv", part="reconcile", ok_at=bot.clock(), next_at=later, first_done=True),
        SourceState(source="arxiv", part="watched", ok_at=bot.clock(), next_at=later, first_done=True),
    )
    assert "arxiv: not read yet" in await overview(bot.commands.context)
    assert not (await health(bot.context, process_of())).sources[0].first_done


async def test_an_import_is_no_source(bot):
    cursors = [SourceState(source=IMPORT, part=f"/papers.jsonl:{size}", cursor="7:900") for size in (900, 1000)]
    await saved(bot, *cursors)
    assert "import" not in "\n".join(await overview(bot.commands.context))
    assert [source.name for source in (await health(bot.context, process_of())).sources] == ["arxiv", "huggingface"]


async def test_what_is_owed_is_counted(bot):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    assert "1 paper to send" in "\n".join(await overview(bot.commands.context))


async def test_closed_chats_are_counted(bot):
    number = await bot.number("diffusion")
    async with bot.store.write() as unit:
        await unit.places.pause((await unit.subscriptions.get(number)).destinations[0], CloseReason.BLOCKED)
    assert "Can't post to 1 chat or address" in "\n".join(await overview(bot.commands.context))


@pytest.mark.parametrize(
    ("given_up", "unknown", "line"),
    [(1, 0, "1 given up"), (0, 1, "1 may have arrived"), (1, 1, "1 given up, 1 may have arrived"), (0, 0, None)],
)
async def test_what_was_given_up_is_counted(bot, given_up, unknown, line):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"), paper(2, "Diffusion"))
    await bot.match()
    delivery = Row.metadata.tables["delivery"]
    states = [State.GIVEN_UP] * given_up + [State.UNKNOWN] * unknown
    async with bot.store.write() as unit:
        numbers = (await unit.connection.execute(select(delivery.c.paper))).scalars().all()
        for number, state in zip(numbers, states, strict=False):
            changed = update(delivery).where(delivery.c.paper == number)
            await unit.connection.execute(changed.values(state=int(state), settled_at=unit.now))
    lines = await overview(bot.commands.context)
    assert f"{2 - given_up - unknown} paper" in lines[lines.index(next(one for one in lines if "to send" in one))]
    assert [one for one in lines if "given up" in one or "may have arrived" in one] == ([line] if line else [])
    found = await health(bot.context, process_of())
    assert (found.given_up, found.unknown) == (given_up, unknown)


async def test_the_same_as_values_for_pages_and_the_shell(bot):
    await saved(bot, SourceState(source="arxiv", part="cs-1", ok_at=bot.clock(), first_done=True))
    await bot.number("diffusion")
    found = await health(bot.context, process_of())
    assert [(source.name, source.first_done, source.error) for source in found.sources] == [
        ("arxiv", True, ""),
        ("huggingface", False, ""),
    ]
    assert found.subscriptions == 1
    assert [(channel.kind, channel.state) for channel in found.channels] == [("telegram", "connected")]


async def test_without_any_source_it_says_so(bot):
    bot.commands.context = replace(bot.context, sources={})
    assert "No source has been read yet." in "\n".join(await overview(bot.commands.context))


def batch(part="cs.CL", *doubts, day=DAY, source="arxiv", state="complete", **views):
    made = Batch(source=source, part=part, day=day, state=BatchState(state), doubts=doubts)
    for view, shown in views.items():
        made = made.with_listing(view, replace(shown, part=part, day=day), datetime(2026, 1, 5, tzinfo=UTC))
    return made


def shown(*numbers, **more):
    return Listing(part="", day=DAY, new=frozenset(f"2601.{number:05}" for number in numbers), **more)


async def told(bot, *batches):
    """The lines of /status about days."""
    async with bot.store.write() as unit:
        await unit.sources.save_batches(batches)
    lines = await overview(bot.commands.context)
    return [line for line in lines if line.startswith(("arxiv, ", "huggingface, "))]


async def test_a_complete_day_says_what_it_holds(bot):
    crossed = shown(1, crossed=frozenset({"2601.00009"}), replaced=frozenset({"2512.00001v2"}))
    lines = await told(
        bot,
        batch(rss=crossed),
        batch("cs.CV", rss=shown(2), state="late").with_late(["2601.00002"]),
        batch("daily", source="huggingface", daily=shown(1, 2)),
    )
    assert lines == [
        "arxiv, Mon 5 Jan: complete, 1 paper found late (2 new, 1 cross-listed, 1 replaced)",
        "huggingface, Mon 5 Jan: complete (2 new)",
    ]


STALE = Doubt(why=Why.STALE, views=("rss",))
LACKS = Doubt(why=Why.LACKS, views=("oai",))
THIN = Doubt(why=Why.LOW, count=3, usual=61.5, whole=True)


async def test_a_day_that_is_not_proven_names_the_categories_and_what_is_missing(bot):
    differ = Doubt(why=Why.DIFFER, views=("rss", "oai"), count=12)
    lines = await told(
        bot,
        batch(rss=shown(1, whole=True)),
        batch("cs.RO", STALE, differ, state="unconfirmed", rss=shown(stale=True), oai=shown(2)),
        batch("cs.CV", LACKS, state="expected"),
        batch("cs.HC", LACKS, state="unconfirmed", rss=shown(3, whole=True)),
    )
    assert lines == [
        (
            "arxiv, Mon 5 Jan: unconfirmed, 1 of 4 categories are complete (cs.CV, cs.HC: not in OAI-PMH yet;"
            " cs.RO: the feed still shows an older list; the feed and OAI-PMH differ by 12 papers) (3 new)"
        )
    ]


async def test_what_is_in_doubt_of_the_whole_day_is_said_once(bot):
    lines = await told(
        bot,
        batch("cs.CL", THIN, state="unconfirmed", rss=shown(1)),
        batch("cs.CV", STALE, THIN, state="unconfirmed", rss=shown(2, 3)),
    )
    assert lines == [
        (
            "arxiv, Mon 5 Jan: unconfirmed, 0 of 2 categories are complete (unusually few papers, 3 instead of"
            " about 62; cs.CV: the feed still shows an older list) (3 new)"
        )
    ]


@pytest.mark.parametrize(
    ("doubts", "line"),
    [
        ([Doubt(why=Why.HISTORY, whole=True)], "unconfirmed: not enough history to judge the number"),
        ([LACKS], "unconfirmed: not in OAI-PMH yet"),
        ([Doubt(why=Why.CUT, views=("rss",))], "unconfirmed: the feed ends before its list does"),
        ([Doubt(why=Why.REST)], "unconfirmed: the other categories are not in yet"),
        ([Doubt(why=Why.HIGH, count=1, whole=True)], "unconfirmed: unusually many papers, 1 instead of about 0"),
        ([], "unconfirmed"),
    ],
)
async def test_what_is_missing_of_all_of_a_day(bot, doubts, line):
    found = await told(bot, *(batch(part, *doubts, state="unconfirmed") for part in ("cs.CL", "cs.CV")))
    assert found == [f"arxiv, Mon 5 Jan: {line} (0 new)"]


async def test_days_with_which_something_is_wrong_are_told_until_they_are_made_good(bot):
    before = DAY - timedelta(days=3)
    wrong = [batch(f"cs.C{letter}", LACKS, day=before, state="unconfirmed") for letter in "ABCDEFGHIJ"]
    harmless = batch("cs.CL", Doubt(why=Why.HISTORY), day=DAY - timedelta(days=4), state="unconfirmed", rss=shown(1))
    one = batch("cs.CM", day=before)
    lines = await told(bot, batch(rss=shown(1)), *wrong, one, harmless)
    assert lines == [
        "arxiv, Mon 5 Jan: complete (1 new)",
        (
            "arxiv, Fri 2 Jan: unconfirmed, 1 of 11 categories are complete (cs.CA, cs.CB, cs.CC, cs.CD, cs.CE, cs.CF,"
            " cs.CG, cs.CH and 2 more: not in OAI-PMH yet) (0 new)"
        ),
    ]


async def test_a_source_with_one_view_says_so_calmly(bot):
    alone = batch("daily", Doubt(why=Why.ALONE), source="huggingface", state="unconfirmed", daily=shown(1))
    earlier = replace(alone, day=DAY - timedelta(days=1))
    assert await told(bot, alone, earlier) == [
        "huggingface, Mon 5 Jan: unconfirmed: read after the day ended; no second view to compare (1 new)"
    ]


@pytest.mark.parametrize(
    ("state", "line"),
    [("expected", "expected, nothing seen yet"), ("backfilled", "backfilled from before the first run")],
)
async def test_a_day_that_has_yet_to_come_and_one_before_the_first_look(bot, state, line):
    assert await told(bot, batch(state=state)) == [f"arxiv, Mon 5 Jan: {line} (0 new)"]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (date(2026, 1, 20), "Tue 20 Jan: nothing announced, Martin Luther King Day"),
        (date(2026, 1, 17), "Sat 17 Jan: nothing announced, weekend"),
        (date(2026, 1, 16), "Fri 16 Jan: nothing announced, arXiv is closed"),
    ],
)
async def test_why_nothing_was_announced_is_said(bot, day, said):
    bot.clock.set("2026-01-20T12:00:00Z")
    assert await told(bot, batch(day=day, state="holiday")) == [f"arxiv, {said}"]


async def test_a_holiday_of_arxiv_is_none_of_others(bot):
    bot.clock.set("2026-01-20T12:00:00Z")
    holiday = date(2026, 1, 20)
    lines = await told(bot, batch("daily", day=holiday, source="huggingface", state="holiday"))
    assert lines == ["huggingface, Tue 20 Jan: nothing announced"]


@pytest.mark.parametrize(
    ("now", "line"),
    [
        ("2026-04-16T12:00", "Next arXiv announcement: Thursday 20:00 ET"),
        ("2026-04-16T22:00", "Next arXiv announcement: Sunday 20:00 ET"),
        (
            "2026-11-26T12:00",
            "No papers tonight: US holiday (Thanksgiving). Next announcement: Sunday 20:00 ET",
        ),
        (
            "2026-04-17T12:00",
            "No papers tonight: arXiv announces nothing on Friday and Saturday. Next announcement: Sunday 20:00 ET",
        ),
        ("2026-09-08T12:00", "No papers tonight: arXiv is closed. Next announcement: Wednesday 20:00 ET"),
    ],
)
def test_the_next_announcement_in_words(now, line):
    at = datetime.fromisoformat(now).replace(tzinfo=NEW_YORK)
    closures = frozenset({date(2026, 9, 8)})
    assert outlook_line(outlook(at, closures), ENGLISH) == line


async def test_holidays_of_a_year_that_is_not_listed_are_owned_up_to(bot):
    bot.clock.set("2027-01-05T12:00:00Z")
    assert "the holidays of 2027 aren't known yet" in "\n".join(await overview(bot.commands.context))


# --- what keeps the service from its work ------------------------------------------------------------------------


async def test_a_source_that_nobody_tries_is_overdue(bot):
    began = bot.clock()
    due = began + timedelta(minutes=15)
    await saved(bot, SourceState(source="arxiv", part="cs", ok_at=began, next_at=due, first_done=True, tried_at=began))
    bot.clock.advance(minutes=46)
    lines = await overview(bot.commands.context)
    assert lines[1] == "⚠ arxiv: overdue, not tried since Mon 5 Jan 2026 07:59 UTC"
    assert (await health(bot.context, process_of())).sources[0].overdue_since == began
    failing = SourceState(source="arxiv", part="cs", failures=1, error="refused", next_at=due, tried_at=began)
    await saved(bot, failing)
    assert "⚠ arxiv: overdue, not tried since Mon 5 Jan 2026 07:59 UTC; last error: refused" in "\n".join(
        await overview(bot.commands.context)
    )


async def test_a_source_that_is_off_is_never_overdue(bot):
    await saved(bot, SourceState(source="rss", part="a", ok_at=bot.clock(), next_at=bot.clock(), first_done=True))
    bot.clock.advance(days=9)
    found = {source.name: source.overdue_since for source in (await health(bot.context, process_of())).sources}
    assert found["rss"] is None


async def test_what_will_not_be_sent_is_counted(bot, monkeypatch):
    real = Ledger.counts

    async def counts(self):
        return replace(await real(self), given_up=1200, unknown=3)

    monkeypatch.setattr(Ledger, "counts", counts)
    lines = await overview(bot.commands.context)
    assert "1,200 given up, 3 may have arrived" in lines
    found = await health(bot.context, process_of())
    assert (found.given_up, found.unknown) == (1200, 3)


async def test_a_database_that_cannot_be_used_and_a_stage_that_fails_say_why(bot):
    async def problem():
        return "the database paperwire.db failed: disk is full"

    now = bot.clock()
    failing = StageHealth(name="match", since=now, next_at=now + timedelta(minutes=1), reason="disk is full")
    told = await overview(bot.context, database_problem=problem, troubles={"match": failing})
    assert told[-2:] == [
        "⚠ match has been failing since Mon 5 Jan 2026 07:59 UTC: disk is full; next try Mon 5 Jan 2026 08:00 UTC",
        "⚠ the database paperwire.db failed: disk is full",
    ]


async def test_channels_that_other_processes_run(bot):
    elsewhere = frozenset({"telegram", "discord"})

    async def channels():
        found = await health(bot.context, process_of(elsewhere=elsewhere))
        return [(one.kind, one.state) for one in found.channels]

    assert await channels() == [("discord", ""), ("telegram", "")]
    told = "\n".join(await overview(bot.context, elsewhere=elsewhere))
    assert told.endswith("\nDiscord: not running\nTelegram: not running\nNo process is running.")
    async with bot.store.write() as unit:
        await unit.channels.report("another", {"telegram": "reconnecting"}, forget_before=bot.clock())
    assert await channels() == [("discord", ""), ("telegram", "reconnecting")]


# --- gauges ------------------------------------------------------------------------------------------------------


def gauge(name, **labels):
    return observe.REGISTRY.get_sample_value(f"paperwire_{name}", labels)


async def test_gauges_are_set_from_the_database(bot, monkeypatch):
    await bot.number("diffusion")
    await bot.record(paper(1, "Diffusion"))
    await bot.match()
    read_at = bot.clock() - timedelta(minutes=10)
    await saved(bot, SourceState(source="arxiv", part="cs-1", ok_at=read_at, first_done=True))
    thin = batch("cs.CL", THIN, state="unconfirmed", rss=shown(1))
    async with bot.store.write() as unit:
        await unit.sources.save_batches([thin, batch("cs.CL", LACKS, day=DAY - timedelta(days=1), state="unconfirmed")])
    await measure(bot.context, process_of())
    assert (gauge("days_unconfirmed", source="arxiv"), gauge("days_thin", source="arxiv")) == (2, 1)
    assert gauge("days_unconfirmed", source="huggingface") == 0
    assert (gauge("outbox_owed"), gauge("outbox_given_up"), gauge("outbox_unknown")) == (1, 0, 0)
    assert gauge("source_last_success_timestamp_seconds", source="arxiv") == read_at.timestamp()
    assert isnan(gauge("source_last_success_timestamp_seconds", source="huggingface"))

    async def refuse(_self):
        raise StoreError("gone")

    monkeypatch.setattr(Ledger, "counts", refuse)
    await measure(bot.context, process_of())
    assert isnan(gauge("outbox_owed"))
    assert isnan(gauge("days_thin", source="arxiv"))
    assert isnan(gauge("source_last_success_timestamp_seconds", source="arxiv"))
