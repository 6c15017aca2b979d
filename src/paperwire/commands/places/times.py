"""`/digest` and `/quiet`: when papers come to a place, what digests hold, quiet hours and the time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.buttons import as_setting, former_row, in_rows, settings_row
from paperwire.commands.context import Chat, Command, only_managers_line, say, split_options
from paperwire.commands.places.zone_question import NO_QUESTION, ask_zone, lost_zone, zone_buttons
from paperwire.core.messages.message import Button, Line, Span, row
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import CHOSEN_UTC, zone_name
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Argument, CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.places import places
from paperwire.services.places.places import (
    SettingsChange,
    digest_place,
    read_options,
    set_digest,
    set_quiet,
    update_at,
)
from paperwire.services.places.zone_choice import set_zone
from paperwire.services.places.zones import read_zone
from paperwire.services.typed import StaleButton, unquoted
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import CADENCES, cadence_words, digest_lines, digest_option_lines, quiet_line
from paperwire.wording.places import place_name
from paperwire.wording.times import local

# Translators: of /digest: what it does and takes (at most 100 characters; typed words stay English), examples.
DIGEST = CommandSpec(
    "digest",
    gettext_noop("How often papers come here: at once, or in digests at the times you choose"),
    (
        Argument(
            "query",
            gettext_noop("when: instant, daily 8am, weekdays 7:30, weekly mon 08:00, and a time zone"),
            required=False,
            completes="time",
        ),
    ),
    (
        Argument("min", gettext_noop("papers a digest waits for, such as 3"), required=False),
        Argument("max", gettext_noop("papers a digest lists at most, such as 20, or all"), required=False),
        Argument(
            "empty",
            gettext_noop("whether to say so when there is nothing new"),
            required=False,
            choices=("yes", "no"),
        ),
        Argument(
            "sections",
            gettext_noop("whether papers stand under the subscription that wanted them"),
            required=False,
            choices=("yes", "no"),
        ),
    ),
    who="viewer",
    topic="settings",
    examples=(
        ("/digest daily 08:00 Europe/Berlin", gettext_noop("one message every morning")),
        ("/digest weekly mon 08:00 min:3", gettext_noop("on Mondays, if there are three papers or more")),
    ),
)
# Translators: of /quiet: what it does and takes (at most 100 characters; typed words stay English), examples.
QUIET = CommandSpec(
    "quiet",
    gettext_noop("Hours in which nothing is sent here"),
    (
        Argument(
            "query",
            gettext_noop("hours: 22:00-07:00 or 22-7, and a time zone, or off"),
            required=False,
            completes="hours",
        ),
    ),
    who="viewer",
    topic="settings",
    examples=(
        ("/quiet 22:00-07:00 Europe/Berlin", gettext_noop("nothing at night")),
        ("/quiet off", gettext_noop("at any hour again")),
    ),
)
_PER_ROW = 2
_MOST_OWN = 10
_BELOW = "below"
_LONGEST_NAME = 60
_QUIET = ("22:00-07:00", "20:00-08:00")
# Translators: buttons for digests: how many papers at most, how many to wait for, in one list or not, without papers.
_OPTIONS = {
    "max": (
        "digest_max",
        {
            "10": gettext_noop("Best 10"),
            "20": gettext_noop("Best 20"),
            "50": gettext_noop("Best 50"),
            "all": gettext_noop("All papers"),
        },
    ),
    "min": (
        "digest_min",
        {
            "3": gettext_noop("Wait for 3 papers"),
            "5": gettext_noop("Wait for 5 papers"),
            "1": gettext_noop("Don't wait for more papers"),
        },
    ),
    "sections": (
        "digest_sections",
        {
            "no": gettext_noop("One list"),
            "yes": gettext_noop("By subscription"),
        },
    ),
    "empty": (
        "digest_empty",
        {
            "yes": gettext_noop("Say when nothing is new"),
            "no": gettext_noop("Send nothing when nothing is new"),
        },
    ),
}
"""What digests hold as buttons offer it: the setting of a place by option, and labels by value."""


async def answer_digest(context: Chat, request: Request) -> Reply:
    """`/digest [CADENCE [ZONE]] [min:3] [max:20] [empty:yes] [sections:no]`: when papers come here, and digests."""
    texts = request.texts
    text, options = split_options(request, "min", "max", "empty", "sections")
    if not text and not options:
        return await _shown_digest(context, request)
    before, place = await set_digest(context, request, text, options)
    asks = NO_QUESTION
    if _is_timed(place):
        place, asks = await ask_zone(context, request, place, DIGEST.name)
    slot = Cadence.parse(place.cadence).next_slot(place.zone, context.now())
    undo = former_row(context, DIGEST.name, SettingsChange(before, place), texts)
    return say(
        *digest_lines(place, place.zone, texts),
        texts.gettext("Next digest: %(when)s", when=local(slot, place.zone, texts)) if slot else "",
        *await own_times(context, request, place),
        asks.text,
        buttons=[*asks.buttons, [*(options_row("", texts, below=bool(asks.text)) if slot else []), *undo]],
    )


async def _shown_digest(context: Chat, request: Request) -> Reply:
    texts = request.texts
    place = await places.settings(context, request)
    how = texts.gettext(
        "To change this: /digest instant, /digest daily 8am berlin, /digest weekdays 7:30 or /digest weekly mon 08:00"
    )
    asks = lost_zone(place, request, DIGEST.name)
    choices = [
        Button(texts.gettext(label), f"digest:{cadence}")
        for cadence, label in CADENCES.items()
        if place is None or cadence != place.cadence
    ]
    return say(
        *digest_lines(place, context.zone, texts),
        *(await own_times(context, request, place) if place else ()),
        how if request.may_change else only_managers_line(texts),
        asks.text,
        buttons=[
            *in_rows(choices, _PER_ROW),
            [*options_row("", texts, below=bool(asks.text)), _zone_button(texts)],
            *asks.buttons,
        ]
        if request.may_change
        else [],
    )


def _zone_button(texts: Texts) -> Button:
    return Button(texts.gettext("Time zone…"), "zone:")


def _is_timed(place: StoredPlace) -> bool:
    return bool(Cadence.parse(place.cadence).times)


async def own_times(context: Chat, request: Request, place: StoredPlace) -> list[str | Line]:
    """The subscriptions that come to a place at times of their own."""
    texts = request.texts
    own = [
        subscription
        for subscription in await people.subscriptions_here(context, request)
        if subscription.cadence and place.number in subscription.destinations
    ]
    if not own:
        return []
    lines: list[str | Line] = [texts.gettext("Subscriptions with times of their own:")]
    for subscription in own[:_MOST_OWN]:
        when = cadence_words(subscription.cadence, place.zone, texts)
        name = Span(clean(subscription.name or subscription.text, _LONGEST_NAME), "code")
        lines.append(row((Span(f"#{subscription.ordinal} "), name), when, texts))
    if len(own) > _MOST_OWN:
        lines.append(texts.npgettext("subscriptions", "and %(num)s more", "and %(num)s more", len(own) - _MOST_OWN))
    return lines


async def press_digest(context: Chat, request: Request, part: str) -> Reply:
    """A cadence of this place that a button names: `digest:daily 08:00`; `digest:` shows the choices."""
    return await as_setting(answer_digest, context, request, part)


# --- /quiet ------------------------------------------------------------------------------------------------------


async def answer_quiet(context: Chat, request: Request) -> Reply:
    """`/quiet [HH:MM-HH:MM [ZONE]|off]`."""
    texts = request.texts
    text = unquoted(request.args)
    if not text:
        place = await places.settings(context, request)
        how = texts.gettext("To change this: /quiet 22:00-07:00 Europe/Berlin or /quiet off")
        asks = lost_zone(place, request, QUIET.name)
        hours = place.quiet if place else ""
        choices = [Button(choice, f"quiet:{choice}") for choice in _QUIET if choice != hours]
        off = [Button(texts.gettext("No quiet hours"), "quiet:off")] if hours else []
        return say(
            quiet_line(place, texts),
            how if request.may_change else only_managers_line(texts),
            asks.text,
            buttons=[choices, [*off, _zone_button(texts)], *asks.buttons] if request.may_change else [],
        )
    before, place = await set_quiet(context, request, text)
    asks = NO_QUESTION
    if place.quiet:
        place, asks = await ask_zone(context, request, place, QUIET.name)
    undo = former_row(context, QUIET.name, SettingsChange(before, place), texts)
    return say(quiet_line(place, texts), asks.text, buttons=[*asks.buttons, undo])


async def press_quiet(context: Chat, request: Request, part: str) -> Reply:
    """Quiet hours that a button names: `quiet:22:00-07:00`, `quiet:off`; `quiet:` shows the choices."""
    return await as_setting(answer_quiet, context, request, part)


# --- the time zone, asked for where none is known ----------------------------------------------------------------


async def choose_zone(context: Chat, request: Request, part: str) -> Reply:
    """Set the time zone of a place: `zone:Europe/Berlin`, with `:N` of where a subscription goes; `zone:` asks.

    Where a command's answer asked, with `:digest` or `:quiet`, it is shown again with the new zone.
    """
    only_managers(request)
    texts = request.texts
    if not part:
        place = await places.settings(context, request)
        zone = place.zone if place else context.zone
        return say(
            _now_line(context, zone, texts),
            buttons=[*zone_buttons("zone", request.locale), settings_row(texts)],
            edit=True,
        )
    name, _, where = part.partition(":")
    zone = name if name == CHOSEN_UTC else read_zone(name, texts)
    number = where if where.isdecimal() else ""
    changed = await set_zone(context, request, zone, number)
    undo = former_row(context, f"zone.{number}" if number else "zone", changed, texts)
    now = _now_line(context, changed.now.zone, texts)
    if where in _ASKING:
        shown = await _ASKING[where](context, replace(request, args=""))
        return _with_first(now, replace(shown, edit=True), undo)
    if where:  # under an answer that says more
        return say(now, await _time_of(context, request, number, changed.now) if number else "", buttons=[undo])
    return say(now, buttons=[[*settings_row(texts), *undo]], edit=True)


async def show_zone(context: Chat, request: Request, part: str) -> Reply:
    """The time zone here or, with a subscription's number, where that goes."""
    place = await digest_place(context, request, part)
    return say(_now_line(context, place.zone, request.texts), edit=True)


