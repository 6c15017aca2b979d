"""`/subscriptions`: the list, and one of them opened: edited, given another cadence, paused."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from paperwire.commands.buttons import back_row, in_rows, page_of
from paperwire.commands.context import Chat, Command, explained, only_managers_line, say
from paperwire.commands.places.times import all_papers_row, options_row
from paperwire.commands.places.zone_question import NO_QUESTION, ask_zone
from paperwire.commands.subscriptions.share import share_one
from paperwire.commands.subscriptions.subscription_buttons import change_buttons, revert_action
from paperwire.core.messages.message import FIRST, Button, Line, Span, row, styled
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import SharedPlace, StoredPlace, Subscription
from paperwire.core.subscriptions.wallclock import UNASKED, zone_name
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError, TimeError
from paperwire.ports.callers import Place
from paperwire.ports.requests import Argument, CommandSpec, Question, Reply, Request
from paperwire.services import people
from paperwire.services.papers.meaning import whose
from paperwire.services.papers.search import preview_if_free
from paperwire.services.places.places import muted_here
from paperwire.services.subscriptions.occasions import LastOccasion, exclude, include
from paperwire.services.subscriptions.subscriptions import (
    DEFAULT,
    edit_query,
    of_managed,
    place_of,
    places_of,
    set_cadence,
    set_paused,
    set_silent,
    shared_places,
    take_back_edit,
    zone_of,
)
from paperwire.services.typed import StaleButton, action_number, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import CADENCES, cadence_words, digest_option_lines
from paperwire.wording.occasions import occasion_names, occasions_line
from paperwire.wording.places import no_subscriptions, place_name, route_line
from paperwire.wording.preview import preview_lines
from paperwire.wording.times import local

# Translators: of /subscriptions: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "subscriptions",
    gettext_noop("List subscriptions; open one to edit, pause or delete it"),
    (
        Argument(
            "query",
            gettext_noop(
                "subscription: its number, and pause, resume, silent, sound, how often, or its new query to change it"
            ),
            required=False,
            completes="subscription",
        ),
    ),
    topic="follow",
    shareable=True,
    examples=(
        ("/subscriptions 2", gettext_noop("opens number 2, with buttons to change it")),
        ("/subscriptions 2 daily 08:00", gettext_noop("sends its papers once a day")),
    ),
)

_EDITED = "edit"  # the option that says which subscription a new query is for
_MOST_PLACES, _ROW, _SHOWN_QUERY = 10, 4, 200
LONGEST_NAME = 40


async def answer(context: Chat, request: Request) -> Reply:
    """`/subscriptions`: the list; with a number, query or name one of them; with words after a number, changed."""
    if _EDITED in request.options:
        return await _edit(context, request, request.options[_EDITED], request.args)
    text = unquoted(request.args)
    if not text:
        return await _list(context, request, 0)
    first, _, words = text.partition(" ")
    if not first.removeprefix("#").isdigit():
        first, words = text, ""
    subscription = await people.named(context, request, first)
    return await (
        _change(context, request, subscription, words)
        if words
        else open_one(context, request, str(subscription.number))
    )


async def turn_page(context: Chat, request: Request, part: str) -> Reply:
    """Another page of the list: `subs:OFFSET`, or `subs:PLACE:OFFSET` for that of a place managed from elsewhere."""
    place, _, offset = part.rpartition(":")
    if not place:
        return await _list(context, request, action_number(offset), edit=True)
    return await _list_of(context, request, action_number(offset), place)


async def _list(context: Chat, request: Request, offset: int, *, edit: bool = False) -> Reply:
    texts = request.texts
    subscriptions = await people.subscriptions_here(context, request)
    page, pager = page_of(subscriptions, "subs", offset, texts)
    places = await places_of(context, page)
    muted = await muted_here(context, request)
    managed = [] if request.place.is_shared else await shared_places(context, request)
    others = [[_places_button(shared, texts)] for shared in managed[:_MOST_PLACES]]
    if not subscriptions:
        return say(no_subscriptions(request.place, texts), buttons=others, edit=edit)
    return say(
        (Span(texts.ngettext("%(num)s subscription", "%(num)s subscriptions", len(subscriptions)), "bold"),),
        *(_row(each, places, request.place, texts, muted) for each in page),
        foot=[texts.gettext("Open one with its button, or with /subscriptions and its number.")],
        buttons=[*_opens(page, texts), pager, *others],
        edit=edit,
    )


async def _list_of(context: Chat, request: Request, offset: int, part: str) -> Reply:
    """The list of a shared place that is managed from a private chat."""
    texts = request.texts
    place, subscriptions = await of_managed(context, request, part)
    page, pager = page_of(subscriptions, f"subs:{place.number}", offset, texts)
    count = texts.ngettext("%(num)s subscription", "%(num)s subscriptions", len(subscriptions))
    rows = (_row(each, {place.number: place}, None, texts) for each in page)
    head = row(Span(place_name(place, texts), "bold"), count, texts)
    return say(head, *rows, buttons=[*_opens(page, texts), pager], edit=True)


def _places_button(shared: SharedPlace, texts: Texts) -> Button:
    name, count = place_name(shared.place, texts), texts.number(shared.subscriptions)
    return Button(f"{name} ({count})", f"subs:{shared.place.number}:0")


def _opens(page: Sequence[Subscription], texts: Texts) -> list[Sequence[Button]]:
    # Translators: a button that shows a subscription: %(number)s is its number in the list.
    opens = [Button(texts.gettext("Open %(number)s", number=each.ordinal), f"sub:{each.number}") for each in page]
    return in_rows(opens, _ROW)


def _row(
    subscription: Subscription,
    places: Mapping[int, StoredPlace],
    reader: Place | None,
    texts: Texts,
    muted: Container[int] = (),
) -> Line:
    """One of a list; `reader` is where it is read, None where all go to the place that the list is about."""
    others = [places[number] for number in subscription.destinations if number in places]
    zone = others[0].zone if others else UNASKED
    when = cadence_words(subscription.cadence, zone, texts) if subscription.cadence else ""
    notes = [place_name(place, texts) for place in others if reader is not None and not reader.is_same(place)]
    notes += [texts.gettext("paused")] if subscription.paused else []
    notes += [texts.gettext("muted")] if subscription.number in muted else []
    if name := clean(subscription.adder, LONGEST_NAME):
        # Translators: in a list: %(name)s is the person who made a subscription.
        notes.append(texts.gettext("added by %(name)s", name=name))
    state = f" ({texts.listed(notes)})" if notes else ""
    state += f" · {when}" if when else ""
    line = (Span(f"#{subscription.ordinal} "), *title_of(subscription))
    return (*line, Span(state)) if state else line


def title_of(subscription: Subscription) -> Line:
    """A subscription's name, if it has one, and its query."""
    text = subscription.text
    query = Span(text if len(text) <= _SHOWN_QUERY else text[:_SHOWN_QUERY] + "…", "code")
    return (Span(f"{subscription.name}: ", "bold"), query) if subscription.name else (query,)


