"""`/preview`: which papers of the last days match a query, and how many a week that makes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from paperwire.commands.buttons import offered, query_buttons
from paperwire.commands.context import Command, Context, say, unquoted
from paperwire.commands.meaning import few_days_line, whose
from paperwire.commands.queries import QUERY, read_query
from paperwire.commands.search import found_items, search
from paperwire.core.messages.message import Message, Span
from paperwire.core.papers.categories import uncollected
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.errors import StoreBusy
from paperwire.pipeline.days.beginning import beginning
from paperwire.pipeline.ingest import BACKFILL, FIRST_DAYS
from paperwire.pipeline.reconcile import PART as SECOND_VIEW
from paperwire.pipeline.reconcile import THIRD, WATCHED
from paperwire.ports.requests import CommandSpec, Reply, Request, Update
from paperwire.store.papers.sources import SourceState
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

SPEC = CommandSpec("preview", gettext_noop("Try a query on the last 30 days without subscribing"), (QUERY,))

SAMPLES = 3
TOO_MANY_A_DAY = 30
_MOST_CATEGORIES = 5
_LOOK_AGAIN = 10.0
_MOST_LOOKS = 6 * 360
"""Answers wait six hours."""
_MOST_FAILURES = 3
"""Failures in a row after which a source is not waited for."""
_BESIDE = {BACKFILL, SECOND_VIEW, THIRD, WATCHED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a query matches among the `papers` that are stored of the last `days` days, 0 if none are stored.

    `total` of them match (with `at_least` there may be more); `samples` are the newest. `uncollected` are the
    categories it names that aren't collected; to those of them that are `crossed` too, others cross-list papers. While
    the first days are read, `reading` says how far, and the days are those that are whole. With `are_all` no earlier
    papers are stored. One that `is_put_off` says nothing, as too much was going on.
    """

    query: Query
    uncollected: tuple[str, ...]
    crossed: tuple[str, ...] = ()
    total: int = 0
    at_least: bool = False
    papers: int = 0
    days: int = 0
    samples: tuple[Paper, ...] = ()
    reading: Reading | None = None
    are_all: bool = False
    is_put_off: bool = False

    @property
    def is_final(self) -> bool:
        """Whether there are papers, and all of the first days have been read."""
        return bool(self.days) and self.reading is None

    @property
    def a_week(self) -> float:
        """Matches a week."""
        return self.total * 7 / self.days if self.days else 0.0

    @property
    def is_flood(self) -> bool:
        """Whether it matches more than 30 papers a day."""
        return self.reading is None and self.total > TOO_MANY_A_DAY * max(self.days, 1)


async def counted_days(unit: Unit) -> tuple[date, int] | None:
    """The first of the days that a preview counts over, and how many they are; None if no papers are stored."""
    until = await unit.papers.latest_day()
    if until is None:
        return None
    since = (await unit.papers.neighbours(until - FIRST_DAYS))[1] or until
    return since, (until - since).days + 1


async def preview(context: Context, query: Query) -> Preview:
    """Try a query on the last 30 days that are stored; reads only."""
    missing = uncollected(query.categories(), context.followed)
    async with context.store.read() as unit:
        reading = await first_days(context, unit)
        window = await (counted_days(unit) if reading is None else _whole_days(unit, reading))
    if window is None:
        return Preview(query=query, uncollected=missing, reading=reading)
    since, days = window
    found = await search(context.store, context.calibration, query, order="date", since=since, limit=SAMPLES)
    async with context.store.search() as unit:
        return Preview(
            query=query,
            uncollected=missing,
            crossed=tuple([name for name in missing[:_MOST_CATEGORIES] if await _is_crossed(unit, name, since)]),
            total=found.total,
            at_least=found.at_least,
            papers=await unit.papers.count_since(since),
            days=days,
            samples=tuple(found.papers),
            reading=reading,
            are_all=(await unit.papers.neighbours(since))[0] is None,
        )


async def preview_if_free(context: Context, query: Query) -> Preview:
    """The preview of what is subscribed already, put off while too much is going on."""
    try:
        return await preview(context, query)
    except StoreBusy:
        return Preview(query=query, uncollected=(), is_put_off=True)


