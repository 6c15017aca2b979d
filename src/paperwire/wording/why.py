"""Explains why a paper came or didn't."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.matching.verdict import Verdict
from paperwire.core.messages.message import Line, Span, row
from paperwire.core.papers.categories import is_category, uncollected
from paperwire.core.papers.identity import is_arxiv
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Check, TermResult
from paperwire.texts import Texts
from paperwire.wording.meaning import scored_lines

_MOST_LINES = 20
_MOST_CATEGORIES = 5


def not_stored(followed: Sequence[str], paper: Paper, texts: Texts) -> str:
    categories = list(filter(is_category, paper.categories))
    if is_arxiv(paper.id) and len(uncollected(categories, followed)) == len(categories):
        return texts.ngettext(
            "This paper isn't stored: %(names)s isn't collected here.",
            "This paper isn't stored: %(names)s aren't collected here.",
            len(categories),
            names=texts.listed(categories[:_MOST_CATEGORIES]),
        )
    return texts.gettext(
        "This paper isn't stored: it was announced before Paperwire started, or comes with the next announcement."
    )


def check_lines(result: Check, texts: Texts) -> list[str]:
    head = (
        texts.gettext("The query matches this paper:")
        if result.matches
        else texts.gettext("The query doesn't match this paper:")
    )
    lines = [head, *(_term(term, texts) for term in result.terms[:_MOST_LINES])]
    if result.threshold is not None:
        lines.append(_upvotes(result, texts))
    return [*lines, *(scored_lines(result.nearness, texts) if result.nearness is not None else ())]


def _term(term: TermResult, texts: Texts) -> str:
    if term.is_wanted:
        # Translators: %(term)s is a part of a query that a paper lacks.
        return f"✓ {term.text}" if term.holds else texts.gettext("✗ %(term)s: missing", term=term.text)
    return texts.gettext("✗ %(term)s: excluded, but present", term=term.text) if term.holds else f"✓ -{term.text}"


def _upvotes(result: Check, texts: Texts) -> str:
    # Translators: how many upvotes a paper has, and how many a subscription asks for.
    text = texts.gettext(
        "%(count)s of %(threshold)s upvotes",
        count=texts.number(result.upvotes),
        threshold=texts.number(result.threshold or 0),
    )
    return f"{'✓' if result.has_upvotes else '✗'} {text}"


def mismatch_line(verdict: Verdict, texts: Texts) -> Line:
    subscription, result = verdict.subscription, verdict.check
    reasons = [
        # Translators: why a query doesn't match a paper: a word that the paper hasn't, then one that it mustn't have.
        texts.gettext("no %(term)s", term=term.text)
        if term.is_wanted
        else texts.gettext("has %(term)s, which is excluded", term=term.text)
        for term in result.terms
        if term.is_wanted != term.holds
    ]
    reasons += [] if result.has_upvotes else [_upvotes(result, texts)]
    if result.nearness is not None and not result.nearness.is_near:
        reasons += scored_lines(result.nearness, texts)[:1]
    line = (Span(f"#{subscription.ordinal} "), Span(subscription.name or subscription.text, "code"))
    return row(line, texts.clauses(*reasons[:_MOST_LINES]), texts) if reasons else line
