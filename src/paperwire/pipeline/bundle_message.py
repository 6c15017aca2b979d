"""Writes the message of a bundle: one paper as a card, several as a list or a digest, with what matched."""

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
from paperwire.texts import texts_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from paperwire.core.messages.bundles import Bundle
    from paperwire.core.messages.message import Item
    from paperwire.core.papers.paper import Paper
    from paperwire.core.query.language import Query
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.store.outbox.due import Due
    from paperwire.texts import Texts

_KEY_LENGTH = 25
"""As short as platforms want a nonce."""


def bundle_message(
    place: Destination, bundle: Bundle[Due], now: datetime, *, already: int = 0, silent: bool = False
) -> Message:
    """The message for a bundle; equal bundles for a place have equal keys, whenever they are sent.

    `already` counts the papers of the digest it closes that were sent at once; `silent` asks for no sound.
    """
    key, texts = _key(place, bundle), texts_in(place.locale)
    if bundle.form == "single":
        (delivery,) = bundle.owed
        return Message(
            items=(_item(card, delivery, texts),),
            buttons=card_buttons(delivery.paper, texts),
            key=key,
            silent=silent,
            mention=_mention(bundle.owed),
        )
    papers = [delivery.paper for delivery in bundle.owed]
    # A paper announced during an outage is due from then on, and was seen only afterwards.
    seen = [min(due.paper.seen_at, due.due_at) for due in bundle.owed if due.paper.seen_at is not None]
    window = {"since": min(seen), "until": now} if bundle.form == "digest" and seen else {}
    return Message(
        head=heading(len(papers), texts, zone=place.zone, **window),
        items=tuple(_item(brief, delivery, texts) for delivery in bundle.owed),
        foot=already_sent(already, texts),
        buttons=list_buttons(papers),
        key=key,
        silent=silent,
        mention=_mention(bundle.owed),
    )


def _mention(owed: Sequence[Due]) -> str:
    """The role to ping: the first one that a subscription names, as a message has at most one ping."""
    mentions = (subscription.mention for delivery in owed for subscription in delivery.subscriptions)
    return next((mention for mention in mentions if mention), "")


def _item(form: Callable[..., Item], delivery: Due, texts: Texts) -> Item:
    """A paper with the terms that matched and the names of the subscriptions they belong to."""
    doc = _doc(delivery.paper)
    terms = [term for subscription in delivery.subscriptions for term in _matched_terms(subscription.text, doc)]
    return form(
        delivery.paper,
        texts,
        occasion=delivery.occasion,
        label=delivery.label,
        matched=tuple(dict.fromkeys(terms)),
        names=[subscription.name for subscription in delivery.subscriptions if subscription.name],
        changed=changes(delivery.before, delivery.paper) if delivery.before else None,
    )


def _matched_terms(text: str, doc: Doc) -> Sequence[str]:
    """The terms of a subscription that a paper contains; none if it was written in an older grammar."""
    try:
        return _query(text).matched_terms(doc)
    except QueryError:
        return ()


@lru_cache(maxsize=10_000)
def _query(text: str) -> Query:
    """The query of a subscription; cached, as the same ones match day after day."""
    return parse(text)


@lru_cache(maxsize=1_000)
def _doc(paper: Paper) -> Doc:
    """The words of a paper; cached, as a day's papers go to many places."""
    return Doc.of(paper)


def _key(place: Destination, bundle: Bundle[Due]) -> str:
    keys = " ".join(f"{delivery.paper.number}:{delivery.occasion.code}" for delivery in bundle.owed)
    return hashlib.sha256(f"{place.number} {keys}".encode()).hexdigest()[:_KEY_LENGTH]