async def _whole_days(unit: Unit, reading: Reading) -> tuple[date, int] | None:
    """The same of the days that are whole already."""
    until = await unit.papers.latest_day()
    if until is None or reading.whole is None or reading.whole > until:
        return None
    return reading.whole, (until - reading.whole).days + 1


async def _is_crossed(unit: Unit, category: str, since: date) -> bool:
    """Whether papers of other categories are cross-listed to this one, which is not collected itself."""
    found = await unit.search.search(parse(f"cat:{category}"), order="date", since=since, limit=1)
    return bool(found.total)


async def answer(context: Context, request: Request) -> Reply:
    """`/preview QUERY`."""
    return await previewed(context, request, unquoted(request.args))


async def press(context: Context, request: Request, part: str) -> Reply:
    """The preview of the query under a button: `try:QUERY`."""
    return await previewed(context, request, offered(context, part))


async def previewed(context: Context, request: Request, text: str, *, invited: bool = False) -> Reply:
    """The preview of a query; where a page `invited` somebody to it, it says that nothing is subscribed yet."""
    texts = request.texts
    query = await whose(context, request, read_query(text, texts, verb="try"))
    result = await preview(context, query)
    reply = await _reply(context, text, result, texts, invited=invited)
    if result.is_final:
        return reply

    async def update() -> Update:
        known = await preview(context, query)
        reply = await _reply(context, text, known, texts, invited=invited)
        return Update(reply, rate_message(text, known, texts))

    return replace(reply, update=partial(once_read, context, update))


def follows_line(texts: Texts) -> str:
    """What an answer says that changes once its rate is known."""
    return texts.gettext("How many to expect follows here as soon as it is known.")


def rate_message(text: str, result: Preview, texts: Texts) -> Message:
    """What is known of a query at last, in one line."""
    return say((Span(text, "code"), Span(f": {preview_lines(result, texts)[0]}"))).message


async def _reply(context: Context, text: str, result: Preview, texts: Texts, *, invited: bool) -> Reply:
    nothing_yet = texts.gettext("Nothing is subscribed yet. Press Subscribe to get new papers like these here.")
    return say(
        nothing_yet if invited else "",
        (Span(texts.gettext("Preview:")), Span(" "), Span(text, "code")),
        *preview_lines(result, texts),
        items=await found_items(context, result.query, result.samples, texts),
        foot=["" if result.is_final else follows_line(texts)],
        buttons=[query_buttons(context, text, texts, "add", "look")],
    )


def preview_lines(result: Preview, texts: Texts) -> list[str]:
    """How many papers match, how many a week that makes, and what to change if it is none or too many."""
    if result.is_put_off:
        return [texts.gettext("Its matches can't be counted right now, as too much is going on.")]
    lines = [] if result.reading is None else [reading_line(result.reading, texts)]
    if result.reading is None or result.days:
        lines.append(_count(result, texts))
    if result.are_all and result.is_final:
        lines += filter(None, [few_days_line(result.query, result.days, texts)])
    if result.is_flood:
        lines.append(
            texts.gettext(
                '⚠ That\'s more than %(limit)s a day. Narrow it with another word, a "phrase", ti: or cat:, '
                "or choose a daily digest.",
                limit=TOO_MANY_A_DAY,
            )
        )
    rest = tuple(name for name in result.uncollected if name not in result.crossed)
    if result.crossed:
        lines.append(_only_crossed(result.crossed, texts))
    if rest:
        lines.append(_not_collected(rest, texts))
    return lines


def _count(result: Preview, texts: Texts) -> str:
    if not result.days:
        return texts.gettext("No papers are stored yet, so there is no preview. The first ones are being read.")
    if result.reading is not None:
        return texts.gettext(
            "%(matches)s in %(period)s read so far.",
            matches=_matches(result, texts),
            period=texts.ngettext("the one whole day", "the %(num)s whole days", result.days),
        )
    if result.total:
        return _rate(result, texts)
    if result.at_least:
        return texts.gettext("No match yet, but not all papers were searched. Use more words or longer ones.")
    return texts.ngettext(
        "No match in the last day. Check the spelling or use fewer words.",
        "No match in the last %(num)s days. Check the spelling or use fewer words.",
        result.days,
    )


