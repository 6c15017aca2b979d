"""Buttons that stand in place of others: under the message that was pressed, or the one that it answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord
import structlog

from paperwire.channels.discord import markup
from paperwire.channels.discord.faults import TROUBLES
from paperwire.channels.discord.layout import changed
from paperwire.core.messages.message import Button
from paperwire.errors import Retry

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
