"""The link under each paper in a mail: its reader saves or mutes the paper there, and sees why it came.

It works without signing in, for the address it was mailed to, and says no more than the mail did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from paperwire.core.deliveries.due import Due
from paperwire.core.papers.paper import Paper
from paperwire.core.query.matched import doc_of, matched_terms
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.core.tokens import signed, unsign
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.services.context import Context
from paperwire.services.places.mute_choices import MuteChoice, author_choices, category_choices, other_choices
from paperwire.services.subscriptions.leave import is_left
from paperwire.texts import Texts

MAILED_LINK_LASTS = timedelta(days=30)
"""How long the link works, at least."""
_PURPOSE = "mailed paper"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class MailedPaper:
    """A paper in a mail, as its link finds it: `caller` is the mail's address, `subscriptions` those it came for."""

    paper: Paper
    caller: Caller
    subscriptions: Sequence[Subscription]

    def reasons(self) -> list[tuple[str, Sequence[str]]]:
        """The names of the subscriptions, empty for one without, and which of their terms the paper has."""
        doc = doc_of(self.paper)
        return [(each.name, matched_terms(each.text, doc)) for each in self.subscriptions]

    def choices(self) -> list[MuteChoice]:
        """What can be muted; a subscription without a name is called after the terms that the mail showed."""
        texts = self.caller.texts
        shown = [
            replace(each, name=name or texts.join(list(terms)) or texts.gettext("without a name"))
            for each, (name, terms) in zip(self.subscriptions, self.reasons(), strict=True)
        ]
        return [*author_choices(self.paper, texts), *category_choices(self.paper), *other_choices(shown, texts)]


def mailed_link(secret: bytes, public_url: str, place: StoredPlace, delivery: Due, now: datetime) -> str:
    """The address of the page for a paper in a mail to a place; the same all day, as a mail may be sent twice."""
    numbers = [place.number, delivery.paper.number, *(each.number for each in delivery.subscriptions[:_MOST_NAMED])]
    midnight = datetime.combine(now.astimezone(UTC), time(), UTC) + timedelta(days=1)
    token = signed(secret, _PURPOSE, " ".join(map(str, numbers)), midnight + MAILED_LINK_LASTS)
    return f"{public_url.rstrip('/')}/mailed/{token}"


def is_ours(context: Context, token: str) -> bool:
    """Whether a token is one of a link that was mailed, however long ago."""
    return unsign(context.secret_key, _PURPOSE, token, datetime.fromtimestamp(0, UTC)) is not None


async def open_link(context: Context, token: str, texts: Texts) -> MailedPaper | None:
    """What a link is about, with nothing changed.

    None if it is forged or old, its address left, was forgotten or isn't let in, or what the paper came for has ended.
    """
    value = unsign(context.secret_key, _PURPOSE, token, context.now())
    if value is None:
        return None
    place_number, paper_number, *named = map(int, value.split())
    async with context.store.read() as unit:
        place = await unit.places.get(place_number)
        paper = (await unit.papers.by_number([paper_number])).get(paper_number)
        if place is None or paper is None or is_left(place):
            return None
        reader = Actor(channel=place.channel, user_id=place.address)
        person = await unit.people.person_of(reader)
        if person is None or person.number != place.owner or not await context.access.admits(unit, reader):
            return None
        its = [each for each in await unit.subscriptions.of_place(place_number) if each.number in named]
    if named and not its:
        return None
    kind: Any = place.kind
    there = Place(channel=place.channel, address=place.address, kind=kind, title=place.title)
    caller = Caller(actor=reader, place=there, can_manage=True, locale=str(texts.locale), person=person.number)
    return MailedPaper(paper, caller, its)
