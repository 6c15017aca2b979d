"""`venue:neurips`, `venue:"neurips 2025"`, `venue:any`: papers that were accepted or published there."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

from paperwire.core.papers.acceptance import acceptance_of
from paperwire.core.papers.venues import VENUES, nearest_venue, venue_named
from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import renamed
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.core.query.terms.words import frequency_of
from paperwire.core.text.words import pieces
from paperwire.errors import Refusal
from paperwire.texts import Texts, gettext_noop

ANY = "any"
_COMMON = 1  # papers of 1,000 that have a word; DATE and CHI are conferences, too
_WORKSHOP = "workshop"
_YEAR = re.compile(r"(?<!\d)(?:(?P<full>(?:19|20)\d\d)|['’\s](?P<short>\d\d))(?!\d)")
_WORKSHOPS = re.compile(r"\bworkshops?\b")


def accepted_at(typed: str) -> str:
    """Venue or `any`, year, `workshop`, as `AtVenue.values` has them; empty if no venue is named so."""
    text = plain_value(typed)
    year = next((match["full"] or f"20{match['short']}" for match in _YEAR.finditer(text)), "")
    name = _YEAR.sub(" ", text, count=1)
    if venue := venue_named(name):
        return _joined(venue.name, year)
    name, workshops = _WORKSHOPS.subn(" ", name)
    suffix = _WORKSHOP if workshops else ""
    if name.strip() in {"", ANY}:
        return _joined(ANY, year, suffix) if name.strip() or suffix or year else ""
    venue = venue_named(name)
    return _joined(venue.name, year, suffix) if venue else ""


def names_conference(text: str) -> bool:
    """Whether words that were typed as such are likely to name a conference: with a year, or if they are rare."""
    venue = venue_named(_YEAR.sub(" ", text, count=1))
    if venue is None or venue.kind != "conference":
        return False
    return _YEAR.search(text) is not None or all(frequency_of(piece.folded) < _COMMON for piece in pieces(text))


def _joined(*parts: str) -> str:
    return " ".join(filter(None, parts)).casefold()


def _venue_meant(typed: str) -> str:
    """The venue whose name is most like what was typed, with its year."""
    year = _YEAR.search(typed)
    name = nearest_venue(_YEAR.sub(" ", typed, count=1))
    text = f"{name} {year[0].strip()}" if name and year else name
    return f'"{text}"' if " " in text else text or ANY


class AtVenue(Value):
    """A paper that was accepted or published at a venue (`venue:`), in a year if one is typed, or anywhere (`any`).

    Papers of a workshop next to a conference count for `venue:"neurips workshop"` alone; those of a series of workshops
    that is itself a venue for its name, too. Submitted papers count for none.
    """

    names = {"venue": "venue"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (
        ('venue:"neurips 2025"', gettext_noop("accepted or published there, with or without a year; or venue:any")),
    )
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "venue": (
            gettext_noop("accepted or published at %(value)s"),
            gettext_noop("not accepted or published at %(value)s"),
        ),
    }
    unknown = Refusal(
        "venue: without the name of a venue",
        gettext_noop("venue: needs the name of a conference or journal"),
        gettext_noop('Type venue:neurips, venue:"neurips 2025" or venue:any. For other words of the comment: co:'),
        renamed(_venue_meant),
        example="lora venue:foobarbaz",
    )
    later = True
    usual = 5

    def is_something(self) -> bool:
        return bool(self.name)

    @cached_property
    def name(self) -> str:
        """The venue, the year and `workshop`, those that were typed."""
        return accepted_at(self.typed)

    def value(self, texts: Texts) -> str:
        """The venue as typed; `any` in words."""
        # Translators: %(value)s of "accepted or published at %(value)s" and "not accepted or published at %(value)s".
        return texts.gettext("a conference or journal") if self.name == ANY else self.typed

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """What the paper's acceptance answers, with and without its venue and year."""
        accepted = acceptance_of(doc.paper)
        if accepted is None or accepted.status == "submitted":
            return ()
        suffix = _WORKSHOP if accepted.status == _WORKSHOP else ""
        years = {"", str(accepted.year or "")}
        values = {_joined(name, year, suffix) for name in {ANY, accepted.venue or ANY} for year in years}
        if suffix and accepted.venue and VENUES[accepted.venue].kind == _WORKSHOP:
            values |= {_joined(accepted.venue, year) for year in years}
        return values

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- there is one field
        """As in a year of arXiv."""
        return 120 if value.startswith(ANY) else cls.usual
