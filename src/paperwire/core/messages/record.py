"""What of a paper's record most readers look for: its acceptance, its organisation, its code, and retractions."""

from __future__ import annotations

from dataclasses import replace

from paperwire.core.messages.message import Line, Span
from paperwire.core.papers.acceptance import Acceptance, acceptance_of
from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.notices import EditorialNotice, chief_notice
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, cut
from paperwire.texts import Texts, gettext_noop, pgettext_noop

_VENUE_LIMIT, _NAME_LIMIT = 60, 80
_READ = 8000  # characters of a text that are read
# Translators: what a conference, journal or workshop did with one paper.
_GRADES = {
    "accepted": pgettext_noop("a paper", "Accepted"),
    "published": pgettext_noop("a paper", "Published"),
    "workshop": pgettext_noop("a paper", "Workshop"),
}
"""The grades that are shown: what is submitted or under review is none."""
# Translators: %(venue)s is a conference or journal, with the year where that is stated: `Accepted: NeurIPS 2025`.
_AT = {
    "accepted": gettext_noop("Accepted: %(venue)s"),
    "published": gettext_noop("Published: %(venue)s"),
    "workshop": gettext_noop("Workshop: %(venue)s"),
}


def grade_name(acceptance: Acceptance | None, texts: Texts) -> str:
    """`Accepted`, `Published` or `Workshop`, else empty."""
    return texts.pgettext(*_GRADES[acceptance.status]) if acceptance and acceptance.status in _GRADES else ""


def venue_name(acceptance: Acceptance, texts: Texts) -> str:
    """The venue and the year where they are stated: `NeurIPS 2025`."""
    venue, year = cut(acceptance.venue, _VENUE_LIMIT), "" if acceptance.year is None else str(acceptance.year)
    if venue and year:
        # Translators: a venue and the year of the conference or volume, such as "NeurIPS 2025"
        return texts.gettext("%(venue)s %(year)s", venue=venue, year=year)
    return venue or year


def read_at_most(paper: Paper) -> Paper:
    """The paper with what is read of long texts: a source may send megabytes."""
    if max(len(paper.abstract), len(paper.comment), len(paper.journal_ref)) <= _READ:
        return paper
    short = {name: getattr(paper, name)[:_READ] for name in ("abstract", "comment", "journal_ref")}
    return replace(paper, **short)


def acceptance_line(paper: Paper, texts: Texts) -> str:
    """`Accepted: NeurIPS 2025`; empty for a paper whose record says of none."""
    return grade_line(acceptance_of(read_at_most(paper)), texts)


def grade_line(acceptance: Acceptance | None, texts: Texts) -> str:
    """A grade with the venue and the year that are stated with it."""
    if acceptance is None or acceptance.status not in _GRADES:
        return ""
    venue = venue_name(acceptance, texts)
    return texts.gettext(_AT[acceptance.status], venue=venue) if venue else grade_name(acceptance, texts)


def organisation_of(paper: Paper) -> str:
    """The organisation that Hugging Face names, as it is shown."""
    return clean(paper.hub.organisation, _NAME_LIMIT)


def record_line(paper: Paper, texts: Texts, *, quoted: bool) -> Line:
    """`Accepted: NeurIPS 2025 · Institute of Maps · code`, of which the code is a link; empty for nothing of these.

    Without the acceptance where it is `quoted` already.
    """
    paper = read_at_most(paper)
    acceptance = "" if quoted else acceptance_line(paper, texts)
    words = [Span(text) for text in (acceptance, organisation_of(paper)) if text]
    if status := code_status(paper):
        # Translators: in a line of facts of a paper: its code is available, or its authors promise it.
        text = texts.gettext("code")
        if status != "there":
            # Translators: in a line of facts of a paper: its authors promise to publish its code.
            text = texts.gettext("code promised")
        words.append(Span(text, url=code_link(paper)))
    return tuple(span for word in words for span in (Span(" · "), word))[1:]


def without_links(line: Line) -> Line:
    """A line's text, for where a button has its link."""
    return tuple(replace(span, url="") for span in line)


# Translators: a notice about a paper: %(day)s is its date, %(source)s "publisher" or "Retraction Watch".
_DATED_NOTICES = {
    "retracted": gettext_noop("Retracted %(day)s (%(source)s)"),
    "corrected": gettext_noop("Corrected %(day)s (%(source)s)"),
}
# Translators: a notice about a paper without a date: %(source)s is "publisher" or "Retraction Watch".
_UNDATED_NOTICES = {
    "retracted": gettext_noop("Retracted (%(source)s)"),
    "corrected": gettext_noop("Corrected (%(source)s)"),
}
_NOTICE_SOURCES = {
    # Translators: who says that a paper was retracted: in brackets after "Retracted".
    "publisher": gettext_noop("publisher"),
    # Translators: the name of a database, in brackets after "Retracted"; usually stays as it is.
    "retraction-watch": gettext_noop("Retraction Watch"),
}


def notice_line(paper: Paper, texts: Texts) -> tuple[Line, ...]:
    """A line with a link to the notice; nothing for a paper that is as it was."""
    notice = chief_notice(paper.notices)
    return ((Span(notice_text(notice, texts), "bold", notice.url),),) if notice else ()


def notice_text(notice: EditorialNotice, texts: Texts) -> str:
    """What became of a paper, since when, and who says so: `Retracted 6 May 2026 (publisher)`."""
    named = _NOTICE_SOURCES.get(notice.source)
    source = texts.gettext(named) if named else clean(notice.source, _NAME_LIMIT)
    if notice.day is None:
        return texts.gettext(_UNDATED_NOTICES[notice.kind], source=source)
    return texts.gettext(_DATED_NOTICES[notice.kind], day=texts.dated(notice.day), source=source)
