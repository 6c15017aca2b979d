"""Authors and journals as catalogues have them, and authors as papers cite them: `Hawking, S`, `AU=(Hinton G*)`."""

from __future__ import annotations

import re

from paperwire.core.query.origins import PARTICLES
from paperwire.core.query.terms.venue import accepted_at
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.text.words import spellings

_NAME = r"[^\W\d_][\w'’-]+"
_AUTHOR = re.compile(
    rf"((?:(?:{'|'.join(sorted(PARTICLES))}) ){{0,2}}{_NAME}(?: {_NAME})?)"
    r",\s*([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*)?)(\*?)\.?"
)
_TWO_NAMES = re.compile(r"([A-Z][a-z]+ [A-Z]\w+), ([A-Z][a-z]+ [A-Z][A-Za-z]+)")
_INITIALS = 3


def from_author(text: str) -> str | None:
    """`Hawking, S*` as `au:"S Hawking"`, `Albert Gu, Tri Dao` as two; None if `text` is no name in this order."""
    if both := _TWO_NAMES.fullmatch(text.strip()):
        return f'au:"{both[1]}" au:"{both[2]}"'
    names = [_AUTHOR.fullmatch(name.strip()) for name in text.split(";")]
    terms = [
        author_term(match[1], match[2], match[3])
        for match in names
        if match and match[1].rpartition(" ")[2][0].isupper() and match[2][0].isupper()
    ]
    return " ".join(terms) if len(terms) == len(names) else None


_WITH_INITIALS = re.compile(rf"({_NAME}(?: {_NAME})?) ([A-Z]{{1,2}})\.?")


def from_initials(text: str) -> str | None:
    """`Ng AY` and `Ng AY, Hinton GE`, as PubMed has authors, as `au:"A Y Ng"`; None if `text` is no such name."""
    names = [_WITH_INITIALS.fullmatch(name.strip()) for name in re.split(r"[,;]", text)]
    terms = [author_term(match[1], match[2]) for match in names if match and _is_family(match[1])]
    return " ".join(terms) if len(terms) == len(names) else None


def _is_family(name: str) -> bool:
    """Whether words with capitals are no topic, as in `Medical AI`: they are rare in papers."""
    return name[0].isupper() and all(frequency_of(spellings(word)[1]) < _COMMON for word in name.split())


_COMMON = 1  # papers of 1,000 that have a word
_CITED = re.compile(rf"\(?({_NAME}),?(?: et al\.?|(?: and| &) ({_NAME}))?,? ?\(?(\d{{4}}[a-z]?)?\)?", re.IGNORECASE)


def from_citation(text: str) -> str | None:
    """`Vaswani et al., 2017` as `au:Vaswani`; None if `text` isn't cited so."""
    match = _CITED.fullmatch(text.strip())
    if match is None or not match[1][0].isupper() or not ("et al" in text or (match[2] and match[3])):
        return None
    return f"au:{match[1]} au:{match[2]}" if match[2] else f"au:{match[1]}"


def author_term(family: str, given: str, star: str = "") -> str:
    """The term for an author; a star after less than three letters says no more than an initial."""
    names = given.replace(".", " ").split()
    letters = names[-1]
    if len(names) == 1 and letters.isupper() and len(letters) <= _INITIALS:
        names = list(letters)
    ending = star if len(letters) > _INITIALS - 1 and not letters.isupper() else ""
    return f'au:"{" ".join(names)}{ending} {family}"'


_FAMILY_FIRST = (
    rf"(?P<family>{_NAME}(?: {_NAME})?)"
    rf"(?:, ?(?P<given>{_NAME}|[A-Z][A-Z.]{{0,3}}|[a-z])| (?P<initials>[A-Z]{{1,3}}))"
)
_CATALOGUED = re.compile(
    rf"(?<![\w:-])(?:AU=\(\s*|AU=|(?:AUTH|AUTHOR-NAME)\(\s*){_FAMILY_FIRST}(?P<star>\*?)(?!\w)\.?(?:\s*\))?"
)
_JOURNAL = re.compile(r"(?<![\w:-])(?:SO=\(?|(?:EXACT)?SRCTITLE\s*\()\s*\"?([^()\"]+)\"?\s*\)?")
_PERSON = re.compile(rf"(?:au|author) ?= ?({_NAME}(?: {_NAME}){{1,3}})", re.IGNORECASE)


def from_catalogue(text: str) -> str | None:
    """`AU=(Hinton G*)` as `au:"G Hinton"`, `SO=(Nature)` as `venue:"Nature"`; None if `text` has neither."""
    if person := _PERSON.fullmatch(text.strip()):
        return f'au:"{person[1]}"'
    translated = _CATALOGUED.sub(
        lambda name: author_term(name["family"], (name["given"] or name["initials"]).rstrip("."), name["star"]), text
    )
    translated = _JOURNAL.sub(
        lambda journal: f'venue:"{journal[1].strip()}"' if accepted_at(journal[1]) else journal[0], translated
    )
    return None if translated == text else translated
