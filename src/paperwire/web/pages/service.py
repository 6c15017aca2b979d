"""The status of the service, its API, the files that pages load, and what makes the site an app of a phone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from paperwire.texts import ENGLISH
from paperwire.web.html import Html, Statics
from paperwire.web.http import Named, Payload, Ready
from paperwire.web.pages.calendar import calendar
from paperwire.web.problems import Refused, not_found
from paperwire.web.site import WebDeps
from paperwire.wording.days import day_counts, day_state, outlook_line
from paperwire.wording.workload import missing_role

OPENAPI = "/api/v1/openapi.json"
_A_DAY = "public, max-age=86400"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the API, for its page."""

    path: str
    summary: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ServicePages:
    """`/status`, `/api` by its `schema`, the files of the folder `static`, and what machines ask of any site.

    Installed as an app, the site shows the same pages and keeps none of them on the device: some are private.
    """

    deps: WebDeps
    html: Html
    statics: Statics
    schema: Callable[[], dict[str, Any]]

    def routes(self) -> list[Named]:
        return [
            Named("/status", self.status),
            Named("/api", self.api),
            Named("/static/{name}", self.static),
            Named("/favicon.ico", self.icon),
            Named("/app.webmanifest", self.manifest),
            Named("/robots.txt", self.robots),
            Named("/openapi.json", self.openapi),
        ]

    async def status(self, request: Request) -> Response:
        texts, health = self.html.texts(request.scope), await self.deps.health()
        return self.html.page(
            texts,
            "status.html",
            canonical="/status",
            # Translators: the title of a page about the state of the service.
            title=texts.gettext("Status"),
            page="status",
            health=health,
            missing=[missing_role(role, health, texts) for role in health.missing],
            outlook=outlook_line(health.outlook, ENGLISH) if health.outlook else "",
            calendar=calendar(health.days, ENGLISH),
            days=[(day, day_state(day, ENGLISH), day_counts(day, ENGLISH)) for day in health.days],
        )

    async def api(self, request: Request) -> Response:
        texts, schema = self.html.texts(request.scope), self.schema()
        calls = [
            Call(
                path=path,
                summary=methods["get"]["summary"],
                parameters=tuple(
                    (parameter["name"], parameter.get("description", ""))
                    for parameter in methods["get"].get("parameters", ())
                ),
            )
            for path, methods in schema["paths"].items()
        ]
        about = schema["info"]["description"]
        return self.html.page(texts, "api.html", canonical="/api", title="API", page="api", about=about, calls=calls)

    async def static(self, request: Request) -> Response:
        body = self.statics.get(request.path_params["name"])
        if body is None:
            raise Refused(404, not_found)
        return Ready(body)

    async def icon(self, _request: Request) -> Response:
        """The icon, at the address where browsers and feed readers look for one."""
        return RedirectResponse(self.html.site.base + self.statics.address("favicon.svg"), 302)

    async def manifest(self, request: Request) -> Response:
        """What a browser needs to install the site as an app (https://www.w3.org/TR/appmanifest/)."""
        texts, base = self.html.texts(request.scope), self.html.site.base
        entries = [(texts.pgettext("page", "Trending"), "/trending"), (texts.pgettext("page", "Search"), "/search")]
        manifest = {
            "id": f"{base}/",
            "name": "Paperwire",
            "lang": texts.language,
            "start_url": f"{base}/",
            "scope": f"{base}/",
            "display": "minimal-ui",
            "background_color": "#faf8f3",
            "theme_color": "#0b5d66",
            "icons": [self._icon("favicon.svg", "any"), self._icon("icon-full.png", "512x512")],
            "shortcuts": [{"name": name, "url": base + path} for name, path in entries],
        }
        body = json.dumps(manifest, ensure_ascii=False).encode()
        return Ready(Payload(body, "application/manifest+json", cache=_A_DAY), extra=self.html.headers)

    async def robots(self, _request: Request) -> Response:
        return PlainTextResponse(f"User-agent: *\nDisallow: {self.html.site.base}/f/\n")  # private feeds

    async def openapi(self, _request: Request) -> Response:
        """The description of the API where tools look for it first."""
        return RedirectResponse(self.html.site.base + OPENAPI, 308)

    def _icon(self, name: str, sizes: str) -> dict[str, str]:
        is_full = name.endswith(".png")  # it has no corners of its own, so that a system may cut it to its shape
        kind, purpose = ("image/png", "any maskable") if is_full else ("image/svg+xml", "any")
        return {
            "src": self.html.site.base + self.statics.address(name),
            "sizes": sizes,
            "type": kind,
            "purpose": purpose,
        }
