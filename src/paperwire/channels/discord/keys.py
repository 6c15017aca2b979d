"""Buttons under messages that are there: others in place of some, and the one that shows a private answer to all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import discord
import structlog

from paperwire.channels.discord import markup
from paperwire.channels.discord.faults import TROUBLES
from paperwire.channels.discord.layout import changed
from paperwire.core.messages.message import Button
from paperwire.core.text.clean import cut
from paperwire.errors import Retry
from paperwire.texts import Texts

log = structlog.get_logger(__name__)


def with_keys(message: discord.Message, keys: Mapping[str, tuple[Button, ...]]) -> Any:
    """The components of a message with other buttons in place of those with these actions."""
    if message.flags.components_v2:
        return changed(message, keys)
    before = discord.ui.View.from_message(message)
    before.stop()  # presses are answered by what the buttons say, whichever process made them
    view = discord.ui.View(timeout=None)
    for item in before.children:
        button: Any = item  # nothing else of ours has an action
        for key in keys.get(button.custom_id or "", ()):
            view.add_item(markup.component(key, button.row))
        if button.custom_id not in keys:
            view.add_item(item)
    view.stop()
    return view


async def change_card(
    client: discord.Client, channel: int, message: int, keys: Mapping[str, tuple[Button, ...]]
) -> None:
    """Change the buttons under a message of ours; a fault costs only that."""
    try:
        card = await client.get_partial_messageable(channel).fetch_message(message)
        await card.edit(view=with_keys(card, keys))
    except (*TROUBLES, Retry) as error:
        log.info("buttons of a card not changed", reason=type(error).__name__)


async def change_above(interaction: discord.Interaction[Any], keys: Mapping[str, tuple[Button, ...]]) -> None:
    """Change the buttons under the message that the pressed one answers; a fault costs only that."""
    message, channel = interaction.message, interaction.channel
    about = message.interaction_metadata if message is not None else None
    if about is None or about.interacted_message_id is None or not isinstance(channel, discord.abc.Messageable):
        return
    try:
        card = await channel.fetch_message(about.interacted_message_id)
        await card.edit(view=with_keys(card, keys))
    except TROUBLES as error:
        log.info("buttons above not changed", reason=type(error).__name__)


_ACTION = "publish:"
_ROW, _ROWS = 5, 5

Interaction: TypeAlias = "discord.Interaction[Any]"


def is_under_shareable(interaction: Interaction) -> bool:
    """Whether what was pressed or filled in belongs to a message with that button."""
    rows = interaction.message.components if interaction.message is not None else []
    return any(getattr(item, "custom_id", "") == _ACTION for row in rows for item in getattr(row, "children", ()))


def with_share(parts: dict[str, Any], interaction: Interaction, texts: Texts) -> dict[str, Any]:
    """The arguments of a message with that button, where it has room; those who may not post can't press it."""
    view = parts.get("view") or discord.ui.View(timeout=None)
    filled = [item.row or 0 for item in view.children]
    row = max(filled, default=0)
    row += filled.count(row) >= _ROW
    if row < _ROWS:
        # Translators: a button that shows a private answer to everyone in the channel.
        label = texts.gettext("Share here")
        is_disabled = not _may_post(interaction)
        view.add_item(discord.ui.Button(label=label, custom_id=_ACTION, disabled=is_disabled, row=row))
        view.stop()  # a press is known by its action
    return parts | {"view": view}


def may_not_share(interaction: Interaction, texts: Texts) -> str:
    """Why who pressed may not post there now, empty if they may: rights change after a button was shown."""
    return "" if _may_post(interaction) else texts.gettext("You can't send messages in this channel.")


async def share(interaction: Interaction, line: str, verbs: frozenset[str], texts: Texts, *, deferred: bool) -> None:
    """Post the pressed message for all, with a line below it; its button is done with. Raises as the library does.

    Its links go along, and its buttons whose actions begin with one of these words.
    """
    message: Any = interaction.message
    done, public = discord.ui.View.from_message(message, timeout=None), discord.ui.View(timeout=None)
    for item in discord.ui.View.from_message(message, timeout=None).children:
        if _is_link(item) or _verb(item) in verbs:
            public.add_item(item)
    for item in done.children:
        if _is_share(item):
            # Translators: says that an answer was shown to everyone.
            item.disabled, item.label = True, texts.gettext("Shared")  # type: ignore[attr-defined]  # it is a button
    for view in (done, public):
        view.stop()
    await (interaction.edit_original_response if deferred else interaction.response.edit_message)(view=done)
    parts: dict[str, Any] = {"view": public} if public.children else {}
    text = "\n".join(filter(None, (message.content, f"-# {markup.escape(line)}")))
    await interaction.followup.send(
        content=cut(text, markup.CONTENT_UNITS),
        embeds=message.embeds,
        allowed_mentions=discord.AllowedMentions.none(),
        wait=True,
        **parts,
    )


def _is_link(item: Any) -> bool:
    return isinstance(item, discord.ui.Button) and item.url is not None


def _verb(item: Any) -> str:
    return str(getattr(item, "custom_id", None) or "").partition(":")[0]


def _is_share(item: Any) -> bool:
    return isinstance(item, discord.ui.Button) and item.custom_id == _ACTION


def _may_post(interaction: Interaction) -> bool:
    rights = interaction.permissions
    may = rights.send_messages_in_threads if isinstance(interaction.channel, discord.Thread) else rights.send_messages
    return rights.administrator or may
