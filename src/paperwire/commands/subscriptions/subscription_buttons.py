"""The buttons that change a subscription: under an opened one, and those that give it another query."""

from __future__ import annotations

from paperwire.commands.context import Chat
from paperwire.core.messages.message import Button
from paperwire.core.search.suggestion import Rated
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.texts import Texts
from paperwire.wording.occasions import changes
from paperwire.wording.suggest import rated_words


def change_buttons(subscription: Subscription, texts: Texts) -> list[list[Button]]:
    number = subscription.number
    # Translators: buttons under a subscription, in rows of two or three.
    pause, resume = Button(texts.gettext("Pause"), f"off:{number}"), Button(texts.gettext("Resume"), f"on:{number}")
    return [
        # Translators: a button under a subscription, to change its query.
        [Button(texts.gettext("Edit"), f"edit:{number}"), Button(texts.gettext("When…"), f"when:{number}")],
        # Translators: a button under a subscription, or on its page.
        [resume if subscription.paused else pause, Button(texts.gettext("Delete"), f"del:{number}")],
        [
            # Translators: buttons: messages of a subscription notify with a sound or without.
            Button(texts.gettext("With sound"), f"loud:{number}")
            if subscription.silent
            # Translators: buttons: messages of a subscription notify with a sound or without.
            else Button(texts.gettext("Without sound"), f"hush:{number}"),
            # Translators: a button that makes a link to a subscription, for others.
            Button(texts.gettext("Share"), f"share:{number}"),
        ],
        _occasion_buttons(subscription, texts),
    ]


def _occasion_buttons(subscription: Subscription, texts: Texts) -> list[Button]:
    """Buttons that add an occasion or drop one, each of which names the state that it brings about."""
    number = subscription.number
    return [
        Button(label, f"also:{number}:{name}" if adds else removal(number, frozenset({name})))
        for adds, name, label in changes(subscription, texts)
    ]


def removal(number: int, occasions: frozenset[str]) -> str:
    """The action that removes occasions from a subscription."""
    return f"drop:{number}:{','.join(sorted(occasions))}"


def revert_action(edited: Subscription) -> str:
    """The action that gives a subscription back the query before its last edit."""
    return f"revert:{edited.number}:{int(edited.edited_at.timestamp()) if edited.edited_at else 0}"


def suggestion_rows(context: Chat, rated: list[Rated], number: int, texts: Texts) -> list[list[Button]]:
    """A button for each, which gives subscription `number` that query: `swap:N:QUERY`."""
    return [
        [Button(rated_words(each, texts), context.long_texts.action(f"swap:{number}:", each.text))] for each in rated
    ]
