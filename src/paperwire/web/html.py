"""Pages out of templates, with the site's own addresses in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from paperwire.web.http import Body, Ready
from paperwire.wording import messages
from paperwire.wording import web as wording

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response

    from paperwire.web.site import Site
    from paperwire.web.static import Statics

_HTML = "text/html; charset=utf-8"


class Html:
    """The templates; what they show is cleaned before."""

    def __init__(self, site: Site, statics: Statics) -> None:
        self.site = site
        self._templates = Environment(
            loader=PackageLoader("paperwire.web", "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

        def static(name: str) -> str:
            return site.base + statics.address(name)

        self._templates.globals.update(w=wording, static=static, more=messages.more, base=site.base)

    def page(
        self, template: str, *, status: int = 200, extra: Iterable[tuple[bytes, bytes]] = (), **told: Any
    ) -> Response:
        """A page, with further headers if it needs any; `canonical` is its address within the site."""
        return Ready(self.body(template, **told), status, extra)

    def body(self, template: str, *, cache: str = "no-cache", canonical: str = "", **told: Any) -> Body:
        """The bytes of a page."""
        told = {"page": "", "feed": None, **told, "canonical": canonical and self.site.url + canonical}
        text = self._templates.get_template(template).render(**told)
        return Body(text.encode("utf-8", "replace"), _HTML, cache=cache)
