"""The web application put together: feeds in front, pages, the API and what machines ask for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse

from paperwire import __version__
from paperwire.web.api import router
from paperwire.web.cache import Stamp
from paperwire.web.days import Days
from paperwire.web.edge import Edge, Named
from paperwire.web.feeds import FeedServer
from paperwire.web.ops import health_routes
from paperwire.web.pages import Pages
from paperwire.web.static import Statics
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.ports import Hook
    from paperwire.web.deps import WebDeps

_API = "/api/v1"
_MOST_POSTED = 1_000_000  # bytes; an update of Telegram is a few kilobytes


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, for its page."""

    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]


def create_app(deps: WebDeps) -> FastAPI:
    """The application, ready to be served; it reads the store only when asked."""
    app = FastAPI(
        title=wording.SITE,
        version=__version__,
        description=wording.API_ABOUT,
        openapi_url=f"{_API}/openapi.json",
        docs_url=None,  # these load their scripts from elsewhere; `/api` is ours
        redoc_url=None,
    )
    stamp = Stamp(_sequence(deps), lambda: deps.store.commits)
    days = Days(deps.store, stamp)
    pages = Pages(deps, days, Statics())
    app.include_router(router(deps, days))
    app.router.routes.extend(
        [*pages.routes(), *_machine_routes(deps), *_hook_routes(deps), Named("/api", _api_page(app, pages))]
    )
    _explain_errors(app, pages)
    app.add_middleware(Edge, feeds=FeedServer(deps, stamp))
    return app


def _sequence(deps: WebDeps) -> Callable[[], Awaitable[int]]:
    async def read() -> int:
        async with deps.store.read() as unit:
            return await unit.feeds.sequence()

    return read


def _machine_routes(deps: WebDeps) -> list[Named]:
    async def robots(_request: Request) -> Response:
        return PlainTextResponse(wording.ROBOTS)

    async def openapi(_request: Request) -> Response:  # where tools look for it first
        return RedirectResponse(f"{_API}/openapi.json", 308)

    return [
        *health_routes(deps.unready),
        Named("/robots.txt", robots),
        Named("/openapi.json", openapi),
    ]


def _hook_routes(deps: WebDeps) -> list[Named]:
    """Where platforms post what people say; a request without the platform's secret is refused."""

    def answered(hook: Hook) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            posted = await request.body()
            if len(posted) > _MOST_POSTED or not await hook.take(posted, request.headers.get(hook.header, "")):
                return PlainTextResponse(wording.NOT_THE_PLATFORM, 403)
            return PlainTextResponse("")

        return answer

    return [Named(hook.path, answered(hook), methods=["POST"]) for hook in deps.hooks]


def _api_page(app: FastAPI, pages: Pages) -> Any:
    async def show(_request: Request) -> Response:
        return pages.html("api.html", title=wording.API_TITLE, calls=_calls(app.openapi()))

    return show


def _calls(schema: dict[str, Any]) -> list[Call]:
    return [
        Call(
            path=path,
            summary=methods["get"]["summary"],
            parameters=tuple((one["name"], one.get("description", "")) for one in methods["get"].get("parameters", ())),
        )
        for path, methods in schema["paths"].items()
    ]


def _explain_errors(app: FastAPI, pages: Pages) -> None:
    """Errors as JSON for programs, as a page for people."""

    async def failed(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
        title, text = (
            (wording.REFUSED_TITLE, wording.REFUSED_TEXT)
            if status == 405
            else (wording.MISSING_TITLE, wording.MISSING_TEXT)
        )
        if request.url.path.startswith(_API):
            return JSONResponse({"error": text}, status, headers=headers)
        extra = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        return pages.message(status, title, text, extra=extra)

    async def invalid(_request: Request, error: Exception) -> Response:
        first = error.errors()[0] if isinstance(error, RequestValidationError) else {"loc": ("",), "msg": ""}
        return JSONResponse({"error": f"{first['loc'][-1]}: {first['msg']}"}, 400)

    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, invalid)
