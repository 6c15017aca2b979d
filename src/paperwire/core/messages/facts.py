"""What a paper's record said only later, in messages: a word for it, and the words of the record that say so."""

from __future__ import annotations

from paperwire.core.messages.message import Line, Span
from paperwire.core.messages.record import grade_line
from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.text.display import shown_line
from paperwire.texts import Texts, gettext_noop

LABELS = {
    # Translators: what changed of a paper, before its title.
    "published": gettext_noop("now published"),
    "code": gettext_noop("code available"),
    "accepted": gettext_noop("now accepted"),
    "workshop": gettext_noop("now at a workshop"),
    "organisation": gettext_noop("organisation now named"),
    "submitter": gettext_noop("submitter now named"),
    "model": gettext_noop("model available"),
    "dataset": gettext_noop("dataset available"),
    "demo": gettext_noop("demo available"),
    "project": gettext_noop("project page available"),
    "video": gettext_noop("video available"),
    "comment": gettext_noop("new comment"),
    "retracted": gettext_noop("retracted"),
    "corrected": gettext_noop("corrected"),
}
"""Why a paper is news, by the kind of the occasion."""
GRADES = frozenset({"accepted", "published", "workshop"})
"""The kinds of occasions that are about an acceptance."""
_QUOTE = 240
"""Characters of the longest quote."""


def quoted_record(paper: Paper, occasion: Occasion, texts: Texts) -> list[Line]:
    """The words of a record that an occasion is about: `Accepted: NeurIPS 2025 – “Accepted at NeurIPS 2025”`.

    Nothing where it is about no words, or where they are gone from the record since.
    """
    if occasion.kind == "comment":
        return [_quote(paper.comment)] if paper.comment else []
    acceptance = acceptance_of(paper) if occasion.kind in GRADES else None
    if acceptance is None or acceptance.status not in GRADES:
        return []
    quote = _quote(acceptance.quote)
    if not acceptance.venue:
        return [quote]
    return [(Span(grade_line(acceptance, texts), "bold"), Span(" – "), *quote)]


def paper_count(count: int, texts: Texts, *, known: bool) -> str:
    """How many papers a message tells of; of `known` ones it tells what their records say only now."""
    if not count:
        return texts.gettext("No new papers")
    if known:
        return texts.ngettext("%(num)s paper with news", "%(num)s papers with news", count)
    return texts.ngettext("%(num)s new paper", "%(num)s new papers", count)


def _quote(text: str) -> Line:
    return (Span(f"“{shown_line(text, _QUOTE)}”", "italic"),)
