"""The web application put together: feeds in front, pages, the API and what machines ask for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from paperwire import __version__
from paperwire.feeds.entries import PUBLISHER
from paperwire.ports.channels import Hook, Inviting
from paperwire.services.context import Context
from paperwire.web.data.api import router
from paperwire.web.data.feeds import FeedServer
from paperwire.web.days import Days, Stamp
from paperwire.web.edge import Edge, Rates
from paperwire.web.forms import Auth, read_body
from paperwire.web.html import Html, Statics
from paperwire.web.http import Named
from paperwire.web.me.routes import MePages
from paperwire.web.ops import health_routes
from paperwire.web.pages.count import COUNT, CountPart
from paperwire.web.pages.day import DayPages
from paperwire.web.pages.front import Front
from paperwire.web.pages.lists import LIST, ListPage
from paperwire.web.pages.made import MadePages
from paperwire.web.pages.mailed import MailedPage
from paperwire.web.pages.panel import Panels
from paperwire.web.pages.paper import PaperPage
from paperwire.web.pages.pictures import PicturePage
from paperwire.web.pages.search import SearchPage
from paperwire.web.pages.service import OPENAPI, ServicePages
from paperwire.web.pages.subscribe import READ_AND_SENT, MessageLinks, SubscribePage, mail_channel
from paperwire.web.pages.suggest import SuggestPage
from paperwire.web.pages.trending import TrendingPage
from paperwire.web.pages.unlisted import CalendarFile, DigestPage
from paperwire.web.problems import Problems, explain_errors
from paperwire.web.readers import Readers
from paperwire.web.site import Site, WebDeps

_MOST_POSTED = 1_000_000  # bytes; an update of Telegram is a few kilobytes


def create_app(deps: WebDeps) -> FastAPI:
    """The application, ready to be served; it reads the store only when asked."""
    site = Site.of(deps.context.public_url)
    app = FastAPI(
        title=PUBLISHER,
        version=__version__,
        description="Plain JSON over GET, no key needed. Queries are written as in the search.",
        servers=[{"url": site.base or "/"}],
        openapi_url=OPENAPI,
        docs_url=None,  # these load their scripts from elsewhere; `/api` is ours
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request named
    )
    context = deps.context
    rates, stamp = Rates(context.now), Stamp(_sequence(deps), lambda: context.store.commits)
    days, statics = Days(context.store, stamp), Statics()
    html = Html(site, statics, mail=bool(mail_channel(context)), has_list=context.public_list)
    problems = Problems(html)
    auth = Auth(context, site)
    readers = Readers(context, html, auth)
    app.include_router(router(deps, days))
    app.router.routes.extend(
        [
            *_pages_for_everyone(deps, days, html, readers),
            *ServicePages(deps, html, statics, app.openapi).routes(),
            *_subscribing(context, html),
            *MePages(context, html, auth).routes(),
            Named("/digests/{token}", DigestPage(context, html).show),
            Named("/calendar/{token}.ics", CalendarFile(context).show),
            Named("/suggest", SuggestPage(context, html).show),
            *_picture_routes(deps),
            *health_routes(deps.unready, has_reasons=False),
            *_hook_routes(deps),
        ]
    )
    explain_errors(app, problems, site)
    feeds = FeedServer(deps, stamp, rates.check_feed)
    app.add_middleware(Edge, feeds=feeds.serve, site=site, problems=problems, proxies=deps.proxies, rates=rates)
    return app


def _sequence(deps: WebDeps) -> Callable[[], Awaitable[int]]:
    async def read() -> int:
        async with deps.context.store.read() as unit:
            return hash((await unit.feeds.sequence(), await unit.feeds.days_changed()))

    return read


def _pages_for_everyone(deps: WebDeps, days: Days, html: Html, readers: Readers) -> list[Named]:
    context, panels = deps.context, Panels(deps.context, html.site.base)
    front, now = Front(context, days, html), context.now
    return [
        *DayPages(deps, days, html, panels, readers, front, MadePages(now)).routes(),
        Named("/trending", TrendingPage(context, html, panels, readers).show),
        Named(COUNT, CountPart(context, html).show),
        Named("/search", SearchPage(context, html, panels, readers, days, MadePages(now)).show),
        Named(
            "/papers/{paper_id:path}",
            PaperPage(context, html, readers, deps.pictures is not None, days, MadePages(now)).show,
        ),
        *([Named(LIST, ListPage(context, html, readers).show)] if context.public_list else ()),
    ]


def _subscribing(context: Context, html: Html) -> list[Named]:
    """The page that subscribes without an account, where a channel offers that, and those that messages lead to.

    The latter are there whatever is on now: who leaves by an old mail gets no more once mail is on again.
    """
    offers = any(isinstance(channel, Inviting) for channel in context.channels.values())
    page = Named("/subscribe", SubscribePage(context, html).answer, methods=READ_AND_SENT)
    mailed = Named("/mailed/{token}", MailedPage(context, html).answer, methods=READ_AND_SENT)
    return [*([page] if offers else ()), *MessageLinks(context, html).routes(), mailed]


def _picture_routes(deps: WebDeps) -> list[Named]:
    if deps.pictures is None:
        return []
    return [Named("/pictures/{paper_id:path}", PicturePage(deps.context.store, deps.pictures).show)]


def _hook_routes(deps: WebDeps) -> list[Named]:
    """Where platforms post what people say; a request without the platform's secret is refused unread."""

    def answered(hook: Hook) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            is_known = hook.knows(request.headers.get(hook.header, ""))
            if is_known and await hook.take(await read_body(request, _MOST_POSTED)):
                return PlainTextResponse("")
            return PlainTextResponse("This address is for a chat platform that knows its secret.\n", 403)

        return answer

    return [Named(hook.path, answered(hook), methods=["POST"]) for hook in deps.hooks]
