"""Papers for an address of a channel whose addresses have to be confirmed: a request, a message with a link, a yes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import structlog

from paperwire.commands import people
from paperwire.commands.cadences import cadence_words
from paperwire.commands.context import Context, only_here, say
from paperwire.commands.lists import check_followed
from paperwire.commands.meaning import check_wanted
from paperwire.commands.queries import read_query
from paperwire.commands.refused_mailbox import refusal_line, send_unless_refused
from paperwire.commands.request_limits import admit, check_mailbox
from paperwire.core.messages.message import Message, Span
from paperwire.core.text.clean import clean
from paperwire.core.tokens import number_token, read_number_token, token_hash
from paperwire.errors import CommandError, Gone, Rejected, SendError, Unknown
from paperwire.ports.requests import Actor, Caller, Place
from paperwire.texts import Texts, texts_in

if TYPE_CHECKING:
    from paperwire.core.messages.message import Line
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.ports.channels import Channel
    from paperwire.store.people.opt_ins import OptIn
    from paperwire.store.unit import Unit

_log = structlog.get_logger(__name__)

PURPOSE = "opt-in"
LASTS = timedelta(days=1)
"""How long the link in a message works."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: papers that match `text`, called `name`; the asker's own subscriptions if both are empty.

    `cadence` is when they come, in `zone`.
    """

    text: str = ""
    name: str = ""
    cadence: str = "daily 08:00"
    zone: str = "UTC"

    def words(self, texts: Texts) -> str:
        """What comes, in a line: its name or query."""
        return self.name or clean(self.text, 200) or texts.gettext("your own subscriptions")

    def when(self, texts: Texts) -> str:
        """How often it comes, to stand at the end of a sentence."""
        return cadence_words(self.cadence, self.zone, texts)


@dataclass(frozen=True, slots=True)
class OptInRequest:
    """A request as its link finds it: to confirm, confirmed before, or too late; `place` is the address's name."""

    request: OptIn
    wish: Wish
    place: str
    asker: str
    state: Literal["open", "used", "late"]


def confirmed_channel(context: Context, texts: Texts) -> Channel:
    """The channel whose addresses have to be confirmed; raises CommandError if none is connected."""
    found = next((one for one in context.channels.values() if one.naming == "verified"), None)
    if found is None:
        raise CommandError(texts.gettext("This Paperwire sends no mail. Use a chat or a feed reader instead."))
    return found


def connected(context: Context, kind: str, texts: Texts) -> Channel:
    """The channel of that kind; raises CommandError if it is off."""
    if kind not in context.channels:
        raise CommandError(texts.gettext("%(channel)s isn't connected at the moment. Try again later.", channel=kind))
    return context.channels[kind]


async def place_at(channel: Channel, address: str, texts: Texts) -> Place:
    """The place at an address that somebody typed; raises CommandError if there can be none."""
    try:
        place, _ = await channel.inspect(address, Actor(channel="", user_id=""))
    except SendError as error:
        shown = clean(address, 60) or '""'
        raise CommandError(texts.gettext("Can't use %(address)s: %(reason)s.", address=shown, reason=error)) from None
    return place


async def ask(  # noqa: PLR0913 -- what is asked for, where and by whom, each named
    context: Context, place: Place, wish: Wish, *, client: str, locale: str, caller: Caller | None = None
) -> None:
    """Send a message to `place` with a link that confirms the wish.

    `client` is who asks, for the limits: an account or a network address. `caller` is set in a chat. Raises
    CommandError when there were too many requests, or the message can't be sent.
    """
    texts = texts_in(locale)
    if wish.text:
        query = read_query(wish.text, texts, lists=True)
        check_followed(context, query, place, texts)
        await check_wanted(context, caller, query, texts)
    async with context.store.write() as unit:
        await context.access.check(unit, Actor(channel=place.channel, user_id=place.address), texts)
        await check_mailbox(unit, place, texts)
        digest = await admit(context, unit, client, texts)
        person = await people.person(context, unit, caller) if caller is not None else None
        number = await unit.opt_ins.add(
            place.channel,
            place.address,
            client=digest,
            person=person.number if person else 0,
            locale=locale,
            wanted={**asdict(wish), "place": place.title},
        )
    asker = _asker(person.name if person else "", caller.actor.channel if caller else "")
    url = f"{context.public_url.rstrip('/')}/subscribe/{number_token(context.secret_key, PURPOSE, number)}"
    message = _message(context, wish, asker, url, refusal_line(context, place, texts), texts)
    await _send(context, place, number, message, texts)


async def _send(context: Context, place: Place, number: int, message: Message, texts: Texts) -> None:
    """Send the message now; what surely did not arrive is no request."""
    try:
        await send_unless_refused(context, place, message)
    except (Gone, Rejected) as error:
        _log.warning("no request to confirm", channel=place.channel, problem=str(error))
        raise CommandError(
            texts.gettext("Nothing reaches %(address)s. Check that it is written correctly.", address=place.title)
        ) from None
    except Unknown:
        raise CommandError(
            texts.gettext(
                "No answer came, so the message may or may not arrive. Look for it in ten minutes, and try again if it"
                " isn't there."
            )
        ) from None
    except SendError as error:
        async with context.store.write() as unit:
            await unit.opt_ins.remove(number)
        _log.warning("no request to confirm", channel=place.channel, problem=str(error))
        raise CommandError(
            texts.gettext("The message can't be sent right now. Nothing was changed; try again in a few minutes.")
        ) from None