async def open_one(context: Chat, request: Request, part: str, note: str = "") -> Reply:
    """One subscription with all its settings, and buttons to change it: `sub:N`; a `note` stands above."""
    texts = request.texts
    subscription = await people.seen(context, request, part)
    places = await places_of(context, [subscription])
    zone = await zone_of(context, subscription) or next((place.zone for place in places.values()), "UTC")
    began = local(subscription.began_at, zone, texts)
    paused, is_muted = subscription.paused, subscription.number in await muted_here(context, request)
    return say(
        note,
        (Span(f"#{subscription.ordinal} "), *title_of(subscription)),
        texts.gettext("This subscription is paused.") if paused else "",
        texts.gettext("It is muted here. To unmute it: /mutes") if is_muted else "",
        texts.gettext("Its papers come without a sound.") if subscription.silent else "",
        *(route_line(subscription, place, request.place, texts) for place in places.values()),
        occasions_line(subscription, texts),
        texts.gettext("Subscribed on %(when)s.", when=began),
        texts.gettext("Added by %(name)s.", name=adder) if (adder := clean(subscription.adder, LONGEST_NAME)) else "",
        "" if request.may_change else only_managers_line(texts),
        buttons=change_buttons(subscription, texts) if request.may_change else [],
    )


async def ask_edit(context: Chat, request: Request, part: str) -> Reply:
    """Ask for the new query, starting from the old one: `edit:N`."""
    texts = request.texts
    subscription = await people.changeable(context, request, part)
    ordinal, text = subscription.ordinal, subscription.text
    asks = texts.gettext("Send the new query for #%(number)s, or cancel. The current one is:", number=ordinal)
    label = texts.gettext("New query for #%(number)s", number=ordinal)
    question = Question(
        SPEC.name,
        label,
        text,
        {_EDITED: part},
        value=text,
        typed=f"{ordinal} {text}",
        explanation=explained(
            texts.gettext("The new query applies from the next paper on. For a day, Undo brings the old one back.")
        ),
    )
    return replace(say(asks, (Span(text, "code"),)), question=question)


