"""All commands, in the order in which bots, terminal and docs list them."""

from __future__ import annotations

from importlib import import_module

from paperwire.commands.context import Command

_FILES = (
    "accounts.start",
    "talk.help",
    "subscriptions.subscribe",
    "subscriptions.subscriptions",
    "subscriptions.imports",
    "subscriptions.checkup",
    "subscriptions.unsubscribe",
    "papers.preview",
    "papers.suggest",
    "papers.why",
    "papers.search",
    "papers.trending",
    "papers.submit",
    "places.agenda",
    "places.settings",
    "places.times",
    "places.style",
    "places.language",
    "papers.mutes",
    "places.pause",
    "accounts.feed",
    "places.mailbox",
    "papers.saved",
    "papers.watch",
    "accounts.sign_in",
    "places.status",
    "accounts.account",
)
"""Files of this room, each with its `COMMANDS`. A new command is a file and a name in this list."""

COMMANDS: tuple[Command, ...] = tuple(
    command for file in _FILES for command in import_module(f"paperwire.commands.{file}").COMMANDS
)
SPECS = tuple(command.spec for command in COMMANDS)
