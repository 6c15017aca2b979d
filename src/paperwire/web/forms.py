"""Who sends a request, and that one of our pages asked for it: cookies, their sessions, and forms."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from paperwire.core.tokens import signed, token_hash, unsign
from paperwire.errors import CommandError, TooMany
from paperwire.network import capped
from paperwire.ports.sign_ins import Session
from paperwire.services.accounts.sign_in import LINK_LASTS, SESSION_LASTS
from paperwire.services.context import Context
from paperwire.texts import Texts, gettext_noop
from paperwire.web.problems import Refused, in_words
from paperwire.web.site import Site, client_name, local_path

_SESSION, _VISITOR, _WAY_BACK = "paperwire", "paperwire-visitor", "paperwire-back"
_SESSION_FORM, _VISITOR_FORM = "form of a session", "form of a visitor"
_VISITOR_LASTS = timedelta(hours=12)
_LENGTH = 32  # how many digits of a hash a form's token is about
_FORM, _LASTS = "subscribe form", timedelta(hours=12)
LONGEST_FORM = 20_000
"""Bytes."""
_LONGEST_COOKIE = 3_500  # characters; browsers keep 4,096 with name and attributes
_DIGITS = 15  # of a length that is read as a number
_too_long = in_words(gettext_noop("This is too long."))
_broken_off = in_words(gettext_noop("This request was cut off before all of it arrived."))
_old_form = in_words(
    gettext_noop("This form is too old, or another site sent it. Open the page again and fill it in there.")
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A request's session, the hash it is stored under, and the token that its forms hold."""

    session: Session
    token: str
    form: str


class Auth:
    """Reads and sets the cookies, which scripts don't see and other sites' forms don't bring along.

    Under https they are `Secure`, and their names say so to browsers (`__Host-`; below a path, `__Secure-`).
    """

    def __init__(self, context: Context, site: Site) -> None:
        self._context = context
        self._site = site
        secure = site.url.startswith("https://")
        prefix = ("__Secure-" if site.base else "__Host-") if secure else ""
        self._session, self._visitor, self._way_back = (prefix + name for name in (_SESSION, _VISITOR, _WAY_BACK))
        self._kept: dict[str, Any] = {
            "path": site.base or "/",
            "secure": secure,
            "httponly": True,
            "samesite": "lax",
        }

    async def who(self, request: Request) -> SignedIn | None:
        """Who sends a request; None without a valid session of someone who may use this instance."""
        cookie = request.cookies.get(self._session)
        if not cookie:
            return None
        token = token_hash(cookie)
        async with self._context.store.read() as unit:
            session = await unit.sign_ins.session(token)
            if session is None or not await self._context.access.admits(unit, session.account):
                return None
        form = signed(self._context.secret_key, _SESSION_FORM, token[:_LENGTH], session.expires_at)
        return SignedIn(session, token, form)

    def is_theirs(self, request: Request, who: SignedIn, form: str) -> bool:
        """Whether a form is one that this session was given, sent from a page of ours."""
        return not self._is_foreign(request) and self._read(_SESSION_FORM, form) == who.token[:_LENGTH]

    def sign_in(self, response: Response, cookie: str) -> None:
        """Let a browser keep what signs it in, and forget where that began."""
        response.set_cookie(self._session, cookie, max_age=int(SESSION_LASTS.total_seconds()), **self._kept)
        response.delete_cookie(self._way_back, **self._kept)

    def sign_out(self, response: Response) -> None:
        response.delete_cookie(self._session, **self._kept)

    def has_cookie(self, request: Request) -> bool:
        return bool(request.cookies.get(self._session))

    # --- forms of people who aren't signed in: else another site could sign them in as someone else -----------------

    def visitor(self, request: Request) -> tuple[str, str]:
        """What a visitor's browser keeps, made if need be, and the token for a form of theirs."""
        cookie = request.cookies.get(self._visitor) or secrets.token_urlsafe(16)
        until = self._context.now() + _VISITOR_LASTS
        return cookie, signed(self._context.secret_key, _VISITOR_FORM, token_hash(cookie)[:_LENGTH], until)

    def keep_visitor(self, response: Response, cookie: str) -> None:
        response.set_cookie(self._visitor, cookie, max_age=int(_VISITOR_LASTS.total_seconds()), **self._kept)

    def keep_way_back(self, response: Response, path: str) -> None:
        """Let a visitor's browser keep which page of ours they signed in from, if its address fits into a cookie."""
        lasts, value = int(LINK_LASTS.total_seconds()), quote(path, safe="")
        if len(value) <= _LONGEST_COOKIE:
            response.set_cookie(self._way_back, value, max_age=lasts, **self._kept)

    def way_back(self, request: Request) -> str:
        return local_path(unquote(request.cookies.get(self._way_back, "")))

    def is_visitors(self, request: Request, form: str) -> bool:
        """Whether a form is one that this browser was given, sent from a page of ours."""
        cookie = request.cookies.get(self._visitor, "")
        return not self._is_foreign(request) and self._read(_VISITOR_FORM, form) == token_hash(cookie)[:_LENGTH]

    def _is_foreign(self, request: Request) -> bool:
        """Whether a browser says that another site's page sent this."""
        if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
            return True
        # Our pages name no referrer, so the origin of their own forms is `null`.
        origin = request.headers.get("origin", "null").lower()
        own_hosts = {urlsplit(self._site.url).netloc.lower(), request.headers.get("host", "").lower()}
        return origin != "null" and urlsplit(origin).netloc not in own_hosts

    def _read(self, purpose: str, form: str) -> str | None:
        return unsign(self._context.secret_key, purpose, form, self._context.now())


def refusal_of_form(texts: Texts) -> str:
    """Why a form is refused that a browser wasn't given, or that another site's page sent."""
    return texts.gettext(
        "This form is too old, or another site sent it, or your browser keeps no cookies. Open the page again and fill"
        " it in there."
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
        return 400 if self.wait is None else 429

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
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
    """Refuse a form that another site sent, or that was never handed out."""
    from_elsewhere = request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    signed = unsign(context.secret_key, _FORM, form.get("form", ""), context.now())
    if from_elsewhere or signed is None:
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


async def form_of(request: Request, most: int = LONGEST_FORM) -> dict[str, str]:
    """The fields of a form of at most `most` bytes, files as their text; of one that is no form, none."""
    body = await read_body(request, most)
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return _parts(kind, body)
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


def _parts(kind: str, body: bytes) -> dict[str, str]:
    """The fields of a form with a file, whose bytes are UTF-8 or what can be read of it so."""
    head = b"Content-Type: " + kind.encode("latin-1", "replace") + b"\r\n\r\n"
    fields = {}
    for part in message_from_bytes(head + body, policy=HTTP).walk():
        name = part.get_param("name", header="content-disposition")
        if isinstance(name, str) and not part.is_multipart():
            content = part.get_payload(decode=True)
            fields[name] = content.decode("utf-8-sig", "replace") if isinstance(content, bytes) else ""
    return fields


def client_of(request: Request) -> str:
    return client_name(request.client.host if request.client else "")
