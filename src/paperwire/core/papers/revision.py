"""What changed in the record of a paper between two of its versions."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.notices import EditorialNotice, together
from paperwire.core.papers.paper import Event, Paper
from paperwire.core.text.display import shown

_OLD_NOTICE = timedelta(days=365)
"""A notice from before is entered and shown, but no one is notified: some database took it up late."""
_MOST_WORDS = 600
_COMMON = 30
"""A word that a text has more often is compared only with its neighbours, as each would be compared with each."""
_SHOWN_PASSAGES = 2
_PASSAGE_WORDS = 14
_CONTEXT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """The texts of one version of a paper, as they stood when another one replaced it."""

    version: int
    title: str
    abstract: str
    authors: tuple[str, ...]
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A piece of a text that changed: the words before and after, each with a little of what stands around them."""

    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field that is not what it was.

    `before` and `after` are whole texts for title and comment; for authors those that went and those that came (both
    empty if only their order changed). For an abstract `passages` are the first that changed, and `added` and `removed`
    count words.
    """

    field: Literal["title", "abstract", "authors", "comment"]
    before: str = ""
    after: str = ""
    gone: tuple[str, ...] = ()
    come: tuple[str, ...] = ()
    passages: tuple[Passage, ...] = ()
    added: int = 0
    removed: int = 0


def changes(old: Revision, new: Paper) -> tuple[Change, ...]:
    """What `new` says otherwise than `old` did; a text that `new` lacks is not known, and so no change."""
    changes_seen: list[Change] = []
    if _words(old.title) != _words(new.title):
        changes_seen.append(Change(field="title", before=old.title, after=new.title))
    if new.abstract and _words(old.abstract) != _words(new.abstract):
        changes_seen.append(_in_abstract(_words(old.abstract), _words(new.abstract)))
    if new.authors and old.authors != new.authors:
        gone = tuple(name for name in old.authors if name not in new.authors)
        come = tuple(name for name in new.authors if name not in old.authors)
        changes_seen.append(Change(field="authors", gone=gone, come=come))
    if new.comment and _words(old.comment) != _words(new.comment):
        changes_seen.append(Change(field="comment", before=old.comment, after=new.comment))
    return tuple(changes_seen)


def _words(text: str) -> list[str]:
    """As people read them: a formula that is only written otherwise is no change."""
    return shown(text).split()


def _in_abstract(old: list[str], new: list[str]) -> Change:
    uses = Counter(new[:_MOST_WORDS])
    matcher = difflib.SequenceMatcher(
        lambda word: uses[word] > _COMMON, old[:_MOST_WORDS], new[:_MOST_WORDS], autojunk=False
    )
    steps = [step for step in matcher.get_opcodes() if step[0] != "equal"]
    passages = tuple(
        Passage(before=_around(old, first, last), after=_around(new, start, end))
        for _, first, last, start, end in steps[:_SHOWN_PASSAGES]
    )
    return Change(
        field="abstract",
        passages=passages,
        added=sum(end - start for *_, start, end in steps),
        removed=sum(last - first for _, first, last, *_ in steps),
    )


def _around(words: list[str], first: int, last: int) -> str:
    """The words from `first` to `last` with a few around them, and dots where something was left out."""
    begin, end = max(first - _CONTEXT, 0), min(last + _CONTEXT, len(words))
    shown = words[begin:end]
    if len(shown) > _PASSAGE_WORDS:
        shown = [*shown[:_PASSAGE_WORDS], "…"]
    elif end < len(words):
        shown = [*shown, "…"]
    return " ".join(["…", *shown] if begin else shown)


def reads_otherwise(before: Paper, after: Paper) -> bool:
    """Whether some query might find the paper now that did not before; what a record says only later doesn't count."""
    return (before.title, before.abstract, before.authors, before.source, before.id) != (
        after.title,
        after.abstract,
        after.authors,
        after.source,
        after.id,
    ) or set(before.categories) != set(after.categories)


_SEEN_LATER = ("title", "abstract", "comment", "journal_ref", "doi", "code_url", "withdrawn")
"""The fields that terms read whose truth may come later, some of them in addresses that a text names."""


def earlier_record(before: Paper, after: Paper) -> dict[str, Any]:
    """What a record said before where it says something else now, as JSON takes it; empty if no such term sees it."""
    earlier = {name: value for name in _SEEN_LATER if (value := getattr(before, name)) != getattr(after, name)}
    return earlier if _asked_for(before.hub) == _asked_for(after.hub) else earlier | {"hub": before.hub.values()}


def _asked_for(hub: HubEntry) -> HubEntry:
    return replace(hub, keywords=(), thumbnail="", comment_count=None)


def as_before(paper: Paper, earlier: Mapping[str, Any]) -> Paper:
    hub = {"hub": HubEntry.read(earlier["hub"])} if "hub" in earlier else {}
    return replace(paper, **{**earlier, **hub})


def is_shown_otherwise(before: Paper, after: Paper) -> bool:
    """Whether an entry of a feed says something else of the paper now."""
    texts = ("id", "title", "abstract", "authors", "categories", "comment", "journal_ref", "doi", "url", "code_url")
    fields = (*texts, "notices")
    return any(getattr(before, field) != getattr(after, field) for field in fields)


def with_fact(paper: Paper, event: Event, today: date) -> tuple[Paper, bool]:
    """A paper with the notice of an event, or else with the repository where its code is now; whether that is news."""
    if event.notice is not None:
        return _noted(paper, event.notice, today)
    return replace(paper, code_url=paper.code_url or event.paper.code_url), code_status(paper) != "there"


def _noted(paper: Paper, notice: EditorialNotice, today: date) -> tuple[Paper, bool]:
    """A paper with one more notice, and whether that is news.

    It is not if it is old, was there before, or corrects what is retracted.
    """
    notices = together((*paper.notices, notice))
    is_old = notice.day is not None and notice.day < today - _OLD_NOTICE
    is_moot = notice.kind == "corrected" and any(other.kind == "retracted" for other in paper.notices)
    return replace(paper, notices=notices), notices != paper.notices and not is_old and not is_moot
