"""Pages made of templates, in the reader's language."""

from __future__ import annotations

from datetime import UTC
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from babel import negotiate_locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response

from paperwire.core.messages.card import more_names
from paperwire.texts import ENGLISH, texts_in, translated
from paperwire.web.http import Payload, Ready, weights_of
from paperwire.web.views import source_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from starlette.types import Scope

    from paperwire.texts import Texts
    from paperwire.web.http import RawHeaders
    from paperwire.web.site import Site
    from paperwire.web.static import Statics

FRESH = {"cache-control": "private, no-store", "x-robots-tag": "noindex"}
"""What an answer with something of a person's says to caches and search engines."""
_HTML = "text/html; charset=utf-8"
_KEPT = 1_000


class Html:
    """Renders the templates, whose values are cleaned before.

    With `mail` they lead to where one subscribes by it, with `account` to a page of one's own, with `has_list` to the
    public list.
    """

    def __init__(
        self, site: Site, statics: Statics, *, mail: bool = False, account: bool = False, has_list: bool = False
    ) -> None:
        self.site = site
        self._mail = mail
        self._account = account
        self._has_list = has_list
        self._statics = statics
        self._languages = [name.replace("_", "-") for name in translated()]
        self._templates = lru_cache(self._environment)
        self.headers: RawHeaders = [(b"vary", b"accept-language")] if self._languages else []

    def texts(self, scope: Scope) -> Texts:
        """Texts in the language that a request prefers among those with a catalogue and English."""
        if not self._languages:
            return ENGLISH
        accepted = b",".join(value for name, value in scope["headers"] if name == b"accept-language")
        weights = weights_of(accepted.decode("latin-1"))
        preferred = sorted((tag for tag, weight in weights.items() if weight), key=lambda tag: -weights[tag])
        return texts_in(negotiate_locale(preferred, [*self._languages, "en"], sep="-") or "en")

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
        """A page that nobody keeps; not packed, so that its length tells nothing of the secrets in it."""
        content = self.body(texts, template, **values).filled("")
        headers = {name.decode(): value.decode() for name, value in self.headers}
        return Response(content, status, headers | FRESH, media_type=_HTML)

    def body(
        self, texts: Texts, template: str, *, cache: str = "no-cache", canonical: str = "", **values: Any
    ) -> Payload:
        values = {"page": "", "feed": None, **values, "canonical": canonical and self.site.url + canonical}
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
        environment.newstyle_gettext = True  # type: ignore[attr-defined] # the extension adds it
        environment.globals.update(
            gettext=partial(_gettext, texts),
            ngettext=partial(_ngettext, texts),
            number=lru_cache(_KEPT)(texts.number),
            dated=lru_cache(_KEPT)(texts.dated),
            full_day=texts.full_day,
            moment=partial(_moment, texts),
            more_names=partial(more_names, texts=texts),
            source_name=partial(source_name, texts=texts),
            language=str(texts.locale).replace("_", "-"),
            static=lambda name: self.site.base + self._statics.address(name),
            base=self.site.base,
            mail=self._mail,
            has_list=self._has_list,
            account=self._account,
        )
        return environment


def _gettext(texts: Texts, message: str, /, **values: object) -> Markup:
    """As Jinja's own, which would not write numbers as the language does."""
    return Markup(texts.gettext(message, **{name: escape(value) for name, value in values.items()}))  # noqa: S704 -- the values are escaped


def _ngettext(texts: Texts, singular: str, plural: str, number: int, /, **values: object) -> Markup:
    values = {name: escape(value) for name, value in values.items() if name != "num"}
    return Markup(texts.ngettext(singular, plural, number, **values))  # noqa: S704 -- the same


def _moment(texts: Texts, instant: datetime) -> str:
    """An instant in UTC: `5 Jan 2026, 01:02 UTC`."""
    at = instant.astimezone(UTC)
    return texts.gettext("%(day)s, %(time)s UTC", day=texts.dated(at.date()), time=texts.time(at))
