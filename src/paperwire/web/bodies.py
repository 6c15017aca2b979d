"""The bodies of requests, of which no more is taken into memory than its reader allows."""

from __future__ import annotations

from starlette.requests import ClientDisconnect, Request

from paperwire.texts import gettext_noop
from paperwire.web.problems import Refused, in_words

_DIGITS = 15  # of a length that is read as a number
_too_long = in_words(gettext_noop("This is too long to be read here."))
_broken_off = in_words(gettext_noop("This request ended before all of it had arrived."))


async def read_body(request: Request, most: int) -> bytes:
    """The whole body of a request.

    Raises Refused for one of over `most` bytes, before any of it is read where the request tells its length, and for
    one that broke off.
    """
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and (len(announced) > _DIGITS or int(announced) > most):
        raise Refused(413, _too_long)
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > most:
                raise Refused(413, _too_long)
    except ClientDisconnect:
        raise Refused(400, _broken_off) from None
    return bytes(body)