def _matches(result: Preview, texts: Texts) -> str:
    if result.at_least:
        return texts.ngettext("At least %(num)s match", "At least %(num)s matches", result.total)
    return texts.ngettext("%(num)s match", "%(num)s matches", result.total)


def _rate(result: Preview, texts: Texts) -> str:
    """`7 matches in the last 15 days, about 3 a week.`."""
    return texts.gettext(
        "%(matches)s in %(period)s, about %(rate)s.",
        matches=_matches(result, texts),
        period=texts.ngettext("the last day", "the last %(num)s days", result.days),
        rate=rate_words(result.total, result.days, texts),
    )


def rate_words(total: int, days: int, texts: Texts) -> str:
    """`6 a week`, and a rate below one a week by the month."""
    a_week = total * 7 / days
    if a_week >= 1:
        return texts.gettext("%(count)s a week", count=texts.number(round(a_week)))
    return texts.gettext("%(count)s a month", count=texts.number(round(max(total * 30 / days, 1))))


def _only_crossed(names: tuple[str, ...], texts: Texts) -> str:
    return texts.ngettext(
        "⚠ %(names)s isn't collected here: only papers that are cross-listed to it from other categories arrive. Ask "
        "the operator to add it.",
        "⚠ %(names)s aren't collected here: only papers that are cross-listed to them from other categories arrive. "
        "Ask the operator to add them.",
        len(names),
        names=", ".join(names),
    )


def _not_collected(names: tuple[str, ...], texts: Texts) -> str:
    return texts.ngettext(
        "⚠ %(names)s isn't collected here, so no papers from it will arrive. Ask the operator to add it.",
        "⚠ %(names)s aren't collected here, so no papers from them will arrive. Ask the operator to add them.",
        len(names),
        names=", ".join(names[:_MOST_CATEGORIES]),
    )


# --- the first days of a new install while they are read ---------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """How far the first days have been read: `days` with `papers`; those from `whole` on are whole, None if none is."""

    days: int
    papers: int
    whole: date | None


async def first_days(context: Context, unit: Unit) -> Reading | None:
    """What is read of the first days while that lasts; None before it begins, and once it is over."""
    states = [state for state in await unit.sources.all() if state.source in context.sources]
    names = [state.source for state in states if state.part == BACKFILL and _is_under_way(state)]
    if not names:
        return None
    since = (context.now() - FIRST_DAYS).date()
    whole = [await _whole_since(unit, name, [one for one in states if one.source == name]) for name in names]
    known = [day for day in whole if day is not None]
    return Reading(
        days=await unit.papers.days_since(since),
        papers=await unit.papers.count_since(since),
        whole=max(known) if len(known) == len(whole) else None,
    )


def _is_under_way(state: SourceState) -> bool:
    return state.tried_at is not None and not state.first_done and state.failures < _MOST_FAILURES


async def _whole_since(unit: Unit, source: str, states: Sequence[SourceState]) -> date | None:
    """The day whose list was out when the source was first read, once every part has been."""
    parts = [state for state in states if state.part not in _BESIDE]
    if not parts or not all(state.first_done for state in parts):
        return None
    return (await beginning(unit, source)).source


def reading_line(reading: Reading, texts: Texts) -> str:
    """That a rate isn't known yet, and how far it is."""
    return texts.gettext(
        "The last %(limit)s days are still being read (%(days)s with %(papers)s so far), so the rate isn't known yet.",
        limit=FIRST_DAYS.days,
        days=texts.ngettext("%(num)s day", "%(num)s days", reading.days),
        papers=texts.ngettext("%(num)s paper", "%(num)s papers", reading.papers),
    )


async def once_read(context: Context, update: Callable[[], Awaitable[Update | None]]) -> Update | None:
    """The update, as soon as there are papers and the first days have been read; None if that takes hours."""
    for _ in range(_MOST_LOOKS):
        await context.pause(_LOOK_AGAIN)
        with suppress(StoreBusy):  # the next look may have better luck
            async with context.store.read() as unit:
                is_read = await unit.papers.latest_day() is not None and await first_days(context, unit) is None
            if is_read:
                return await update()
    return None


COMMANDS = (Command(SPEC, answer, {"try": press}),)
