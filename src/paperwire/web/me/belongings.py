"""What else is a person's: saved papers, feed links, accounts, sessions, and all of it as a file or gone."""

from __future__ import annotations

from starlette.responses import Response

from paperwire.core.messages.card import shown_title
from paperwire.core.messages.message import Attachment
from paperwire.languages import served
from paperwire.services import people
from paperwire.services.accounts.belongings import belongings, export, export_file, forget
from paperwire.services.accounts.feed import EVERYTHING, PLACE, FeedAddresses, feed, feed_list
from paperwire.services.accounts.link import holdings, link_code, unlink
from paperwire.services.accounts.sign_in import end_session, end_sessions
from paperwire.services.papers.papers import FILES, citation_file, keep, saved, take_off
from paperwire.services.places.language import AUTO, chosen, read_language, set_language
from paperwire.texts import Texts, gettext_noop
from paperwire.web.html import CHOICE, FRESH
from paperwire.web.me.subscriptions import Confirmation
from paperwire.web.me.visit import MePage, Visit
from paperwire.web.problems import Refused, not_found
from paperwire.web.views import page_of, pager, paper_view
from paperwire.wording.belongings import belonging_lines, unlinking

# Translators: the answer to a button or command about a paper: %(title)s is its title.
_SAVED = {
    "removed": gettext_noop("No longer saved: %(title)s"),
    "kept": gettext_noop("Saved again: %(title)s"),
}
_ACCOUNT = "/me/account"
# Translators: what was done, on a page after a button.
_CHANGED = {
    "unlinked": gettext_noop("The account is unlinked."),
    "unlinked_feeds": gettext_noop(
        "The account is unlinked. The old links of your private feeds no longer work; the new ones are under Feeds."
    ),
    "ended": gettext_noop("That browser is signed out."),
    "others": gettext_noop("All other browsers are signed out."),
    "language": gettext_noop("The language was changed."),
}
_PAGE = 50


# --- saved papers ------------------------------------------------------------------------------------------------


async def show_saved(visit: Visit) -> Response:
    """`/me/saved`: the saved papers, the last first, and files of them."""
    papers = await saved(visit.context, visit.request)
    page, base = page_of(visit.http), visit.html.site.base
    shown = papers[(page - 1) * _PAGE : page * _PAGE]
    return visit.page(
        "me_saved.html",
        tab="saved",
        title=visit.texts.gettext("My saved papers"),
        papers=[(paper.number, paper_view(paper, base, visit.texts)) for paper in shown],
        pager=pager(f"{base}/me/saved", {}, page=page, size=_PAGE, shown=len(shown), total=len(papers)),
        notice=await _saved_notice(visit),
    )


async def _saved_notice(visit: Visit) -> Confirmation | None:
    code, number = visit.noticed(_SAVED), visit.parameters.get("n", "")
    if not (code and number.isascii() and number.isdigit() and len(number) < 16):
        return None
    async with visit.context.store.read() as unit:
        paper = (await unit.papers.by_number([int(number)])).get(int(number))
    if paper is None:
        return None
    undo = {"do": "keep" if code == "removed" else "remove", "paper": number}
    text = visit.texts.gettext(_SAVED[code], title=shown_title(paper, visit.texts))
    return Confirmation(text=text, path="/me/saved", fields=undo)


async def _remove(visit: Visit) -> Response:
    paper, _ = await take_off(visit.context, visit.request, visit.typed("paper"))
    return visit.done("/me/saved", "removed", n=paper.number)


async def _keep(visit: Visit) -> Response:
    paper, _ = await keep(visit.context, visit.request, visit.typed("paper"))
    return visit.done("/me/saved", "kept", n=paper.number)


SAVED = MePage(show_saved, {"remove": _remove, "keep": _keep})


async def download_saved(visit: Visit) -> Response:
    """`/me/saved/bibtex` and `/me/saved/ris`: the saved papers as a file."""
    form = visit.http.path_params["form"]
    if form not in FILES:
        raise Refused(404, not_found)
    return _file(citation_file(await saved(visit.context, visit.request), form))