async def _change(context: Chat, request: Request, subscription: Subscription, words: str) -> Reply:
    """What words after a number change: `_ORDERS` and cadences are done, all else is its new query."""
    number, word = str(subscription.number), words.casefold()
    if word in _ORDERS:
        return await _ORDERS[word](context, request, number)
    if word in _DELETIONS:
        shown = {"number": subscription.ordinal, "word": words}
        raise CommandError(
            # Translators: the commands are never translated: %(word)s is a word that was typed.
            request.texts.gettext(
                "To delete it, send /unsubscribe %(number)s. To make the word its query, quote it:"
                ' /subscriptions %(number)s "%(word)s"',
                **shown,
            )
        )
    try:
        cadence = str(Cadence.parse(words))
    except TimeError:
        return await _edit(context, request, number, words)
    return await choose_cadence(context, request, f"{number}:{cadence}")


async def _edit(context: Chat, request: Request, number: str, text: str) -> Reply:
    texts = request.texts
    before, after = await edit_query(context, request, number, text)
    if before is after:
        raise CommandError(texts.gettext("#%(number)s already has this query.", number=after.ordinal))
    query = await whose(context, request, parse(after.text))
    # Translators: a button that shows a subscription.
    opens = Button(texts.gettext("Open"), f"sub:{before.number}")
    # Translators: %(query)s is the query of a subscription now, %(number)s its number.
    head = texts.gettext("Changed: %(query)s (#%(number)s)", query=FIRST, number=before.ordinal)
    return say(
        styled(head, Span(text, "code"), style="bold"),
        *preview_lines(await preview_if_free(context, query), texts),
        # Translators: the query of a subscription before it was changed.
        texts.gettext("Before: %(query)s", query=before.text),
        buttons=[[Button(texts.gettext("Undo"), revert_action(after)), opens]],
    )


async def undo_edit(context: Chat, request: Request, part: str) -> Reply:
    """Give a subscription back the query that it had before an edit: `revert:N:SECOND`."""
    texts = request.texts
    try:
        after = await take_back_edit(context, request, part)
    except StaleButton:
        text = texts.gettext("Nothing to undo: the query has been changed since, or was changed more than a day ago.")
        raise CommandError(text) from None
    # Translators: %(query)s is the query of a subscription, as before, %(number)s its number.
    text = texts.gettext("Changed back: %(query)s (#%(number)s)", query=FIRST, number=after.ordinal)
    return say(styled(text, Span(after.text, "code"), style="bold"), edit=True)


async def choose_cadence(context: Chat, request: Request, part: str) -> Reply:
    """The cadence of a subscription: `when:N` shows the choices, `when:N:daily 08:00` takes one."""
    texts = request.texts
    number, _, cadence = part.partition(":")
    subscription = await people.changeable(context, request, number)
    if not cadence:
        return await _cadences(context, request, subscription)
    await set_cadence(context, request, number, cadence)
    before, subscription = subscription, await people.changeable(context, request, number)
    place = await place_of(context, request, subscription)
    is_timed = bool(Cadence.parse(subscription.cadence or place.cadence).times)
    asks = NO_QUESTION
    if is_timed:
        place, asks = await ask_zone(context, request, place, number)
    when = cadence_words(subscription.cadence or place.cadence, place.zone, texts)
    options = options_row(number, texts, below=bool(asks.text))
    return say(
        row(title_of(subscription), when, texts),
        texts.gettext("This subscription is paused.") if subscription.paused else "",
        "" if subscription.cadence else texts.gettext("Like everything else in this chat."),
        *(digest_option_lines(place, texts) if is_timed else ()),
        asks.text,
        buttons=[
            *asks.buttons,
            *([all_papers_row(place, number, texts), options] if is_timed else []),
            back_row(context, before, subscription, texts),
        ],
        edit=True,
    )


