"""What a paper is, what a source says of it, and why that is news."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zlib import crc32

from paperwire.core.papers.hub import NOT_LISTED, HubEntry
from paperwire.core.papers.notices import EditorialNotice

UNDATED = date(1970, 1, 1)
"""The day under which a paper is kept of which no date is known; it is shown on none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One scholarly work, as a source described it or as the store holds it.

    `id` is the public id without version: `2510.00001`, `hep-th/9901001`, a DOI for bioRxiv,
    a feed's own id otherwise. `title` and `abstract` are one line each with single spaces and keep
    their TeX. `authors` are in display order, "Given Family". `categories` begins with the primary one.
    `announced` is the source's own day (New York date for arXiv, list day for Hugging Face).
    All times are aware and in UTC. `number`, `seen_at` and `upvotes` are the store's: 0, None and None
    for a paper that is not stored or was never scored. `summary` is a sentence that Hugging Face made of it, `hub` what
    else is on its page there, `feed` the name of the feed that had it, `report_number` the authors' institution's.
    `notices` say that it was retracted or corrected.
    """

    id: str
    title: str
    source: str = "arxiv"
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published: datetime | None = None
    updated: datetime | None = None
    announced: date | None = None
    version: int = 1
    comment: str = ""
    doi: str = ""
    journal_ref: str = ""
    url: str = ""
    code_url: str = ""
    licence: str = ""
    withdrawn: bool = False
    number: int = 0
    seen_at: datetime | None = None
    upvotes: int | None = None
    summary: str = ""
    feed: str = ""
    report_number: str = ""
    hub: HubEntry = NOT_LISTED
    notices: tuple[EditorialNotice, ...] = ()

    @property
    def primary_category(self) -> str:
        """The first category, or an empty string for a paper without any."""
        return self.categories[0] if self.categories else ""


class EventKind(StrEnum):
    """What is stated of a paper.

    `changed` is no statement, but the paper's record as it is now. No source states `published` and `accepted`: they
    say that a journal's DOI or an acceptance appeared in the record. So does `code` of a repository, unless a source
    states that promised code is there.
    """

    NEW = "new"
    CROSS = "cross"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    LISTED = "listed"
    SCORE = "score"
    CHANGED = "changed"
    PUBLISHED = "published"
    CODE = "code"
    ACCEPTED = "accepted"
    RETRACTED = "retracted"
    CORRECTED = "corrected"


ARRIVALS = frozenset({EventKind.NEW, EventKind.CROSS, EventKind.LISTED})
"""Three ways to say that a paper is there; together they are the occasion `arrival`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One statement of a source: `kind` about `paper`, valid for `day`, made by `source`.

    `paper.version` is the version the statement is about. `score` is set for `listed` and `score` events. `at` is when
    it was so: the upvotes, or the record as it reads now. `told_at` is when everyone could know, for what we hear of
    after hours only, and `late` says that we should have heard of it before: a view that was whole did not show it.
    What is `owed` is of a day after the one on which its source was first read; a day that is `guessed` was worked out
    from a record, which any change to it moves. `same_as` are ids under which the source says that the work is known
    as well: a preprint's, an article's, PubMed's (`pmid:1`). `retracted` and `corrected` come with their `notice`, and
    the paper by its id alone; `code` has the repository as the `code_url` of such a paper.
    """

    kind: EventKind
    paper: Paper
    source: str
    day: date | None = None
    at: datetime | None = None
    score: int | None = None
    told_at: datetime | None = None
    late: bool = False
    owed: bool = False
    guessed: bool = False
    same_as: tuple[str, ...] = ()
    notice: EditorialNotice | None = None


# An occasion is stored as a small integer: see `Occasion.code`.
_UPVOTES_BASE = 10_000
_MAX_CODE = 32_000
_NAMED = {
    0: "arrival",
    -1: "withdrawn",
    -2: "published",
    -3: "code",
    -4: "accepted",
    -5: "workshop",
    -6: "organisation",
    -7: "submitter",
    -8: "model",
    -9: "dataset",
    -10: "demo",
    -11: "project",
    -12: "video",
    -20: "retracted",
    -21: "corrected",
}
_NOTICES_BASE, _COMMENTS_BASE = -20, -100


_CODES = {kind: code for code, kind in _NAMED.items()}


@dataclass(frozen=True, slots=True, order=True)
class Occasion:
    """Why a paper is news to a place, as the small integer kept in the database.

    0 is `arrival`; 1 to 9,999 is version N (`v<N>`); 10,000 + N is `upvotes>=<N>`;
    -1 `withdrawn`, -2 `published` (a DOI appeared), -3 `code` (a repository appeared), -4 `accepted`, -5 to -12 what
    else a paper's record said only later; -20 `retracted`, -21 `corrected` (a notice says so); -100 and less is a
    `comment`, each text of it one.
    """

    code: int

    @classmethod
    def version(cls, number: int) -> Occasion:
        """The occasion of replacement `number` (2 or more); numbers past 9,999 count as 9,999."""
        return cls(min(number, _UPVOTES_BASE - 1))

    @classmethod
    def upvotes(cls, threshold: int) -> Occasion:
        """The occasion of a score that reached `threshold`; thresholds past 22,000 count as 22,000."""
        return cls(min(_UPVOTES_BASE + threshold, _MAX_CODE))

    @classmethod
    def comment(cls, text: str) -> Occasion:
        """The occasion of a comment that reads so; two of one paper meet once in 32,000 times."""
        return cls(_COMMENTS_BASE - crc32(text.encode("utf-8", "replace")) % _MAX_CODE)

    @classmethod
    def named(cls, kind: str) -> Occasion:
        """The occasion whose kind is one and the same for all papers, such as `code`; raises KeyError for another."""
        return cls(_CODES[kind])

    @property
    def kind(self) -> str:
        """`arrival`, `version`, `upvotes`, `comment`, or the word for what happened or became known."""
        if self.code <= _COMMENTS_BASE:
            return "comment"
        return _NAMED.get(self.code) or ("upvotes" if self.code >= _UPVOTES_BASE else "version")

    def __str__(self) -> str:
        """The design's word for it: `arrival`, `v2`, `upvotes>=50`, `withdrawn`, `accepted`, `comment-123`."""
        if self.kind == "version":
            return f"v{self.code}"
        if self.kind == "upvotes":
            return f"upvotes>={self.code - _UPVOTES_BASE}"
        if self.kind == "comment":
            return f"comment{self.code - _COMMENTS_BASE}"
        return self.kind


