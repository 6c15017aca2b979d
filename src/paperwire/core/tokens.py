"""Secrets that travel in addresses: feed tokens, their hashes, and signed values that expire."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

_MAC_BYTES = 16
_NUMBER_MAC_BYTES = 15
_TIME_BYTES = 5  # seconds since 1970 up to the year 36,000
_MAX_SIGNED = 1024
_NAMED = re.compile(r"([0-9a-f]{1,15})-([a-z2-7]{24})", re.ASCII)


def feed_token(secret: bytes, number: int, generation: int) -> str:
    """The secret part of a private feed's address: 43 characters of `A-Za-z0-9_-`.

    HMAC-SHA256 over the feed's number and generation: it can be made again at any time, so the database need not
    hold it, and the next generation has nothing in common with the last.
    """
    digest = hmac.digest(secret, f"feed:{number}:{generation}".encode(), hashlib.sha256)
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def token_hash(token: str) -> str:
    """What the database keeps of a token: its SHA-256 in 64 hexadecimal digits. Any text is taken."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def pseudonym(secret: bytes, name: str) -> str:
    """What is kept of a name that only has to be known again: 32 hexadecimal digits that only we can make."""
    return hmac.digest(secret, name.encode(), hashlib.sha256).hex()[:32]


def place_token(secret: bytes, purpose: str, place: int, which: str) -> str:
    """The secret part of an address that is about a place, and `which` of what it has (a digest's slot)."""
    return text_token(secret, purpose, f"{place} {which}")


def read_place_token(secret: bytes, purpose: str, token: str) -> tuple[int, str] | None:
    """The place, and which of what it has, that `place_token` wrote down, or None if it did not."""
    text = read_text_token(secret, purpose, token)
    if text is None:
        return None
    place, _, which = text.partition(" ")
    return int(place), which


def text_token(secret: bytes, purpose: str, text: str) -> str:
    """`text`, readable by anyone but written by us only, forever: 64 characters of `A-Za-z0-9_-` for 32 bytes."""
    payload = text.encode()
    return base64.urlsafe_b64encode(_mac(secret, purpose, payload) + payload).rstrip(b"=").decode("ascii")


def read_text_token(secret: bytes, purpose: str, token: str) -> str | None:
    """The text that `text_token` wrote down, or None if it did not."""
    payload = _payload(secret, purpose, token)
    return None if payload is None else payload.decode()


def signed(secret: bytes, purpose: str, value: str, expires: datetime) -> str:
    """`value`, readable by anyone but made by us, good for `purpose` until `expires` (aware; whole seconds count).

    The answer uses `A-Za-z0-9_-` only: it fits in an address and, for short values, in Telegram's `?start=`.
    """
    payload = int(expires.timestamp()).to_bytes(_TIME_BYTES, "big") + value.encode()
    return base64.urlsafe_b64encode(_mac(secret, purpose, payload) + payload).rstrip(b"=").decode("ascii")


def unsign(secret: bytes, purpose: str, text: str, now: datetime) -> str | None:
    """The value that `signed` put in `text`, or None if it is forged, for another purpose, or past its time."""
    payload = _payload(secret, purpose, text)
    if payload is None or int.from_bytes(payload[:_TIME_BYTES], "big") <= now.timestamp():
        return None
    return payload[_TIME_BYTES:].decode()


def _payload(secret: bytes, purpose: str, text: str) -> bytes | None:
    if len(text) > _MAX_SIGNED or not text.isascii():
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error:
        return None
    payload = raw[_MAC_BYTES:]
    return payload if hmac.compare_digest(raw[:_MAC_BYTES], _mac(secret, purpose, payload)) else None


def number_token(secret: bytes, purpose: str, number: int) -> str:
    """A name of `number` that only we can make and that never expires: `1f-` and 24 characters of `a-z2-7`.

    It stands in addresses of pages and, as case doesn't matter, in addresses of mail.
    """
    payload = b"number" + number.to_bytes(8, "big")
    key = hmac.digest(secret, purpose.encode(), hashlib.sha256)
    mac = hmac.digest(key, payload, hashlib.sha256)[:_NUMBER_MAC_BYTES]
    return f"{number:x}-{base64.b32encode(mac).decode('ascii').lower()}"


def read_number_token(secret: bytes, purpose: str, text: str) -> int | None:
    """The number that `number_token` named so, or None if it did not."""
    match = _NAMED.fullmatch(text.lower()) if text.isascii() else None
    if match is None:
        return None
    number = int(match[1], 16)
    return number if hmac.compare_digest(number_token(secret, purpose, number), text.lower()) else None


def _mac(secret: bytes, purpose: str, payload: bytes) -> bytes:
    # The purpose is hashed apart: no choice of purpose and payload can imitate another pair.
    key = hmac.digest(secret, purpose.encode(), hashlib.sha256)
    return hmac.digest(key, payload, hashlib.sha256)[:_MAC_BYTES]
