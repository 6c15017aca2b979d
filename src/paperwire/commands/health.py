"""The state of the whole service for its operator: sources, stored papers, outbox and channels, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from babel.dates import format_datetime

from paperwire.commands.context import Context, say, utc
from paperwire.commands.failing import failing_lines, failing_parts, named
from paperwire.commands.workload import missing_line, processes_line, queue_lines
from paperwire.core.days.batch import PROVEN, BatchState
from paperwire.core.days.calendar import Outlook, is_listed, outlook, why_no_batch
from paperwire.core.days.completeness import Day, days_of
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.health import ChannelHealth, Health, SourceHealth, StageHealth
from paperwire.core.messages.message import Span
from paperwire.core.text.clean import clean
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import BACKFILL, IMPORT, overdue_since
from paperwire.pipeline.reconcile import BESIDE
from paperwire.pipeline.reports import channel_states
from paperwire.pipeline.vectors import ENCODER
from paperwire.ports.requests import Reply
from paperwire.store.outbox.history import OutboxCounts
from paperwire.store.papers.sources import SourceState
from paperwire.store.unit import Unit
from paperwire.texts import Texts, gettext_noop

_ARXIV = "arxiv"
DAYS_SHOWN = timedelta(days=7)
_LONGEST_ERROR = 200
_NEVER = datetime.min.replace(tzinfo=UTC)


async def health(context: Context) -> Health:
    """The state of the service, as the page and the shell show it; reads only."""
    async with context.store.read() as unit:
        states = [state for state in await unit.sources.all() if state.source != IMPORT]
        stored = await unit.papers.counts()
        subscriptions = await unit.subscriptions.count()
        batches = await unit.sources.batches(context.now().date() - DAYS_SHOWN)
        encoder, unencoded = await unit.settings.get(ENCODER), await unit.vectors.count_unencoded()
        by_meaning, no_threshold = await unit.meanings.count()
        channels = await channels_of(context, unit)
    names = sorted({*context.sources, *(state.source for state in states)})
    return replace(
        await _work(context),
        papers=stored.papers,
        first_day=stored.first,
        last_day=stored.last,
        subscriptions=subscriptions,
        sources=tuple(
            source_health(context, name, [state for state in states if state.source == name]) for name in names
        ),
        days=days_of(batches),
        outlook=outlook(context.now(), context.closures) if _ARXIV in names else None,
        channels=channels,
        troubles=tuple(trouble for _, trouble in sorted(context.troubles.items())),
        database_problem=await context.database_problem(),
        started_at=context.started_at,
        encoder=encoder or "",
        unencoded=unencoded if encoder else 0,
        by_meaning=by_meaning,
        no_threshold=no_threshold,
    )


async def _work(context: Context) -> Health:
    """What waits to be done, and which processes are there for it."""
    held_since = await Hold(context.store).since()
    async with context.store.read() as unit:
        counts, backlog = await unit.outbox.counts(), await unit.papers.backlog()
        processes = await unit.leases.processes()
    return Health(
        owed=counts.owed,
        given_up=counts.given_up,
        unknown=counts.unknown,
        closed=counts.closed,
        held_since=held_since,
        unmatched=backlog.count,
        unmatched_since=backlog.since,
        due=counts.due,
        due_since=counts.oldest,
        held=held(counts, held_since),
        processes=processes,
        missing=tuple(sorted(context.needed - processes.keys())) if processes else (),
    )


async def channels_of(context: Context, unit: Unit) -> tuple[ChannelHealth, ...]:
    """The channels of all processes and of the settings, as they are now."""
    here = {kind: one for kind, one in sorted(context.channels.items()) if kind not in context.elsewhere}
    own = {kind: context.channel_state(channel) for kind, channel in here.items()}
    return await channel_states(unit, context.elsewhere, own, context.owner)


def held(counts: OutboxCounts, held_since: datetime | None) -> int:
    """How many deliveries are due and wait for a person."""
    return counts.shut + (counts.due if held_since is not None else 0)


def source_health(context: Context, name: str, parts: Sequence[SourceState]) -> SourceHealth:
    """One source over all its parts: the last success, the next try of what fails, and the last error.

    Of one that is off only what was read counts: nobody tries it any more.
    """
    every = context.sources.get(name)
    failing = [part for part in parts if part.failures and every is not None]
    reading = [part for part in parts if part.part not in BESIDE]
    going_on = [part for part in reading if part.part != BACKFILL]  # which is read once
    # The part that was tried last has the reason; others may only have been skipped since.
    latest = max(failing, key=lambda part: part.tried_at or _NEVER, default=None)
    error = clean(latest.error, _LONGEST_ERROR) if latest else ""
    return SourceHealth(
        name=name,
        ok_at=max((part.ok_at for part in reading if part.ok_at), default=None),
        next_at=min((part.next_at for part in failing or going_on if part.next_at and every is not None), default=None),
        error=f"{error} ({len(failing)} of {len(parts)} parts)" if failing and len(parts) > 1 else error,
        first_done=bool(going_on) and all(part.first_done for part in going_on),
        overdue_since=overdue_since(going_on, every, context.now()) if every is not None else None,
        failing=failing_parts(failing) if len(parts) > 1 else (),
    )


async def overview(context: Context, texts: Texts) -> Reply:
    """What `paperwire status` prints."""
    return say((Span(texts.gettext("Status"), "bold"),), *status_lines(await health(context), texts))


def status_lines(now: Health, texts: Texts) -> list[str]:
    """The state of the service in words; lines that begin with ⚠ are problems."""
    lines = [line for source in now.sources for line in (_source_line(source, texts), *failing_lines(source, texts))]
    lines = lines or [texts.gettext("No source has been read yet.")]
    if now.outlook is not None:
        lines.append(outlook_line(now.outlook, texts))
    lines += [day_line(day, texts) for day in _noteworthy(now.days)]
    lines.append(_stored_line(now, texts))
    if now.unencoded:
        lines.append(unencoded_line(now.unencoded, texts))
    if now.no_threshold:
        lines.append(no_threshold_line(now.no_threshold, texts))
    lines += queue_lines(now, texts)
    if now.given_up or now.unknown:
        lines.append(given_up_line(now.given_up, now.unknown, texts))
    if now.closed:
        lines.append(
            texts.ngettext(
                "%(num)s chat or address is closed to Paperwire, and what it is owed waits",
                "%(num)s chats or addresses are closed to Paperwire, and what they are owed waits",
                now.closed,
            )
        )
    if now.held_since is not None:
        lines.append(texts.gettext("Deliveries have been on hold since %(when)s.", when=utc(now.held_since, texts)))
    lines += [f"{channel.kind}: {channel.state or texts.gettext('not running')}" for channel in now.channels]
    lines.append(processes_line(now, texts))
    lines += [missing_line(role, now, texts) for role in now.missing]
    lines += [_trouble_line(trouble, texts) for trouble in now.troubles]
    return [*lines, f"⚠ {now.database_problem}"] if now.database_problem else lines


def _source_line(source: SourceHealth, texts: Texts) -> str:
    read = texts.gettext("last read %(when)s", when=utc(source.ok_at, texts)) if source.ok_at else ""
    if source.overdue_since is not None:
        line = texts.gettext(
            "⚠ %(source)s: overdue, not tried since %(when)s", source=source.name, when=utc(source.overdue_since, texts)
        )
        error = texts.gettext("last error: %(error)s", error=source.error) if source.error else ""
        return _clauses(line, error)
    if source.error:
        line = texts.gettext("⚠ Can't reach %(source)s: %(error)s", source=source.name, error=source.error)
        retry = texts.gettext("next try %(when)s", when=utc(source.next_at, texts)) if source.next_at else ""
        return _clauses(line, retry, read)
    due = texts.gettext("next %(when)s", when=utc(source.next_at, texts)) if source.next_at else ""
    return _clauses(f"{source.name}: {read or texts.gettext('not read yet')}", due)


def _clauses(*clauses: str) -> str:
    return "; ".join(clause for clause in clauses if clause)


def _stored_line(now: Health, texts: Texts) -> str:
    if now.first_day is None or now.last_day is None:
        return texts.gettext("No papers stored yet.")
    return texts.ngettext(
        "%(num)s paper stored, %(first)s to %(last)s",
        "%(num)s papers stored, %(first)s to %(last)s",
        now.papers,
        first=now.first_day,
        last=now.last_day,
    )


def _trouble_line(trouble: StageHealth, texts: Texts) -> str:
    return texts.gettext(
        "⚠ %(stage)s has been failing since %(since)s: %(reason)s; next try %(when)s",
        stage=trouble.name,
        since=utc(trouble.since, texts),
        reason=trouble.reason,
        when=utc(trouble.next_at, texts),
    )


def given_up_line(given_up: int, unknown: int, texts: Texts) -> str:
    """How many deliveries will not be sent any more."""
    counts = [texts.ngettext("%(num)s given up", "%(num)s given up", given_up)] if given_up else []
    counts += [texts.ngettext("%(num)s may have arrived", "%(num)s may have arrived", unknown)] if unknown else []
    return ", ".join(counts)


def no_threshold_line(queries: int, texts: Texts) -> str:
    """How many queries by meaning can't match anything yet."""
    return texts.ngettext(
        "%(num)s query with like: finds no stored paper to take its threshold from",
        "%(num)s queries with like: find no stored papers to take their thresholds from",
        queries,
    )


