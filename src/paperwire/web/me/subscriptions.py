"""A person's subscriptions, and one of them opened: add, edit, cadence, pause, delete and undo."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from starlette.responses import Response

from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.subscriptions.subscription import StoredPlace, Subscription
from paperwire.core.subscriptions.wallclock import UNASKED
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.callers import Caller
from paperwire.services import people
from paperwire.services.papers.search import preview_if_free
from paperwire.services.subscriptions import subscriptions as changes
from paperwire.services.subscriptions.occasions import exclude, include
from paperwire.services.subscriptions.subscriptions import DEFAULT, read_draft, resubscribe, subscribe, unsubscribe
from paperwire.texts import gettext_noop
from paperwire.web.forms import reading
from paperwire.web.me.visit import Act, MePage, Visit
from paperwire.web.site import local_path
from paperwire.wording import occasions
from paperwire.wording.cadences import cadence_words
from paperwire.wording.expectations import expectations
from paperwire.wording.occasions import occasions_line
from paperwire.wording.places import route_line
from paperwire.wording.preview import preview_lines
from paperwire.wording.times import local

# Translators: what was done, on a page after a button or a link of a mail.
_DONE = {
    "added": gettext_noop("Subscribed."),
    "there": gettext_noop("Subscribed."),
    "edited": gettext_noop("The query was changed."),
    "reverted": gettext_noop("The query was changed back."),
    "cadence": gettext_noop("Changed how often papers are sent."),
    "occasion": gettext_noop("Changed what is sent."),
    "paused": gettext_noop("Paused."),
    "resumed": gettext_noop("Resumed."),
    "restored": gettext_noop("Subscribed again."),
}
_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What was just done, and the form that undoes it: where it goes and its fields (none: it can't be)."""

    text: str
    path: str = ""
    fields: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSubscription:
    """One subscription in a list."""

    number: int
    ordinal: int
    name: str
    query: str
    when: str
    places: str
    paused: bool


async def listed(visit: Visit, subscriptions: Sequence[Subscription]) -> list[ListedSubscription]:
    async with visit.context.store.read() as unit:
        numbers = sorted({number for each in subscriptions for number in each.destinations})
        places = await unit.places.get_many(numbers)
    return [
        _listed(visit, each, [places[number] for number in each.destinations if number in places])
        for each in subscriptions
    ]


def _listed(visit: Visit, each: Subscription, places: Sequence[StoredPlace]) -> ListedSubscription:
    whens = [cadence_words(each.cadence or place.cadence, place.zone, visit.texts) for place in places]
    return ListedSubscription(
        number=each.number,
        ordinal=each.ordinal,
        name=each.name,
        query=each.text,
        when=visit.texts.listed(dict.fromkeys(whens)),
        places=visit.texts.join([visit.place_name(place) for place in places]),
        paused=each.paused,
    )


async def show_all(visit: Visit) -> Response:
    """`/me`: the list, and a form to add one; who came from another page to sign in and is signed in goes back."""
    if way := local_path(visit.parameters.get("to", "")):
        return visit.done(way)
    subscriptions = await people.subscriptions_here(visit.context, visit.request)
    return visit.page(
        "me_subscriptions.html",
        tab="subscriptions",
        # Translators: the title of a page of a person's own.
        title=visit.texts.gettext("My subscriptions"),
        rows=await listed(visit, subscriptions),
        places=[(place.number, visit.place_name(place)) for place in await visit.all_places()],
        notice=await deletion(visit),
    )


async def _add(visit: Visit) -> Response:
    own = await visit.at(visit.typed("place"))
    options = {"name": visit.typed("label"), "when": visit.typed("when")}
    with reading("when"):
        draft = read_draft(visit.typed("query"), options, visit.texts)
    result = await subscribe(visit.context, own.request, draft)
    return visit.done(f"/me/subscriptions/{result.subscription.number}", "there" if result.before else "added")


async def deletion(visit: Visit) -> Confirmation | None:
    """What a list says after one of its subscriptions was deleted."""
    number = visit.parameters.get("n", "")
    if visit.parameters.get("done") != "deleted":
        return None
    try:
        caller = await visit.to_subscription(number)
        gone = await people.changeable(visit.context, caller, number, deleted=True)
    except CommandError:
        return None
    path = f"/me/subscriptions/{gone.number}"
    text = visit.texts.gettext("Unsubscribed: %(query)s", query=gone.text)
    return Confirmation(text=text, path=path, fields={"do": "restore"})


# --- one of them -------------------------------------------------------------------------------------------------


