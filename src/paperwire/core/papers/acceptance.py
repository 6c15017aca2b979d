"""What the authors' comment, the journal reference and the DOI say of a paper's acceptance.

A cue ("accepted", "to appear", "under review") governs the words from it to the next cue or the end of its sentence;
the venue is the first that is named there. docs/acceptance.md says how often that is right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from paperwire.core.papers import acceptance_words as words
from paperwire.core.papers.identity import is_published, normal_doi
from paperwire.core.papers.paper import EventKind, Paper
from paperwire.core.papers.venues import ABBREVIATIONS, FIRST_WORDS, VENUES, WORD, Mention, mentions

Status: TypeAlias = Literal["accepted", "published", "workshop", "submitted"]

_RANK: dict[Status, int] = {"published": 0, "accepted": 1, "workshop": 2, "submitted": 3}
_MAIN = ("published", "accepted")
_LONGEST_COMMENT = 2_000  # characters of a comment that are read; the longest recorded has fewer
_QUOTE = 240  # characters of the longest quote


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


def is_accepted(paper: Paper) -> bool:
    if is_published(paper) and not paper.withdrawn:
        return True
    acceptance = acceptance_of(paper)
    return acceptance is not None and acceptance.status in _EVENTS


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
    year = _year_of_reference(reference, mention)
    venue = mention.venue.name if mention else stated.venue if stated else ""
    return Acceptance("published", venue, year, reference[:_QUOTE])


@lru_cache(maxsize=1_000)
def _of_comment(comment: str) -> Acceptance | None:
    if not _may_say(comment):
        return None
    text = comment[:_LONGEST_COMMENT].replace("\\&", "&")
    has_template = words.TEMPLATE.search(text) is not None
    sentences = [_Sentence(text[begin:end], has_template=has_template) for begin, end in _sentences(text)]
    pairs = zip([None, *sentences], sentences, strict=False)
    grades = [grade for before, sentence in pairs for grade in _grades(sentence, before)]
    stated = [grade for grade in grades if grade is not None]
    if not stated or len(stated) < len(grades):
        return None
    at_workshop = [grade for grade in stated if grade.status == "workshop"]
    if at_workshop and not any(grade.venue or grade.year for grade in stated if grade.status in _MAIN):
        stated = at_workshop  # "the final version is published" of a workshop's paper
    best = min(stated, key=_order)
    if best.venue or best.status not in _MAIN:
        return best
    named = (grade for grade in stated if grade.venue and grade.status in _MAIN)
    other = next(named, best)
    return Acceptance(best.status, other.venue, best.year or other.year, best.quote)


def _grades(sentence: _Sentence, before: _Sentence | None) -> Iterable[Acceptance | None]:
    """The grades of a sentence that aren't those of a paper which the sentence before it extends."""
    grades = list(sentence.grades())
    if before is None or not words.GOES_ON.match(sentence.text) or not before.extends_another():
        return grades
    return [grade for grade in grades if grade is None or _is_of_extension(grade)]


def _is_of_extension(grade: Acceptance) -> bool:
    """Whether a grade after "extended version of X" is that of the extended version: a journal takes no other."""
    return grade.status not in _MAIN or (grade.venue in VENUES and VENUES[grade.venue].kind == "journal")


def _order(grade: Acceptance) -> tuple[int, bool, bool, bool]:
    is_bare = grade.status == "accepted" and not grade.venue and grade.year is None
    return _RANK["workshop" if is_bare else grade.status], is_bare, not grade.venue, grade.year is None


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
    if last is None:
        return False
    return len(last[0]) == 1 or last[0].casefold() in ABBREVIATIONS or words.ABBREVIATED.fullmatch(last[0]) is not None