async def _cadences(context: Chat, request: Request, subscription: Subscription) -> Reply:
    """How often a subscription may come, as buttons, and what the digests of its place hold."""
    texts, number = request.texts, subscription.number
    place = await place_of(context, request, subscription)
    choices = CADENCES | {DEFAULT: gettext_noop("Same as the chat")}
    return say(
        title_of(subscription),
        texts.gettext("How often should its papers be sent?"),
        # Translators: when papers of a subscription come: %(when)s is "every day at 08:00" or the like.
        texts.gettext("Now: %(when)s.", when=cadence_words(subscription.cadence or place.cadence, place.zone, texts)),
        texts.gettext("Time zone: %(zone)s.", zone=zone_name(place.zone)),
        texts.gettext("For other times: /subscriptions %(number)s daily 07:30", number=subscription.ordinal),
        buttons=[
            *([Button(texts.gettext(label), f"when:{number}:{choice}")] for choice, label in choices.items()),
            options_row(str(number), texts),
        ],
    )


async def add_occasion(context: Chat, request: Request, part: str) -> Reply:
    """Let a subscription include an occasion, too: `also:N:versions`."""
    texts = request.texts
    number, _, name = part.partition(":")
    undo = f"drop:{part}" if await include(context, request, number, name) else ""
    # Translators: %(occasions)s is a list such as "new versions, withdrawals".
    note = texts.gettext("It already includes %(occasions)s.", occasions=occasion_names(name.split(","), texts))
    return await _shown(context, request, number, undo, note)


async def drop_occasion(context: Chat, request: Request, part: str) -> Reply:
    """Let a subscription include an occasion no longer, unless it is the last: `drop:N:versions`."""
    texts = request.texts
    number, _, name = part.partition(":")
    try:
        undo = f"also:{part}" if await exclude(context, request, number, name) else ""
    except LastOccasion as error:
        return say(str(error), buttons=[[Button(texts.gettext("Delete"), f"del:{number}")]])
    # Translators: %(occasions)s is a list such as "new versions, withdrawals".
    note = texts.gettext("It doesn't include %(occasions)s.", occasions=occasion_names(name.split(","), texts))
    return await _shown(context, request, number, undo, note)


async def pause_one(context: Chat, request: Request, part: str) -> Reply:
    """Send nothing of this subscription for a while: `off:N`."""
    undo = f"on:{part}" if await set_paused(context, request, part, paused=True) else ""
    return await _shown(context, request, part, undo, request.texts.gettext("It was already paused."))


async def resume_one(context: Chat, request: Request, part: str) -> Reply:
    """Go on with a paused subscription: `on:N`."""
    undo = f"off:{part}" if await set_paused(context, request, part, paused=False) else ""
    return await _shown(context, request, part, undo, request.texts.gettext("It wasn't paused."))


async def silence_one(context: Chat, request: Request, part: str) -> Reply:
    """Send what this subscription finds without a sound: `hush:N`."""
    undo = f"loud:{part}" if await set_silent(context, request, part, silent=True) else ""
    return await _shown(context, request, part, undo)


async def sound_one(context: Chat, request: Request, part: str) -> Reply:
    """Send what this subscription finds with a sound again: `loud:N`."""
    undo = f"hush:{part}" if await set_silent(context, request, part, silent=False) else ""
    return await _shown(context, request, part, undo)


async def _shown(context: Chat, request: Request, number: str, undo: str, unchanged: str = "") -> Reply:
    """A subscription after a press; without a way back nothing has changed."""
    return replace(await open_one(context, request, number, "" if undo else unchanged), undo=undo)


_ORDERS = {"pause": pause_one, "resume": resume_one, "silent": silence_one, "sound": sound_one, "share": share_one}
_DELETIONS = {"delete", "remove", "stop", "unsubscribe", "off"}

COMMANDS = (
    Command(
        SPEC,
        answer,
        {
            "sub": open_one,
            "subs": turn_page,
            "edit": ask_edit,
            "revert": undo_edit,
            "when": choose_cadence,
            "also": add_occasion,
            "drop": drop_occasion,
            "off": pause_one,
            "on": resume_one,
            "hush": silence_one,
            "loud": sound_one,
            "share": share_one,
        },
    ),
)
