"""All commands, in the order in which bots, terminal and docs list them."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paperwire.commands.context import Command

_FILES = (
    "start",
    "help",
    "subscribe",
    "subscriptions",
    "unsubscribe",
    "preview",
    "suggest",
    "why",
    "search",
    "trending",
    "submit",
    "unsubmit",
    "agenda",
    "digest",
    "quiet",
    "style",
    "mutes",
    "pause",
    "resume",
    "feed",
    "mailbox",
    "save",
    "saved",
    "watch",
    "sign_in",
    "status",
    "export",
    "forget",
    "link",
)
"""Files of this room with a `COMMAND` each. A new command is a file and a name in this list."""

COMMANDS: tuple[Command, ...] = tuple(import_module(f"paperwire.commands.{file}").COMMAND for file in _FILES)
SPECS = tuple(command.spec for command in COMMANDS)