def _asker(name: str, channel: str) -> str:
    return f"{clean(name, 40) or '?'} ({channel})" if channel else ""


def _message(context: Context, wish: Wish, asker: str, url: str, refusal: Line, texts: Texts) -> Message:  # noqa: PLR0913, PLR0917 -- the parts of the mail
    who = (
        texts.gettext("%(name)s asked Paperwire to send papers to this address:", name=asker)
        if asker
        else texts.gettext("Someone asked on %(url)s to send papers to this address:", url=context.public_url)
    )
    what = texts.gettext("%(what)s, %(when)s", what=wish.words(texts), when=wish.when(texts))
    message = say(
        (Span(texts.gettext("Confirm: new papers for this address"), "bold"),),
        who,
        (Span(what, "code"),),
        texts.gettext("%(name)s will see and can change what is sent here.", name=asker) if asker else "",
        texts.gettext("If that was you, open this page and press the button:"),
        (Span(url, url=url),),
        foot=[
            texts.gettext("If it wasn't you, do nothing: nothing else will be sent. The link works for 24 hours."),
            refusal,
            only_here(context, 2, texts),
        ],
    ).message
    return replace(message, key=token_hash(url)[:25])


# --- the answer --------------------------------------------------------------------------------------------------


async def look(context: Context, token: str) -> OptInRequest | None:
    """The request that a link names, with nothing changed; None if there is none (any more)."""
    number = read_number_token(context.secret_key, PURPOSE, token)
    if number is None:
        return None
    async with context.store.read() as unit:
        request = await unit.opt_ins.get(number)
        person = await unit.people.get(request.person) if request and request.person else None
        asker = await _account(unit, request, person.name if person else "") if request else ""
    if request is None:
        return None
    late = context.now() - request.created_at > LASTS
    wanted = {**request.wanted}
    place = wanted.pop("place", "") or request.address
    return OptInRequest(
        request, Wish(**wanted), place, asker, "used" if request.used_at else "late" if late else "open"
    )


async def _account(unit: Unit, request: OptIn, name: str) -> str:
    """Who asked in a chat: the name they have there, and the channel."""
    if not request.person:
        return ""
    places = await unit.people.destinations_of(request.person)
    channel = next((one.channel for one in places if one.kind == "private"), request.channel)
    return _asker(name, channel)


async def confirm(context: Context, token: str) -> OptInRequest | None:
    """Do what a link asks for; the answer is how it was found, so `open` means that it was done just now."""
    asked = await look(context, token)
    if asked is None or asked.state != "open":
        return asked
    request = asked.request
    texts = texts_in(request.locale)
    place = await place_at(connected(context, request.channel, texts), request.address, texts)
    actor = Actor(channel=request.channel, user_id=request.address)
    async with context.store.read() as unit:
        await context.access.check(unit, actor, texts)
    async with context.store.write() as unit:
        # By itself: joining two people must lock nothing that a fan-out waits for.
        if request.person:
            await unit.people.link(actor, request.person)
        else:
            await unit.people.ensure(actor, request.locale, zone=asked.wish.zone)
    async with context.store.write() as unit:
        if not await unit.opt_ins.use(request.number):
            return replace(asked, state="used")
        person = await unit.people.person_of(actor)
        assert person is not None  # noqa: S101 -- the account was made above
        await fulfil(unit, place, person.number, asked.wish, texts, most=context.max_subscriptions)
    return asked


async def fulfil(  # noqa: PLR0913 -- what goes where and whose it is
    unit: Unit, place: Place, person: int, wish: Wish, texts: Texts, *, most: int
) -> Destination:
    """Let papers go to an address that is proved to be this person's; needs a writing unit.

    Raises CommandError where they have `most` subscriptions.
    """
    is_new = await unit.people.destination_of(place) is None
    destination = await unit.people.ensure_destination(place, person, zone=wish.zone)
    if is_new or not wish.text:
        await unit.people.update_destination(destination.number, cadence=wish.cadence, zone=wish.zone)
    if not wish.text:
        await unit.routes.lead_all(person, destination.number)
    else:
        if len(await unit.subscriptions.of_person(person)) >= most:
            raise CommandError(texts.gettext("You have %(limit)s subscriptions, the maximum.", limit=most))
        subscription, created = await unit.subscriptions.subscribe(
            person,
            read_query(wish.text, texts, lists=True).of(person),
            name=wish.name,
            occasions=frozenset({"arrival"}),
            cadence=wish.cadence,
            destinations=[destination.number],
        )
        if not created:
            await unit.subscriptions.edit(subscription.number, cadence=wish.cadence)
    return await people.reopened(unit, destination) if destination.paused else destination
