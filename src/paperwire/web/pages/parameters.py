"""What the address of a page asks for: its query, order and part; and links to the same list in another order."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request

from paperwire.core.messages.message import FIRST
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import Query
from paperwire.errors import QueryError
from paperwire.texts import Texts
from paperwire.web.titles import search_title
from paperwire.web.views import ErrorView, FeedLinks, Link, page_address


def query_of(request: Request) -> str:
    return request.query_params.get("q", "").strip()


def order_of(request: Request, orders: dict[str, str]) -> str:
    order = request.query_params.get("order", "")
    return order if order in orders else next(iter(orders))


def parsed(typed: str) -> tuple[Query | None, ErrorView | None]:
    try:
        return (read(typed) if typed else None), None
    except QueryError as error:
        return None, ErrorView.of(error, typed)


def order_links(path: str, options: dict[str, str], orders: dict[str, str]) -> list[Link]:
    """Links to the same list in each order, by the names that readers see; the first order is the default."""
    default = next(iter(orders))
    return [
        Link(text, page_address(path, {**options, "order": "" if name == default else name}, 1))
        for name, text in orders.items()
    ]


def search_feed(typed: str, texts: Texts) -> FeedLinks:
    # Translators: %(formats)s are links: Atom, RSS, JSON.
    follow = texts.gettext("Follow this search: %(formats)s", formats=FIRST)
    return FeedLinks(search_title(typed, texts), follow, "/feeds/search", f"?{urlencode({'q': typed})}")