class _Sentence:
    """A sentence of a comment with its cues and the venues that it names."""

    def __init__(self, text: str, *, has_template: bool) -> None:
        self.text = text
        self.has_template = has_template
        self.mentions = list(mentions(text))
        cues = [cue for cue in words.CUE.finditer(text) if not self._names(cue.start())]
        # "Published in the proceedings of" is a single cue.
        self.cues = [cue for cue in cues if not self._is_minor(cue, is_first=cue is cues[0])]

    def grades(self) -> Iterator[Acceptance | None]:
        """What it says, each grade; None if the paper is withdrawn."""
        if words.THESIS.search(self.text):
            return
        if not self.cues and not self.has_template:  # a venue's template is used for much else
            yield from self._bare()
        other: re.Match[str] | None = None
        has_others = False
        for place, cue in enumerate(self.cues):
            begin = self.cues[place - 1].end() if place else 0
            end = self.cues[place + 1].start() if place + 1 < len(self.cues) else len(self.text)
            kind = cue.lastgroup
            if kind == "withdrawn":
                yield None
            elif kind == "other":
                other = other if words.INCLUDED.search(self.text[: cue.start()]) else cue
            elif kind == "submitted":
                yield self._grade("submitted", cue, begin, end)
            elif kind == "pending":
                return
            elif other is None or (self._is_apart(other, cue) and not (has_others and self._is_repeated(cue, end))):
                yield self._grade("published" if kind == "published" else "accepted", cue, begin, end)
            else:
                has_others = True

    def extends_another(self) -> bool:
        """Whether it says only that the paper is an extended version of another one."""
        return words.EXTENDED.search(self.text) is not None and not any(self.grades())

    def _is_apart(self, other: re.Match[str], cue: re.Match[str]) -> bool:
        """Whether what a cue says is said of this paper, not of the `other` version named before it."""
        aside = words.ASIDE_OF.match(self.text, other.end())
        return words.APART.search(self.text, aside.end() if aside else other.end(), cue.start()) is not None

    def _is_repeated(self, cue: re.Match[str], end: int) -> bool:
        """Whether a cue names no venue and so repeats one before it: "accepted at AAAI-26 (to appear)"."""
        return not any(cue.start() <= mention.start < end for mention in self.mentions)

    def _is_minor(self, cue: re.Match[str], *, is_first: bool) -> bool:
        """Whether a cue only continues another, or says something of code or data."""
        word = cue[0].casefold()
        if not is_first and (
            word.startswith("in ") or (word == "published" and self.text.startswith(" by ", cue.end()))
        ):
            return True
        if cue.lastgroup not in _MAIN or word.startswith(("ac", "in")):
            return False
        return words.OF_OTHERS.search(self.text[: cue.start()]) is not None

    def _grade(self, status: Status, cue: re.Match[str], begin: int, end: int) -> Acceptance:
        """The grade of a cue that governs the words up to `end`, and those from `begin` if no venue follows."""
        mention = self._venue(cue, end)
        last = max(mention.end if mention else 0, cue.end())
        if status != "submitted":
            follows = mention is not None and mention.start > cue.start()
            if self._is_workshop(cue.end() if follows else begin, end, mention) or words.WORKSHOP_PAPER.search(
                self.text[: cue.start()]
            ):
                status, mention = "workshop", self._parent(cue, end) or mention
            elif self._has_pages(cue[0], last, end):
                status = "published"
        if status != "workshop" and mention and words.NEXT_TO.search(self.text[: mention.start]):
            mention = None
        year = _year(self.text, mention, cue.start() if mention is None or mention.start > cue.start() else 0, end)
        name = mention.venue.name if mention else ""
        return Acceptance(status, name, year, self._quote(min(cue.start(), mention.start if mention else end), last))

    def _venue(self, cue: re.Match[str], end: int) -> Mention | None:
        after = [mention for mention in self.mentions if cue.start() <= mention.start < end]
        if len(after) > 1 and not self.text[after[0].end : after[1].start].strip("/- (:"):
            return after[1]  # "AAAI ICWSM 2026" is the second
        before = (mention for mention in reversed(self.mentions) if mention.start < cue.start())
        return after[0] if after else next(before, None)

    def _parent(self, cue: re.Match[str], end: int) -> Mention | None:
        """The conference next to which a workshop is held."""
        named = (mention for mention in self.mentions if cue.start() <= mention.start < end)
        return next((mention for mention in named if mention.venue.kind == "conference"), None)

    def _has_pages(self, cue: str, begin: int, end: int) -> bool:
        """Whether a DOI follows, or a volume or pages that are not still to come."""
        is_to_come = words.NOT_YET.search(cue) is not None
        return (words.DOI if is_to_come else words.VOLUME).search(self.text, begin, end) is not None

    def _is_workshop(self, begin: int, end: int, mention: Mention | None) -> bool:
        if mention is not None and mention.venue.kind == "workshop":
            return True
        if mention is not None and words.MAIN.match(self.text, mention.end):
            return False
        if any(not self._names(match.start()) for match in words.WORKSHOP_WORDS.finditer(self.text, begin, end)):
            return True
        return mention is not None and mention.start >= begin and self._is_next_to(mention, begin, end)

    def _is_next_to(self, mention: Mention, begin: int, end: int) -> bool:
        """Whether another meeting is named with its parent conference."""
        if words.CHALLENGE.match(self.text, mention.end, end) or words.AT_AFTER.match(self.text, mention.end, end):
            return True
        after = words.AFTER_PARENT.match(self.text, mention.end, end)
        if after and mention.venue.kind == "conference":
            named = (other.venue.kind for other in self.mentions if other.start == after.start("name"))
            return next(named, "workshop") == "workshop"
        before = words.BEFORE_PARENT.search(self.text[: mention.start])
        if before and mention.venue.kind == "conference" and not self._names(before.start("name")):
            return True
        at = words.AT_PARENT.search(self.text[: mention.start], max(begin - 3, 0))
        name = "" if at is None else at["name"] or self.text[begin : at.start()]
        return bool(name.strip()) and not words.TRACK.search(name)

    def _bare(self) -> Iterator[Acceptance]:
        """A venue that stands alone between commas: `AAAI 2026 oral`."""
        for mention in self.mentions:
            begin, end = self._segment(mention.start, mention.end)
            if aside := words.ASIDE.search(self.text, mention.end, end):
                end = aside.start()
            if grade := self._alone(mention, begin, end):
                yield grade
        if not self.mentions:
            yield from self._unlisted()
        if doi := words.BARE_DOI.search(self.text):
            yield Acceptance("published", "", None, doi["doi"][:_QUOTE])

    def _unlisted(self) -> Iterator[Acceptance]:
        """The grade of a meeting that isn't in the table, which a year shows to be one."""
        for segment in self.text.split(","):
            piece = words.ASIDE.split(segment, maxsplit=1)[0].strip(" .;\n")
            year = _year(piece, None, 0, len(piece))
            if year is None and not words.MEETING.match(piece):
                continue
            year = year or _year(self.text, None, 0, len(self.text))
            if year is None or words.CONTEST.search(piece):
                continue
            if words.WORKSHOP_WORDS.search(piece):
                yield Acceptance("workshop", "", year, piece[:_QUOTE])
            elif words.MEETING.match(piece):
                if not words.MADE_FOR.search(piece):
                    yield Acceptance("accepted", "", year, piece[:_QUOTE])
            elif words.UNLISTED.match(piece) and not words.OTHER_USE.search(piece):
                yield Acceptance("accepted", "", year, piece[:_QUOTE])

    def _alone(self, mention: Mention, begin: int, end: int) -> Acceptance | None:
        """The grade of a venue in a piece between commas that holds no cue."""
        year = _year(self.text, mention, begin, end)
        before, after = self.text[begin : mention.start], self.text[mention.end : end]
        status: Status = "accepted"
        if words.CONTEST.search(self.text):
            return None
        is_other = words.OTHER_USE.search(f"{before} {after}") is not None
        if self._is_workshop(0, len(self.text), mention) or words.NEXT_TO.search(before):
            if is_other and mention.venue.kind == "workshop":
                return None
            status = "workshop"
        elif is_other or not words.BARE.fullmatch(before):
            return None
        elif mention.venue.kind == "journal" and words.NUMBER_AFTER.match(self.text, mention.end):
            year = _year_of_reference(self.text, mention)
            return Acceptance("published", mention.venue.name, year, self.text.strip(" .;|\n")[:_QUOTE])
        if year is None and (mention.is_word or not words.TAIL.fullmatch(after)):
            return None
        return Acceptance(status, mention.venue.name, year, self.text[begin:end].strip(" .;|\n")[:_QUOTE])

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
        return _number(match)
    match = words.YEAR.search(text, begin, end)
    return _number(match) if match else None


def _year_of_reference(text: str, mention: Mention | None) -> int | None:
    """The year of a journal reference, where pages look like years: the one in brackets, else as elsewhere."""
    match = words.YEAR_IN_BRACKETS.search(text)
    return _number(match) if match else _year(text, mention, 0, len(text))


def _number(match: re.Match[str]) -> int:
    groups = match.groupdict()
    return int(groups["full"]) if groups["full"] else 2000 + int(groups["short"])
