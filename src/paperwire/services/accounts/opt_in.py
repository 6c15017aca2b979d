"""Papers to an address that its reader has to confirm: asked for, looked at, confirmed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Literal

import structlog

from paperwire.core.messages.message import Line, Message, Span, message_of
from paperwire.core.messages.plain import plain_words, without_links
from paperwire.core.query.language import parse, parsed
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import UNASKED
from paperwire.core.tokens import number_token, read_number_token, token_hash
from paperwire.errors import CommandError, Gone, Rejected, SendError, Unknown
from paperwire.ports.callers import Actor, Caller, Place
from paperwire.ports.channels import channel_label
from paperwire.ports.opt_ins import OptIn
from paperwire.services import people
from paperwire.services.accounts.strangers import admit, check_mailbox, refusal_line, send_unless_refused
from paperwire.services.context import Context
from paperwire.services.papers.lists import check_followed
from paperwire.services.papers.meaning import check_resolvable
from paperwire.services.people import connected, place_at
from paperwire.services.typed import read_query
from paperwire.store.unit import Unit
from paperwire.texts import Texts, texts_in
from paperwire.wording.cadences import cadence_words
from paperwire.wording.links import only_here

_log = structlog.get_logger(__name__)
PURPOSE = "opt-in"
USUAL = "daily 08:00"
CONFIRM_LINK_LASTS = timedelta(days=1)
"""How long the link in a message works."""
MOST_COPIES = 100
"""Subscriptions that one request may name."""
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Copied:
    """One of the asker's subscriptions as it was when they asked."""

    text: str
    occasions: tuple[str, ...] = ("arrival",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked for: papers that match `text`, called `name`; the asker's own subscriptions if both are empty.

    Those that another account is to get are `copies`. `cadence` is when they come, in `zone`.
    """

    text: str = ""
    name: str = ""
    cadence: str = USUAL
    zone: str = "UTC"
    occasions: tuple[str, ...] = ("arrival",)
    copies: tuple[Copied, ...] = ()

    def words(self, texts: Texts) -> str:
        """What comes, in a line: its name, the words of its query, or how many subscriptions."""
        if self.copies:
            return texts.ngettext("%(num)s subscription", "%(num)s subscriptions", len(self.copies))
        return self.name or plain_words(self.text) or texts.gettext("your own subscriptions")

    def lines(self, texts: Texts) -> list[str]:
        """The words of each query, where several come."""
        lines = [plain_words(copy.text) for copy in self.copies[:_SHOWN]]
        more = len(self.copies) - _SHOWN
        return [
            *lines,
            *([texts.npgettext("subscriptions", "and %(num)s more", "and %(num)s more", more)] if more > 0 else []),
        ]

    def when(self, texts: Texts) -> str:
        """How often it comes, to stand at the end of a sentence."""
        return cadence_words(self.cadence, self.zone, texts)


@dataclass(frozen=True, slots=True)
class OptInRequest:
    """A request as its link finds it: to confirm, confirmed before, or too late; `place` is the address's name.

    `asker` is the account that asked, as `CHANNEL` or `CHANNEL:ID`, empty for a visitor of the pages.
    """

    request: OptIn
    wish: Wish
    place: str
    asker: str
    state: Literal["open", "used", "late"]


def goes_line(place: Place, wish: Wish, texts: Texts) -> str:
    """What goes to an address, and when."""
    # Translators: %(what)s is the name or the words of a subscription, or "3 subscriptions".
    return texts.gettext(
        "%(what)s will go to %(address)s %(when)s.",
        what=wish.words(texts),
        address=place.address,
        when=wish.when(texts),
    )


async def ask(  # noqa: PLR0913 -- what is asked for, where and by whom, each named
    context: Context, place: Place, wish: Wish, *, client: str, locale: str, caller: Caller | None = None
) -> None:
    """Send a message to `place` with a link that confirms the wish.

    `client` is who asks, for the limits: an account or a network address. `caller` is set in a chat. Raises
    CommandError when there were too many requests, or the message can't be sent.
    """
    texts = texts_in(locale)
    wish = await _for_another(context, place, wish, caller, texts)
    async with context.store.write() as unit:
        await check_mailbox(context, unit, place, texts)
        digest = await admit(context, unit, client, texts)
        person = await people.person(context, unit, caller) if caller is not None else None
        asker = people.account_name(caller.actor) if caller is not None else ""
        number = await unit.opt_ins.add(
            place.channel,
            place.address,
            client=digest,
            person=person.number if person else 0,
            locale=locale,
            wanted={**asdict(wish), "place": place.title, "asker": asker},
        )
    url = f"{context.public_url.rstrip('/')}/subscribe/{number_token(context.secret_key, PURPOSE, number)}"
    message = _message(context, wish, asker, url, refusal_line(context, place, texts), texts)
    await _send(context, place, number, message, texts)


async def _for_another(context: Context, place: Place, wish: Wish, caller: Caller | None, texts: Texts) -> Wish:
    """The wish as a reader who isn't the asker may get it: queries without links, and copies of subscriptions."""
    if wish.text:
        text = without_links(wish.text)
        query = read_query(text, texts, lists=True)
        check_followed(context, query, place, texts)
        await check_resolvable(context, caller, query, texts)
        return replace(wish, text=text)
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor) if caller is not None else None
        own = await unit.subscriptions.of_person(person.number) if person else []
    texts_of = {
        subscription.number: without_links(subscription.text) for subscription in own if not subscription.paused
    }
    copies = [
        Copied(texts_of[subscription.number], tuple(sorted(subscription.occasions)))
        for subscription in own
        if subscription.number in texts_of and _is_for_anyone(texts_of[subscription.number])
    ]
    if not copies:
        raise CommandError(texts.gettext("You have no subscriptions that another account could get."))
    if len(copies) > MOST_COPIES:
        raise CommandError(
            texts.gettext(
                "One mail can confirm %(limit)s subscriptions at most. Link the address with this account instead:"
                " sign in with it on %(url)s; the account page there has a code for /link.",
                limit=MOST_COPIES,
                url=f"{context.public_url.rstrip('/')}/me",
            )
        )
    return replace(wish, copies=tuple(copies))