async def show_one(visit: Visit) -> Response:
    """`/me/subscriptions/N`: one with all its settings, and forms to change it."""
    caller, number = await _asked(visit)
    subscription = await people.seen(visit.context, caller, number)
    async with visit.context.store.read() as unit:
        places = list((await unit.places.get_many(subscription.destinations)).values())
    return visit.page(
        "me_subscription.html",
        tab="subscriptions",
        # Translators: the title of a page of a person's own.
        title=visit.texts.gettext("Subscription #%(number)s", number=subscription.ordinal),
        subscription=subscription,
        lines=await _lines(visit, subscription, places),
        unzoned=next((place.number for place in places if _lacks_zone(subscription, place)), 0),
        back=f"/me/places/{subscription.place}" if subscription.place else "/me",
        occasions=occasions.changes(subscription, visit.texts),
        notice=_notice(visit, subscription),
    )


def _lacks_zone(subscription: Subscription, place: StoredPlace) -> bool:
    """Whether papers come at times of a place for which no zone is known."""
    return place.zone == UNASKED and bool(Cadence.parse(subscription.cadence or place.cadence).times)


async def _asked(visit: Visit) -> tuple[Caller, str]:
    """Who asks, and the number of the subscription that the page is about."""
    number = visit.http.path_params["number"]
    return await visit.to_subscription(number), number


async def _lines(visit: Visit, subscription: Subscription, places: Sequence[StoredPlace]) -> list[str]:
    """Where its papers go and when, what is sent, and what to expect."""
    texts, query = visit.texts, parse(subscription.text)
    lines = [texts.gettext("This subscription is paused.")] if subscription.paused else []
    lines += [route_line(subscription, place, visit.request.place, texts) for place in places]
    expected = preview_lines(await preview_if_free(visit.context, query), texts)
    lines += [*filter(None, [occasions_line(subscription, texts)]), *expected]
    if places:
        lines += expectations(visit.context.announcing(), query, subscription, places[0], texts)
    began = local(subscription.began_at, visit.person.zone, texts)
    # Translators: a line of an opened subscription: %(when)s is a date.
    lines.append(texts.gettext("Subscribed on %(when)s.", when=began))
    if adder := clean(subscription.adder, _LONGEST_NAME):
        # Translators: who made a subscription: %(name)s is a person; in a list, or as a sentence.
        lines.append(texts.gettext("Added by %(name)s.", name=adder))
    return lines


def _notice(visit: Visit, subscription: Subscription) -> Confirmation | None:
    code = visit.noticed(_DONE)
    if code in {"", "deleted"}:
        return None
    undo: dict[str, str | int] = {}
    if code == "edited" and subscription.edited_at is not None:
        undo = {"do": "revert", "second": int(subscription.edited_at.timestamp())}
    if code in {"added", "restored"}:
        undo = {"do": "delete"}
    return Confirmation(
        text=visit.texts.gettext(_DONE[code]), path=f"/me/subscriptions/{subscription.number}", fields=undo
    )


def _changing(done: str, change: Callable[..., Awaitable[object]], field: str = "", default: str = "") -> Act:
    """Change the subscription that the page is about, by a `field` of the form if one is named; say what was `done`."""

    async def act(visit: Visit) -> Response:
        caller, number = await _asked(visit)
        await change(visit.context, caller, number, *([visit.typed(field) or default] if field else ()))
        return _back(visit, done)

    return act


async def _take_back(visit: Visit) -> Response:
    caller, number = await _asked(visit)
    await changes.take_back_edit(visit.context, caller, f"{number}:{visit.typed('second')}")
    return _back(visit, "reverted")


async def _delete(visit: Visit) -> Response:
    gone = await unsubscribe(visit.context, *await _asked(visit))
    return visit.done(f"/me/places/{gone.place}" if gone.place else "/me", "deleted", n=gone.number)


def _back(visit: Visit, done: str) -> Response:
    return visit.done(f"/me/subscriptions/{visit.http.path_params['number']}", done)


ALL = MePage(show_all, {"add": _add}, {"add": "query"})
ONE = MePage(
    show_one,
    {
        "edit": _changing("edited", changes.edit_query, "query"),
        "revert": _take_back,
        "cadence": _changing("cadence", changes.set_cadence, "when", DEFAULT),
        "include": _changing("occasion", include, "occasion"),
        "exclude": _changing("occasion", exclude, "occasion"),
        "pause": _changing("paused", partial(changes.set_paused, paused=True)),
        "resume": _changing("resumed", partial(changes.set_paused, paused=False)),
        "delete": _delete,
        "restore": _changing("restored", resubscribe),
    },
    {"edit": "query", "cadence": "when"},
)
