"""What a chat may do to get fewer messages: offered under the lists of a burst, and for a query that matches a lot."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.core.messages.message import Button, Rich, Span
from paperwire.texts import Texts

BEST = 10
"""As many papers as a digest of the best has."""
MANY_LISTS = 3
"""A burst of more lists says what would be calmer."""
MOST_NAMED = 5
"""Subscriptions that a button names at most; an action has room for 64 bytes."""


def fewer_button(subscriptions: Sequence[int], texts: Texts) -> Button:
    """The button that asks what would be calmer than these subscriptions: `fewer:N,M`."""
    # Translators: a button under many papers: ways to get fewer messages.
    return Button(texts.gettext("Fewer…"), f"fewer:{_numbers(subscriptions)}")


def calmer_buttons(subscriptions: Sequence[int], texts: Texts) -> tuple[tuple[Button, ...], ...]:
    """What makes these subscriptions calmer: a digest, only the best of a day, narrower queries, or mute.

    Mute asks which of several.
    """
    numbers = _numbers(subscriptions)
    best = texts.gettext("Best %(num)s a day", num=texts.number(BEST))
    return (
        (
            # Translators: a button: papers of a day come in one message.
            Button(texts.gettext("Daily digest"), f"calm:daily:{numbers}"),
            Button(best, f"calm:best:{numbers}"),
        ),
        (
            # Translators: a button that shows narrower queries.
            Button(texts.gettext("Narrow…"), f"narrow:{numbers}"),
            # Translators: a button: no papers of a subscription, author or category any more.
            Button(texts.gettext("Mute") if len(subscriptions) == 1 else texts.gettext("Mute…"), f"mutes:{numbers}"),
        ),
    )


def _numbers(subscriptions: Sequence[int]) -> str:
    return ",".join(map(str, subscriptions))


def calmer_lines(papers: int, messages: int, size: int, texts: Texts) -> Rich:
    """What a burst was, and what would be calmer, with counts; a message carries up to `size` papers."""
    # Translators: %(papers)s is "30 papers", %(messages)s "4 messages".
    came = texts.gettext(
        "%(papers)s came in %(messages)s.",
        # Translators: a part of "30 papers came in 4 messages." and of other counts.
        papers=texts.ngettext("%(num)s paper", "%(num)s papers", papers),
        # Translators: a part of "30 papers came in 4 messages." and of other counts.
        messages=texts.ngettext("%(num)s message", "%(num)s messages", messages),
    )
    digest = texts.gettext("For fewer messages: a daily digest brings all papers of a day at once, with one sound.")
    # Translators: all three are numbers: %(num)s of messages, %(best)s and %(others)s of papers.
    best = texts.ngettext(
        "The best %(best)s a day come in %(num)s message, with links to the other %(others)s.",
        "The best %(best)s a day come in %(num)s messages, with links to the other %(others)s.",
        -(-BEST // size),
        best=texts.number(BEST),
        others=texts.number(papers - BEST),
    )
    narrow = texts.gettext("A narrower query matches fewer papers.")
    return ((Span(came, "bold"),), (Span(texts.sentences(digest, best, narrow)),))
