"""What the buttons on pages of papers do: save, vote, mute and subscribe, each with its way back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from paperwire.core.papers.paper import Paper
from paperwire.ports.callers import Caller
from paperwire.services.context import Context
from paperwire.services.papers.papers import keep, stored, take_off, vote
from paperwire.services.places.mute_choices import author_choices, category_choices, mute_choice, other_choices
from paperwire.services.places.places import mutes_here, subscriptions_to_mute, unmute
from paperwire.services.subscriptions.less import less_like, unlearn
from paperwire.services.subscriptions.subscriptions import (
    read_draft,
    resubscribe,
    subscribe,
    take_back_edit,
    unsubscribe,
)
from paperwire.texts import gettext_noop
from paperwire.web.forms import reading
from paperwire.web.html import FRESH
from paperwire.web.me.subscriptions import Confirmation
from paperwire.web.me.visit import Act, MePage, OwnPlace, Visit
from paperwire.web.readers import DONE, NUMBER, Deed, Readers
from paperwire.web.site import local_path
from paperwire.web.views import paper_view

# Translators: %(name)s is an author, a category or a source.
_MUTE_DONE = {
    "muted": gettext_noop("Muted: %(name)s"),
    "already": gettext_noop("Already muted: %(name)s"),
    "unmuted": gettext_noop("Unmuted."),
}


# --- the form of a page of papers ---------------------------------------------------------------------------------


async def _refuse(visit: Visit) -> Response:
    title, text = visit.texts.gettext("Nothing was changed"), visit.complaint.text if visit.complaint else ""
    back = local_path(visit.typed("back"))
    return visit.html.fresh(visit.texts, "me_message.html", 400, page="me", title=title, text=text, back=back)


def _to_paper(done: str, change: Callable[[Context, Caller, str], Awaitable[object]]) -> Act:
    """Do something to the paper whose button was pressed, and say that it was `done`."""

    async def act(visit: Visit) -> Response:
        await change(visit.context, visit.request, visit.part)
        paper = await stored(visit.context, visit.part)
        return await _answer(visit, Deed(done, paper.number), f"paper-{paper.number}", paper)

    return act


def _teaching(done: str, change: Callable[[Context, Caller, str, Paper], Awaitable[object]]) -> Act:
    """Change what a subscription by meaning learned of a paper: `less:PAPER:SUBSCRIPTION`; say that it was `done`."""

    async def act(visit: Visit) -> Response:
        number, _, part = visit.part.partition(":")
        caller = await visit.to_subscription(part.partition(":")[0])
        paper = await stored(visit.context, number)
        await change(visit.context, caller, part, paper)
        return await _answer(visit, Deed(done, paper.number), f"paper-{paper.number}", paper)

    return act


async def _answer(visit: Visit, deed: Deed, anchor: str, paper: Paper | None = None) -> Response:
    """Back to the page, where what was done is said; for its script only the part that is different now."""
    back = local_path(visit.typed("back")) or "/"
    if not visit.typed("part"):
        path = back.partition("#")[0]
        options = urlencode({DONE: deed.code, NUMBER: deed.number})
        address = f"{visit.html.site.base}{path}{'&' if '?' in path else '?'}{options}#{anchor}"
        return RedirectResponse(address, 303, FRESH)
    readers = Readers(visit.context, visit.html, visit.auth)
    papers = [paper] if paper else []
    reader = await readers.reader(visit.who, visit.texts, papers, visit.typed("query"), back, deed)
    item = paper_view(paper, visit.html.site.base, visit.texts) if paper else None
    return visit.html.fresh(visit.texts, "acted.html", item=item, reader=reader)


async def _subscribe(visit: Visit) -> Response:
    own_place = await visit.at(visit.typed("place"))
    with reading("query"):
        draft = read_draft(visit.typed("query"), {}, visit.texts)
    result = await subscribe(visit.context, own_place.request, draft)
    return await _answer(visit, Deed("there" if result.before else "subscribed", result.subscription.number), "follow")


async def _unsubscribe(visit: Visit) -> Response:
    gone = await unsubscribe(visit.context, await visit.to_subscription(visit.part), visit.part)
    return await _answer(visit, Deed("unsubscribed", gone.number), "follow")


async def _restore(visit: Visit) -> Response:
    restored, _ = await resubscribe(visit.context, await visit.to_subscription(visit.part), visit.part)
    return await _answer(visit, Deed("restored", restored.number), "follow")


ACTS = MePage(
    _refuse,
    {
        "save": _to_paper("saved", keep),
        "unsave": _to_paper("unsaved", take_off),
        "vote": _to_paper("voted", partial(vote, stands=True)),
        "withdraw": _to_paper("withdrawn", partial(vote, stands=False)),
        "less": _teaching("less", less_like),
        "more": _teaching("more", lambda context, caller, part, _: take_back_edit(context, caller, part)),
        "unlearn": _teaching("unlearned", lambda context, caller, part, _: unlearn(context, caller, part)),
        "subscribe": _subscribe,
        "unsubscribe": _unsubscribe,
        "restore": _restore,
    },
    long_fields=("back",),
    of_reading=("save", "unsave", "vote", "withdraw"),
)


# --- what of a paper is muted, and where --------------------------------------------------------------------------


async def show_choices(visit: Visit) -> Response:
    """`/me/mute/PAPER`: what of a paper can be muted, in one of their places."""
    paper = await stored(visit.context, visit.http.path_params["number"])
    places = await visit.places()
    subscriptions = await subscriptions_to_mute(visit.context, visit.request, paper)
    return visit.page(
        "me_mute.html",
        tab="",
        title=visit.texts.gettext("Mute"),
        paper=paper_view(paper, visit.html.site.base, visit.texts),
        places=[(place.number, visit.place_name(place)) for place in places],
        choices=[
            *author_choices(paper, visit.texts),
            *category_choices(paper),
            *other_choices(subscriptions, visit.texts),
        ],
        back=local_path(visit.fields.get("back", visit.parameters.get("back", ""))) or "/",
        notice=await _mute_notice(visit),
    )


async def _mute_notice(visit: Visit) -> Confirmation | None:
    """What was just muted, with the way to undo it; only what is muted there still."""
    code, number = visit.noticed(_MUTE_DONE), visit.parameters.get(NUMBER, "")
    if not code:
        return None
    if code == "unmuted":
        return Confirmation(text=visit.texts.gettext(_MUTE_DONE[code]))
    place = visit.parameters.get("place", "")
    own_place = await visit.at(place)
    name = next(
        (name for mute, name in await mutes_here(visit.context, own_place.request) if str(mute.number) == number), ""
    )
    if not name:
        return None
    fields = {"do": "unmute", "mute": number, "place": place, "back": visit.parameters.get("back", "")}
    path = visit.http.scope["path"]
    text = visit.texts.gettext(_MUTE_DONE[code], name=name)
    return Confirmation(text=text, path=path, fields={} if code == "already" else fields)


async def _mute(visit: Visit) -> Response:
    own_place = await visit.at(visit.typed("place"))
    muted = await mute_choice(visit.context, own_place.request, visit.http.path_params["number"], visit.typed("what"))
    return _stay(visit, own_place, "muted" if muted.is_new else "already", muted.mute.number)


async def _unmute(visit: Visit) -> Response:
    own_place = await visit.at(visit.typed("place"))
    await unmute(visit.context, own_place.request, visit.typed("mute"))
    return _stay(visit, own_place, "unmuted", 0)


def _stay(visit: Visit, own_place: OwnPlace, done: str, number: int) -> Response:
    values: dict[str, str | int] = {NUMBER: number, "place": own_place.place.number, "back": visit.typed("back")}
    return visit.done(f"/me/mute/{visit.http.path_params['number']}", done, **values)


MUTE = MePage(show_choices, {"mute": _mute, "unmute": _unmute}, long_fields=("back",))
