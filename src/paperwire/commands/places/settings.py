"""`/settings`: how often papers come here, quiet hours, look, sound, zone and language, each with a way to choices."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from paperwire.commands.buttons import offered, settings_row
from paperwire.commands.context import Chat, Command, only_managers_line, say
from paperwire.commands.places import style, times
from paperwire.commands.places.language import language_line
from paperwire.commands.places.pause import paused_line, resume_row
from paperwire.commands.places.times import own_times
from paperwire.core.messages.message import Button, Line, Span
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.languages import served
from paperwire.ports.requests import CommandSpec, Reply, Request
from paperwire.services import people
from paperwire.services.people import only_managers
from paperwire.services.places import places
from paperwire.services.places.former import restore_settings
from paperwire.services.places.language import chosen
from paperwire.services.subscriptions.subscriptions import set_silent
from paperwire.services.typed import StaleButton
from paperwire.texts import Texts, gettext_noop
from paperwire.wording.cadences import digest_lines, quiet_line
from paperwire.wording.places import STYLES

# Translators: of /settings: what it does and takes (at most 100 characters; typed words stay English), examples.
SPEC = CommandSpec(
    "settings",
    gettext_noop("How often papers come here, quiet hours, how papers look and sound, and the time zone"),
    topic="settings",
    examples=(
        ("/settings", gettext_noop("all settings of this chat, with buttons to change them")),
        ("/digest daily 08:00", gettext_noop("changes one of them by words")),
    ),
)
_MOST_SUBSCRIPTIONS = 10
_LONGEST_NAME = 60
_SOUNDS = {"sound": None, "hush": True, "loud": False}
"""Parts of the button of sounds, and what each makes of a subscription."""


async def answer(context: Chat, request: Request) -> Reply:
    """`/settings`."""
    texts = request.texts
    place = await places.settings(context, request)
    paused = place.paused if place else ""
    subscriptions = await people.subscriptions_here(context, request)
    # Translators: a button: which subscriptions come with a sound.
    sound = [Button(texts.gettext("Sound…"), "settings:sound")] if subscriptions else []
    has_others = len(served()) > 1
    # Translators: a button that shows the languages to choose from.
    language = [Button(texts.gettext("Language…"), "language:")] if has_others else []
    return say(
        (Span(texts.gettext("Settings of this chat"), "bold"),),
        paused_line(paused, texts) if paused else "",
        *digest_lines(place, context.zone, texts),
        *(await own_times(context, request, place) if place else ()),
        quiet_line(place, texts),
        texts.gettext(STYLES[place.style if place else "auto"]),
        _sound_line(subscriptions, texts),
        # Translators: %(zone)s is a time zone such as Europe/Berlin.
        texts.gettext("Time zone: %(zone)s.", zone=zone_name(place.zone if place else context.zone)),
        *([language_line(await chosen(context, request), request, texts)] if has_others else []),
        "" if request.may_change else only_managers_line(texts),
        buttons=[
            resume_row(texts) if paused else [],
            [
                # Translators: buttons of settings, two in a row.
                Button(texts.gettext("How often…"), "digest:"),
                # Translators: a button that asks for the hours in which nothing is sent.
                Button(texts.gettext("Quiet hours…"), "quiet:"),
            ],
            # Translators: a button: how papers look.
            [Button(texts.gettext("Look…"), "style:"), *sound],
            [Button(texts.gettext("Time zone…"), "zone:"), *language],
        ]
        if request.may_change
        else [],
    )


def _sound_line(subscriptions: Sequence[Subscription], texts: Texts) -> str:
    silent = sum(subscription.silent for subscription in subscriptions)
    if not subscriptions:
        return texts.gettext("There are no subscriptions here yet.")
    if not silent:
        return texts.gettext("All subscriptions come with a sound.")
    return texts.ngettext(
        "%(num)s subscription comes without a sound.", "%(num)s subscriptions come without a sound.", silent
    )


async def press(context: Chat, request: Request, part: str) -> Reply:
    """Back from one of the choices: `settings:`; `settings:sound` shows the sounds, `settings:hush:N` changes one."""
    only_managers(request)
    verb, _, number = part.partition(":")
    if verb and verb not in _SOUNDS:
        raise StaleButton
    silent, undo = _SOUNDS.get(verb), ""
    if silent is not None and await set_silent(context, request, number, silent=silent):
        undo = f"settings:{'loud' if silent else 'hush'}:{number}"
    if verb:
        return replace(await _sounds(context, request), undo=undo)
    reply = await answer(context, request)
    return Reply(message=reply.message, edit=True)


async def _sounds(context: Chat, request: Request) -> Reply:
    texts = request.texts
    subscriptions = await people.subscriptions_here(context, request)
    lines: list[str | Line] = [_sound_line(subscriptions, texts)]
    rows = []
    for each in subscriptions[:_MOST_SUBSCRIPTIONS]:
        name = clean(each.name or each.text, _LONGEST_NAME)
        label, verb = (
            # Translators: a button, and says what is set: %(name)s is the name of a subscription.
            (gettext_noop("%(name)s: with sound"), "loud")
            if each.silent
            # Translators: a button, and says what is set: %(name)s is the name of a subscription.
            else (gettext_noop("%(name)s: without sound"), "hush")
        )
        rows.append([Button(texts.gettext(label, name=f"#{each.ordinal} {name}"), f"settings:{verb}:{each.number}")])
    if len(subscriptions) > _MOST_SUBSCRIPTIONS:
        lines.append(texts.gettext("For the others: /subscriptions, then the number and silent or sound."))
    return say(*lines, buttons=[*rows, settings_row(texts)], edit=True)


_ASKING = {
    times.DIGEST.name: times.press_digest,
    times.QUIET.name: times.press_quiet,
    style.SPEC.name: style.press,
    "options": times.choose_options,
    "zone": times.show_zone,
}
"""What shows the settings that an Undo stands under."""


async def press_former(context: Chat, request: Request, part: str) -> Reply:
    """Take back what was changed of the settings here: `former:ASKS:CHANGES`.

    With `options.N` or `zone.N` of those where subscription N goes.
    """
    asks, _, key = part.partition(":")
    name, _, number = asks.partition(".")
    try:
        is_undone = await restore_settings(context, request, number, json.loads(offered(context, key)))
        shown = await _ASKING[name](context, request, number)
    except (AttributeError, KeyError, TypeError, ValueError):  # no button of ours says so
        raise StaleButton from None
    texts = request.texts
    line = (
        # Translators: the answer to a button "Undo": a setting is as it was before.
        texts.gettext("Changed back.") if is_undone else texts.gettext("Nothing to undo: this has been changed since.")
    )
    return replace(shown, message=replace(shown.message, head=((Span(line),), *shown.message.head)))


COMMANDS = (Command(SPEC, answer, {"settings": press, "former": press_former}),)