def unencoded_line(unencoded: int, texts: Texts) -> str:
    """How many papers can't be found by meaning yet."""
    return texts.ngettext(
        "%(num)s paper isn't indexed by meaning yet", "%(num)s papers aren't indexed by meaning yet", unencoded
    )


# --- announcements and days --------------------------------------------------------------------------------------


def outlook_line(coming: Outlook, texts: Texts) -> str:
    """When arXiv announces papers next, and why it doesn't tonight."""
    at = format_datetime(coming.next, texts.gettext("EEEE HH:mm 'ET'"), locale=texts.locale)
    if coming.tonight:
        line = texts.gettext("Next arXiv announcement: %(when)s", when=at)
    else:
        reason = _no_announcement(coming.holiday, texts)
        line = texts.gettext("No papers tonight: %(reason)s. Next announcement: %(when)s", reason=reason, when=at)
    if is_listed(coming.next.year):
        return line
    unlisted = texts.gettext("unless it's a holiday: those of %(year)s aren't known yet", year=coming.next.year)
    return f"{line} ({unlisted})"


def _no_announcement(holiday: str, texts: Texts) -> str:
    match holiday:
        case "":
            return texts.gettext("arXiv announces nothing on Friday and Saturday")
        case "closed":  # by the settings
            return texts.gettext("arXiv is closed")
    return texts.gettext("US holiday (%(holiday)s)", holiday=holiday)


