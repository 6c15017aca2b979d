"""Whole queries that say whom or where papers are from: `Tao's papers`, `by Terence Tao`, `Nature paper on CRISPR`."""

from __future__ import annotations

import re

from paperwire.core.papers.venues import ABBREVIATIONS, FIRST_WORDS, venue_named
from paperwire.core.query.origins import ORGANISATIONS, PARTICLES
from paperwire.core.query.terms.venue import accepted_at, names_conference
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.text.words import spellings

_COMMON = 1  # papers of 1,000 that have a word; Hinton and Tao are rarer
_PAPERS = r"(?:papers?|articles?|publications?|preprints?)"
_NEWS = r"(?:(?:all|any|the|latest|newest|new|recent|last)\s)*"
_NAME = rf"(?P<name>[A-Z][^\W\d_]*(?:[.-][^\W\d_]*)*(?:\s(?:[A-Z][\w.'’-]*|{'|'.join(sorted(PARTICLES))})){{0,3}})"
_TOPIC = r"\s(?:on|about|in|regarding|concerning)\s(?P<topic>[^\":()]+)"
_ABOUT = rf"(?:{_TOPIC})?"
_OF_PERSON = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:{_NEWS}){_NAME}['’]s?\s(?i:{_NEWS}{_PAPERS}){_ABOUT}",
        rf"{_NAME}['’]s?\s{_NEWS}works?{_TOPIC}",
        rf"(?P<name>[a-z]{{3,}})['’]s\s{_NEWS}(?:{_PAPERS}|works?){_TOPIC}",
        rf"(?i:{_NEWS}{_PAPERS}\sof)\s{_NAME}{_ABOUT}",
        rf"(?i:(?:written\s)?by)\s{_NAME}",
    )
)
_PUBLISHED = re.compile(
    rf"(?:(?:in|from)\s(?P<venue>[^\s\":()][^\":()]*)|(?i:{_NEWS})(?P<paper>[^\s\":()]+(?:\s[^\s\":()]+){{0,3}}?)\s"
    rf"(?i:{_PAPERS})\s(?i:on|about)\s(?P<topic>[^\":()]+))",
)
_NO_PERSON = frozenset(
    "alzheimer author children crohn department editor everyone hodgkin huntington journal lab"  # noqa: SIM905 -- words
    " men month nature parkinson people professor school science student today tomorrow university week"
    " women world year yesterday comment lecture note primer remark review seminar spotlight survey talk thesis"
    " tutorial workshop".split()
)
_ON = re.compile(rf"{_NAME}(?<!ing)(?<!ion)(?<!ment)(?<!s)\son\s(?P<topic>(?!(?:the|an?)\s)[^\":()]+)")
_PLAIN = re.compile(r"[^\":()]*")
_YEAR = re.compile(r"20[0-3]\d")
_LONGEST_NAME = 5  # words of a venue


def in_fields(text: str) -> str:
    """The query in fields; empty if its words don't say so."""
    for pattern in _OF_PERSON:
        if (named := pattern.fullmatch(text)) and (field := _field_of(named["name"])):
            name = f'"{named["name"]}"' if " " in named["name"] else named["name"]
            topic = named.groupdict().get("topic") or ""
            return f"{topic} {field}:{name}".strip()
    if (published := _PUBLISHED.fullmatch(text)) and (venue := _venue(published["venue"] or published["paper"])):
        return f"{published['topic'] or ''} {venue}".strip()
    return _in_journal(text)


def _in_journal(text: str) -> str:
    """A journal with a year, or as references abbreviate it, before a topic: `Phys Rev Lett 2025 skyrmions`."""
    words = text.split()
    if not (words and _stem(words[0]).casefold() in FIRST_WORDS and _PLAIN.fullmatch(text)):
        return ""
    for count in range(min(len(words), _LONGEST_NAME), 1, -1):
        venue = venue_named(" ".join(words[:count]))
        year = count < len(words) and _YEAR.fullmatch(words[count]) is not None
        is_short = all(len(stem) == 1 or stem.casefold() in ABBREVIATIONS for stem in map(_stem, words[:count]))
        topic = " ".join(words[count + year :])
        if venue is not None and venue.kind == "journal" and (year or is_short) and not topic[:1].isdecimal():
            return f'{topic} venue:"{" ".join(words[: count + year])}"'.strip()
    return ""


def _stem(word: str) -> str:
    return word.strip(".")


def by_person(text: str) -> str:
    """`Tao on primes` as `primes au:"Tao"`; empty for others. Only to be offered: so is `Pentacene on gold`."""
    named = _ON.fullmatch(text)
    if named is None or not _is_name(named["name"]):
        return ""
    return f'{named["topic"]} au:"{named["name"]}"'


def _field_of(name: str) -> str:
    if name.split(maxsplit=1)[0].casefold() in ORGANISATIONS:
        return "org"
    return "au" if _is_name(name) else ""


def _is_name(text: str) -> bool:
    """Whether words with capitals are a person's name rather than a topic: none of them is common in papers."""
    words = [spellings(word)[1] for word in re.split(r"[\s.-]+", text) if word]
    names = [word for word in words if word not in PARTICLES and len(word) > 1]
    are_others = any(word.casefold() in _NO_PERSON or (len(word) > 2 and word.isupper()) for word in text.split())
    return bool(names) and not are_others and all(frequency_of(word) < _COMMON for word in names)


def _venue(name: str) -> str:
    """`venue:` with a conference, or a journal with a capital; empty for anything else."""
    is_named = len(name.split()) <= _LONGEST_NAME and (names_conference(name) or name[0].isupper())
    is_venue = is_named and bool(accepted_at(name)) and any(map(str.isalpha, name))
    if not is_venue or accepted_at(name).split(" ")[0] == "any":
        return ""
    return f'venue:"{name}"' if " " in name else f"venue:{name}"
