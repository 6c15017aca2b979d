"""Forms of pages: their fields, who sent them, and that one of our pages did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import parse_qs

from starlette.requests import ClientDisconnect, Request

from paperwire.core.tokens import signed, unsign
from paperwire.errors import CommandError, TooMany
from paperwire.network import capped
from paperwire.services.context import Context
from paperwire.texts import gettext_noop
from paperwire.web.clients import client_name
from paperwire.web.problems import Refused, in_words

_FORM, _LASTS = "subscribe form", timedelta(hours=12)
LONGEST_FORM = 20_000
"""Bytes."""
_DIGITS = 15  # of a length that is read as a number
_too_long = in_words(gettext_noop("This is too long to be read here."))
_broken_off = in_words(gettext_noop("This request ended before all of it had arrived."))
_old_form = in_words(
    gettext_noop("This form is too old, or another site sent it. Open the page again and fill it in there.")
)


class FieldError(Exception):
    """What is wrong with a field of a form, for the person who filled it in; `wait` is when to try again."""

    def __init__(self, field: str, text: str, wait: timedelta | None = None) -> None:
        super().__init__(text)
        self.wait = wait
        self.field = field
        self.text = text

    @property
    def status(self) -> int:
        """The HTTP status of a page that shows it."""
        return 400 if self.wait is None else 429

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """The headers of that page that say when to try again."""
        return [] if self.wait is None else [(b"retry-after", b"%d" % round(self.wait.total_seconds()))]


@contextmanager
def reading(field: str) -> Iterator[None]:
    """Whatever a command refuses meanwhile is about `field`; raises FieldError for it."""
    try:
        yield
    except CommandError as error:
        raise FieldError(field, str(error), error.wait if isinstance(error, TooMany) else None) from None


def form_key(context: Context) -> str:
    """What a form of ours holds, so that no other site can send it."""
    return signed(context.secret_key, _FORM, "", context.now() + _LASTS)


def check_form(context: Context, request: Request, form: Mapping[str, str]) -> None:
    """Refuse a form that another site sent, or that nobody was given."""
    from_elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    known = unsign(context.secret_key, _FORM, form.get("form", ""), context.now())
    if from_elsewhere or known is None:
        raise Refused(403, _old_form)


async def read_body(request: Request, most: int) -> bytes:
    """The whole body of a request; raises Refused for one of over `most` bytes and for one that broke off.

    A body whose announced length is too much isn't read.
    """
    announced = request.headers.get("content-length", "")
    too_long = announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > most)
    try:
        body = None if too_long else await capped(request.stream(), most)
    except ClientDisconnect:
        raise Refused(400, _broken_off) from None
    if body is None:
        raise Refused(413, _too_long)
    return body


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form; of one that is no form, none."""
    body = await read_body(request, LONGEST_FORM)
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def client_of(request: Request) -> str:
    """Who asks, for the limits."""
    return client_name(request.client.host if request.client else "")
