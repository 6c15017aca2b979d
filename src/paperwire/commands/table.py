"""All commands, in the order in which bots, terminal and docs list them."""

from __future__ import annotations

from importlib import import_module

from paperwire.commands.context import Command

_FILES = (
    "start",
    "help",
    "subscribe",
    "subscriptions",
    "imports",
    "checkup",
    "unsubscribe",
    "preview",
    "suggest",
    "why",
    "search",
    "trending",
    "submit",
    "agenda",
    "settings",
    "times",
    "style",
    "mutes",
    "pause",
    "feed",
    "mailbox",
    "saved",
    "watch",
    "sign_in",
    "status",
    "account",
)
"""Files of this room, each with its `COMMANDS`. A new command is a file and a name in this list."""

COMMANDS: tuple[Command, ...] = tuple(
    command for file in _FILES for command in import_module(f"paperwire.commands.{file}").COMMANDS
)
SPECS = tuple(command.spec for command in COMMANDS)
