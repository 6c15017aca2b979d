"""Digests: what a place gets at one slot, which papers its messages list and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

from paperwire.core.messages.facts import paper_count
from paperwire.core.messages.message import Line, Rich, Span
from paperwire.core.subscriptions.wallclock import clock_of, zone_name
from paperwire.core.text.clean import clean, cut
from paperwire.texts import Texts

T = TypeVar("T")
_TOPIC_LIMIT, _TITLE_LIMIT = 32, 80
"""Characters of a subject's parts: with the count they are short enough for a header that programs show whole."""
Rank = tuple[int, float, int]
"""Where a paper stands in its section, the first is the smallest: score and relevance as negative numbers, then age."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """The digest of one slot of a place; `slot` is its local date and time, such as `2026-01-05T08:00`.

    It tells of `papers` since the last digest before it or, if there was none, the first of its papers, in `parts`
    messages, of which `sent` went out. One without parts is planned: it is sent even if there is nothing to tell.
    `already` counts the papers of its window that were sent at once.
    """

    slot: str
    due_at: datetime
    since: datetime | None = None
    papers: int = 0
    parts: int = 0
    sent: int = 0
    already: int = 0

    def listed(self, most: int) -> int:
        """How many of its papers its messages list if they list `most` (0: all)."""
        return min(self.papers, most or self.papers)


def slot_name(zone: str, due_at: datetime) -> str:
    """What a slot is called: the date and time that clocks in `zone` show at its instant."""
    return f"{due_at.astimezone(clock_of(zone)):%Y-%m-%dT%H:%M}"


def relevance(title: str, terms: Sequence[str]) -> int:
    """How well a paper fits a query of which it has these terms: one for each, and one more for each in its title."""
    plain = title.casefold()
    return len(terms) + sum(term.casefold() in plain for term in terms)


def chosen(owed: Sequence[T], most: int, *, rank: Callable[[T], Rank], section: Callable[[T], int]) -> list[T]:
    """The best `most` papers by rank (0: all), section after section and the best of each first."""
    best = sorted(owed, key=rank)[: most or None]
    return sorted(best, key=lambda entry: (section(entry), rank(entry)))


def subject_line(  # noqa: PLR0913 -- what a subject says, each named
    topic: str, title: str, texts: Texts, *, count: int, part: int = 1, parts: int = 1
) -> str:
    """What a mail is called that tells of `count` papers: `graph neural: The first title, and 7 more (1/2)`.

    It is `part` of `parts`, of which each begins with a `title` of its own. `topic` is the name or the query of the
    subscription that wanted that paper, and may be empty. A single paper is called by its title alone.
    """
    if count < 2:
        return title
    first = cut(title, _TITLE_LIMIT)
    # Translators: the subject of a mail with several papers. %(title)s is the title of the first one.
    subject = texts.ngettext("%(title)s, and %(num)s more", "%(title)s, and %(num)s more", count - 1, title=first)
    if name := clean(topic.replace('"', ""), _TOPIC_LIMIT):
        # Translators: the subject of a mail. %(topic)s is a subscription's name or query, %(papers)s names its papers.
        subject = texts.gettext("%(topic)s: %(papers)s", topic=name, papers=subject)
    return f"{subject} ({texts.number(part)}/{texts.number(parts)})" if parts > 1 else subject


def heading(  # noqa: PLR0913 -- what a title says besides the number, each named
    count: int,
    texts: Texts,
    *,
    facts: Mapping[str, int] = MappingProxyType({}),
    since: datetime | None = None,
    until: datetime | None = None,
    zone: str = "UTC",
    part: int = 1,
    parts: int = 1,
) -> Rich:
    """The head of a message that tells of `count` papers, of which it is `part` of `parts`.

    Of `facts`, by kind, it tells what is new of them. With `since` and `until` (aware) it names the window that a
    digest covers, by the clock of `zone`.
    """
    line: Line = (Span(paper_count(count, texts, facts), "bold"),)
    if parts > 1:
        line += (Span(f" ({texts.number(part)}/{texts.number(parts)})"),)
    if since is not None and until is not None:
        clock = clock_of(zone)
        window = _window(since.astimezone(clock), until.astimezone(clock), texts)
        line += (Span(f" · {window} ({zone_name(zone)})"),)
    return (line,)


def and_more(count: int, url: str, texts: Texts) -> Rich:
    """The foot of a digest that leaves papers to a page with all of them; empty for none."""
    return (
        ((Span(texts.npgettext("papers", "and %(num)s more", "and %(num)s more", count), url=url),),)
        if count > 0
        else ()
    )


def _window(since: datetime, until: datetime, texts: Texts) -> str:
    if texts.moment(since) == texts.moment(until):
        return texts.moment(until)
    if since.date() == until.date():
        # Translators: a span of time within a day, then over days; %(start)s has the day.
        return texts.gettext("%(start)s–%(end)s", start=texts.moment(since), end=texts.time(until))
    # Translators: a span of time within a day, then over days; %(start)s has the day.
    return texts.gettext("%(start)s – %(end)s", start=texts.moment(since), end=texts.moment(until))


def already_sent(count: int, texts: Texts) -> Rich:
    """The foot of a digest some of whose papers were sent at once; empty for none."""
    if not count:
        return ()
    return ((Span(texts.ngettext("%(num)s paper already sent", "%(num)s papers already sent", count), "italic"),),)
