"""`/me/import`: a list of queries and feeds becomes subscriptions of a place, after a preview."""

from __future__ import annotations

from starlette.responses import Response

from paperwire.services.subscriptions.imports import import_list, plan_import, take_back_import
from paperwire.web.me.subscriptions import Confirmation
from paperwire.web.me.visit import MePage, Visit
from paperwire.wording.imports import counted_lines, expected_lines

_PATH = "/me/import"
_LONGEST_UPLOAD = 2_000_000
"""Bytes of a form with a list of 500,000 characters, of which some take three bytes."""
_LONGEST_TYPED = 60_000  # characters of 200 queries


async def _page(visit: Visit, **values: object) -> Response:
    """The form for a list; `plan` is what one would do, `notice` what was done."""
    return visit.page(
        "me_import.html",
        tab="subscriptions",
        # Translators: the title of a page of a person's own.
        title=visit.texts.gettext("Import subscriptions"),
        places=[(place.number, visit.place_name(place)) for place in await visit.all_places()],
        longest=_LONGEST_TYPED,
        **{"plan": None, "lines": (), "refused": (), **values},
    )


async def _plan(visit: Visit) -> Response:
    own = await visit.at(visit.typed("place"))
    plan = await plan_import(visit.context, own.request, visit.fields.get("file") or visit.fields.get("list", ""))
    lines = [
        *counted_lines(len(plan.new), plan.there, plan.repeated, visit.texts),
        *expected_lines(len(plan.new), plan.papers, plan.days, visit.texts),
    ]
    return await _page(visit, plan=plan, refused=plan.refused, lines=lines, place=own.place.number)


async def _import(visit: Visit) -> Response:
    own = await visit.at(visit.typed("place"))
    plan, added = await import_list(visit.context, own.request, visit.fields.get("list", ""))
    numbers = " ".join(str(subscription.number) for subscription in added)
    undo: dict[str, str | int] = {"do": "undo", "numbers": numbers, "place": own.place.number} if added else {}
    text = visit.texts.ngettext("Subscribed to %(num)s.", "Subscribed to %(num)s.", len(added))
    notice = Confirmation(text=text, path=_PATH, fields=undo)
    return await _page(visit, notice=notice, refused=plan.refused)


async def _undo(visit: Visit) -> Response:
    own = await visit.at(visit.typed("place"))
    gone = await take_back_import(visit.context, own.request, visit.typed("numbers").split())
    text = visit.texts.ngettext("%(num)s subscription taken back.", "%(num)s subscriptions taken back.", len(gone))
    return await _page(visit, notice=Confirmation(text=text))


IMPORT = MePage(
    _page,
    {"plan": _plan, "import": _import, "undo": _undo},
    {"plan": "list", "import": "list"},
    longest=_LONGEST_UPLOAD,
    long_fields=("list", "file"),
)
