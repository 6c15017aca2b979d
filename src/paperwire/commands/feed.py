"""`/feed`: the links of private feeds, shown to their owner only, and new links instead of old ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from paperwire.commands import people
from paperwire.commands.context import Command, action_number, say, unquoted
from paperwire.core.address import is_loopback
from paperwire.core.messages.message import Button, Span
from paperwire.core.tokens import feed_token, token_hash
from paperwire.errors import CommandError
from paperwire.ports import Argument, CommandSpec
from paperwire.texts import gettext_noop, texts_in

if TYPE_CHECKING:
    from paperwire.commands.context import Context
    from paperwire.core.messages.message import Line
    from paperwire.core.subscriptions.subscription import Subscription
    from paperwire.ports import Reply, Request

SPEC = CommandSpec(
    "feed",
    gettext_noop("Your private feed for a feed reader; /feed reset makes new links"),
    (Argument("query", gettext_noop("reset, to replace the old links"), required=False),),
    private=True,
)

FORMATS = ("atom", "rss", "json")
_EVERYTHING = "all"


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """A private feed: of one subscription or of all (None), its Atom, RSS and JSON links, whether anything feeds it."""

    subscription: Subscription | None
    links: tuple[str, ...]
    is_empty: bool


async def feed(context: Context, request: Request, part: str, *, reset: bool) -> FeedAddresses:
    """The feed of all the actor's subscriptions (`all`) or of one, with new links after a `reset`."""

    def hash_of(number: int, generation: int) -> str:
        return token_hash(feed_token(context.secret_key, number, generation))

    async with context.store.write() as unit:
        person = await people.person(context, unit, request)
        subscription = None
        if part != _EVERYTHING:
            subscription = await unit.subscriptions.get(action_number(part))
            if subscription is None or subscription.person != person.number:
                raise people.no_such_subscription(request)
        row = await unit.feeds.ensure(person.number, subscription.number if subscription else None, hash_of)
        if reset:
            row = await unit.feeds.reset(row.number, hash_of)
        is_empty = subscription is None and not await unit.subscriptions.of_person(person.number)
    address = f"{context.public_url.rstrip('/')}/f/{feed_token(context.secret_key, row.number, row.generation)}"
    return FeedAddresses(subscription, tuple(f"{address}.{form}" for form in FORMATS), is_empty)


async def answer(context: Context, request: Request) -> Reply:
    """`/feed`, `/feed reset`, `/feed N` for one subscription and `/feed N reset`: always a private answer."""
    words = unquoted(request.args).casefold().split()
    names = [word for word in words if word != "reset"]
    if len(names) > 1:
        texts = texts_in(request.locale)
        raise CommandError(texts.gettext("Send /feed, /feed reset, or /feed and a subscription's number."))
    part = names[0].removeprefix("#") if names else _EVERYTHING
    return await _answer(context, request, part, reset="reset" in words)


async def press(context: Context, request: Request, part: str) -> Reply:
    """The links of one subscription's feed: `feed:N`."""
    return await _answer(context, request, part, reset=False)


async def press_reset(context: Context, request: Request, part: str) -> Reply:
    """New links, after a question: `newfeed:all`, `newfeed:N`; `newfeed:N:yes` makes them."""
    texts = texts_in(request.locale)
    part, _, chosen = part.partition(":")
    if chosen == "yes":
        return replace(await _answer(context, request, part, reset=True), edit=True)
    if chosen:
        return say(texts.gettext("The links stay as they are."), private=True, edit=True)
    await feed(context, request, part, reset=False)  # which refuses what isn't theirs
    yes = Button(texts.gettext("Yes, make new links"), f"newfeed:{part}:yes")
    return say(
        texts.gettext("Make new links? The old ones stop working at once in every feed reader that has them."),
        buttons=[[yes, Button(texts.gettext("No"), f"newfeed:{part}:no")]],
        private=True,
    )


async def _answer(context: Context, request: Request, part: str, *, reset: bool) -> Reply:
    texts = texts_in(request.locale)
    result = await feed(context, request, part, reset=reset)
    if reset:
        title = texts.gettext("New links; the old ones no longer work")
    elif one := result.subscription:
        title = texts.gettext("Your private feed of %(name)s", name=one.name or one.text)
    else:
        title = texts.gettext("Your private feed of all your subscriptions")
    links: list[Line] = [(Span(link, url=link),) for link in result.links]
    return say(
        (Span(title, "bold"),),
        *links,
        texts.gettext("Anyone with these links can read the feed, so keep them to yourself."),
        texts.gettext("These links work only on the machine where Paperwire runs, as its public_url is a local one.")
        if is_loopback(context.public_url)
        else "",
        texts.gettext("The feed is empty until you /subscribe to something.") if result.is_empty else "",
        buttons=[[Button(texts.gettext("New links"), f"newfeed:{part}")]],
        private=True,
    )


COMMAND = Command(SPEC, answer, {"feed": press, "newfeed": press_reset})