BECOMES_KNOWN = frozenset(kind for kind, code in _CODES.items() if _NOTICES_BASE < code < -1) | {"comment"}
"""The kinds of occasions at which a query matches, as it would an arrival, because a paper's record says more."""
FOLLOWED = frozenset({"version", "withdrawn", "published", "code", "accepted", "retracted", "corrected"})
"""The kinds of occasions of which those hear who follow a paper."""
ARRIVAL = Occasion(0)
WITHDRAWN = Occasion(-1)
PUBLISHED = Occasion(-2)
CODE = Occasion(-3)
ACCEPTED = Occasion(-4)
WORKSHOP = Occasion(-5)
RETRACTED = Occasion(-20)
CORRECTED = Occasion(-21)
NOTICES = frozenset({RETRACTED, CORRECTED})
"""What those hear who saved, follow, vote for or got a paper; it is news to no query."""
ACCEPTANCE = frozenset({ACCEPTED, PUBLISHED})
"""Occasions of which the first reaches those who saved a paper or voted for it."""
FOR_KEEPERS = ACCEPTANCE | NOTICES | {CODE}
"""All occasions that reach them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperEvent:
    """One statement in a paper's history; `kind` is a word of `EventKind`."""

    kind: str
    source: str
    version: int
    day: date
    quiet: bool
    matched: bool
    score: int | None
