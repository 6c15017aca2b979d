"""A person's places, and one of them opened: when papers come there, quiet hours, style, pause and mutes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response

from paperwire.commands.cadences import cadence_words
from paperwire.commands.digest import read_options, set_digest, set_quiet
from paperwire.commands.mutes import lift, mute_name, mutes_here
from paperwire.commands.papers import vote
from paperwire.commands.pause import pause, resume
from paperwire.commands.style import STYLES, set_style
from paperwire.commands.zones import read_zone
from paperwire.core.messages.closed import pause_reason
from paperwire.core.subscriptions.wallclock import zone_name
from paperwire.texts import gettext_noop
from paperwire.web.forms import reading
from paperwire.web.me.subscriptions import Confirmation, deletion, listed
from paperwire.web.views import paper_view

if TYPE_CHECKING:
    from paperwire.core.subscriptions.subscription import Destination
    from paperwire.web.me.visit import OwnPlace, Visit
    from paperwire.web.views import PaperView

_DONE = {
    "digest": gettext_noop("Changed when papers are sent here."),
    "quiet": gettext_noop("Changed the quiet hours."),
    "style": gettext_noop("Changed how papers look here."),
    "paused": gettext_noop("Paused. Papers that match meanwhile are kept."),
    "resumed": gettext_noop("Resumed. Papers that were missed come first."),
    "unmuted": gettext_noop("Unmuted."),
    "vote": gettext_noop("You voted for it."),
    "withdraw": gettext_noop("Your vote is withdrawn."),
}
_LATELY = timedelta(days=30)
_SHOWN = 50
_FIELDS = {"digest": "when", "quiet": "hours", "style": "style"}


async def show_all(visit: Visit) -> Response:
    """`/me/places`: their own, and shared ones where they added something."""
    async with visit.context.store.read() as unit:
        shared = await unit.people.shared_places(visit.person.number)
    rows = [
        (place, visit.place_name(place), cadence_words(place.cadence, place.zone, visit.texts))
        for place in [*await visit.places(), *(one.place for one in shared)]
    ]
    return visit.page("me_places.html", here="places", title=visit.texts.gettext("My chats and mailboxes"), rows=rows)


async def show_one(visit: Visit) -> Response:
    """`/me/places/N`: the settings of one that is theirs, or that they manage."""
    actions = {
        "digest": _set_digest,
        "quiet": _set_quiet,
        "style": _set_style,
        "pause": _pause,
        "resume": _resume,
        "unmute": _unmute,
        "vote": _vote,
        "withdraw": _vote,
    }
    here = await _here(visit)
    answer = await visit.acts(actions, _FIELDS)
    if isinstance(answer, Response):
        return answer
    place = here.place
    submitted, mine = await _submitted(visit, place)
    muted = await mutes_here(visit.context, here.request)
    async with visit.context.store.read() as unit:
        mutes = [(mute.number, await mute_name(unit, mute, visit.texts)) for mute in muted]
        subscriptions = await unit.subscriptions.of_destination(place.number)
    name = visit.place_name(place)
    theirs = [one for one in subscriptions if place.is_shared or one.person == visit.person.number]
    return visit.page(
        "me_place.html",
        here="places",
        title=f"{name[:1].upper()}{name[1:]}",
        complaint=answer,
        place=place,
        zone=zone_name(place.zone),
        paused=pause_reason(place.paused, visit.texts) if place.paused else "",
        when=cadence_words(place.cadence, place.zone, visit.texts),
        styles=[(name, visit.texts.gettext(meaning)) for name, meaning in STYLES.items()],
        mutes=mutes,
        rows=await listed(visit, theirs),
        submitted=submitted,
        mine=mine,
        notice=await _notice(visit),
    )


async def _here(visit: Visit) -> OwnPlace:
    return await visit.at(visit.http.path_params["number"])


async def _notice(visit: Visit) -> Confirmation | None:
    code = visit.asked.get("done", "")
    return Confirmation(text=visit.texts.gettext(_DONE[code])) if code in _DONE else await deletion(visit)


async def _submitted(visit: Visit, place: Destination) -> tuple[list[PaperView], set[int]]:
    """What was submitted to the list of a shared place lately, and which of it they vote for."""
    now = visit.context.now()
    async with visit.context.store.read() as unit:
        found = await unit.lists.submissions(place.list, now - _LATELY, now, _SHOWN) if place.is_shared else []
        mine = await unit.lists.voted_for(place.list, visit.person.number, [one.paper.number for one in found])
    base = visit.html.site.base
    return [replace(paper_view(one.paper, base, visit.texts), votes=one.votes) for one in found], mine


async def _set_digest(visit: Visit) -> Response:
    here = await _here(visit)
    when, zone = (visit.fields.get(name, "").strip() for name in ("when", "zone"))
    if zone in {"", zone_name(here.place.zone)}:
        zone = ""
    options = {
        "min": visit.fields.get("min", "").strip() or "1",
        "max": visit.fields.get("max", "").strip() or "all",
        "empty": "yes" if visit.fields.get("empty") else "no",
    }
    if zone:
        with reading("zone"):
            read_zone(zone, visit.texts)
    for name, value in options.items():
        with reading(name):
            read_options({name: value}, visit.texts)
    await set_digest(visit.context, here.request, f"{when or here.place.cadence} {zone}".strip(), options)
    return _back(visit, "digest")


async def _set_quiet(visit: Visit) -> Response:
    here = await _here(visit)
    await set_quiet(visit.context, here.request, visit.fields.get("hours", "").strip() or "off")
    return _back(visit, "quiet")


async def _set_style(visit: Visit) -> Response:
    here = await _here(visit)
    await set_style(visit.context, here.request, visit.fields.get("style", ""))
    return _back(visit, "style")


async def _pause(visit: Visit) -> Response:
    await pause(visit.context, (await _here(visit)).request)
    return _back(visit, "paused")


async def _resume(visit: Visit) -> Response:
    await resume(visit.context, (await _here(visit)).request)
    return _back(visit, "resumed")


async def _unmute(visit: Visit) -> Response:
    await lift(visit.context, (await _here(visit)).request, visit.fields.get("mute", ""))
    return _back(visit, "unmuted")


async def _vote(visit: Visit) -> Response:
    do = visit.fields["do"]
    here = await _here(visit)
    await vote(visit.context, here.request, visit.fields.get("paper", ""), stands=do == "vote")
    return _back(visit, do)


def _back(visit: Visit, code: str) -> Response:
    return visit.done(f"/me/places/{visit.http.path_params['number']}", code)
