"""`/feed`: the links of private feeds, shown to their owner only, and new links instead of old ones."""

from __future__ import annotations

from dataclasses import dataclass, replace

from paperwire.commands import people
from paperwire.commands.context import Command, Context, is_shared, only_here, place_name, say, unquoted
from paperwire.commands.subscriptions import no_subscriptions
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.subscriptions.subscription import Destination, Subscription
from paperwire.core.tokens import feed_token, token_hash
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, Caller, CommandSpec, Reply, Request
from paperwire.store.owners import Owner
from paperwire.store.subscriptions.feeds import HashOf
from paperwire.texts import gettext_noop

SPEC = CommandSpec(
    "feed",
    gettext_noop("The private feed of this chat for a feed reader; /feed reset makes new links"),
    (Argument("query", gettext_noop("reset, to replace the old links"), required=False),),
    private=True,
)

FORMATS = ("atom", "rss", "json")
EVERYTHING, PLACE = "all", "place:"
_MOST_PLACES = 10


@dataclass(frozen=True, slots=True)
class FeedAddresses:
    """A private feed: the shared place it is of (None: the actor's own), and the one subscription it shows (None: all).

    `links` are its Atom, RSS and JSON ones; `is_empty` says that nothing feeds it; `others` are shared places of the
    actor, which have feeds of their own.
    """

    place: Destination | None
    subscription: Subscription | None
    links: tuple[str, ...]
    is_empty: bool
    others: tuple[Destination, ...] = ()


async def feed(context: Context, caller: Caller, part: str, *, reset: bool) -> FeedAddresses:
    """The feed of all the actor's subscriptions (`all`), of all of a shared place (`place:N`), or of one subscription.

    After a `reset` it has new links. Who reads in a place may have its links, and only managers replace them. Raises
    CommandError.
    """
    hash_of = hashes(context)
    place, subscription = await _shown(context, caller, part)
    if reset and place is not None:
        await people.managed(context, caller, str(place.number))
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        owner = Owner(place=place.number) if place else Owner(person=person.number)
        row = await unit.feeds.ensure(owner, subscription.number if subscription else None, hash_of)
        if reset:
            row = await unit.feeds.reset(row.number, hash_of)
        owned = unit.subscriptions.of_destination if place else unit.subscriptions.of_person
        is_empty = subscription is None and not await owned(place.number if place else person.number)
        shared = await unit.people.shared_places(person.number) if part == EVERYTHING else []
    address = f"{context.public_url.rstrip('/')}/f/{feed_token(context.secret_key, row.number, row.generation)}"
    links = tuple(f"{address}.{form}" for form in FORMATS)
    return FeedAddresses(place, subscription, links, is_empty, tuple(one.place for one in shared[:_MOST_PLACES]))


def hashes(context: Context) -> HashOf:
    """Makes the hashes of feed tokens, by which alone the database knows them."""
    return lambda number, generation: token_hash(feed_token(context.secret_key, number, generation))


async def _shown(context: Context, caller: Caller, part: str) -> tuple[Destination | None, Subscription | None]:
    """The shared place whose feed is meant, if any, and the one subscription that it shows, if it isn't all."""
    if part == EVERYTHING:
        return None, None
    if part.startswith(PLACE):
        number = part.removeprefix(PLACE)
        async with context.store.read() as unit:
            here = await unit.people.destination_of(caller.place)
        if here is not None and str(here.number) == number and here.is_shared:
            return here, None
        return await people.managed(context, caller, number), None
    subscription = await people.seen(context, caller, part)
    async with context.store.read() as unit:
        return await unit.people.destination(subscription.place), subscription


async def answer(context: Context, request: Request) -> Reply:
    """`/feed`, `/feed reset`, `/feed N` for one subscription and `/feed N reset`: always a private answer.

    In a shared place it is that place's feed.
    """
    words = unquoted(request.args).casefold().split()
    names = [word for word in words if word != "reset"]
    if len(names) > 1:
        raise CommandError(request.texts.gettext("Send /feed, /feed reset, or /feed and a subscription's number."))
    if names:
        part = str((await people.named(context, request, names[0])).number)
    else:
        part = f"{PLACE}{await _here(context, request)}" if is_shared(request.place) else EVERYTHING
    return await _answer(context, request, part, reset="reset" in words)


async def _here(context: Context, request: Request) -> int:
    """The number of this shared place; raises CommandError where nothing is known of it and nobody may change that."""
    async with context.store.read() as unit:
        known = await unit.people.destination_of(request.place)
    if known is not None:
        return known.number
    if not request.can_manage:
        raise CommandError(no_subscriptions(request.place, request.texts))
    async with context.store.write() as unit:
        return (await people.here(context, unit, request)).number


async def press(context: Context, request: Request, part: str) -> Reply:
    """The links of one subscription's feed, or of a place's: `feed:N`, `feed:place:N`."""
    return await _answer(context, request, part, reset=False)


async def press_reset(context: Context, request: Request, part: str) -> Reply:
    """New links, after a question: `newfeed:all`, `newfeed:place:N`, `newfeed:N`; with `:yes` behind it makes them."""
    texts = request.texts
    if part.endswith(":yes"):
        return replace(await _answer(context, request, part.removesuffix(":yes"), reset=True), edit=True)
    if part.endswith(":no"):
        return say(texts.gettext("The links stay as they are."), private=True, edit=True)
    await feed(context, request, part, reset=False)  # which refuses what isn't theirs
    yes = Button(texts.gettext("Yes, make new links"), f"newfeed:{part}:yes")
    return say(
        texts.gettext("Make new links? The old ones stop working at once in every feed reader that has them."),
        buttons=[[yes, Button(texts.gettext("No"), f"newfeed:{part}:no")]],
        private=True,
    )


async def _answer(context: Context, request: Request, part: str, *, reset: bool) -> Reply:
    texts = request.texts
    result = await feed(context, request, part, reset=reset)
    if reset:
        title = texts.gettext("New links; the old ones no longer work")
    elif (one := result.subscription) and result.place:
        title = texts.gettext("Feed of %(name)s", name=one.name or one.text)
    elif one:
        title = texts.gettext("Your private feed of %(name)s", name=one.name or one.text)
    elif result.place:
        title = texts.gettext("Feed of all subscriptions of %(place)s", place=place_name(result.place, texts))
    else:
        title = texts.gettext("Your private feed of all your subscriptions")
    links: list[Line] = [(Span(link, url=link),) for link in result.links]
    return say(
        (Span(title, "bold"),),
        *links,
        texts.gettext("Anyone with these links can read the feed, so keep them to yourself."),
        only_here(context, len(links), texts),
        texts.gettext("The feed is empty until you /subscribe to something.") if result.is_empty else "",
        buttons=[
            [Button(texts.gettext("New links"), f"newfeed:{part}")],
            *(
                [Button(texts.gettext("Feed of %(place)s", place=place_name(one, texts)), f"feed:{PLACE}{one.number}")]
                for one in result.others
            ),
        ],
        private=True,
    )


COMMANDS = (Command(SPEC, answer, {"feed": press, "newfeed": press_reset}),)