def _noteworthy(days: Sequence[Day]) -> list[Day]:
    """The last day of each source, and every other one with a problem."""
    last: dict[str, Day] = {}
    for day in days:
        last.setdefault(day.source, day)
    return [day for day in days if last[day.source] is day or day.is_doubtful]


def day_line(day: Day, texts: Texts) -> str:
    """One day of a source: how complete it is, and how many papers it has."""
    counts = day_counts(day, texts)
    return f"{day.source}, {texts.day(day.day)}: {day_state(day, texts)}" + (f" ({counts})" if counts else "")


def day_counts(day: Day, texts: Texts) -> str:
    """How many papers a day has; empty where there is no batch."""
    if day.state in {BatchState.HOLIDAY, BatchState.SILENT}:
        return ""
    counts = [texts.ngettext("%(num)s new", "%(num)s new", day.new)]
    if day.crossed:
        counts.append(texts.ngettext("%(num)s cross-listed", "%(num)s cross-listed", day.crossed))
    if day.replaced:
        counts.append(texts.ngettext("%(num)s replaced", "%(num)s replaced", day.replaced))
    return ", ".join(counts)


def day_state(day: Day, texts: Texts) -> str:
    """How complete a day of a source is."""
    if day.state in PROVEN:
        if not day.late:
            return texts.gettext("complete")
        return texts.ngettext("complete, %(num)s paper found late", "complete, %(num)s papers found late", day.late)
    if day.state is BatchState.HOLIDAY:
        return _nothing_announced(why_no_batch(day.day) if day.source == _ARXIV else "", texts)
    return texts.gettext(_STATES[day.state]) if day.state in _STATES else _unconfirmed(day, texts)