async def _time_of(context: Chat, request: Request, part: str, place: StoredPlace) -> Line:
    """When a subscription's papers are sent to a place, by its new zone."""
    subscription = await people.changeable(context, request, part)
    when = cadence_words(subscription.cadence or place.cadence, place.zone, request.texts)
    return row(Span(clean(subscription.name or subscription.text, _LONGEST_NAME), "code"), when, request.texts)


def _with_first(text: str, reply: Reply, row: Sequence[Button]) -> Reply:
    """A reply below a line, with one more row of buttons."""
    message = reply.message
    buttons = (*message.buttons, *([tuple(row)] if row else []))
    return replace(reply, message=replace(message, head=((Span(text),), *message.head), buttons=buttons))


def _now_line(context: Chat, zone: str, texts: Texts) -> str:
    # Translators: %(now)s is the time of day there.
    return texts.gettext(
        "Time zone: %(zone)s. It is %(now)s.", zone=zone_name(zone), now=local(context.now(), zone, texts)
    )


# --- what digests hold, by buttons --------------------------------------------------------------------------------


def options_row(part: str, texts: Texts, *, below: bool = False) -> list[Button]:
    """The row of one button that leads to what digests hold: here or, with a subscription, where that goes.

    `below` a message that asks something, not in its place.
    """
    # Translators: a button that opens the settings of digests.
    return [Button(texts.gettext("Digest options…"), f"options:{part}:{_BELOW}" if below else f"options:{part}")]