def _is_for_anyone(text: str) -> bool:
    """Whether a query can be read, and doesn't speak of its owner's own saved papers."""
    query = parsed(text)
    return query is not None and not (query.like is not None and query.like.is_saved)


async def _send(context: Context, place: Place, number: int, message: Message, texts: Texts) -> None:
    """Send the message now; what surely did not arrive is no request."""
    try:
        await send_unless_refused(context, place, message)
    except (Gone, Rejected) as error:
        _log.warning("no request to confirm", channel=place.channel, problem=str(error))
        raise CommandError(
            texts.gettext("Can't deliver to %(address)s. Check the spelling.", address=place.title)
        ) from None
    except Unknown:
        raise CommandError(
            texts.gettext(
                "There was no reply, so the message may or may not arrive. Look for it in ten minutes, and try again"
                " if it"
                " isn't there."
            )
        ) from None
    except SendError as error:
        async with context.store.write() as unit:
            await unit.opt_ins.remove(number)
        _log.warning("no request to confirm", channel=place.channel, problem=str(error))
        raise CommandError(
            texts.gettext("Can't send the message right now. Nothing was changed; try again in a few minutes.")
        ) from None


def asked_line(asker: str, url: str, texts: Texts) -> str:
    channel, _, number = asker.partition(":")
    if number:
        return texts.gettext("The account %(account)s asked Paperwire to send papers to this address:", account=asker)
    if channel:
        return texts.gettext(
            "An account on %(channel)s asked Paperwire to send papers to this address:", channel=channel_label(channel)
        )
    return texts.gettext("Someone asked on %(url)s to send papers to this address:", url=url)


def _message(context: Context, wish: Wish, asker: str, url: str, refusal: Line, texts: Texts) -> Message:  # noqa: PLR0913, PLR0917 -- the parts of the mail
    message = message_of(
        (Span(texts.gettext("Confirm: new papers for this address"), "bold"),),
        asked_line(asker, context.public_url, texts),
        # Translators: %(what)s is a subscription or "3 subscriptions", %(when)s "every day at 08:00" or the like.
        (Span(texts.gettext("%(what)s, %(when)s", what=wish.words(texts), when=wish.when(texts)), "code"),),
        *((Span(f"• {line}", "code"),) for line in wish.lines(texts)),
        texts.gettext("That account can't see or change what is sent here.") if asker else "",
        texts.gettext("If you want these papers, open this page and press the button:"),
        (Span(url, url=url),),
        foot=[
            texts.gettext("If you don't, do nothing: nothing else will be sent. The link works for 24 hours."),
            refusal,
            only_here(context.public_url, 2, texts),
        ],
    )
    return replace(message, key=token_hash(url)[:25], locale=texts.language)


async def look(context: Context, token: str) -> OptInRequest | None:
    """The request that a link names, with nothing changed; None if there is none (any more)."""
    number = read_number_token(context.secret_key, PURPOSE, token)
    if number is None:
        return None
    async with context.store.read() as unit:
        request = await unit.opt_ins.get(number)
    if request is None:
        return None
    values = {**request.wanted}
    place, asker = values.pop("place", "") or request.address, values.pop("asker", "")
    copies = tuple(Copied(copy["text"], tuple(copy["occasions"])) for copy in values.pop("copies", ()))
    wish = Wish(**{**values, "copies": copies, "occasions": tuple(values.get("occasions", ("arrival",)))})
    # A request of an earlier version names an account to be joined, which no confirmation does any more.
    late = context.now() - request.created_at > CONFIRM_LINK_LASTS or not (wish.text or wish.copies)
    return OptInRequest(request, wish, place, asker, "used" if request.used_at else "late" if late else "open")


