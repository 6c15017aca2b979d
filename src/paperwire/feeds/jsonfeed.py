"""JSON Feed 1.1 (jsonfeed.org) as bytes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from paperwire.core.messages.card import ABSTRACT_LIMIT, TITLE_LIMIT
from paperwire.core.text.clean import clean
from paperwire.feeds.entries import PUBLISHER, Feed, language_of
from paperwire.feeds.items import FeedItem


def to_json(feed: Feed, items: Sequence[FeedItem]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": clean(feed.title, TITLE_LIMIT) or PUBLISHER,
        "description": clean(feed.description, ABSTRACT_LIMIT) or PUBLISHER,
        "home_page_url": feed.home,
        "feed_url": feed.self_url("json"),
        **_next_page(feed),
        "language": language_of(feed),
        "authors": [{"name": PUBLISHER}],
        "items": [_item(item) for item in items],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _next_page(feed: Feed) -> dict[str, str]:
    url = dict(feed.page_links("json")).get("next")
    return {"next_url": url} if url else {}


def _item(item: FeedItem) -> dict[str, Any]:
    members = {
        "id": item.tag,
        "url": item.url,
        "title": item.title,
        "summary": item.summary,
        "content_html": item.html,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.categories),
    }
    return {key: value for key, value in members.items() if value}


def _rfc3339(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")
