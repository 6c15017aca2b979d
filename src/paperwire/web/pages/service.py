"""The status of the service, and the files that pages load."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.texts import ENGLISH
from paperwire.web.html import Html, Statics
from paperwire.web.http import Named, Ready
from paperwire.web.problems import Refused, not_found
from paperwire.web.site import WebDeps
from paperwire.wording.days import day_counts, day_state, outlook_line
from paperwire.wording.workload import missing_role


@dataclass(frozen=True, slots=True)
class ServicePages:
    """`/status`, the files of the folder `static`, and the icon where browsers look for it."""

    deps: WebDeps
    html: Html
    statics: Statics

    def routes(self) -> list[Named]:
        return [
            Named("/status", self.status),
            Named("/static/{name}", self.static),
            Named("/favicon.ico", self.icon),
        ]

    async def status(self, request: Request) -> Response:
        texts, health = self.html.texts(request.scope), await self.deps.health()
        return self.html.page(
            texts,
            "status.html",
            canonical="/status",
            title=texts.gettext("Status"),
            page="status",
            health=health,
            missing=[missing_role(role, health, texts) for role in health.missing],
            outlook=outlook_line(health.outlook, ENGLISH) if health.outlook else "",
            days=[(day, day_state(day, ENGLISH), day_counts(day, ENGLISH)) for day in health.days],
        )

    async def static(self, request: Request) -> Response:
        body = self.statics.get(request.path_params["name"])
        if body is None:
            raise Refused(404, not_found)
        return Ready(body)

    async def icon(self, _request: Request) -> Response:
        """The icon, at the address where browsers and feed readers look for one."""
        return RedirectResponse(self.html.site.base + self.statics.address("favicon.svg"), 302)