async def confirm(context: Context, token: str) -> OptInRequest | None:
    """Do what a link asks for; the answer is how it was found, so `open` means that it was done just now."""
    opt_in = await look(context, token)
    if opt_in is None or opt_in.state != "open":
        return opt_in
    request = opt_in.request
    texts = texts_in(request.locale)
    place = await place_at(connected(context, request.channel, texts), request.address, texts)
    reader = Actor(channel=request.channel, user_id=request.address)
    async with context.store.read() as unit:
        await context.access.check(unit, reader, texts)
    async with context.store.write() as unit:
        wish = await _in_their_zone(unit, request, opt_in.wish)
        account = await unit.people.ensure(reader, request.locale, zone=wish.zone)
        if not await people.hold_owner(unit, reader, account.number):
            raise CommandError(texts.gettext("This address was just linked or forgotten. Open the link again."))
        if not await unit.opt_ins.use(request.number):
            return replace(opt_in, state="used")
        await fulfil(unit, place, account.number, wish, texts, most=context.max_subscriptions)
    return opt_in


async def _in_their_zone(unit: Unit, request: OptIn, wish: Wish) -> Wish:
    """A wish in the time zone that who asked has chosen since, where none was known."""
    asker = await unit.people.get(request.person) if wish.zone == UNASKED and request.person else None
    return replace(wish, zone=asker.zone) if asker else wish


async def asker_of(context: Context, caller: Caller) -> tuple[str, bool]:
    """The time zone of the caller's place, their own where that has none, and whether they have subscriptions."""
    async with context.store.read() as unit:
        person = await unit.people.person_of(caller.actor)
        place = await unit.places.at(caller.place)
        has_any = person is not None and bool(await unit.subscriptions.of_person(person.number))
    zones = (place.zone if place else UNASKED, person.zone if person else UNASKED)
    return next((zone for zone in zones if zone != UNASKED), context.zone), has_any


async def fulfil_own(context: Context, caller: Caller, place: Place, wish: Wish) -> None:
    """Let papers go to an address that is linked with the caller's account."""
    async with context.store.write() as unit:
        person = await people.person(context, unit, caller)
        owner = Actor(channel=place.channel, user_id=place.address)
        if not await people.hold_owner(unit, owner, person.number):
            raise CommandError(caller.texts.gettext("This address was just unlinked. Send the command again."))
        await fulfil(unit, place, person.number, wish, caller.texts, most=context.max_subscriptions)


async def fulfil(  # noqa: PLR0913 -- what goes where and whose it is
    unit: Unit, place: Place, person: int, wish: Wish, texts: Texts, *, most: int
) -> StoredPlace:
    """Let papers go to an address that is proved to be this person's; needs a writing unit.

    Without a query or copies all their own subscriptions do. Raises CommandError where they would have more than
    `most`.
    """
    is_new = await unit.places.at(place) is None
    destination = await unit.places.ensure(place, person, zone=wish.zone)
    leads_all = not (wish.text or wish.copies)
    if is_new or leads_all:
        await unit.places.update(destination.number, cadence=wish.cadence, zone=wish.zone)
    if destination.kind == "mailbox":
        await unit.places.give(destination.number, person)
    if leads_all:
        await unit.routes.lead_all(person, destination.number)
    await _subscribe(unit, destination.number, person, wish, texts, most)
    return await people.reopened(unit, destination) if destination.paused else destination


async def _subscribe(  # noqa: PLR0913, PLR0917 -- what goes where and whose it is
    unit: Unit, place: int, person: int, wish: Wish, texts: Texts, most: int
) -> None:
    """Subscribe an address to the query of a wish, or to all its copies."""
    copies = [Copied(wish.text, wish.occasions)] if wish.text else wish.copies
    if copies and len(await unit.subscriptions.of_person(person)) + len(copies) > most:
        raise CommandError(texts.gettext("You have %(limit)s subscriptions, the maximum.", limit=most))
    for copy in copies:
        query = parse(copy.text).of(person)
        for other in await unit.subscriptions.of_place(place):
            if people.asks(other, query) and other.destinations != (place,):  # the yes was not about what it is there
                await unit.places.part(other.number, place, person)
        subscription, created = await unit.subscriptions.subscribe(
            person,
            query,
            name=wish.name,
            occasions=frozenset(copy.occasions),
            cadence=wish.cadence,
            destinations=[place],
        )
        if not created:
            await unit.subscriptions.edit(subscription.number, cadence=wish.cadence)
            await unit.subscriptions.pause(subscription.number, paused=False)
