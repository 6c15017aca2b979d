"""What else is a person's: saved papers, feed links, accounts, sessions, and all of it as a file or gone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from paperwire.commands import people
from paperwire.commands.feed import EVERYTHING, PLACE, FeedAddresses, feed
from paperwire.commands.forget import belonging_lines, belongings, export, forget
from paperwire.commands.link import SPEC as LINK
from paperwire.commands.link import link_code, unlink, unlinking
from paperwire.commands.saved import FILES, citation_file, keep, saved, take_off
from paperwire.commands.sign_in import end_session, end_sessions
from paperwire.core.messages.card import shown_title
from paperwire.texts import gettext_noop
from paperwire.web.html import FRESH
from paperwire.web.me.subscriptions import Confirmation
from paperwire.web.problems import Refused, not_found
from paperwire.web.views import paper_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from paperwire.core.messages.message import Attachment
    from paperwire.web.auth import Auth
    from paperwire.web.me.visit import Visit

_SAVED = {"removed": gettext_noop("No longer saved:"), "kept": gettext_noop("Saved again:")}
_ACCOUNT = "/me/account"
_CHANGED = {
    "unlinked": gettext_noop("The account is unlinked."),
    "unlinked_feeds": gettext_noop(
        "The account is unlinked. The old links of your private feeds no longer work; the new ones are under Feeds."
    ),
    "ended": gettext_noop("That browser is signed out."),
    "others": gettext_noop("All other browsers are signed out."),
}
_PAGE = 50
_LAST_PAGE = 10_000


# --- saved papers ------------------------------------------------------------------------------------------------


async def show_saved(visit: Visit) -> Response:
    """`/me/saved`: the saved papers, the last first, and files of them."""
    answer = await visit.acts({"remove": _remove, "keep": _keep}, {})
    if isinstance(answer, Response):
        return answer
    papers = await saved(visit.context, visit.request)
    asked = visit.asked.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 1 <= int(asked[:6]) <= _LAST_PAGE else 1
    shown = papers[(page - 1) * _PAGE : page * _PAGE]
    return visit.page(
        "me_saved.html",
        here="saved",
        title=visit.texts.gettext("My saved papers"),
        complaint=answer,
        papers=[(paper.number, paper_view(paper, visit.html.site.base, visit.texts)) for paper in shown],
        count=len(papers),
        earlier=page - 1,
        later=page + 1 if len(papers) > page * _PAGE else 0,
        notice=await _saved_notice(visit),
    )


async def _saved_notice(visit: Visit) -> Confirmation | None:
    code, number = visit.asked.get("done", ""), visit.asked.get("n", "")
    if code not in _SAVED or not (number.isascii() and number.isdigit() and len(number) < 16):
        return None
    async with visit.context.store.read() as unit:
        paper = (await unit.papers.by_number([int(number)])).get(int(number))
    if paper is None:
        return None
    undo = {"do": "keep" if code == "removed" else "remove", "paper": number}
    title = shown_title(paper, visit.texts)
    return Confirmation(text=visit.texts.gettext(_SAVED[code]), what=title, path="/me/saved", fields=undo)


async def _remove(visit: Visit) -> Response:
    paper = await take_off(visit.context, visit.request, visit.fields.get("paper", ""))
    return visit.done("/me/saved", "removed", n=paper.number)


async def _keep(visit: Visit) -> Response:
    paper = await keep(visit.context, visit.request, visit.fields.get("paper", ""))
    return visit.done("/me/saved", "kept", n=paper.number)


async def download_saved(visit: Visit) -> Response:
    """`/me/saved/bibtex` and `/me/saved/ris`: the saved papers as a file."""
    form = visit.http.path_params["form"]
    if form not in FILES:
        raise Refused(404, not_found)
    return _file(citation_file(await saved(visit.context, visit.request), form))


def _file(attachment: Attachment) -> Response:
    headers = FRESH | {"content-disposition": f'attachment; filename="{attachment.name}"'}
    return Response(attachment.content, headers=headers, media_type=attachment.media_type)


# --- feeds -------------------------------------------------------------------------------------------------------


async def show_feeds(visit: Visit) -> Response:
    """`/me/feeds`: the links of the feed of everything, or of one subscription or shared place (`of`)."""
    answer = await visit.acts({"reset": _reset}, {})
    if isinstance(answer, Response):
        return answer
    part = visit.asked.get("of", EVERYTHING)
    addresses = await _feed(visit, part, reset=False)
    async with visit.context.store.read() as unit:
        subscriptions = await people.subscriptions_here(unit, visit.request)
        shared = await unit.people.shared_places(visit.person.number)
    is_new = visit.asked.get("done") == "new"
    return visit.page(
        "me_feeds.html",
        here="feeds",
        title=visit.texts.gettext("My feeds"),
        complaint=answer,
        part=part,
        name=_feed_name(visit, addresses),
        links=addresses.links,
        others=[
            (EVERYTHING, visit.texts.gettext("All my subscriptions")),
            *((f"{PLACE}{one.place.number}", visit.place_name(one.place)) for one in shared),
            *((str(one.number), f"#{one.ordinal} {one.name or one.text}") for one in subscriptions),
        ],
        notice=Confirmation(text=visit.texts.gettext("New links; the old ones no longer work.")) if is_new else None,
    )


def _feed_name(visit: Visit, addresses: FeedAddresses) -> str:
    if addresses.subscription is not None:
        return addresses.subscription.name or addresses.subscription.text
    if addresses.place is not None:
        return visit.place_name(addresses.place)
    return visit.texts.gettext("All my subscriptions")


async def _feed(visit: Visit, part: str, *, reset: bool) -> FeedAddresses:
    if part == EVERYTHING:
        caller = visit.request
    elif part.startswith(PLACE):
        caller = (await visit.at(part.removeprefix(PLACE))).request
    else:
        caller = await visit.to_subscription(part)
    return await feed(visit.context, caller, part, reset=reset)


async def _reset(visit: Visit) -> Response:
    part = visit.fields.get("of", "")
    await _feed(visit, part, reset=True)
    return visit.done("/me/feeds", "new", of=part)


# --- accounts and data -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """Accounts on channels, where they are signed in, and the way out."""

    auth: Auth

    async def show(self, visit: Visit) -> Response:
        """`/me/account`; a code to link another account is shown once, as it must stand in no address."""
        actions = {
            "link": self._show_code,
            "unlink": self._unlink,
            "end": self._end,
            "out": self._sign_out,
            "others": self._sign_out_elsewhere,
            "everywhere": self._sign_out_everywhere,
        }
        answer = await visit.acts(actions, {})
        return answer if isinstance(answer, Response) else await self._page(visit, complaint=answer)

    async def _page(self, visit: Visit, **values: object) -> Response:
        async with visit.context.store.read() as unit:
            sessions = await unit.sign_ins.sessions(visit.person.number)
        shown: Mapping[str, object] = {"code": "", "complaint": None} | values
        return visit.page(
            "me_account.html",
            here="account",
            title=visit.texts.gettext("My account"),
            accounts=visit.accounts,
            hint=unlinking(visit.texts) if len(visit.accounts) > 1 else "",
            notice=_account_notice(visit),
            sessions=sessions,
            current=visit.who.session,
            **shown,  # type: ignore[arg-type] # the names are the page's own
        )

    async def _show_code(self, visit: Visit) -> Response:
        return await self._page(visit, code=f"/{LINK.name} {await link_code(visit.context, visit.request)}")

    async def _unlink(self, visit: Visit) -> Response:
        gone = await unlink(visit.context, visit.request, visit.fields.get("account", ""))
        code = "unlinked_feeds" if gone.has_new_links else "unlinked"
        is_this_one = gone.account == visit.who.session.account
        return self._out(visit, code) if is_this_one else visit.done(_ACCOUNT, code)

    async def _end(self, visit: Visit) -> Response:
        key = visit.fields.get("session", "")
        await end_session(visit.context, visit.person.number, key, str(visit.texts.locale))
        return self._out(visit, "out") if key == visit.who.session.key else visit.done(_ACCOUNT, "ended")

    async def _sign_out_elsewhere(self, visit: Visit) -> Response:
        await end_sessions(visit.context, visit.person.number, but=visit.who.token)
        return visit.done(_ACCOUNT, "others")

    async def _sign_out(self, visit: Visit) -> Response:
        async with visit.context.store.write() as unit:
            await unit.sign_ins.end(visit.who.token)
        return self._out(visit, "out")

    async def _sign_out_everywhere(self, visit: Visit) -> Response:
        await end_sessions(visit.context, visit.person.number)
        return self._out(visit, "everywhere")

    def _out(self, visit: Visit, code: str) -> Response:
        response = visit.done("/me", code)
        self.auth.sign_out(response)
        return response


def _account_notice(visit: Visit) -> Confirmation | None:
    code = visit.asked.get("done", "")
    return Confirmation(text=visit.texts.gettext(_CHANGED[code])) if code in _CHANGED else None


async def download_all(visit: Visit) -> Response:
    """`/me/export`: everything that is stored about them."""
    stored = await export(visit.context.store, visit.request.actor)
    content = json.dumps(stored, ensure_ascii=False, indent=2, default=str)
    headers = FRESH | {"content-disposition": 'attachment; filename="paperwire.json"'}
    return Response(content, headers=headers, media_type="application/json")


@dataclass(frozen=True, slots=True)
class Forget:
    """Everything about them deleted, after a page that names it."""

    auth: Auth

    async def show(self, visit: Visit) -> Response:
        """`/me/forget`: what is deleted and what stays, and a button."""
        answer = await visit.acts({"forget": self._forget}, {})
        if isinstance(answer, Response):
            return answer
        async with visit.context.store.read() as unit:
            lines = belonging_lines(await belongings(unit, visit.person.number), visit.texts)
        title = visit.texts.gettext("Delete everything about me")
        return visit.page("me_forget.html", here="account", title=title, complaint=answer, lines=lines)

    async def _forget(self, visit: Visit) -> Response:
        await forget(visit.context.store, visit.request.actor)
        response = visit.done("/me", "forgotten")
        self.auth.sign_out(response)
        return response
