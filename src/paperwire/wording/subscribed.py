"""Describes where papers of a subscription go."""

from __future__ import annotations

from paperwire.core.matching.occasions import sends_papers
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.ports.callers import Place
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words
from paperwire.wording.places import place_name


def route_line(subscription: Subscription, destination: StoredPlace, place: Place, texts: Texts) -> str:
    """Where new papers of a subscription go, or what else it sends, and when, for readers of `place`."""
    when = cadence_words(subscription.cadence or destination.cadence, destination.zone, texts)
    name, is_here = place_name(destination, texts), place.is_same(destination)
    if not sends_papers(subscription):
        # Translators: %(when)s is "every day at 08:00" or the like, with its zone.
        place_text, there = (
            gettext_noop("Updates will be posted here %(when)s."),
            gettext_noop("Updates go to %(place)s %(when)s."),
        )
    else:
        # Translators: %(when)s is "every day at 08:00" or the like, with its zone.
        place_text, there = (
            gettext_noop("New papers will be posted here %(when)s."),
            gettext_noop("New papers go to %(place)s %(when)s."),
        )
    return texts.gettext(place_text if is_here else there, place=name, when=when)


def no_subscriptions(place: Place, texts: Texts) -> str:
    if place.is_shared:
        return texts.gettext("No subscriptions here yet. Managers can add one with /subscribe and a query.")
    return texts.gettext("You have no subscriptions yet. Start with /subscribe and what interests you.")