_STATES = {
    BatchState.SILENT: gettext_noop("nothing was announced that evening"),
    BatchState.EXPECTED: gettext_noop("expected, nothing seen yet"),
    BatchState.BACKFILLED: gettext_noop("backfilled from before the first run"),
}


def _nothing_announced(reason: str, texts: Texts) -> str:
    match reason:
        case "":
            return texts.gettext("nothing announced")
        case "closed":  # by the settings
            return texts.gettext("nothing announced, arXiv is closed")
        case "weekend":
            return texts.gettext("nothing announced, weekend")
    return texts.gettext("nothing announced, %(holiday)s", holiday=reason)


def _unconfirmed(day: Day, texts: Texts) -> str:
    """A day that isn't proven complete, and what is missing."""
    missing, is_partly = what_is_missing(day, texts)
    parts = sum(day.parts.values())
    proven = parts - len(day.unproven)
    if proven or is_partly:
        return texts.gettext(
            "unconfirmed, %(proven)s of %(parts)s categories are complete (%(missing)s)",
            proven=proven,
            parts=parts,
            missing=missing,
        )
    return _titled(texts.gettext("unconfirmed"), missing)


def what_is_missing(day: Day, texts: Texts) -> tuple[str, bool]:
    """What is missing of all of a day and what of which categories, and whether it is of some of them."""
    parts = sum(day.parts.values())
    missing = list({doubt_words(doubt, texts): "" for one in day.unproven for doubt in one.doubts if doubt.whole})
    reasons: dict[str, list[str]] = {}
    for one in day.unproven:
        if own := "; ".join(doubt_words(doubt, texts) for doubt in one.doubts if not doubt.whole):
            reasons.setdefault(own, []).append(one.part)
    missing += [own for own, names in reasons.items() if len(names) == parts]
    partly = [f"{named(names, texts)}: {own}" for own, names in reasons.items() if len(names) < parts]
    return "; ".join([*missing, *partly]), bool(partly)


def _titled(title: str, text: str) -> str:
    return f"{title}: {text}" if text else title


def doubt_words(doubt: Doubt, texts: Texts) -> str:
    """One thing that is missing for a proof."""
    views = [texts.gettext(_VIEWS[view]) if view in _VIEWS else view for view in doubt.views]
    match doubt.why:
        case Why.STALE:
            return texts.gettext("%(view)s still shows an older list", view=views[0])
        case Why.CUT:
            return texts.gettext("%(view)s ends before its list does", view=views[0])
        case Why.LACKS:
            return texts.gettext("not in %(views)s yet", views=texts.gettext(" or ").join(views))
        case Why.DIFFER:
            return texts.ngettext(
                "%(views)s differ by %(num)s paper",
                "%(views)s differ by %(num)s papers",
                doubt.count,
                views=texts.join(views),
            )
        case Why.LOW | Why.HIGH:
            return _unusual(doubt, texts)
    return texts.gettext(_HARMLESS[doubt.why])


_VIEWS = {
    "rss": gettext_noop("the feed"),
    "oai": gettext_noop("OAI-PMH"),
    "list": gettext_noop("the listing page"),
}
_HARMLESS = {
    Why.EARLY: gettext_noop("not due yet"),
    Why.HISTORY: gettext_noop("not enough history to judge the number"),
    Why.REST: gettext_noop("the other categories are not in yet"),
    Why.OPEN: gettext_noop("not read since the day ended"),
    Why.ALONE: gettext_noop("read after the day ended; no second view to compare"),
}


def _unusual(doubt: Doubt, texts: Texts) -> str:
    numbers = {"count": texts.number(doubt.count), "usual": texts.number(round(doubt.usual))}
    if doubt.why is Why.LOW:
        return texts.gettext("unusually few papers, %(count)s instead of about %(usual)s", **numbers)
    return texts.gettext("unusually many papers, %(count)s instead of about %(usual)s", **numbers)
