"""The table of commands that both bots, the terminal, the docs and the tests read."""

from __future__ import annotations

from paperwire.commands import (
    feed,
    preview,
    save,
    saved,
    search,
    subscribe,
    subscriptions,
    trending,
    unsubscribe,
    watch,
    why,
)
from paperwire.ports import Argument, CommandSpec
from paperwire.wording import help as words


def _words(help_: str, *, required: bool = True, choices: tuple[str, ...] = ()) -> tuple[Argument, ...]:
    # One option for all words of a command, of one name everywhere: people and tests need not learn another.
    return (Argument("query", help_, required, choices),)


SPECS: tuple[CommandSpec, ...] = (
    CommandSpec("start", words.START),
    CommandSpec("help", words.HELP, _words(words.HELP_WORDS, required=False)),
    subscribe.SPEC,
    subscriptions.SPEC,
    unsubscribe.SPEC,
    preview.SPEC,
    why.SPEC,
    search.SPEC,
    trending.SPEC,
    CommandSpec("digest", words.DIGEST, _words(words.DIGEST_WORDS, required=False), who="manager"),
    CommandSpec("quiet", words.QUIET, _words(words.QUIET_WORDS, required=False), who="manager"),
    CommandSpec("style", words.STYLE, _words(words.STYLE_WORDS, required=False, choices=words.STYLES), who="manager"),
    CommandSpec("mutes", words.MUTES),
    CommandSpec("pause", words.PAUSE, who="manager"),
    CommandSpec("resume", words.RESUME, who="manager"),
    feed.SPEC,
    save.SPEC,
    saved.SPEC,
    watch.SPEC,
    CommandSpec("status", words.STATUS),
    CommandSpec("export", words.EXPORT, private=True),
    CommandSpec("forget", words.FORGET, private=True),
    CommandSpec("link", words.LINK, _words(words.LINK_WORDS, required=False), private=True),
)
