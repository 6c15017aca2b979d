"""What is answered instead: a page in the site's style for people, a problem (RFC 9457) for programs."""

from __future__ import annotations

import json
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Match

from paperwire.commands.queries import explain, sentence
from paperwire.texts import ENGLISH
from paperwire.web.http import Body, Ready
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Router
    from starlette.types import Scope

    from paperwire.errors import QueryError
    from paperwire.web.html import Html
    from paperwire.web.site import Site

PROBLEM_JSON = "application/problem+json"
_API = "/api/"
_FRESH = "no-store"
_PAGES_KEPT = 64


class Refused(Exception):
    """A request that is not answered as it was meant.

    `detail` is a sentence for people, `more` are further members of a problem for programs.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        source_url: str = "",
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.source_url = source_url
        self.more = more

    @classmethod
    def query(cls, error: QueryError) -> Refused:
        """A query that cannot be read."""
        return cls(400, sentence(error, ENGLISH), column=error.column, hint=explain(error, ENGLISH).hint)


class Problems:
    """Answers to what is refused or failed."""

    def __init__(self, html: Html) -> None:
        self._html = html
        # so that whoever guesses at addresses costs little
        self._page = lru_cache(maxsize=_PAGES_KEPT)(self._rendered)

    def answer(self, path: str, refused: Refused) -> Response:
        """The answer for a request of `path` (within the site)."""
        headers = [(name.lower().encode(), value.encode()) for name, value in refused.headers.items()]
        body = (
            _problem(refused)
            if path.startswith(_API)
            else self._page(refused.status, refused.detail, refused.source_url)
        )
        return Ready(body, refused.status, headers)

    def _rendered(self, status: int, text: str, source_url: str) -> Body:
        title = wording.ERROR_TITLES.get(status) or HTTPStatus(status).phrase
        site = self._html.site
        # Who came by another address needs links to the right one.
        elsewhere = {"base": site.url} if status == HTTPStatus.MISDIRECTED_REQUEST else {}
        return self._html.body("message.html", cache=_FRESH, title=title, text=text, source_url=source_url, **elsewhere)


def explain_errors(app: FastAPI, problems: Problems, site: Site) -> None:
    """Let the framework's own errors be answered alike."""

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101 -- what the handler is for
        return problems.answer(request.scope["path"], error)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- what the handler is for
        if error.status_code == 404 and (path := _without_slash(app.router, request.scope)):
            query = request.scope["query_string"].decode("latin-1")
            return RedirectResponse(site.base + quote(path) + (f"?{query}" if query else ""), 308)
        text = {404: wording.MISSING_TEXT, 405: wording.ONLY_READ}.get(error.status_code, str(error.detail))
        return problems.answer(request.scope["path"], Refused(error.status_code, text, headers=error.headers))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- what the handler is for
        errors = [{"parameter": str(one["loc"][-1]), "detail": one["msg"]} for one in error.errors()]
        text = "; ".join(f"{one['parameter']}: {one['detail']}" for one in errors)
        return problems.answer(request.scope["path"], Refused(400, text, errors=errors))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, invalid)


def _without_slash(router: Router, scope: Scope) -> str:
    """The address of the page that was asked for with a slash too much, or without that of the site itself, if any."""
    asked: str = scope["path"]
    path = asked.rstrip("/") if asked else "/"
    is_page = any(route.matches({**scope, "path": path})[0] is Match.FULL for route in router.routes)
    return path if is_page and path != asked else ""


def _problem(refused: Refused) -> Body:
    told = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": refused.detail,
        **refused.more,
    }
    return Body(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"), PROBLEM_JSON, cache=_FRESH)
