"""What the authors' comment, the journal reference and the DOI say of a paper's acceptance.

A cue ("accepted", "to appear", "under review") governs the words from it to the next cue or the end of its sentence;
the venue is the first that is named there. docs/acceptance.md says how often that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from paperwire.core.papers import acceptance_words as words
from paperwire.core.papers.identity import is_published, normal_doi
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.core.papers.venues import ABBREVIATIONS, FIRST_WORDS, WORD, Mention, mentions

Status: TypeAlias = Literal["accepted", "published", "workshop", "submitted"]

_RANK: dict[Status, int] = {"published": 0, "accepted": 1, "workshop": 2, "submitted": 3}
_QUOTE = 240
"""Characters of the longest quote."""
_BARE_TAIL = 12
"""Characters that may follow a venue without year that stands alone."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """A grade of acceptance: `status`, the `venue` by its name in the table ("" if it isn't there), `year` and `quote`.

    `accepted` is a main conference, Findings, an industry or dataset track, or a journal; `published` that the authors
    say so, or pages, a volume or a DOI; `workshop` also a shared task, with its parent conference as venue; `submitted`
    also under review, in preparation and rejected. `year` is the one stated with it, `quote` the words that say so.
    """

    status: Status
    venue: str
    year: int | None
    quote: str


def acceptance_of(paper: Paper) -> Acceptance | None:
    """The best grade that comment, journal reference and DOI state; None for none, and for a withdrawn paper."""
    if paper.withdrawn:
        return None
    stated = _of_comment(paper.comment) if paper.comment else None
    if not (paper.journal_ref or paper.doi):
        return stated
    return _of_record(paper, stated)


def newly_accepted(before: Paper, after: Paper) -> EventKind | None:
    """What happened to a paper whose record says only now that it is accepted or published, or has a DOI only now.

    `PUBLISHED`, `ACCEPTED` or None; also None for an article that is one with its preprint from now on.
    """
    if before.id == normal_doi(after.doi):
        return None
    if not is_published(before) and is_published(after):
        return EventKind.PUBLISHED
    fields = ("comment", "journal_ref", "doi", "withdrawn")
    if all(getattr(before, name) == getattr(after, name) for name in fields):
        return None
    now, earlier = acceptance_of(after), acceptance_of(before)
    if now is None or now.status not in _EVENTS or (earlier is not None and earlier.status in _EVENTS):
        return None
    return _EVENTS[now.status]


_EVENTS: dict[Status, EventKind] = {"accepted": EventKind.ACCEPTED, "published": EventKind.PUBLISHED}


def _of_record(paper: Paper, stated: Acceptance | None) -> Acceptance | None:
    """What the journal reference and the DOI add to what the comment states; a workshop's paper has them, too."""
    if reference := " ".join(paper.journal_ref.split()):
        referred = _of_reference(reference, stated)
        if referred.status != "submitted" and (stated is None or stated.status not in ("published", "workshop")):
            return referred
    if is_published(paper) and (stated is None or stated.status in ("accepted", "submitted")):
        venue, year = (stated.venue, stated.year) if stated else ("", None)
        return Acceptance("published", venue, year, f"doi:{paper.doi.removeprefix('doi:')}"[:_QUOTE])
    return stated


def _of_reference(reference: str, stated: Acceptance | None) -> Acceptance:
    best = _of_comment(reference)
    if best is not None and best.status in ("submitted", "workshop"):
        return best
    if best is not None and best.status == "accepted" and words.NOT_YET.search(reference):
        return best
    mention = next(mentions(reference), None)
    year = _year(reference, mention, 0, len(reference))
    venue = mention.venue.name if mention else stated.venue if stated else ""
    return Acceptance("published", venue, year, reference[:_QUOTE])


@lru_cache(maxsize=1_000)
def _of_comment(comment: str) -> Acceptance | None:
    if not _may_say(comment):
        return None
    text = comment.replace("\\&", "&") if "\\" in comment else comment
    best: Acceptance | None = None
    for begin, end in _sentences(text):
        for grade in _Sentence(text[begin:end]).grades():
            if grade is None:
                return None
            if best is None or _order(grade) < _order(best):
                best = grade
    return best


def _order(grade: Acceptance) -> tuple[int, bool, bool]:
    return _RANK[grade.status], not grade.venue, grade.year is None


def _may_say(comment: str) -> bool:
    """Whether any rule can hold: a cue's word, a spelling's first word, or capitals with a year."""
    return (
        words.QUICK.search(comment) is not None
        or words.CAPITALS.search(comment) is not None
        or not FIRST_WORDS.isdisjoint(map(str.casefold, WORD.findall(comment)))
    )


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    begin = 0
    for stop in words.SENTENCE_END.finditer(text):
        if stop[0].startswith(".") and _is_abbreviated(text[begin : stop.start()]):
            continue
        if text[begin : stop.start()].strip():
            yield begin, stop.end()
        begin = stop.end()


def _is_abbreviated(before: str) -> bool:
    last = words.LAST_WORD.search(before)
    return last is not None and (len(last[0]) == 1 or last[0].casefold() in ABBREVIATIONS | words.ABBREVIATED)


class _Sentence:
    """A sentence of a comment with its cues and the venues that it names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.mentions = list(mentions(text))
        self.cues = [cue for cue in words.CUE.finditer(text) if not self._names(cue.start())]

    def grades(self) -> Iterator[Acceptance | None]:
        """What it says, each grade; None if the paper is withdrawn."""
        if not self.cues:
            yield from self._bare()
            return
        other: re.Match[str] | None = None
        for place, cue in enumerate(self.cues):
            end = self.cues[place + 1].start() if place + 1 < len(self.cues) else len(self.text)
            kind = cue.lastgroup
            if kind == "withdrawn":
                yield None
            elif kind == "other":
                other = cue
            elif kind == "submitted":
                yield self._grade("submitted", cue, end)
            elif other is None or words.APART.search(self.text, other.end(), cue.start()):
                yield self._grade("published" if kind == "published" else "accepted", cue, end)

    def _grade(self, status: Status, cue: re.Match[str], end: int) -> Acceptance:
        """The grade of a cue that governs the words up to `end`."""
        mention = self._venue(cue, end)
        last = max(mention.end if mention else 0, cue.end())
        if status != "submitted":
            if self._is_workshop(cue.end(), end, mention):
                status, mention = "workshop", self._parent(cue, end) or mention
            elif (
                status == "accepted" and words.VOLUME.search(self.text, last, end) and not words.NOT_YET.search(cue[0])
            ):
                status = "published"
        year = _year(self.text, mention, cue.start() if mention is None or mention.start > cue.start() else 0, end)
        name = mention.venue.name if mention else ""
        return Acceptance(status, name, year, self._quote(min(cue.start(), mention.start if mention else end), last))

    def _venue(self, cue: re.Match[str], end: int) -> Mention | None:
        after = (mention for mention in self.mentions if cue.start() <= mention.start < end)
        before = (mention for mention in reversed(self.mentions) if mention.start < cue.start())
        return next(after, None) or next(before, None)

    def _parent(self, cue: re.Match[str], end: int) -> Mention | None:
        """The conference next to which a workshop is held."""
        named = (mention for mention in self.mentions if cue.start() <= mention.start < end)
        return next((mention for mention in named if mention.venue.kind == "conference"), None)

    def _is_workshop(self, begin: int, end: int, mention: Mention | None) -> bool:
        if mention is not None and mention.venue.kind == "workshop":
            return True
        if any(not self._names(match.start()) for match in words.WORKSHOP.finditer(self.text, begin, end)):
            return True
        if mention is None or mention.start < begin:
            return False
        at_parent = words.AT_PARENT.search(self.text, begin, mention.start)
        return at_parent is not None and not words.TRACK.search(self.text[begin : at_parent.end("before")])

    def _bare(self) -> Iterator[Acceptance]:
        """A venue that stands alone between commas: `AAAI 2026 oral`."""
        for mention in self.mentions:
            begin, end = self._segment(mention.start, mention.end)
            segment = self.text[begin:end]
            if words.OTHER_USE.search(segment):
                continue
            year = _year(self.text, mention, begin, end)
            if self._is_workshop(begin, end, mention):
                if year is not None:
                    yield Acceptance("workshop", mention.venue.name, year, segment.strip()[:_QUOTE])
                continue
            if not words.BARE.match(segment[: mention.start - begin]) or (
                year is None and end - mention.end > _BARE_TAIL
            ):
                continue
            is_published = mention.venue.kind == "journal" and words.NUMBER_AFTER.match(self.text, mention.end)
            yield Acceptance(
                "published" if is_published else "accepted", mention.venue.name, year, segment.strip()[:_QUOTE]
            )
        if not self.mentions:
            for segment in self.text.split(","):
                if words.UNLISTED.match(segment.strip()) and not words.OTHER_USE.search(segment):
                    yield Acceptance("accepted", "", _year(segment, None, 0, len(segment)), segment.strip()[:_QUOTE])

    def _segment(self, begin: int, end: int) -> tuple[int, int]:
        """The piece between commas around a venue."""
        after = self.text.find(",", end)
        return self.text.rfind(",", 0, begin) + 1, len(self.text) if after < 0 else after

    def _names(self, place: int) -> bool:
        return any(mention.start <= place < mention.end for mention in self.mentions)

    def _quote(self, begin: int, end: int) -> str:
        first, last = self._segment(begin, end)
        return self.text[first:last].strip(" .;\n")[:_QUOTE]


def _year(text: str, mention: Mention | None, begin: int, end: int) -> int | None:
    """The year right after the venue, else the first from `begin` to `end`."""
    if mention is not None and (match := words.YEAR_AFTER.match(text, mention.end)):
        return int(match["full"]) if match["full"] else 2000 + int(match["short"])
    years = words.YEAR.search(text, begin, end)
    return int(years[0]) if years else None
