"""Whole queries that say whom or where papers are from: `Tao's papers`, `by Terence Tao`, `Nature paper on CRISPR`."""

from __future__ import annotations

import re

from paperwire.core.query.origins import PARTICLES
from paperwire.core.query.terms.venue import accepted_at, names_conference
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.text.words import spellings

_COMMON = 1  # papers of 1,000 that have a word; Hinton and Tao are rarer
_PAPERS = r"(?:papers?|works?|articles?|publications?|preprints?)"
_NEWS = r"(?:(?:all|any|the|latest|newest|new|recent|last)\s)*"
_NAME = rf"(?P<name>[A-Z][^\W\d_]*(?:[.-][^\W\d_]*)*(?:\s(?:[A-Z][\w.'’-]*|{'|'.join(sorted(PARTICLES))})){{0,3}})"
_ABOUT = r"(?:\s(?:on|about|in|regarding|concerning)\s(?P<topic>[^\":()]+?))?"
_OF_PERSON = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?i:{_NEWS}){_NAME}['’]s?\s(?i:{_NEWS}{_PAPERS}){_ABOUT}",
        rf"(?i:{_NEWS}{_PAPERS}\sof)\s{_NAME}{_ABOUT}",
        rf"(?i:(?:written\s)?by)\s{_NAME}",
    )
)
_PUBLISHED = re.compile(
    rf"(?:(?:in|from)\s(?P<venue>[^\s\":()][^\":()]*)|(?i:{_NEWS})(?P<paper>[^\s\":()]+(?:\s[^\s\":()]+){{0,3}}?)\s"
    rf"(?i:{_PAPERS})\s(?i:on|about)\s(?P<topic>[^\":()]+))",
)
_NO_PERSON = frozenset({"author", "children", "everybody", "everyone", "men", "month", "nature", "people", "science",
                        "today", "tomorrow", "week", "women", "world", "year", "yesterday"})  # fmt: skip
_LONGEST_NAME = 5  # words of a venue


def in_fields(text: str) -> str:
    """The query in fields; empty if its words don't say so."""
    for pattern in _OF_PERSON:
        if (person := pattern.fullmatch(text)) and _is_name(person["name"]):
            name = f'"{person["name"]}"' if " " in person["name"] else person["name"]
            topic = person.groupdict().get("topic") or ""
            return f"{topic} au:{name}".strip()
    if (published := _PUBLISHED.fullmatch(text)) and (venue := _venue(published["venue"] or published["paper"])):
        return f"{published['topic'] or ''} {venue}".strip()
    return ""


def _is_name(text: str) -> bool:
    """Whether words with capitals are a person's name rather than a topic: none of them is common in papers."""
    words = [spellings(word)[1] for word in re.split(r"[\s.-]+", text) if word]
    names = [word for word in words if word not in PARTICLES and len(word) > 1]
    is_abbreviation = any(len(word) > 2 and word.isupper() for word in text.split())
    return (
        bool(names)
        and not is_abbreviation
        and all(frequency_of(word) < _COMMON and word not in _NO_PERSON for word in names)
    )


def _venue(name: str) -> str:
    """`venue:` with a conference, or a journal with a capital; empty for anything else."""
    is_named = len(name.split()) <= _LONGEST_NAME and (names_conference(name) or name[0].isupper())
    is_venue = is_named and bool(accepted_at(name)) and any(map(str.isalpha, name))
    if not is_venue or accepted_at(name).split(" ")[0] == "any":
        return ""
    return f'venue:"{name}"' if " " in name else f"venue:{name}"
