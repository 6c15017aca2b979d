"""Public pages and feeds as files, for a host that serves nothing else: days, what is trending, and their feeds.

Links lead from file to file. What needs a running service (search, forms, pages of papers or people) is left out.
"""

from __future__ import annotations

import html
import posixpath
import re
from collections import deque
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlsplit

import httpx
from starlette.types import ASGIApp

_DAY_PAGES = 30  # the latest
_MOST_PAGES = 20  # pages of a day that are written
_BEGIN = ("/", "/trending", "/trending?window=day", "/trending?window=month")
_DAY = re.compile(r"/daily/\d{4}-\d{2}-\d{2}")
_PUBLIC = re.compile(rf"/|{_DAY.pattern}|/trending|/feeds/(?:daily|trending)\.(?:atom|rss|json)|/static/\w[\w.-]*")
_LATEST = re.compile(r'<h1><time datetime="([\d-]+)"')
_LINK = re.compile(r'\b(?:href|src)="([^"]*)"')
_FORMS = "form"


async def exported(app: ASGIApp, public_url: str) -> dict[str, bytes]:
    """The files by their paths, with `index.html` as the latest day; `public_url` is where they will be."""
    base = urlsplit(public_url.rstrip("/")).path
    answers: dict[str, bytes] = {}
    days = set[str]()
    queue = deque(_BEGIN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=public_url.rstrip("/")) as client:
        while queue:
            address = queue.popleft()
            name, day = file_name(address), _DAY.match(address)
            if not name or name in answers or (day and len(days) >= _DAY_PAGES and day[0] not in days):
                continue
            answer = await client.get(address)
            if answer.status_code != httpx.codes.OK:
                continue
            answers[name] = answer.content
            if day:
                days.add(day[0])
            if name.endswith(".html"):
                queue.extend(_inner(html.unescape(link), base) for link in _LINK.findall(answer.text))
                queue.extend(f"/daily/{latest}" for latest in _LATEST.findall(answer.text))
    return {name: _linked(name, content, answers, base) for name, content in answers.items()}


def file_name(address: str) -> str:
    """The file of an address within the site, empty for one that has none: `/daily/2026-01-05?page=2`, for example."""
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not _PUBLIC.fullmatch(parts.path):
        return ""
    stem, kind = posixpath.splitext(parts.path.lstrip("/") or "index")
    if parts.path.startswith("/static/"):
        return stem + kind
    for key, value in parse_qsl(parts.query):
        if key == "page" and value.isdecimal() and int(value) <= _MOST_PAGES:
            stem += f"-{key}-{int(value)}"
        elif key == "window" and value.isalpha():
            stem += "" if value == "week" else f"-{value}"
        else:
            return ""
    return stem + (kind or ".html")


def _inner(link: str, base: str) -> str:
    """The address within the site that a link leads to, empty for any other."""
    if not link.startswith(f"{base}/") or link.startswith("//"):
        return ""
    return link[len(base) :]


def _linked(name: str, content: bytes, files: Mapping[str, bytes], base: str) -> bytes:
    if not name.endswith(".html"):
        return content
    page = _Page(name, files, base)
    page.feed(content.decode())
    page.close()
    return "".join(page.pieces).encode()


class _Page(HTMLParser):
    """A page whose links lead to files; forms and links to what has no file are left out."""

    def __init__(self, name: str, files: Mapping[str, bytes], base: str) -> None:
        super().__init__(convert_charrefs=False)
        self.pieces: list[str] = []
        self._folder = posixpath.dirname(name) or "."
        self._files, self._base = files, base
        self._omitted = ""
        self._after_omitted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._omitted:
            return
        given = dict(attrs)
        link = given.get("href") or given.get("src") or ""
        text = self.get_starttag_text() or ""
        if link.startswith("/") or tag == _FORMS:
            target = file_name(_inner(link, self._base))
            if target not in self._files:
                self._omitted = tag if tag in {"a", _FORMS} else ""
                return
            way = html.escape(posixpath.relpath(target, self._folder))
            text = _LINK.sub(lambda _: f'href="{way}"', text)
            text = text.replace("href=", "src=", 1) if "src" in given else text
        self._put(text)

    def handle_endtag(self, tag: str) -> None:
        if self._omitted:
            self._after_omitted = tag == self._omitted
            self._omitted = "" if self._after_omitted else self._omitted
        else:
            self._put(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._after_omitted:  # what separated it from the next
            data = re.sub(r"^\s*·\s*", "", data)
        self._put(data)

    def handle_entityref(self, name: str) -> None:
        self._put(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._put(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self._put(f"<!{decl}>")

    def _put(self, text: str) -> None:
        if not self._omitted:
            self.pieces.append(text)
            self._after_omitted = False
