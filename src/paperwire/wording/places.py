"""What places are called, and what goes there."""

from __future__ import annotations

from paperwire.core.matching.occasions import sends_papers
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.core.text.clean import clean
from paperwire.ports.callers import Place
from paperwire.ports.channels import channel_label
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import cadence_words


def place_name(destination: StoredPlace, texts: Texts) -> str:
    """What a place is called in a list: its title, or what kind of place it is; a private chat has a person's name."""
    if destination.kind == "private":
        # Translators: stands in sentences such as "New papers go to %(place)s." and as a title of its own.
        return texts.gettext("your chat on %(channel)s", channel=channel_label(destination.channel))
    return clean(destination.title, 60) or _kind_name(destination.kind, texts)


def full_place_name(destination: StoredPlace, texts: Texts) -> str:
    """The same with its channel, for lists of places on several channels."""
    name = place_name(destination, texts)
    return name if destination.kind == "private" else f"{name} ({channel_label(destination.channel)})"


def _kind_name(kind: str, texts: Texts) -> str:
    # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
    names = {
        "group": texts.gettext("a group"),
        "channel": texts.gettext("a channel"),
        "topic": texts.gettext("a topic"),
        "thread": texts.gettext("a thread"),
        "mailbox": texts.gettext("your mailbox"),
        "address": texts.gettext("an address"),
        "terminal": texts.gettext("this terminal"),
    }
    return names.get(kind, kind)


# Translators: a line of the settings of a chat.
THREADS = {
    "": gettext_noop("Announcements open no threads."),
    "on": gettext_noop("Each announcement opens a thread for its discussion."),
    "refused": gettext_noop("The bot may open no threads here. Once it may, send /style threads on"),
}
# Translators: a line of the settings of a chat: how papers look.
STYLES = {
    "auto": gettext_noop("Up to five papers are sent as separate messages, more as lists."),
    "cards": gettext_noop("Each paper is sent as a message of its own."),
    "compact": gettext_noop("Each paper is sent as a short message; a button shows the abstract."),
    "list": gettext_noop("Papers are sent as lists."),
}


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