def all_papers_row(place: StoredPlace, part: str, texts: Texts) -> list[Button]:
    """The row of one button that lets digests list all papers again; empty where they do."""
    return [Button(texts.gettext("List all papers"), f"options:{part}:max:all")] if place.digest_max else []


async def choose_options(context: Chat, request: Request, part: str) -> Reply:
    """What digests hold: `options:` here, `options:N` where a subscription goes; `options:N:max:10` changes it.

    `options:N:below` shows it in a message of its own.
    """
    texts = request.texts
    number, _, change = part.partition(":")
    name, _, value = change.partition(":")
    is_below = name == _BELOW and not value
    change = "" if is_below else change
    if change and name not in _OPTIONS:
        raise StaleButton
    place = await digest_place(context, request, number)
    undo: list[Button] = []
    if change:
        changed = await update_at(context, request, number, **read_options({name: value}, texts))
        place, undo = changed.now, former_row(context, f"options.{number}", changed, texts)
    rows = [
        [
            Button(texts.gettext(label), f"options:{number}:{name}:{value}")
            for value, label in choices.items()
            if str(read_options({name: value}, texts)[field]) != str(getattr(place, field))
        ]
        for name, (field, choices) in _OPTIONS.items()
    ]
    return say(
        # Translators: a button: %(place)s is a chat or address.
        (Span(texts.gettext("Digests of %(place)s", place=place_name(place, texts)), "bold"),),
        texts.gettext("Papers are grouped by subscription, the most upvoted first.") if place.digest_sections else "",
        *(digest_option_lines(place, texts) or [texts.gettext("A digest lists all its papers.")]),
        # Translators: a button that shows the list before.
        buttons=[*rows, [Button(texts.gettext("« Back"), f"when:{number}" if number else "digest:"), *undo]],
        edit=not is_below,
    )


_ASKING = {DIGEST.name: answer_digest, QUIET.name: answer_quiet}  # commands whose answers ask for the zone

COMMANDS = (
    Command(DIGEST, answer_digest, {"zone": choose_zone, "digest": press_digest, "options": choose_options}),
    Command(QUIET, answer_quiet, {"quiet": press_quiet}),
)
