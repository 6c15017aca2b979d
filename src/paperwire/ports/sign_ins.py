"""Links to sign in, and the browsers in which people are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from paperwire.ports.callers import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A link to sign in: the `person` and the account it was sent to; `used_at` is when it did, if it was used."""

    person: int
    account: Actor
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which a `person` is signed in, by a link that was sent to `account`; pages call it by `key`."""

    person: int
    account: Actor
    created_at: datetime
    expires_at: datetime
    key: str
