"""The titles of public feeds, which pages name too."""

from __future__ import annotations

from paperwire.texts import Texts, gettext_noop, pgettext_noop

# Translators: the period of a list of trending papers.
WINDOW_NAMES = {
    "day": gettext_noop("Today"),
    "week": gettext_noop("This week"),
    "month": gettext_noop("This month"),
}


# Translators: %(window)s of "Paperwire trending: %(window)s" and "The most upvoted papers: %(window)s".
_WINDOWS = {
    "day": pgettext_noop("trending", "today"),
    "week": pgettext_noop("trending", "this week"),
    "month": pgettext_noop("trending", "this month"),
}


def daily_title(texts: Texts) -> str:
    return texts.gettext("Paperwire: new papers")


def window_name(window: str, texts: Texts) -> str:
    return texts.gettext(WINDOW_NAMES[window])


def trending_about(window: str, texts: Texts) -> str:
    # Translators: %(window)s is "this week" or the like.
    return texts.gettext("The most upvoted papers: %(window)s", window=texts.pgettext(*_WINDOWS[window]))


def trending_title(window: str, texts: Texts, typed: str = "") -> str:
    """The title of the feed of trending papers, of those that match if a query is typed."""
    name = texts.pgettext(*_WINDOWS[window])
    if typed:
        # Translators: %(window)s is "this week" or the like, %(query)s a query as it was typed.
        return texts.gettext("Paperwire trending: %(window)s, %(query)s", window=name, query=typed)
    # Translators: %(window)s is "this week" or the like.
    return texts.gettext("Paperwire trending: %(window)s", window=name)


def list_title(texts: Texts) -> str:
    return texts.gettext("Paperwire: submitted papers")


def search_title(typed: str, texts: Texts) -> str:
    # Translators: %(query)s is a query as it was typed.
    return texts.gettext("Paperwire search: %(query)s", query=typed)
