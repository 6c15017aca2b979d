"""Answers to refused and failed requests: a page for people, a problem (RFC 9457) for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from http import HTTPStatus
from typing import Any, TypeAlias
from urllib.parse import quote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match, Router
from starlette.types import Scope

from paperwire.errors import LikeError, QueryError
from paperwire.texts import ENGLISH, Texts, gettext_noop
from paperwire.web.html import Html
from paperwire.web.http import Payload, Ready
from paperwire.web.site import Site
from paperwire.wording.queries import explain, sentence

Sentence: TypeAlias = "Callable[[Texts], str]"
"""A text that is put into the reader's language where the answer is made."""

PROBLEM_JSON = "application/problem+json"
_API = "/api/"
_FRESH = "no-store"
_PAGES_KEPT = 64
# Translators: the title of a page that says why a request was refused.
_TITLES = {
    400: gettext_noop("This request can't be answered"),
    403: gettext_noop("Not allowed"),
    404: gettext_noop("Not found"),
    405: gettext_noop("Not possible here"),
    410: gettext_noop("Closed"),
    413: gettext_noop("Too long"),
    421: gettext_noop("Wrong address"),
    429: gettext_noop("Too many requests"),
    500: gettext_noop("Something went wrong"),
    503: gettext_noop("Not available now"),
}
"""The headings of error pages, by HTTP status."""


def in_words(message: str) -> Sentence:
    """A message that `gettext_noop` marks, as a sentence."""
    return lambda texts: texts.gettext(message)


not_found = in_words(gettext_noop("There's no page at this address."))
no_paper = in_words(gettext_noop("This paper is not stored here."))
read_only = in_words(gettext_noop("This address is read-only."))


class Refused(Exception):
    """A request that is refused; `detail` is a sentence, `members` are further members of a problem for programs."""

    def __init__(
        self,
        status: int,
        detail: Sentence,
        *,
        headers: Mapping[str, str] | None = None,
        source_url: str = "",
        **members: Any,
    ) -> None:
        super().__init__(HTTPStatus(status).phrase)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.source_url = source_url
        self.members = members

    @classmethod
    def query(cls, error: QueryError, **members: Any) -> Refused:
        """A query that cannot be read, or whose `like:` can't be answered here or not yet."""
        hint = explain(error, ENGLISH).hint
        status = 503 if isinstance(error, LikeError) and error.is_passing else 400
        return cls(status, lambda texts: sentence(error, texts), column=error.column, hint=hint, **members)


class Problems:
    """Makes the answers."""

    def __init__(self, html: Html) -> None:
        self.html = html
        # so that guessed addresses cost little
        self._page = lru_cache(maxsize=_PAGES_KEPT)(self._rendered)

    def answer(self, scope: Scope, refused: Refused) -> Response:
        texts = self.html.texts(scope)
        detail = refused.detail(texts)
        headers = [(name.lower().encode(), value.encode()) for name, value in refused.headers.items()]
        if scope["path"].startswith(_API):
            body = _problem(refused, detail)
        else:
            body = self._page(texts, refused.status, detail, refused.source_url)
        return Ready(body, refused.status, [*self.html.headers, *headers])

    def _rendered(self, texts: Texts, status: int, text: str, source_url: str) -> Payload:
        title = texts.gettext(_TITLES[status]) if status in _TITLES else HTTPStatus(status).phrase
        site = self.html.site
        # A visitor of another address needs links to the right one.
        elsewhere = {"base": site.url} if status == HTTPStatus.MISDIRECTED_REQUEST else {}
        values = {"title": title, "text": text, "source_url": source_url, **elsewhere}
        return self.html.body(texts, "message.html", cache=_FRESH, **values)


def explain_errors(app: FastAPI, problems: Problems, site: Site) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, Refused)  # noqa: S101 -- what the handler is for
        return problems.answer(request.scope, error)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 -- what the handler is for
        if error.status_code == 404 and (path := _without_slash(app.router, request.scope)):
            query = request.scope["query_string"].decode("latin-1")
            return RedirectResponse(site.base + quote(path) + (f"?{query}" if query else ""), 308)
        detail = {404: not_found, 405: read_only}.get(error.status_code, lambda _texts: str(error.detail))
        return problems.answer(request.scope, Refused(error.status_code, detail, headers=error.headers))

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 -- what the handler is for
        errors = [{"parameter": str(problem["loc"][-1]), "detail": problem["msg"]} for problem in error.errors()]
        text = "; ".join(f"{problem['parameter']}: {problem['detail']}" for problem in errors)
        return problems.answer(request.scope, Refused(400, lambda _texts: text, errors=errors))

    app.add_exception_handler(Refused, refused)
    app.add_exception_handler(HTTPException, failed)
    app.add_exception_handler(RequestValidationError, invalid)


def _without_slash(router: Router, scope: Scope) -> str:
    """The path of the page that was requested with an extra slash, or without the site's own; empty for no page."""
    requested: str = scope["path"]
    path = requested.rstrip("/") if requested else "/"
    is_page = any(route.matches({**scope, "path": path})[0] is Match.FULL for route in router.routes)
    return path if is_page and path != requested else ""


def _problem(refused: Refused, detail: str) -> Payload:
    members = {
        "type": "about:blank",
        "title": HTTPStatus(refused.status).phrase,
        "status": refused.status,
        "detail": detail,
        **refused.members,
    }
    return Payload(json.dumps(members, ensure_ascii=False).encode("utf-8", "replace"), PROBLEM_JSON, cache=_FRESH)
