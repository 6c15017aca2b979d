"""Private feeds: their links, for the eyes of their owner only, and new links in place of old ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.desk import action_number, say, unquoted
from paperwire.core.address import is_loopback
from paperwire.core.messages.message import Button, Span
from paperwire.core.tokens import feed_token, token_hash
from paperwire.errors import CommandError
from paperwire.wording import commands as words
from paperwire.wording import subscribing as subscribing_words

if TYPE_CHECKING:
    from paperwire.commands.desk import Desk
    from paperwire.core.messages.message import Line
    from paperwire.ports import Reply, Request
    from paperwire.store.subscriptions.feeds import FeedRow

FORMATS = ("atom", "rss", "json")
_EVERYTHING = "all"


def feed_links(desk: Desk, feed: FeedRow) -> list[str]:
    """The three addresses of a private feed: Atom, RSS and JSON Feed."""
    token = feed_token(desk.secret_key, feed.number, feed.generation)
    return [f"{desk.public_url.rstrip('/')}/f/{token}.{form}" for form in FORMATS]


async def answer_feed(desk: Desk, request: Request) -> Reply:
    """`/feed`, `/feed reset`, `/feed N` for one subscription and `/feed N reset`: always a private answer."""
    parts = unquoted(request.args).casefold().split()
    reset = "reset" in parts
    named = [part for part in parts if part != "reset"]
    if len(named) > 1:
        raise CommandError(words.HOW_FEED)
    return await _feed(desk, request, named[0].removeprefix("#") if named else _EVERYTHING, reset=reset)


async def press_feed(desk: Desk, request: Request, part: str) -> Reply:
    """The links of one subscription's feed: `feed:N`."""
    return await _feed(desk, request, part, reset=False)


async def press_reset(desk: Desk, request: Request, part: str) -> Reply:
    """New links: `newfeed:all`, `newfeed:N`."""
    return await _feed(desk, request, part, reset=True)


async def _feed(desk: Desk, request: Request, part: str, *, reset: bool) -> Reply:
    def hash_of(number: int, generation: int) -> str:
        return token_hash(feed_token(desk.secret_key, number, generation))

    async with desk.store.write() as unit:
        person = await people.person(desk, unit, request)
        subscription = None
        if part != _EVERYTHING:
            subscription = await unit.subscriptions.get(action_number(part))
            if subscription is None or subscription.person != person.number:
                raise CommandError(subscribing_words.NO_SUCH_SUBSCRIPTION)
        number = subscription.number if subscription else None
        feed = await unit.feeds.ensure(person.number, number, hash_of)
        if reset:
            feed = await unit.feeds.reset(feed.number, hash_of)
        empty = subscription is None and not await unit.subscriptions.of_person(person.number)
    links: list[Line] = [(Span(link, url=link),) for link in feed_links(desk, feed)]
    title = words.feed_of(subscription.name or subscription.text) if subscription else words.FEED_OF_ALL
    return say(
        (Span(words.FEED_RESET if reset else title, "bold"),),
        *links,
        words.FEED_IS_YOURS,
        words.FEED_ONLY_HERE if is_loopback(desk.public_url) else "",
        words.FEED_EMPTY if empty else "",
        buttons=[[Button(words.NEW_LINKS, f"newfeed:{part}")]],
        private=True,
    )
