"""All commands, in the order in which bots, terminal and docs list them."""

from __future__ import annotations

from paperwire.commands import (
    digest,
    export,
    feed,
    forget,
    help,  # noqa: A004 -- named after its command
    link,
    mailbox,
    mutes,
    pause,
    preview,
    quiet,
    resume,
    save,
    saved,
    search,
    start,
    status,
    style,
    subscribe,
    subscriptions,
    trending,
    unsubscribe,
    watch,
    why,
)

COMMANDS = (
    start.COMMAND,
    help.COMMAND,
    subscribe.COMMAND,
    subscriptions.COMMAND,
    unsubscribe.COMMAND,
    preview.COMMAND,
    why.COMMAND,
    search.COMMAND,
    trending.COMMAND,
    digest.COMMAND,
    quiet.COMMAND,
    style.COMMAND,
    mutes.COMMAND,
    pause.COMMAND,
    resume.COMMAND,
    feed.COMMAND,
    mailbox.COMMAND,
    save.COMMAND,
    saved.COMMAND,
    watch.COMMAND,
    status.COMMAND,
    export.COMMAND,
    forget.COMMAND,
    link.COMMAND,
)
SPECS = tuple(command.spec for command in COMMANDS)