def _file(file: Attachment) -> Response:
    headers = FRESH | {"content-disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, headers=headers, media_type=file.media_type)


# --- feeds -------------------------------------------------------------------------------------------------------


async def show_feeds(visit: Visit) -> Response:
    """`/me/feeds`: the links of the feed of everything, or of one subscription or shared place (`of`)."""
    part = visit.parameters.get("of", EVERYTHING)
    addresses = await _feed(visit, part, reset=False)
    subscriptions = await people.subscriptions_here(visit.context, visit.request)
    async with visit.context.store.read() as unit:
        shared = await unit.places.shared_places(visit.person.number)
    is_new = visit.parameters.get("done") == "new"
    return visit.page(
        "me_feeds.html",
        tab="feeds",
        # Translators: the title of a page of a person's own.
        title=visit.texts.gettext("My feeds"),
        part=part,
        name=_feed_name(visit, addresses),
        links=addresses.links,
        others=[
            (EVERYTHING, visit.texts.gettext("All my subscriptions")),
            *((f"{PLACE}{membership.place.number}", visit.place_name(membership.place)) for membership in shared),
            *((str(row.number), f"#{row.ordinal} {row.name or row.text}") for row in subscriptions),
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
    part = visit.typed("of")
    await _feed(visit, part, reset=True)
    return visit.done("/me/feeds", "new", of=part)


async def download_feeds(visit: Visit) -> Response:
    """`/me/feeds.opml`: the feeds of their own subscriptions, for a feed reader."""
    return _file(await feed_list(visit.context, visit.request))


FEEDS = MePage(show_feeds, {"reset": _reset})


# --- accounts and data -------------------------------------------------------------------------------------------


async def show_account(visit: Visit, code: str = "", shared: str = "") -> Response:
    """`/me/account`; a code to link another account is shown once, as it must stand in no address."""
    async with visit.context.store.read() as unit:
        sessions = await unit.sign_ins.sessions(visit.person.number)
    notice = visit.noticed(_CHANGED)
    return visit.page(
        "me_account.html",
        tab="account",
        # Translators: the title of a page of a person's own.
        title=visit.texts.gettext("My account"),
        code=code,
        shared=shared,
        accounts=visit.accounts,
        hint=unlinking(visit.texts) if len(visit.accounts) > 1 else "",
        notice=Confirmation(text=visit.texts.gettext(_CHANGED[notice])) if notice else None,
        sessions=sessions,
        current=visit.who.session,
        choices=_languages(visit.texts),
        chosen=await chosen(visit.context, visit.request) or AUTO,
    )


def _languages(texts: Texts) -> list[tuple[str, str]]:
    """The tag and the own name of each language to choose from; none where there is English alone."""
    names = served()
    return [(AUTO, texts.gettext("Automatic")), *names.items()] if len(names) > 1 else []


async def _set_language(visit: Visit) -> Response:
    language = read_language(visit.typed("language"), visit.request)
    await set_language(visit.context, visit.request, language)
    return visit.done(_ACCOUNT, "language", **({CHOICE: language} if language else {}))


async def _show_code(visit: Visit) -> Response:
    code = await link_code(visit.context, visit.request)
    async with visit.context.store.read() as unit:
        shared = await holdings(unit, visit.person.number, visit.texts)
    return await show_account(visit, f"/link {code}", shared)


async def _unlink(visit: Visit) -> Response:
    gone = await unlink(visit.context, visit.request, visit.typed("account"))
    code = "unlinked_feeds" if gone.has_new_links else "unlinked"
    return _out(visit, code) if gone.account == visit.who.session.account else visit.done(_ACCOUNT, code)


async def _end(visit: Visit) -> Response:
    key = visit.typed("session")
    await end_session(visit.context, visit.person.number, key, str(visit.texts.locale))
    return _out(visit, "out") if key == visit.who.session.key else visit.done(_ACCOUNT, "ended")


async def _sign_out_elsewhere(visit: Visit) -> Response:
    await end_sessions(visit.context, visit.person.number, but=visit.who.token)
    return visit.done(_ACCOUNT, "others")


async def _sign_out(visit: Visit) -> Response:
    async with visit.context.store.write() as unit:
        await unit.sign_ins.end(visit.who.token)
    return _out(visit, "out")


async def _sign_out_everywhere(visit: Visit) -> Response:
    await end_sessions(visit.context, visit.person.number)
    return _out(visit, "everywhere")


def _out(visit: Visit, code: str) -> Response:
    response = visit.done("/me", code)
    visit.auth.sign_out(response)
    return response


ACCOUNT = MePage(
    show_account,
    {
        "language": _set_language,
        "link": _show_code,
        "unlink": _unlink,
        "end": _end,
        "out": _sign_out,
        "others": _sign_out_elsewhere,
        "everywhere": _sign_out_everywhere,
    },
)


async def download_all(visit: Visit) -> Response:
    """`/me/export`: everything that is stored about them."""
    return _file(export_file(await export(visit.context.store, visit.request.actor)))


async def show_forget(visit: Visit) -> Response:
    """`/me/forget`: what is deleted and what stays, and a button."""
    async with visit.context.store.read() as unit:
        lines = belonging_lines(await belongings(unit, visit.person.number), visit.texts)
    title = visit.texts.gettext("Delete everything about me")
    return visit.page("me_forget.html", tab="account", title=title, lines=lines)


async def _forget(visit: Visit) -> Response:
    await forget(visit.context.store, visit.request.actor)
    return _out(visit, "forgotten")


FORGET = MePage(show_forget, {"forget": _forget})
