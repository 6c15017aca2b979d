"""Forms as browsers post them: their fields, who sends them, and whether another site does."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from paperwire.web.problems import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

    from paperwire.texts import Texts
    from paperwire.web.site import Site

_LONGEST_BODY = 20_000  # bytes


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, each with its last value; of a body that is no form, none. Raises Refused."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LONGEST_BODY:
            raise Refused(413, _too_long)
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def client_of(request: Request) -> str:
    """Who asks, for the limits: an IPv4 address, or the part of an IPv6 address that one customer has."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))


def is_foreign(request: Request, site: Site) -> bool:
    """Whether a browser says that another site's page sent this.

    Our pages name no referrer, so the origin of their own forms is `null`.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return True
    origin = request.headers.get("origin", "null").lower()
    ours = {urlsplit(site.url).netloc.lower(), request.headers.get("host", "").lower()}
    return origin != "null" and urlsplit(origin).netloc not in ours


def old_form(texts: Texts) -> str:
    """Why a form is refused that nobody was given, or not here."""
    return texts.gettext("This form is too old, or another site sent it. Open the page again and fill it in there.")


def _too_long(texts: Texts) -> str:
    return texts.gettext("This form is too long.")
