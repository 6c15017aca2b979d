"""What a subscription sends: which statements about a paper it includes."""

from __future__ import annotations

from collections.abc import Iterable

from paperwire.core.papers.paper import ARRIVALS, EventKind, PaperEvent
from paperwire.core.query.language import Query, parse
from paperwire.core.query.nodes import And
from paperwire.core.query.terms.venue import AtVenue
from paperwire.core.subscriptions.subscription import Subscription

ARRIVAL = frozenset({"arrival"})
_INCLUDED_BY: dict[str, str] = {
    **dict.fromkeys(ARRIVALS, "arrival"),
    EventKind.REPLACED: "versions",
    EventKind.WITHDRAWN: "withdrawn",
}
"""Which of a subscription's occasions includes what is stated of a paper."""


def has_own_occasion(query: Query) -> bool:
    """Whether a query says itself when a paper is news, as a trending query and a list do; others don't apply to it."""
    return query.upvotes is not None or bool(query.list)


def waits_for_venue(query: Query) -> bool:
    """Whether nothing matches that is not accepted or published somewhere: then what comes are mostly acceptances."""
    root = query.root
    nodes = root.nodes if isinstance(root, And) else (root,)
    return not has_own_occasion(query) and any(isinstance(node, AtVenue) for node in nodes)


def sends_papers(subscription: Subscription) -> bool:
    return subscription.occasions >= ARRIVAL or has_own_occasion(parse(subscription.text))


def not_included(subscription: Subscription, events: Iterable[PaperEvent]) -> frozenset[str]:
    """What a paper was news for, by what was said of it, if the subscription includes nothing of that; else nothing."""
    if has_own_occasion(parse(subscription.text)):
        return frozenset()
    kinds = frozenset(_INCLUDED_BY[event.kind] for event in events if event.kind in _INCLUDED_BY)
    return frozenset() if kinds & subscription.occasions else kinds
