"""`subscribe` and `unsubscribe`: what a place gets, decided by the operator instead of in a chat."""

from __future__ import annotations

from typing import Annotated

import typer

from paperwire.bootstrap import opening
from paperwire.cli.app import command, go, out, settings_of
from paperwire.cli.papers import Words, suggested_lines
from paperwire.config import Settings
from paperwire.core.query import language
from paperwire.errors import CommandError, Gone, Rejected
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.ports.channels import Channel, Conversation
from paperwire.services import people
from paperwire.services.context import Context
from paperwire.services.papers.suggest import suggested
from paperwire.services.subscriptions import subscriptions
from paperwire.texts import ENGLISH
from paperwire.wording.preview import preview_lines

To = Annotated[str, typer.Option("--to", help="Where papers go: CHANNEL:ADDRESS, such as telegram:123456789.")]


@command("subscribe", context_settings={"ignore_unknown_options": True})
def subscribe(
    context: typer.Context,
    words: Words,
    to: To,
    when: Annotated[str, typer.Option(help="How often, such as 'daily 08:00'; at once without it.")] = "",
    name: Annotated[str, typer.Option(help="What the subscription is called.")] = "",
) -> None:
    options = {"when": when, "name": name}

    async def work(settings: Settings) -> None:
        async with opening.writing(settings, now=opening.clock()) as writing:
            caller = await _as_place(writing, to)
            draft = subscriptions.read_draft(" ".join(words), options, ENGLISH)
            done = await subscriptions.subscribe(writing, caller, draft)
            others = suggested_lines(await suggested(writing, done.preview))
            out.print(f"{to}: {done.subscription.text}", *preview_lines(done.preview, ENGLISH), *others, sep="\n")

    go(work(settings_of(context)))


@command("unsubscribe", context_settings={"ignore_unknown_options": True})
def unsubscribe(
    context: typer.Context,
    words: Words,
    to: To,
    unless: Annotated[
        list[str] | None, typer.Option(metavar="QUERY", help="Keep it if this is the same query, spelled otherwise.")
    ] = None,
    if_there: Annotated[bool, typer.Option("--if-there", help="It is no failure if there is none.")] = False,
) -> None:
    query = " ".join(words)

    async def work(settings: Settings) -> None:
        async with opening.writing(settings, now=opening.clock()) as writing:
            caller = await _as_place(writing, to)
            try:
                ended = await people.named(writing, caller, query, by_number=False)
            except CommandError as error:
                if not if_there:
                    raise
                out.print(f"{to}: {error}")
                return
            others = [language.parsed(text) for text in unless or ()]
            if any(other is not None and people.asks(ended, other) for other in others):
                out.print(f"{to}: still {ended.text}")
                return
            await subscriptions.unsubscribe(writing, caller, str(ended.number))
            out.print(f"{to}: no longer {ended.text}")

    go(work(settings_of(context)))


async def _as_place(context: Context, to: str) -> Caller:
    """A place that asks for itself, as a channel that posts does: subscriptions there belong to it."""
    kind, _, address = to.partition(":")
    channel = context.channels.get(kind)
    if channel is None or not address:
        channels = ", ".join(sorted(context.channels)) or "no channel is on"
        raise CommandError(f"--to takes CHANNEL:ADDRESS, such as telegram:123456789; channels that are on: {channels}")
    if channel.naming == "verified":
        raise CommandError(
            f"--to {kind}: its reader confirms a subscription first, on the page /subscribe or by /subscribe"
        )
    place = await _place(channel, address)
    user = address if place.kind == "private" else place.address
    return Caller(actor=Actor(channel=kind, user_id=user), place=place, can_manage=True)


async def _place(channel: Channel, address: str) -> Place:
    """The private chat of a person, else the place at an address."""
    if isinstance(channel, Conversation):
        try:
            private = await channel.private_address(Actor(channel=channel.kind, user_id=address))
        except (Gone, Rejected):
            pass  # it is no person's
        else:
            return Place(channel=channel.kind, address=private, kind="private")
    return await people.place_at(channel, address, ENGLISH)
