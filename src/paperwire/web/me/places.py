"""A person's places, and one of them opened: when papers come there, quiet hours, style, pause, mutes and votes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from starlette.responses import Response

from paperwire.core.messages.closed import pause_reason
from paperwire.core.subscriptions.subscription import StoredPlace
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.core.text.clean import clean
from paperwire.services.papers.papers import vote
from paperwire.services.places.places import (
    can_open_threads,
    mutes_here,
    pause,
    read_options,
    resume,
    set_digest,
    set_quiet,
    set_style,
    set_threads,
    unmute,
)
from paperwire.services.places.zones import read_zone
from paperwire.services.subscriptions.subscriptions import set_silent
from paperwire.texts import gettext_noop
from paperwire.web.forms import reading
from paperwire.web.me.subscriptions import Confirmation, deletion, listed
from paperwire.web.me.visit import Act, MePage, OwnPlace, Visit
from paperwire.web.views import PaperView, paper_view
from paperwire.wording.cadences import cadence_words
from paperwire.wording.places import STYLES, THREADS

# Translators: what was done, on a page after a button.
_DONE = {
    "digest": gettext_noop("Changed when papers are sent here."),
    "quiet": gettext_noop("Changed the quiet hours."),
    "style": gettext_noop("Changed how papers look here."),
    "paused": gettext_noop("Paused. Papers that match meanwhile are kept."),
    "resumed": gettext_noop("Resumed. Papers that were missed come first."),
    "unmuted": gettext_noop("Unmuted."),
    "threads": gettext_noop("The thread setting was changed."),
    "silent": gettext_noop("Its papers come without a sound."),
    "sound": gettext_noop("Its papers come with a sound."),
    "vote": gettext_noop("You voted for it."),
    "withdraw": gettext_noop("Your vote is withdrawn."),
}
_LATELY = timedelta(days=30)
_SHOWN = 50
_LONGEST_NAME = 60


async def show_all(visit: Visit) -> Response:
    """`/me/places`: their own, and shared ones where they added something."""
    rows = [
        (place, visit.place_name(place), cadence_words(place.cadence, place.zone, visit.texts))
        for place in await visit.all_places()
    ]
    return visit.page("me_places.html", tab="places", title=visit.texts.gettext("My chats and mailboxes"), rows=rows)


async def show_one(visit: Visit) -> Response:
    """`/me/places/N`: the settings of one that is theirs, or that they manage."""
    own_place = await _here(visit)
    place = own_place.place
    submitted, voted = await _submitted(visit, place)
    mutes = [(mute.number, name) for mute, name in await mutes_here(visit.context, own_place.request)]
    async with visit.context.store.read() as unit:
        subscriptions = await unit.subscriptions.of_place(place.number)
    name = visit.place_name(place)
    own = [
        subscription for subscription in subscriptions if place.is_shared or subscription.person == visit.person.number
    ]
    return visit.page(
        "me_place.html",
        tab="places",
        title=f"{name[:1].upper()}{name[1:]}",
        place=place,
        zone=zone_name(place.zone),
        paused=pause_reason(place.paused, visit.texts) if place.paused else "",
        when=cadence_words(place.cadence, place.zone, visit.texts),
        threads=place.threads if can_open_threads(visit.context, own_place.request.place) else None,
        threads_line=visit.texts.gettext(THREADS[place.threads]),
        sounds=[(each.number, clean(each.name or each.text, _LONGEST_NAME), each.silent) for each in own],
        styles=[(name, visit.texts.gettext(meaning)) for name, meaning in STYLES.items()],
        mutes=mutes,
        rows=await listed(visit, own),
        submitted=submitted,
        mine=voted,
        notice=await _notice(visit),
    )


async def _here(visit: Visit) -> OwnPlace:
    return await visit.at(visit.http.path_params["number"])


async def _notice(visit: Visit) -> Confirmation | None:
    code = visit.noticed(_DONE)
    return Confirmation(text=visit.texts.gettext(_DONE[code])) if code else await deletion(visit)


async def _submitted(visit: Visit, place: StoredPlace) -> tuple[list[PaperView], set[int]]:
    """What was submitted to the list of a place lately, and which of it they vote for."""
    now = visit.context.now()
    async with visit.context.store.read() as unit:
        submissions = await unit.lists.submissions(place.list, now - _LATELY, now, _SHOWN) if place.has_list else []
        voted = await unit.lists.voted_for(place.list, visit.person.number, [row.paper.number for row in submissions])
    base = visit.html.site.base
    return [replace(paper_view(row.paper, base, visit.texts), votes=row.votes) for row in submissions], voted


def _changing(done: str, change: Callable[..., Awaitable[object]], field: str = "", default: str = "") -> Act:
    """Change the place that the page is about, by a `field` of the form if one is named, and say what was `done`."""

    async def act(visit: Visit) -> Response:
        own_place = await _here(visit)
        await change(visit.context, own_place.request, *([visit.typed(field) or default] if field else ()))
        return _back(visit, done)

    return act


async def _set_digest(visit: Visit) -> Response:
    own_place = await _here(visit)
    zone = visit.typed("zone")
    if zone == zone_name(own_place.place.zone):
        zone = ""
    options = {
        "min": visit.typed("min") or "1",
        "max": visit.typed("max") or "all",
        "empty": "yes" if visit.typed("empty") else "no",
        "sections": "yes" if visit.typed("sections") else "no",
    }
    if zone:
        with reading("zone"):
            read_zone(zone, visit.texts)
    for name, value in options.items():
        with reading(name):
            read_options({name: value}, visit.texts)
    when = visit.typed("when") or str(own_place.place.cadence)
    await set_digest(visit.context, own_place.request, f"{when} {zone}".strip(), options)
    return _back(visit, "digest")


def _back(visit: Visit, done: str) -> Response:
    return visit.done(f"/me/places/{visit.http.path_params['number']}", done)


ALL = MePage(show_all)
ONE = MePage(
    show_one,
    {
        "digest": _set_digest,
        "quiet": _changing("quiet", set_quiet, "hours", "off"),
        "style": _changing("style", set_style, "style"),
        "pause": _changing("paused", pause),
        "resume": _changing("resumed", resume),
        "threads": _changing("threads", set_threads, "threads", "off"),
        "silence": _changing("silent", partial(set_silent, silent=True), "subscription"),
        "sound": _changing("sound", partial(set_silent, silent=False), "subscription"),
        "unmute": _changing("unmuted", unmute, "mute"),
        "vote": _changing("vote", partial(vote, stands=True), "paper"),
        "withdraw": _changing("withdraw", partial(vote, stands=False), "paper"),
    },
    {"digest": "when", "quiet": "hours", "style": "style"},
)
