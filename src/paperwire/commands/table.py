"""The table of commands that both bots, the terminal, the docs and the tests read."""

from __future__ import annotations

from paperwire.ports import Argument, CommandSpec
from paperwire.wording import help as words


def _words(help_: str, *, required: bool = True, choices: tuple[str, ...] = ()) -> tuple[Argument, ...]:
    # One option for all words of a command, of one name everywhere: people and tests need not learn another.
    return (Argument("query", help_, required, choices),)


_SUBSCRIBE_OPTIONS = (
    Argument("to", words.OPTION_TO, required=False),
    Argument("name", words.OPTION_NAME, required=False),
    Argument("when", words.OPTION_WHEN, required=False),
    Argument("occasions", words.OPTION_OCCASIONS, required=False),
    Argument("role", words.OPTION_ROLE, required=False),
)

SPECS: tuple[CommandSpec, ...] = (
    CommandSpec("start", words.START),
    CommandSpec("help", words.HELP, _words(words.HELP_WORDS, required=False)),
    CommandSpec("subscribe", words.SUBSCRIBE, _words(words.QUERY_WORDS), _SUBSCRIBE_OPTIONS, who="manager"),
    CommandSpec("subscriptions", words.SUBSCRIPTIONS, _words(words.SUBSCRIPTIONS_WORDS, required=False)),
    CommandSpec("unsubscribe", words.UNSUBSCRIBE, _words(words.UNSUBSCRIBE_WORDS, required=False), who="manager"),
    CommandSpec("preview", words.PREVIEW, _words(words.QUERY_WORDS)),
    CommandSpec("why", words.WHY, _words(words.WHY_WORDS)),
    CommandSpec("search", words.SEARCH, _words(words.QUERY_WORDS)),
    CommandSpec("trending", words.TRENDING, _words(words.TRENDING_WORDS, required=False, choices=words.WINDOWS)),
    CommandSpec("digest", words.DIGEST, _words(words.DIGEST_WORDS, required=False), who="manager"),
    CommandSpec("quiet", words.QUIET, _words(words.QUIET_WORDS, required=False), who="manager"),
    CommandSpec("style", words.STYLE, _words(words.STYLE_WORDS, required=False, choices=words.STYLES), who="manager"),
    CommandSpec("mutes", words.MUTES),
    CommandSpec("pause", words.PAUSE, who="manager"),
    CommandSpec("resume", words.RESUME, who="manager"),
    CommandSpec("feed", words.FEED, _words(words.FEED_WORDS, required=False), private=True),
    CommandSpec("save", words.SAVE, _words(words.PAPER_WORDS), private=True),
    CommandSpec("saved", words.SAVED, _words(words.SAVED_WORDS, required=False, choices=words.FORMATS), private=True),
    CommandSpec("watch", words.WATCH, _words(words.WATCH_WORDS, required=False), who="manager"),
    CommandSpec("status", words.STATUS),
    CommandSpec("export", words.EXPORT, private=True),
    CommandSpec("forget", words.FORGET, private=True),
    CommandSpec("link", words.LINK, _words(words.LINK_WORDS, required=False), private=True),
)
