"""The list of the asking place: that of a shared place's community or its own, elsewhere the public one."""

from __future__ import annotations

from collections.abc import Mapping

from paperwire.core.messages.card import vote_count
from paperwire.core.messages.message import Line, Span
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Place
from paperwire.texts import Texts


def worded(place: Place, sentences: Mapping[str, str]) -> str:
    """The one of these sentences that speaks of what a place belongs to, by its kind (empty: of the place alone)."""
    return sentences[place.community.kind if place.community else ""]


def votes_line(votes: int, name: str, texts: Texts) -> Line:
    """The votes of a paper, and who submitted it if that is shown."""
    count = Span(vote_count(votes, texts), "bold")
    if not name:
        return (count,)
    return (count, Span(" · "), Span(texts.gettext("submitted by %(name)s", name=clean(name, 60))))
