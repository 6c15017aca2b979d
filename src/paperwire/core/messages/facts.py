"""What a paper's record said only later, in messages: a word for it, and the words of the record that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from paperwire.core.messages.message import Line, Span
from paperwire.core.messages.record import grade_line
from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.paper import Occasion, Paper
from paperwire.core.text.display import shown_line
from paperwire.texts import Texts, gettext_noop

# Translators: why a paper is sent again, a label of it: what its record, or a notice of its publisher, says only now.
LABELS = {
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
_COUNTED = ("accepted", "published", "code", "version")
"""The kinds of occasions of which a head counts the papers, the one that is named first if a paper has several."""
_NEW = frozenset({"arrival", "upvotes"})
GRADES = frozenset({"accepted", "published", "workshop"})
"""The kinds of occasions that are about an acceptance."""
_QUOTE = 240  # characters of the longest quote


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


def fact_lines(paper: Paper, occasion: Occasion, texts: Texts) -> list[Line]:
    """What a paper's record said only later, with the words that say so; nothing for any other occasion."""
    if occasion.kind not in LABELS:
        return []
    return [(Span(texts.gettext(LABELS[occasion.kind])),), *quoted_record(paper, occasion, texts)]


def facts_of(entries: Iterable[Collection[Occasion]]) -> Counter[str]:
    """Of how many papers it is news that they changed, by kind; each entry has the occasions of one paper.

    `other` are all kinds that are not counted apart. New papers, and those that pass a threshold, aren't among them.
    """
    facts: Counter[str] = Counter()
    for entry in entries:
        kinds = {occasion.kind for occasion in entry}
        if not kinds & _NEW:
            facts[next((kind for kind in _COUNTED if kind in kinds), "other")] += 1
    return facts


def paper_count(count: int, texts: Texts, facts: Mapping[str, int]) -> str:
    """How many papers a message tells of: `3 new papers, 2 accepted`; of `facts` it tells only what is new of them.

    These are numbers of papers as `facts_of` has them, `""` for what can't be told apart.
    """
    if not count:
        return texts.gettext("No new papers")
    with_news = sum(facts.values())
    if with_news >= count:
        return _fact_count(facts, texts) or texts.ngettext("%(num)s paper with news", "%(num)s papers with news", count)
    if facts.get(""):
        # Translators: a part of "30 papers came in 4 messages." and of other counts.
        return texts.ngettext("%(num)s paper", "%(num)s papers", count)
    # Translators: the title of a digest or a part of it.
    pieces = [texts.ngettext("%(num)s new paper", "%(num)s new papers", count - with_news)]
    # Translators: these follow "3 new papers, ": of how many others it is news that they are accepted, and so on.
    if number := facts.get("accepted", 0):
        pieces.append(texts.ngettext("%(num)s accepted", "%(num)s accepted", number))
    if number := facts.get("published", 0):
        # Translators: these follow "3 new papers, ": of how many others that is news.
        pieces.append(texts.ngettext("%(num)s published", "%(num)s published", number))
    if number := facts.get("code", 0):
        pieces.append(texts.ngettext("%(num)s with code now", "%(num)s with code now", number))
    if number := facts.get("version", 0):
        # Translators: these follow "3 new papers, ": of how many others that is news.
        pieces.append(texts.ngettext("%(num)s updated", "%(num)s updated", number))
    if number := facts.get("other", 0):
        pieces.append(texts.ngettext("%(num)s with other news", "%(num)s with other news", number))
    return texts.listed(pieces)


def _fact_count(facts: Mapping[str, int], texts: Texts) -> str:
    """`2 papers accepted`; empty for several kinds of news, or another kind."""
    match dict(facts):
        case {"accepted": number, **others} if not others:
            # Translators: the title of a message with news of papers of one kind.
            return texts.ngettext("%(num)s paper accepted", "%(num)s papers accepted", number)
        case {"published": number, **others} if not others:
            # Translators: the title of a message with news of papers of one kind.
            return texts.ngettext("%(num)s paper published", "%(num)s papers published", number)
        case {"code": number, **others} if not others:
            return texts.ngettext("%(num)s paper with code now", "%(num)s papers with code now", number)
        case {"version": number, **others} if not others:
            # Translators: the title of a message with news of papers of one kind.
            return texts.ngettext("%(num)s updated paper", "%(num)s updated papers", number)
        case _:
            return ""


def _quote(text: str) -> Line:
    return (Span(f"“{shown_line(text, _QUOTE)}”", "italic"),)
