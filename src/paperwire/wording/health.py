"""Describes the state of the whole service."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.days.completeness import Day
from paperwire.core.health import Health, SourceHealth, StageHealth
from paperwire.ports.channels import channel_label
from paperwire.texts import Texts
from paperwire.wording.days import day_line, outlook_line
from paperwire.wording.failing import failing_lines
from paperwire.wording.times import utc
from paperwire.wording.workload import missing_line, processes_line, queue_lines


def status_lines(now: Health, texts: Texts) -> list[str]:
    """Describe the state of the service; lines that begin with ⚠ are problems."""
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
                "Can't post to %(num)s chat or address; its papers are kept",
                "Can't post to %(num)s chats or addresses; their papers are kept",
                now.closed,
            )
        )
    if now.held_since is not None:
        lines.append(texts.gettext("Deliveries have been on hold since %(when)s.", when=utc(now.held_since, texts)))
    lines += [
        # Translators: a state of a channel in a table.
        texts.row(channel_label(channel.kind), channel.state or texts.gettext("not running"))
        for channel in now.channels
    ]
    if now.processes or not now.database_problem:  # processes may run that can't report themselves
        lines.append(processes_line(now, texts))
    lines += [missing_line(role, now, texts) for role in now.missing]
    lines += [_trouble_line(trouble, texts) for trouble in now.troubles]
    return [*lines, f"⚠ {now.database_problem}"] if now.database_problem else lines


def _source_line(source: SourceHealth, texts: Texts) -> str:
    # Translators: a part of a line about a source: %(when)s is a time.
    read = texts.gettext("last read %(when)s", when=utc(source.ok_at, texts)) if source.ok_at else ""
    if source.overdue_since is not None:
        # Translators: %(source)s is the name of a source of papers.
        line = texts.gettext(
            "⚠ %(source)s: overdue, not tried since %(when)s", source=source.name, when=utc(source.overdue_since, texts)
        )
        # Translators: a part of a line about a source: %(error)s is what went wrong, in English.
        error = texts.gettext("last error: %(error)s", error=source.error) if source.error else ""
        return texts.clauses(line, error)
    if source.error:
        # Translators: %(source)s is the name of a source, %(error)s what went wrong, in English.
        line = texts.gettext("⚠ Can't reach %(source)s: %(error)s", source=source.name, error=source.error)
        # Translators: a part of a line about a source: %(when)s is a time.
        retry = texts.gettext("next try %(when)s", when=utc(source.next_at, texts)) if source.next_at else ""
        return texts.clauses(line, retry, read)
    # Translators: a part of a line about a source: %(when)s is a time.
    due = texts.gettext("next %(when)s", when=utc(source.next_at, texts)) if source.next_at else ""
    read = read or texts.gettext("not read yet")
    return texts.clauses(texts.row(source.name, read), due)


def _stored_line(now: Health, texts: Texts) -> str:
    if now.first_day is None or now.last_day is None:
        return texts.gettext("No papers stored yet.")
    # Translators: %(first)s and %(last)s are dates.
    return texts.ngettext(
        "%(num)s paper stored, %(first)s to %(last)s",
        "%(num)s papers stored, %(first)s to %(last)s",
        now.papers,
        first=now.first_day,
        last=now.last_day,
    )


def _trouble_line(trouble: StageHealth, texts: Texts) -> str:
    # Translators: %(stage)s is a part of the service, by its English name.
    return texts.gettext(
        "⚠ %(stage)s has been failing since %(since)s: %(reason)s; next try %(when)s",
        stage=trouble.name,
        since=utc(trouble.since, texts),
        reason=trouble.reason,
        when=utc(trouble.next_at, texts),
    )


def given_up_line(given_up: int, unknown: int, texts: Texts) -> str:
    # Translators: of deliveries: how many aren't tried any more.
    counts = [texts.ngettext("%(num)s given up", "%(num)s given up", given_up)] if given_up else []
    counts += [texts.ngettext("%(num)s may have arrived", "%(num)s may have arrived", unknown)] if unknown else []
    return texts.listed(counts)


def no_threshold_line(queries: int, texts: Texts) -> str:
    return texts.ngettext(
        "%(num)s query with like: finds no stored paper to take its threshold from",
        "%(num)s queries with like: find no stored papers to take their thresholds from",
        queries,
    )


def unencoded_line(unencoded: int, texts: Texts) -> str:
    return texts.ngettext(
        "%(num)s paper isn't indexed by meaning yet", "%(num)s papers aren't indexed by meaning yet", unencoded
    )


def _noteworthy(days: Sequence[Day]) -> list[Day]:
    """The last day of each source, and every other one with a problem."""
    last: dict[str, Day] = {}
    for day in days:
        last.setdefault(day.source, day)
    return [day for day in days if last[day.source] is day or day.is_doubtful]
