"""Pages made of templates, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, time
from functools import lru_cache, partial
from importlib import resources
from typing import Any
from urllib.parse import parse_qs

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.types import Scope

from paperwire import languages
from paperwire.core.messages.card import more_names
from paperwire.core.messages.message import FIRST
from paperwire.ports.channels import channel_label
from paperwire.texts import ENGLISH, Texts, texts_in
from paperwire.web.http import Payload, RawHeaders, Ready, header_of, weights_of
from paperwire.web.site import Site
from paperwire.web.views import source_name

FRESH = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
"""What an answer with something of a person's says to caches and search engines."""
_HTML = "text/html; charset=utf-8"
_MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
    "ico": "image/x-icon",
    "png": "image/png",
    "js": "text/javascript; charset=utf-8",
}
_FOREVER = "public, max-age=31536000, immutable"
_CACHED_TEXTS = 1_000
_YEAR = 365 * 24 * 3600
CHOICE = "lang"
"""The option in an address that chooses a language, and the cookie that remembers it."""


class Html:
    """Renders the templates, whose values are cleaned before.

    With `mail` they lead to where one subscribes by it, with `has_list` to the
    public list.
    """

    def __init__(self, site: Site, statics: Statics, *, mail: bool = False, has_list: bool = False) -> None:
        self.site = site
        self._mail = mail
        self._has_list = has_list
        self._statics = statics
        self._languages, self._names = languages.translated(), languages.served()
        self._templates = lru_cache(self._environment)
        self._preferred = lru_cache(_CACHED_TEXTS)(_preferred)
        self.headers: RawHeaders = [(b"vary", b"accept-language, cookie")] if self._languages else []

    def texts(self, scope: Scope) -> Texts:
        """Texts in the language that was chosen by `?lang=` now or before, or that the browser prefers."""
        if not self._languages:
            return ENGLISH
        chosen = self.chosen(scope) or _remembered(scope)
        if chosen in self._names:
            return texts_in(chosen)
        return texts_in(self._preferred(header_of(scope, b"accept-language")))

    def chosen(self, scope: Scope) -> str:
        """The language that a request chooses by `?lang=`; empty for none that is served."""
        if not self._languages or b"lang=" not in scope["query_string"]:
            return ""
        chosen = parse_qs(scope["query_string"].decode("latin-1")).get(CHOICE, [""])[-1]
        return chosen if chosen in self._names else ""

    def cookie(self, scope: Scope) -> RawHeaders:
        """The header that has a browser remember the language that a request chooses."""
        chosen = self.chosen(scope)
        cookie = f"{CHOICE}={chosen}; Path={self.site.base or '/'}; Max-Age={_YEAR}; SameSite=Lax"
        return [(b"set-cookie", cookie.encode())] if chosen else []

    def in_language(self, path: str, language: str, scope: Scope) -> str:
        """A path that chooses a language for a browser which has chosen none and learns of it here."""
        if language not in self._names or _remembered(scope):
            return path
        return f"{path}{'&' if '?' in path else '?'}{CHOICE}={language}"

    def _other_languages(self, address: str) -> list[tuple[str, str, str]]:
        """The tag, the own name and the address of a page in each language; none where there is English alone."""
        parts = f"{address}{'&' if '?' in address else '?'}{CHOICE}="
        return [(tag, name, f"{parts}{tag}") for tag, name in self._names.items()] if self._languages else []

    def page(
        self,
        texts: Texts,
        template: str,
        *,
        status: int = 200,
        extra: Iterable[tuple[bytes, bytes]] = (),
        **values: Any,
    ) -> Response:
        """A page, with further headers if it needs any; `canonical` is its address within the site."""
        return Ready(self.body(texts, template, **values), status, [*self.headers, *extra])

    def fresh(self, texts: Texts, template: str, status: int = 200, **values: Any) -> Response:
        """A page that is never cached; not packed, so that its length tells nothing of the secrets in it."""
        content = self.body(texts, template, **values).filled()
        headers = {name.decode(): value.decode() for name, value in self.headers}
        return Response(content, status, headers | FRESH, media_type=_HTML)

    def body(
        self, texts: Texts, template: str, *, cache: str = "no-cache", canonical: str = "", **values: Any
    ) -> Payload:
        values = {
            "page": "",
            "feed": None,
            "reader": None,
            **values,
            "canonical": canonical and self.site.url + canonical,
            "languages": self._other_languages(canonical and self.site.url + canonical),
        }
        text = self._templates(texts).get_template(template).render(**values)
        return Payload(text.encode("utf-8", "replace"), _HTML, cache=cache)

    def _environment(self, texts: Texts) -> Environment:
        """The templates in one language, so that texts which never change are looked up once, not for each paper."""
        environment = Environment(
            loader=PackageLoader("paperwire.web", "templates"),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.newstyle_gettext = True  # type: ignore[attr-defined]  # the extension adds it
        environment.globals.update(
            gettext=partial(_translated, texts.gettext),
            ngettext=partial(_counted, texts.ngettext),
            pgettext=partial(_translated, texts.pgettext),
            npgettext=partial(_counted, texts.npgettext),
            number=lru_cache(_CACHED_TEXTS)(texts.number),
            dated=lru_cache(_CACHED_TEXTS)(texts.dated),
            full_day=texts.full_day,
            comma=texts.listed(["", ""]),
            first_mark=FIRST,
            short_day=texts.day,
            moment=partial(_moment, texts),
            more_names=partial(more_names, texts=texts),
            source_name=partial(source_name, texts=texts),
            language=texts.language,
            static=lambda name: self.site.base + self._statics.address(name),
            logo=self._statics.logo,
            base=self.site.base,
            mail=self._mail,
            has_list=self._has_list,
            channel_label=channel_label,
        )
        return environment


def _preferred(accepted: str) -> str:
    """The language that texts are served in and a browser likes best; a fifth of a millisecond of work."""
    weights = weights_of(accepted)
    tags = sorted((tag for tag, weight in weights.items() if weight), key=lambda tag: -weights[tag])
    return languages.first_served(tags)


def _remembered(scope: Scope) -> str:
    """The language that a browser is to remember."""
    cookies = b"; ".join(value for name, value in scope["headers"] if name == b"cookie").decode("latin-1")
    pairs = (cookie.strip().partition("=") for cookie in cookies.split(";"))
    return next((value for name, _, value in pairs if name == CHOICE), "")


def _translated(translate: Callable[..., str], *message: str | int, **values: object) -> Markup:
    """As Jinja's own, which would not write numbers as the language does."""
    return Markup(translate(*message, **{name: escape(value) for name, value in values.items()}))  # noqa: S704 -- the values are escaped


def _counted(translate: Callable[..., str], *message: str | int, **values: object) -> Markup:
    """The same of a message with a number, which Jinja gives twice."""
    return _translated(translate, *message, **{name: value for name, value in values.items() if name != "num"})


def _moment(texts: Texts, instant: datetime) -> str:
    """An instant in UTC: `5 Jan 2026, 01:02 UTC`; midnight stands for a source's bare date and is the day alone."""
    at = instant.astimezone(UTC)
    if at.time() == time():
        return texts.dated(at.date())
    # Translators: a time as pages show it: %(day)s is a date.
    return texts.gettext("%(day)s, %(time)s UTC", day=texts.dated(at.date()), time=texts.time(at))


class Statics:
    """The files of the folder `static`, named by what is in them, so that browsers may keep them forever."""

    def __init__(self) -> None:
        folder = resources.files("paperwire.web").joinpath("static")
        self._bodies = {
            file.name: Payload(file.read_bytes(), _MEDIA_TYPES[file.name.rpartition(".")[2]], cache=_FOREVER)
            for file in folder.iterdir()
            if file.name.rpartition(".")[2] in _MEDIA_TYPES
        }

        # In the page itself, so that it is seen where a browser loads no images.
        drawn = folder.joinpath("favicon.svg").read_text().strip()
        self.logo = Markup(drawn.replace("<svg ", '<svg aria-hidden="true" width="28" height="28" ', 1))  # noqa: S704 -- it is ours

    def get(self, name: str) -> Payload | None:
        return self._bodies.get(name)

    def address(self, name: str) -> str:
        """Where a page finds a file; another content is another address."""
        return f"/static/{name}?v={self._bodies[name].seal.digest[:10]}"
