"""`/email`: papers and digests to a mail address, once its reader has confirmed it."""

from __future__ import annotations

from paperwire.commands.context import Chat, Command, say
from paperwire.commands.places.zone_question import NO_QUESTION, ZoneQuestion, ask_zone
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.wallclock import UNASKED
from paperwire.errors import CommandError
from paperwire.ports.callers import Place
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request, in_chats
from paperwire.services import people
from paperwire.services.accounts.opt_in import USUAL, Wish, ask, asker_of, fulfil_own, goes_line
from paperwire.services.papers.trending import PASSES, trending_query
from paperwire.services.people import confirmed_channel, place_at
from paperwire.services.places.places import digest_place
from paperwire.services.typed import read_cadence, unquoted
from paperwire.texts import Texts, gettext_noop

# Translators: of /email: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "email",
    gettext_noop("Get digests of your subscriptions, or the trending papers, by mail"),
    (
        Argument(
            "query",
            gettext_noop("address: your mail address; then, if you like, trending day or week and a topic"),
            required=False,
        ),
    ),
    (Argument("when", gettext_noop("instant, daily HH:MM or weekly DAY HH:MM"), required=False, completes="cadence"),),
    private=True,
    where=in_chats(needs="mail"),
    examples=(
        ("/email ann@example.org when:daily 08:00", gettext_noop("your subscriptions, every morning")),
        ("/email ann@example.org trending week cs.CL", gettext_noop("the trending papers of a category, once a week")),
    ),
)
_TRENDING = "trending"
_USUAL = {"day": USUAL, "week": "weekly mon 08:00"}


async def answer(context: Chat, request: Request) -> Reply:
    """`/email ADDRESS [trending [day|week] [TOPIC]] [when:CADENCE]`."""
    texts = request.texts
    channel = confirmed_channel(context, texts)
    typed, _, when = unquoted(request.args).partition("when:")
    address, _, options = typed.strip().partition(" ")
    if not address:
        return _how(texts)
    place = await place_at(channel, address, texts)
    zone, has_any = await asker_of(context, request)
    wish = _read_wish(options, request.options.get("when") or when, zone, texts)
    if not wish.text and not has_any:
        raise CommandError(
            texts.gettext("You have no subscriptions to send yet. /subscribe first, or use /email ADDRESS trending.")
        )
    if await people.is_proved(context, place, request):
        await fulfil_own(context, request, place, wish)
        asks = await _asks(context, request, wish)
        return say(goes_line(place, wish, texts), asks.text, buttons=asks.buttons, private=True)
    return await ask_from_chat(context, request, place, wish)


def _read_wish(words: str, when: str, zone: str, texts: Texts) -> Wish:
    first, _, about = words.strip().partition(" ")
    if first and first.casefold() != _TRENDING:
        raise CommandError(texts.gettext("Send /email ADDRESS, or /email ADDRESS trending day cs.CL."))
    window, _, topic = about.strip().partition(" ")
    if window.casefold() not in PASSES:
        window, topic = "day", about
    window = window.casefold()
    cadence = read_cadence(when.strip(), texts) if when.strip() else _USUAL[window]
    text, name = trending_query(topic, window, texts) if first else ("", "")
    return Wish(text=text, name=name, cadence=cadence, zone=zone)


def _how(texts: Texts) -> Reply:
    return say(
        texts.gettext("To get digests of your subscriptions by mail: /email ann@example.org when:daily 08:00"),
        texts.gettext("To get trending papers: /email ann@example.org trending day, or trending week cs.CL"),
        texts.gettext("To get one subscription by mail: /subscribe QUERY to:email:ann@example.org"),
        private=True,
    )


async def ask_from_chat(context: Chat, request: Request, place: Place, wish: Wish) -> Reply:
    """Ask the reader of an address for a chat; the answer says what would go there."""
    texts = request.texts
    client = f"{request.actor.channel}:{request.actor.user_id}"
    await ask(context, place, wish, client=client, locale=request.reads, caller=request)
    asks = await _asks(context, request, wish)
    return say(
        texts.gettext(
            "A mail is on its way to %(address)s. Open the link in it within 24 hours.", address=place.address
        ),
        context.access.hint(texts),
        goes_line(place, wish, texts),
        texts.gettext("What you change here later doesn't change what goes there, unless you /link the address."),
        asks.text,
        buttons=asks.buttons,
        private=True,
    )


async def _asks(context: Chat, request: Request, wish: Wish) -> ZoneQuestion:
    """What to ask of the time zone of a wish; the answer counts for the address, too."""
    if wish.zone != UNASKED or not Cadence.parse(wish.cadence).times or request.place.is_shared:
        return NO_QUESTION
    _, asks = await ask_zone(context, request, await digest_place(context, request, ""), "here")
    return asks


COMMANDS = (Command(SPEC, answer),)
