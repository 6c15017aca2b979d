"""Buttons that make a chat calmer: under the lists of a burst, and where a new subscription brings a lot."""

from __future__ import annotations

import json
from collections.abc import Sequence

from paperwire.commands.buttons import offered
from paperwire.commands.context import Chat, say
from paperwire.commands.places.times import all_papers_row, options_row
from paperwire.commands.places.zone_question import ask_zone
from paperwire.commands.subscriptions.subscriptions import title_of
from paperwire.core.messages.calmer import MOST_NAMED, calmer_buttons
from paperwire.core.messages.message import Button, Line, Span, row
from paperwire.core.subscriptions.subscription import Subscription
from paperwire.core.text.clean import clean
from paperwire.ports.requests import Reply, Request
from paperwire.services.people import only_managers, subscriptions_here
from paperwire.services.places.calmer import Calmed, calm, disturb, mute_subscription, still_there
from paperwire.services.subscriptions.subscriptions import place_of
from paperwire.services.typed import StaleButton
from paperwire.texts import Texts
from paperwire.wording.cadences import cadence_words, digest_option_lines
from paperwire.wording.places import no_subscriptions

_LONGEST_LABEL = 60


async def offer(context: Chat, request: Request, part: str) -> Reply:
    """What would be calmer than the subscriptions that brought a list: `fewer:N,M`."""
    texts = request.texts
    subscriptions = await still_there(context, request, part)
    return say(
        (Span(texts.gettext("To get fewer messages from:"), "bold"),),
        *(_named(each) for each in subscriptions),
        texts.gettext(
            "Choose a daily digest, a digest of the best only, a narrower query, or mute. Nothing changes until then."
        ),
        buttons=calmer_buttons([each.number for each in subscriptions], texts),
    )


async def offer_fewer(context: Chat, request: Request) -> Reply:
    """What would be calmer here for who says that it is too much: each of few subscriptions, else the whole chat."""
    texts = request.texts
    only_managers(request)
    subscriptions = await subscriptions_here(context, request)
    if not subscriptions:
        return say(no_subscriptions(request.place, texts))
    if len(subscriptions) <= MOST_NAMED:
        return await offer(context, request, ",".join(str(each.number) for each in subscriptions))
    return say(
        texts.gettext("To get fewer messages: a digest for this whole chat, or changes to one subscription."),
        buttons=[
            [Button(texts.gettext("How often…"), "digest:"), Button(texts.gettext("Quiet hours…"), "quiet:")],
            [
                Button(texts.gettext("Subscriptions"), "subs:0"),
                Button(texts.gettext("Pause everything here"), "run:pause"),
            ],
        ],
    )


def _named(subscription: Subscription) -> Line:
    return (Span(f"#{subscription.ordinal} "), *title_of(subscription))


async def press_calm(context: Chat, request: Request, part: str) -> Reply:
    """Let subscriptions come once a day, or only the best of them: `calm:daily:N,M`, `calm:best:N,M`.

    `calm:back:CHANGES` takes that back.
    """
    texts = request.texts
    how, _, numbers = part.partition(":")
    if how == "back":
        return await _take_back(context, request, numbers)
    if how not in {"daily", "best"}:
        raise StaleButton
    calmed = await calm(context, request, numbers, best=how == "best")
    number = calmed[0].subscription.number
    first, asks = await ask_zone(context, request, calmed[0].place, str(number))
    places = {each.place.number: each.place for each in calmed} | {first.number: first}
    lines: list[Line] = []
    for subscription, place, _ in calmed:
        when = cadence_words(subscription.cadence or place.cadence, places[place.number].zone, texts)
        lines.append(row(_named(subscription), when, texts))
    # Translators: a button that asks when papers of a subscription should come.
    when_button = Button(texts.gettext("When…"), f"when:{number}")
    return say(
        *lines,
        *(line for place in places.values() for line in digest_option_lines(place, texts)),
        asks.text,
        buttons=[
            *asks.buttons,
            all_papers_row(first, str(number), texts) if how == "daily" else [],
            [when_button, *options_row(str(number), texts, below=bool(asks.text)), *_way_back(context, calmed, texts)],
        ],
    )


def _way_back(context: Chat, calmed: Sequence[Calmed], texts: Texts) -> list[Button]:
    """The button that takes back what was changed; none for no change."""
    changes = {str(each.subscription.number): each.changes for each in calmed if each.changes}
    text = json.dumps(changes, separators=(",", ":"))
    return [Button(texts.gettext("Undo"), context.long_texts.action("calm:back:", text))] if changes else []


async def _take_back(context: Chat, request: Request, key: str) -> Reply:
    try:
        changes = json.loads(offered(context, key))
        await disturb(context, request, changes)
        subscriptions = await still_there(context, request, ",".join(changes))
    except (AttributeError, TypeError, ValueError):  # no button of ours says so
        raise StaleButton from None
    texts = request.texts
    lines: list[Line] = [(Span(texts.gettext("Changed back."), "bold"),)]
    for each in subscriptions:
        place = await place_of(context, request, each)
        when = cadence_words(each.cadence or place.cadence, place.zone, texts)
        lines.append(row(_named(each), when, texts))
    return say(*lines, edit=True)


async def press_mutes(context: Chat, request: Request, part: str) -> Reply:
    """Mute a subscription here, of several the one that is chosen then: `mutes:N,M`."""
    texts = request.texts
    subscriptions = await still_there(context, request, part)
    if len(subscriptions) > 1:
        return which(texts.gettext("What should be muted here?"), subscriptions, "mutes", texts)
    muted, name, is_new = await mute_subscription(context, request, subscriptions[0])
    if not is_new:
        return say(texts.gettext("Already muted here: %(name)s", name=name))
    return say(
        texts.gettext("Muted here: %(name)s", name=name),
        buttons=[[Button(texts.gettext("Undo"), f"lift:{muted.number}")]],
    )


def which(question: str, subscriptions: Sequence[Subscription], verb: str, texts: Texts) -> Reply:
    """Ask which of several subscriptions is meant: a button each, `VERB:N`."""
    rows = [
        [
            Button(
                # Translators: %(name)s is the name of a subscription or its number.
                texts.gettext("Subscription %(name)s", name=clean(each.name or each.text, _LONGEST_LABEL)),
                f"{verb}:{each.number}",
            )
        ]
        for each in subscriptions
    ]
    return say(question, buttons=rows)


BUTTONS = {"fewer": offer, "calm": press_calm, "mutes": press_mutes}
