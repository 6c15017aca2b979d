"""`/feed`: the links of private feeds, shown to their owner only, and new links instead of old ones."""

from __future__ import annotations

import re
from dataclasses import replace

from paperwire.commands.context import Chat, Command, say
from paperwire.core.messages.message import Button, Line, Span
from paperwire.errors import CommandError
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request, in_chats
from paperwire.services import people
from paperwire.services.accounts.feed import EVERYTHING, PLACE, feed, place_number
from paperwire.services.typed import action_number, unquoted
from paperwire.texts import gettext_noop
from paperwire.wording.links import only_here
from paperwire.wording.places import place_name

# Translators: of /feed: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "feed",
    gettext_noop("The private feed of this chat for a feed reader; /feed reset makes new links"),
    (
        Argument(
            "query",
            gettext_noop("feed: a subscription's number; reset replaces the links"),
            required=False,
            completes="feed",
        ),
    ),
    private=True,
    where=in_chats(needs="pages"),
    examples=(
        ("/feed", gettext_noop("the links of your feed, or in a group of the group's")),
        ("/feed reset", gettext_noop("new links; the old ones stop working")),
    ),
)

_YES = re.compile(r"(.*):yes(?::(\d+))?")


async def answer(context: Chat, request: Request) -> Reply:
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
        part = f"{PLACE}{await place_number(context, request)}" if request.place.is_shared else EVERYTHING
    return await _answer(context, request, part, reset="reset" in words)


async def press(context: Chat, request: Request, part: str) -> Reply:
    """The links of one subscription's feed, or of a place's: `feed:N`, `feed:place:N`."""
    return await _answer(context, request, part, reset=False)


async def press_reset(context: Chat, request: Request, part: str) -> Reply:
    """New links, after a question: `newfeed:all`, `newfeed:place:N`, `newfeed:N`; `:yes:GENERATION` makes them."""
    texts = request.texts
    if confirmed := _YES.fullmatch(part):
        which, number = confirmed.groups()
        generation = action_number(number) if number else None
        return replace(await _answer(context, request, which, reset=True, generation=generation), edit=True)
    if part.endswith(":no"):
        return say(texts.gettext("The links stay as they are."), private=True, edit=True)
    generation = (await feed(context, request, part, reset=False)).generation  # which refuses what isn't theirs
    yes = Button(texts.gettext("Yes, make new links"), f"newfeed:{part}:yes:{generation}")
    return say(
        texts.gettext("Make new links? The old ones stop working at once in every feed reader that has them."),
        buttons=[[yes, Button(texts.gettext("No"), f"newfeed:{part}:no")]],
        private=True,
    )


async def _answer(context: Chat, request: Request, part: str, *, reset: bool, generation: int | None = None) -> Reply:
    texts = request.texts
    result = await feed(context, request, part, reset=reset, generation=generation)
    if reset:
        title = texts.gettext("New links; the old ones no longer work")
    elif (subscription := result.subscription) and result.place:
        # Translators: the title of a feed of papers: %(name)s is the name or query of a subscription.
        title = texts.gettext("Feed of %(name)s", name=subscription.name or subscription.text)
    elif subscription:
        title = texts.gettext("Your private feed of %(name)s", name=subscription.name or subscription.text)
    elif result.place:
        title = texts.gettext("Feed of all subscriptions of %(place)s", place=place_name(result.place, texts))
    else:
        title = texts.gettext("Your private feed of all your subscriptions")
    links: list[Line] = [(Span(link, url=link),) for link in result.links]
    return say(
        (Span(title, "bold"),),
        *links,
        texts.gettext("Anyone with these links can read the feed, so keep them to yourself."),
        only_here(context.public_url, len(links), texts),
        texts.gettext("The feed is empty until you /subscribe to something.") if result.is_empty else "",
        buttons=[
            # Translators: a button that replaces the links of a feed.
            [Button(texts.gettext("New links"), f"newfeed:{part}")],
            *(
                [
                    Button(
                        # Translators: a button: %(place)s is a chat or address.
                        texts.gettext("Feed of %(place)s", place=place_name(other, texts)),
                        f"feed:{PLACE}{other.number}",
                    )
                ]
                for other in result.others
            ),
        ],
        private=True,
    )


COMMANDS = (Command(SPEC, answer, {"feed": press, "newfeed": press_reset}),)
