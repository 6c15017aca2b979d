"""What a parcel says: one paper as a card, several as a list or a digest, and whose queries they fit."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING

from paperwire.core.messages.card import already_sent, brief, card, card_buttons, heading, list_buttons
from paperwire.core.messages.message import Message
from paperwire.core.papers.revision import changes
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from paperwire.core.messages.message import Item
    from paperwire.core.messages.parcels import Parcel
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.store.outbox.due import Due

_KEY_LENGTH = 25
"""As short as platforms want a nonce."""


def letter(
    place: Destination, parcel: Parcel[Due], now: datetime, *, already: int = 0, silent: bool = False
) -> Message:
    """The message for a parcel; equal parcels for a place have equal keys, whenever they are sent.

    `already` is how many papers of the digest that it closes went out at once before; `silent` asks for no sound.
    """
    key = _key(place, parcel)
    if parcel.form == "single":
        (one,) = parcel.owed
        return Message(
            items=(_item(card, one),),
            buttons=card_buttons(one.paper),
            key=key,
            silent=silent,
            mention=_mention(parcel.owed),
        )
    papers = [one.paper for one in parcel.owed]
    # What was announced during an outage is due from then on, and was seen only afterwards.
    seen = [min(one.paper.seen_at, one.due_at) for one in parcel.owed if one.paper.seen_at is not None]
    window = {"since": min(seen), "until": now} if parcel.form == "digest" and seen else {}
    return Message(
        head=heading(len(papers), zone=place.zone, **window),
        items=tuple(_item(brief, one) for one in parcel.owed),
        foot=already_sent(already),
        buttons=list_buttons(papers),
        key=key,
        silent=silent,
        mention=_mention(parcel.owed),
    )


def _mention(owed: Sequence[Due]) -> str:
    """The role that the first of the subscriptions with one pings: a message has one ping at most."""
    return next((one.mention for due in owed for one in due.subscriptions if one.mention), "")


def _item(form: Callable[..., Item], one: Due) -> Item:
    """A paper with the terms that matched and the names of the subscriptions they belong to."""
    doc = _doc(one.paper)
    terms = [term for subscription in one.subscriptions for term in _found(subscription.text, doc)]
    names = [subscription.name for subscription in one.subscriptions if subscription.name]
    return form(
        one.paper,
        occasion=one.occasion,
        label=one.label,
        matched=tuple(dict.fromkeys(terms)),
        names=names,
        changed=changes(one.before, one.paper) if one.before else None,
    )


def _found(text: str, doc: Doc) -> Sequence[str]:
    """The terms of a subscription that a paper holds; none if it was written under another grammar than today's."""
    try:
        return _query(text).matched_terms(doc)
    except QueryError:
        return ()


@lru_cache(maxsize=10_000)
def _query(text: str) -> Query:
    """The query of a subscription; the same ones are told of day after day."""
    return parse(text)


@lru_cache(maxsize=1_000)
def _doc(paper: Paper) -> Doc:
    """The words of a paper; a day's papers go to many places."""
    return Doc.of(paper)


def _key(place: Destination, parcel: Parcel[Due]) -> str:
    told = f"{place.number} " + " ".join(f"{one.paper.number}:{one.occasion.code}" for one in parcel.owed)
    return hashlib.sha256(told.encode()).hexdigest()[:_KEY_LENGTH]
