"""What matters today, at a glance above the papers of the latest day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from urllib.parse import urlencode

from markupsafe import Markup

from paperwire.core.messages.card import TITLE_LIMIT, shown_title, why_news
from paperwire.core.messages.record import acceptance_line
from paperwire.core.papers.acceptance import is_accepted
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.feeds.items import why_matched
from paperwire.services.context import Context
from paperwire.services.papers.for_you import ForYou, meant_by
from paperwire.services.papers.trending import trending
from paperwire.texts import Texts
from paperwire.web.days import DayPapers, Days
from paperwire.web.html import Html
from paperwire.web.views import marked, paper_path

_SHOWN, _FOR_YOU, _SAVED = 5, 10, 3
_TREND = "week"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """One paper at a glance: its title, our page of it, its upvotes, and what else is worth a word."""

    title: Markup
    href: str
    upvotes: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Highlight:
    """Some papers under a heading, and where the others of their kind are (`more`)."""

    title: str
    glimpses: Sequence[Glimpse]
    more: str


@dataclass(frozen=True, slots=True)
class Front:
    """Chooses what the front page shows at a glance; those without papers are left out."""

    context: Context
    days: Days
    html: Html

    async def highlights(self, day: DayPapers, texts: Texts) -> list[Highlight]:
        """The day's most upvoted papers, what trends besides, and the acceptances and code that became known."""
        base = self.html.site.base
        upvoted = sorted((paper for paper in day.papers if paper.upvotes), key=lambda paper: -(paper.upvotes or 0))
        upvoted = upvoted[:_SHOWN]
        trends = await trending(self.context.store, _TREND, self.context.now(), 2 * _SHOWN)
        numbers = {paper.number for paper in upvoted}
        accepted = await self._known(day, (EventKind.ACCEPTED, EventKind.PUBLISHED), filter(is_accepted, day.papers))
        coded = await self._known(day, (EventKind.CODE,), filter(code_link, day.papers))
        highlights = [
            # Translators: a heading over the papers of the latest day that have most upvotes.
            Highlight(texts.gettext("Most upvoted today"), self._glimpses(upvoted, texts), f"{base}/?order=score"),
            Highlight(
                texts.gettext("Trending this week"),
                self._glimpses([trend.paper for trend in trends if trend.paper.number not in numbers], texts),
                f"{base}/trending",
            ),
            Highlight(
                # Translators: a heading over papers that a conference or journal accepted, as is known since today.
                texts.pgettext("heading over papers", "Accepted"),
                self._glimpses(accepted, texts, grades=True),
                _filtered(base, "venue:any"),
            ),
            # Translators: a heading over papers whose code became available today.
            Highlight(texts.gettext("Code available"), self._glimpses(coded, texts), _filtered(base, "has:code")),
        ]
        return [highlight for highlight in highlights if highlight.glimpses]

    async def own(self, for_you: ForYou, texts: Texts) -> list[Highlight]:
        """What is for one person, before what matters to all."""
        base = self.html.site.base
        newest = list(islice(for_you.latest_matches.values(), _FOR_YOU))
        papers = [entry.paper for entry in newest]
        notes = list((await self.notes(for_you, papers, texts)).values())
        matches = self._glimpses(papers, texts, most=_FOR_YOU)
        changes = self._glimpses([paper for paper, _ in for_you.changes], texts)
        reasons = [why_news(occasion, "", texts) for _, occasion in for_you.changes]
        highlights = [
            # Translators: a heading over the papers that a reader's own subscriptions found.
            Highlight(texts.gettext("For you"), _noted(matches, notes), f"{base}/?order=mine"),
            # Translators: a heading over papers that a reader watches and of which there is news.
            Highlight(texts.gettext("News about papers you watch"), _noted(changes, reasons), f"{base}/me/places"),
            # Translators: a heading over the papers that a reader saved last.
            Highlight(texts.gettext("Saved"), self._glimpses(for_you.saved, texts, most=_SAVED), f"{base}/me/saved"),
        ]
        return [highlight for highlight in highlights if highlight.glimpses]

    async def notes(self, for_you: ForYou, papers: Sequence[Paper], texts: Texts) -> dict[int, str]:
        """Which of a person's subscriptions found these papers, and by which words, by the numbers of those found."""
        entries = [for_you.latest_matches[paper.number] for paper in papers if paper.number in for_you.latest_matches]
        meant = await meant_by(self.context, for_you.person, entries, texts)
        return {
            entry.paper.number: ". ".join(
                filter(None, [why_matched(entry.matched, entry.paper, texts), meant.get(entry.paper.number, "")])
            )
            for entry in entries
        }

    async def _known(self, day: DayPapers, kinds: Iterable[EventKind], of_day: Iterable[Paper]) -> list[Paper]:
        """Papers of which this became known on the day, the last first, then those of the day that began with it."""
        papers: dict[int, Paper] = {}
        for kind in kinds:
            papers |= {paper.number: paper for paper in await self.days.of_kind(day, kind)}
        papers |= {paper.number: paper for paper in islice(of_day, _SHOWN)}
        return list(papers.values())[:_SHOWN]

    def _glimpses(
        self, papers: Sequence[Paper], texts: Texts, *, grades: bool = False, most: int = _SHOWN
    ) -> list[Glimpse]:
        return [
            Glimpse(
                title=marked(paper.title, TITLE_LIMIT) or Markup.escape(shown_title(paper, texts)),
                href=self.html.site.base + paper_path(paper.id),
                upvotes=paper.upvotes or 0,
                note=acceptance_line(paper, texts) if grades else "",
            )
            for paper in papers[:most]
        ]


def _noted(glimpses: Sequence[Glimpse], notes: Sequence[str]) -> list[Glimpse]:
    return [replace(glimpse, note=note) for glimpse, note in zip(glimpses, notes, strict=False)]


def _filtered(base: str, typed: str) -> str:
    return f"{base}/?{urlencode({'q': typed})}"
