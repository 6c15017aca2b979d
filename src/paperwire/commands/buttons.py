"""Rows of buttons that several answers have: what follows up on a query, and the pages of a list."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, TypeVar

from paperwire.commands.context import Answer, Chat
from paperwire.core.messages.message import Button
from paperwire.core.search.spoken import in_english
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.ports.requests import Reply, Request
from paperwire.services.people import only_managers
from paperwire.services.places.former import former_settings
from paperwire.services.places.places import SettingsChange
from paperwire.services.subscriptions.undo import changes_of
from paperwire.services.typed import StaleButton
from paperwire.texts import Texts, pgettext_noop

T = TypeVar("T")
Verb: TypeAlias = Literal["add", "try", "look"]

_LABELS: dict[Verb, tuple[str, str]] = {
    # Translators: buttons under a query, in one row.
    "add": pgettext_noop("button", "Subscribe"),
    "try": pgettext_noop("button", "Preview"),
    "look": pgettext_noop("button", "Search"),
}
_PAGE = 10
LITTLE = 5
"""Words that find no more papers than that are offered a search by meaning."""


def query_buttons(context: Chat, text: str, texts: Texts, *verbs: Verb) -> list[Button]:
    """A row of buttons that carry a query, one for each verb."""
    return [Button(texts.pgettext(*_LABELS[verb]), context.long_texts.action(f"{verb}:", text)) for verb in verbs]


def offered(context: Chat, part: str) -> str:
    """The query that a button carries; raises StaleButton for a long one that is no longer remembered."""
    text = context.long_texts.text(part)
    if text is None:
        raise StaleButton
    return text


def pager(earlier: str, later: str, texts: Texts) -> list[Button]:
    """Buttons with these actions; an empty action has none."""
    labels = (texts.pgettext("page", "« Back"), earlier), (texts.pgettext("page", "Next »"), later)
    return [Button(label, action) for label, action in labels if action]


def offset_pager(verb: str, offset: int, size: int, total: int, texts: Texts) -> list[Button]:
    """Buttons of a list of `total` entries, `size` a page, whose actions are `VERB:OFFSET`."""
    earlier = f"{verb}:{max(offset - size, 0)}" if offset else ""
    return pager(earlier, f"{verb}:{offset + size}" if offset + size < total else "", texts)


def page_of(entries: Sequence[T], verb: str, offset: int, texts: Texts) -> tuple[Sequence[T], list[Button]]:
    """The entries of a list from an offset on, and the buttons to the pages before and after them: `VERB:OFFSET`."""
    offset = page_start(offset, len(entries))
    return entries[offset : offset + _PAGE], offset_pager(verb, offset, _PAGE, len(entries), texts)


def page_start(offset: int, total: int) -> int:
    """An offset, or that of the last page of a list which has become shorter."""
    return min(offset, max(total - 1, 0) // _PAGE * _PAGE)


def settings_row(texts: Texts) -> list[Button]:
    """The row of one button that leads back to all settings of a chat."""
    # Translators: a button that leads back.
    return [Button(texts.gettext("« Settings"), "settings:")]


async def as_setting(answer: Answer, context: Chat, request: Request, part: str) -> Reply:
    """The answer to a command as a button has it, in place of its message, and the way back to all settings."""
    only_managers(request)
    reply = await answer(context, replace(request, args=part))
    buttons = (*reply.message.buttons, tuple(settings_row(request.texts)))
    return replace(reply, message=replace(reply.message, buttons=buttons), edit=True)


def former_row(context: Chat, asks: str, changed: SettingsChange, texts: Texts) -> list[Button]:
    """The button that takes back what a command or button changed of a place's settings; none for no change.

    `asks` is the command whose answer it stands under, or `options.N`: `former:ASKS:CHANGES`.
    """
    changes = former_settings(changed)
    text = json.dumps(changes, separators=(",", ":"))
    return [Button(texts.gettext("Undo"), context.long_texts.action(f"former:{asks}:", text))] if changes else []


def back_row(context: Chat, before: Subscription, now: Subscription, texts: Texts) -> list[Button]:
    """The button that takes back what was changed of a subscription, `back:N:CHANGES`; none for no change."""
    changes = changes_of(before, now)
    text = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
    action = context.long_texts.action(f"back:{now.number}:", text)
    # Translators: a button that takes back what was just done.
    return [Button(texts.gettext("Undo"), action)] if changes else []


def in_rows(buttons: Sequence[Button], width: int) -> list[Sequence[Button]]:
    return [buttons[start : start + width] for start in range(0, len(buttons), width)]


def by_meaning(context: Chat, text: str, texts: Texts) -> list[Button]:
    """A button that searches by meaning for words that find little; none without an encoder or for more than words."""
    words = text.replace('"', " ").split()
    if context.calibration is None or len(words) < 2 or any(mark in text for mark in ":()*="):
        return []
    return [Button(texts.gettext("Search by meaning"), context.long_texts.action("look:", f'like:"{" ".join(words)}"'))]


def in_english_row(context: Chat, verb: str, text: str, texts: Texts, others: Collection[str] = ()) -> list[Button]:
    """The button that takes a query in English; none where that is the same, or one of the `others` offered."""
    english = in_english(text, texts)
    return [] if english in {text, *others} else [Button(english, context.long_texts.action(f"{verb}:", english))]
