"""What places are called."""

from __future__ import annotations

from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.text.clean import clean
from paperwire.ports.channels import channel_label
from paperwire.texts import Texts, gettext_noop


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
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "group": texts.gettext("a group"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "channel": texts.gettext("a channel"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "topic": texts.gettext("a topic"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "thread": texts.gettext("a thread"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "mailbox": texts.gettext("your mailbox"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "address": texts.gettext("an address"),
        # Translators: what chats without a title are called, in sentences such as "New papers go to %(place)s."
        "terminal": texts.gettext("this terminal"),
    }
    return names.get(kind, kind)


THREADS = {
    # Translators: a line of the settings of a chat.
    "": gettext_noop("Announcements open no threads."),
    # Translators: a line of the settings of a chat.
    "on": gettext_noop("Each announcement opens a thread for its discussion."),
    # Translators: a line of the settings of a chat.
    "refused": gettext_noop("The bot may open no threads here. Once it may, send /style threads on"),
}
STYLES = {
    # Translators: a line of the settings of a chat: how papers look.
    "auto": gettext_noop("Up to five papers are sent as separate messages, more as lists."),
    # Translators: a line of the settings of a chat: how papers look.
    "cards": gettext_noop("Each paper is sent as a message of its own."),
    # Translators: a line of the settings of a chat: how papers look.
    "compact": gettext_noop("Each paper is sent as a short message; a button shows the abstract."),
    # Translators: a line of the settings of a chat: how papers look.
    "list": gettext_noop("Papers are sent as lists."),
}
