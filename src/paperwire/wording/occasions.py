"""Describes what a subscription sends."""

from __future__ import annotations

from collections.abc import Collection

from paperwire.core.matching.occasions import ARRIVAL, has_own_occasion, sends_papers
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.texts import Texts, gettext_noop

# Translators: what a subscription sends, in "Includes %(occasions)s."
OCCASIONS = {
    "arrival": gettext_noop("new papers"),
    "versions": gettext_noop("new versions"),
    "withdrawn": gettext_noop("withdrawals"),
}
"""What a subscription may include, as typed and as shown."""


def occasions_line(subscription: Subscription, texts: Texts) -> str:
    """Everything that the subscription sends; empty where its query says that."""
    if has_own_occasion(parse(subscription.text)):
        return ""
    occasions = occasion_names(subscription.occasions, texts)
    if sends_papers(subscription):
        # Translators: %(occasions)s is a list such as "new versions, withdrawals".
        return texts.gettext("Sends: %(occasions)s.", occasions=occasions)
    # Translators: %(occasions)s is a list such as "new versions, withdrawals".
    return texts.gettext("Sends: %(occasions)s, but no new papers.", occasions=occasions)


def occasion_names(occasions: Collection[str], texts: Texts) -> str:
    """These occasions as shown: `new papers and withdrawals`."""
    return texts.join([texts.gettext(name) for key, name in OCCASIONS.items() if key in occasions])


# Translators: buttons that change what a subscription sends.
_LABELS = {
    "arrival": (
        gettext_noop("Also send new papers"),
        gettext_noop("Stop sending new papers"),
    ),
    "versions": (
        gettext_noop("Also send new versions"),
        gettext_noop("Stop sending new versions"),
    ),
    "withdrawn": (
        gettext_noop("Also send withdrawals"),
        gettext_noop("Stop sending withdrawals"),
    ),
}


def changes(subscription: Subscription, texts: Texts) -> list[tuple[bool, str, str]]:
    """What may be changed of what it includes: (whether it would be added, occasion, label).

    New papers are offered only besides something else.
    """
    if has_own_occasion(parse(subscription.text)):
        return []
    return [
        (name not in subscription.occasions, name, texts.gettext(labels[name in subscription.occasions]))
        for name, labels in _LABELS.items()
        if name != "arrival" or subscription.occasions != ARRIVAL
    ]
