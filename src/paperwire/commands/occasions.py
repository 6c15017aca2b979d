"""The occasions that a subscription includes: named, chosen by button, added and removed."""

from __future__ import annotations

from paperwire.core.messages.message import Button
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.texts import Texts
from paperwire.wording.occasions import changes


def occasion_buttons(subscription: Subscription, texts: Texts) -> list[Button]:
    """The same as buttons, each of which names the state that it brings about."""
    number = subscription.number
    return [
        Button(label, f"also:{number}:{name}" if adds else removal(number, frozenset({name})))
        for adds, name, label in changes(subscription, texts)
    ]


def removal(number: int, occasions: frozenset[str]) -> str:
    """The action that removes occasions from a subscription."""
    return f"drop:{number}:{','.join(sorted(occasions))}"
