"""One's private chat with the bot, which `to:me` names wherever it is typed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from paperwire.core.messages.message import Button, Message, Span
from paperwire.core.messages.plain import plain_words
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, Gone, SendError
from paperwire.ports.callers import Caller, Place
from paperwire.ports.channels import Conversation
from paperwire.services.context import Context
from paperwire.services.people import not_connected
from paperwire.texts import Texts


async def own_chat(context: Context, caller: Caller) -> Place:
    """The caller's private chat with the bot; raises CommandError if there can be none."""
    if not caller.place.is_shared:
        return caller.place
    channel = context.channels.get(caller.actor.channel)
    if not isinstance(channel, Conversation):
        raise CommandError(not_connected(caller.actor.channel, context, caller.texts))
    try:
        address = await channel.private_address(caller.actor)
    except SendError as error:
        raise unwritable(error, caller.texts) from error
    return Place(channel=channel.kind, address=address, kind="private", title=caller.actor.name)


async def write_in_private(
    context: Context, caller: Caller, place: Place, queries: Iterable[str], undo: Button | None
) -> None:
    """Say in someone's private chat what comes there from now on, which shows that it can; raises CommandError."""
    line = caller.texts.gettext(
        "As you asked in %(place)s, new papers for this query will be sent here:",
        place=clean(caller.place.title, 60) or caller.place.kind,
    )
    message = Message(
        head=((Span(line),), *((Span(plain_words(query), "code"),) for query in queries)),
        buttons=((undo,),) if undo is not None else (),
        locale=caller.texts.language,
    )
    try:
        await context.channels[place.channel].send(place.address, message)
    except SendError as error:
        raise unwritable(error, caller.texts) from error


async def confirm_in_private(
    context: Context, caller: Caller, place: Place, changes: Sequence[tuple[Subscription, Subscription | None]]
) -> None:
    """Say in someone's private chat what comes there, with an Undo for one new subscription.

    `changes` are all of them, each as it is now and as it was.

    Raises CommandError where that can't be said, and then nothing new is left.
    """
    new = [now for now, before in changes if before is None]
    undo = Button(caller.texts.gettext("Undo"), f"undo:{new[0].number}") if len(changes) == len(new) == 1 else None
    try:
        await write_in_private(context, caller, place, [now.text for now, _ in changes], undo)
    except CommandError:
        async with context.store.write() as unit:
            for subscription in new:
                await unit.subscriptions.delete(subscription.number)
        raise


def unwritable(error: SendError, texts: Texts) -> CommandError:
    """The refusal of what is to go to someone in private whom the bot can't write to, or not now."""
    if isinstance(error, Gone):
        return CommandError(
            texts.gettext(
                "I can't message you privately: %(reason)s. Open a private chat with me and send /start, then try"
                " again.",
                reason=error,
            )
        )
    return CommandError(
        texts.gettext(
            "I can't write to you right now: %(reason)s. Nothing was changed; try again in a minute.", reason=error
        )
    )
