"""Conferences, journals and workshop series by the spellings that authors use for them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources

WORD = re.compile(r"(?<!\d)\d?[^\W\d_]+(?:&[^\W\d_]+)*(?:\d[^\W\d_]+)?")
"""A word of a comment: letters, `A&A`, and a lone digit inside or before them (`L4DC`, `3DV`)."""

_SKIPPED = frozenset({"and", "the"})
# A longer name that begins like a shorter one: "... Computer Vision and Image Processing" is not ICCV.
_GOES_ON = re.compile(r"\s+(?:and|&|for|theory)\s", re.IGNORECASE)
# "Nature" is a journal, "Nature Switzerland" and "Computer Science" are not.
_AFTER_NAME = re.compile(r"(?:'s|\s+(?:&\s|of\s|and\s|[A-Z][a-z]))")
_BEFORE_NAME = re.compile(r"\b(?!(?:In|At|To|The|By|Journal|IEEE)\b)[A-Z][a-z]+(?:\s+(?:of|and|&|on))?\s+$")
# "Indian Control Conference (ICC)": an abbreviation of another name than ours.
_ABBREVIATES = re.compile(r"\b[A-Z][a-z]+\s*\($")
_TITLE = ("conference ", "european conference ", "international conference ", "symposium ")


@dataclass(frozen=True, slots=True)
class Venue:
    """A venue: `name` as its community writes it; `kind` is `conference`, `journal` or `workshop`."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Mention:
    """A venue named in a text, from `start` to `end` (characters); `is_word`: by what may be a common word."""

    venue: Venue
    start: int
    end: int
    is_word: bool


@dataclass(frozen=True, slots=True)
class _Spelling:
    """The words after the first, folded; `exact` is the first word where its case counts; `is_title` a full name."""

    words: tuple[str, ...]
    exact: str
    is_title: bool
    venue: Venue


def _folded(text: str) -> tuple[str, ...]:
    return tuple(word for word in map(str.casefold, WORD.findall(text)) if word not in _SKIPPED)


def _load() -> tuple[dict[str, Venue], dict[str, Venue], dict[str, list[_Spelling]]]:
    """The venues of `venues.tsv` by name and by spelling, and the spellings by first word, the longest first.

    The table is made from the comments and journal references of recorded arXiv papers. A spelling that begins with `=`
    is a common word or abbreviation otherwise, so its case counts in a text (`DATE`, `Nature`), but not in a query.
    """
    lines = resources.files("paperwire.core.papers").joinpath("venues.tsv").read_text("utf-8").splitlines()
    by_name: dict[str, Venue] = {}
    by_spelling: dict[str, Venue] = {}
    by_word: dict[str, list[_Spelling]] = {}
    for name, kind, spellings in (line.split("\t") for line in lines[1:]):
        venue = by_name[name] = Venue(name, kind)
        by_spelling.setdefault(" ".join(_folded(name)), venue)
        for spelling in spellings.split("|"):
            first, *others = _folded(spelling)
            by_spelling.setdefault(" ".join((first, *others)), venue)
            exact = WORD.findall(spelling)[0] if spelling.startswith("=") else ""
            is_title = spelling.lower().startswith(_TITLE)
            by_word.setdefault(first, []).append(_Spelling(tuple(others), exact, is_title, venue))
    for those in by_word.values():
        those.sort(key=lambda spelling: -len(spelling.words))
    return by_name, by_spelling, by_word


VENUES, _BY_SPELLING, _BY_WORD = _load()
"""Every venue by its name."""

_TITLED = frozenset(venue for spelling, venue in _BY_SPELLING.items() if len(spelling.split()) > 2)

FIRST_WORDS = frozenset(_BY_WORD)
"""The folded words with which a spelling begins: a text with none of them names no venue."""

ABBREVIATIONS = frozenset(
    word.casefold()
    for line in resources.files("paperwire.core.papers").joinpath("venues.tsv").read_text("utf-8").splitlines()
    for word in re.findall(r"(\w+)\.", line)
)
"""The folded words that spellings abbreviate with a full stop, after which no sentence ends."""


def venue_named(text: str) -> Venue | None:
    """The venue that a text names as a whole, regardless of case, dashes and spaces: `neurips`, `Phys. Rev. B`."""
    return _BY_SPELLING.get(" ".join(_folded(text)))


def nearest_venue(text: str) -> str:
    """The name of the venue whose spelling is most like `text`, empty if none is."""
    similar = difflib.get_close_matches(" ".join(_folded(text)), _BY_SPELLING, n=1, cutoff=0.7)
    return _BY_SPELLING[similar[0]].name if similar else ""


def mentions(text: str) -> Iterator[Mention]:
    """The venues that a text names, in order; of overlapping ones the first, and the longest that begins there."""
    words = [word for word in WORD.finditer(text) if word[0].casefold() not in _SKIPPED]
    folded = [word[0].casefold() for word in words]
    place = 0
    before: Mention | None = None
    while place < len(words):
        spelling = _spelling_at(text, words, folded, place)
        if spelling is None:
            place += 1
            continue
        last = place + len(spelling.words)
        mention = Mention(spelling.venue, words[place].start(), words[last].end(), bool(spelling.exact))
        place = last + 1
        is_repeated = before is not None and before.venue == mention.venue
        if is_repeated or not (spelling.exact and _abbreviates_another(text, mention)):
            yield mention
        before = mention


def _spelling_at(text: str, words: Sequence[re.Match[str]], folded: Sequence[str], place: int) -> _Spelling | None:
    for spelling in _BY_WORD.get(folded[place], ()):
        last = place + len(spelling.words)
        if tuple(folded[place + 1 : last + 1]) != spelling.words:
            continue
        if spelling.exact and spelling.exact != words[place][0]:
            continue
        if spelling.exact and not spelling.exact.isupper() and not _stands_alone(text, words[place], words[last]):
            continue
        if not (spelling.is_title and _GOES_ON.match(text, words[last].end())):
            return spelling
    return None


def _abbreviates_another(text: str, mention: Mention) -> bool:
    """Whether an abbreviation in brackets follows a name that isn't in the table: `Indian Control Conference (ICC)`."""
    return (
        mention.venue in _TITLED and _ABBREVIATES.search(text[max(mention.start - 40, 0) : mention.start]) is not None
    )


def _stands_alone(text: str, first: re.Match[str], last: re.Match[str]) -> bool:
    """Whether what is a common word otherwise is no part of a longer name."""
    before = text[max(first.start() - 40, 0) : first.start()]
    return not (_AFTER_NAME.match(text, last.end()) or _BEFORE_NAME.search(before))
