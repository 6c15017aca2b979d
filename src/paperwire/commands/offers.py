"""The buttons that follow up on a query: subscribe to it, preview it, search for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from paperwire.commands.context import StaleButton
from paperwire.core.messages.message import Button
from paperwire.texts import gettext_noop

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.texts import Texts

Verb: TypeAlias = Literal["add", "try", "look"]

_LABELS: dict[Verb, str] = {
    "add": gettext_noop("Subscribe"),
    "try": gettext_noop("Preview"),
    "look": gettext_noop("Search"),
}


def query_buttons(context: Context, text: str, texts: Texts, *verbs: Verb) -> list[Button]:
    """A row of buttons that carry a query, one for each verb."""
    return [Button(texts.gettext(_LABELS[verb]), context.recent.action(f"{verb}:", text)) for verb in verbs]


def offered(context: Context, part: str) -> str:
    """The query that a button carries; raises StaleButton for a long one that is no longer remembered."""
    text = context.recent.text(part)
    if text is None:
        raise StaleButton
    return text
