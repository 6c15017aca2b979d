"""Signing in on the pages: links that work once, and the browsers that used them. Of both only hashes are stored."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlmodel import col

from paperwire.core.tokens import token_hash
from paperwire.ports.callers import Actor
from paperwire.ports.sign_ins import Session, SignIn
from paperwire.store.database.locks import lock_opt_ins
from paperwire.store.database.part import Part, count_rows, value_of
from paperwire.store.database.tables.people import SessionRow, SignInRow

LINKS_KEPT = timedelta(days=1)
"""How long a link is remembered: longer than it works, so that a late click gets an explanation, and for the limits."""


class SignIns(Part):
    """Links and sessions inside one transaction; `token` is a hash everywhere (`core.tokens.token_hash`)."""

    async def count_for(self, wanted_for: str, client: str, since: datetime) -> tuple[int, int]:
        """How many links were requested for a place since then, and by a client; locked until commit."""
        await lock_opt_ins(self._db)
        later = col(SignInRow.created_at) > since
        place = await count_rows(self._db, SignInRow, later, col(SignInRow.wanted_for) == wanted_for)
        return place, await count_rows(self._db, SignInRow, later, col(SignInRow.client) == client)

    async def noted(self, wanted_for: str) -> int:
        """How many requests are kept for this."""
        return await count_rows(self._db, SignInRow, col(SignInRow.wanted_for) == wanted_for)

    async def add(self, token: str, *, person: int, account: Actor | None, wanted_for: str, client: str) -> None:
        """Keep a link; without a `person` (0) it signs no one in and only counts. Old ones are forgotten."""
        await self.forget_old()
        values = {
            "token": token,
            "person": person or None,
            "channel": account.channel if account else "",
            "user_id": account.user_id if account else "",
            "wanted_for": wanted_for,
            "client": client,
            "created_at": self._now,
        }
        await self._db.execute(insert(SignInRow).values(values))

    async def get(self, token: str) -> SignIn | None:
        """A link, or None if there is none or it is forgotten."""
        this = select(SignInRow).where(col(SignInRow.token) == token, col(SignInRow.person).is_not(None))
        row = (await self._db.execute(this)).first()
        return None if row is None else value_of(SignIn, row, account=value_of(Actor, row))

    async def use(self, token: str, since: datetime) -> SignIn | None:
        """Use up a link that was made since then; None if that was done before, by whichever process."""
        fresh = (col(SignInRow.token) == token, col(SignInRow.used_at).is_(None), col(SignInRow.created_at) > since)
        used = update(SignInRow).where(*fresh).values(used_at=self._now).returning(col(SignInRow.token))
        return await self.get(token) if (await self._db.execute(used)).first() is not None else None

    async def begin(self, token: str, sign_in: SignIn, until: datetime) -> None:
        values = {
            "token": token,
            "person": sign_in.person,
            "channel": sign_in.account.channel,
            "user_id": sign_in.account.user_id,
            "created_at": self._now,
            "expires_at": until,
        }
        await self._db.execute(insert(SessionRow).values(values))

    async def session(self, token: str) -> Session | None:
        """The session of a browser; None if it was ended, is too old, or its person is forgotten."""
        this = (col(SessionRow.token) == token, col(SessionRow.expires_at) > self._now)
        row = (await self._db.execute(select(SessionRow).where(*this))).first()
        return None if row is None else _session(row)

    async def sessions(self, person: int) -> list[Session]:
        """The browsers in which a person is signed in, the first one first."""
        conditions = (col(SessionRow.person) == person, col(SessionRow.expires_at) > self._now)
        ordered = select(SessionRow).where(*conditions).order_by(col(SessionRow.created_at), col(SessionRow.token))
        return [_session(row) for row in await self._db.execute(ordered)]

    async def end(self, token: str) -> None:
        await self._db.execute(delete(SessionRow).where(col(SessionRow.token) == token))

    async def end_one(self, person: int, key: str) -> bool:
        """Sign a person out in one browser; False if they aren't signed in there."""
        statement = select(col(SessionRow.token)).where(col(SessionRow.person) == person)
        tokens = [token for token in (await self._db.execute(statement)).scalars() if _key(token) == key]
        for token in tokens:
            await self.end(token)
        return bool(tokens)

    async def end_all(self, person: int, *, but: str = "", account: Actor | None = None) -> None:
        """Sign a person out everywhere `but` in one browser; links that they haven't used sign no one in any more.

        With an `account` this is about what began, or could begin, with a link to it.
        """
        whose: dict[str, Any] = {"person": person}
        whose |= {"channel": account.channel, "user_id": account.user_id} if account else {}
        sessions = [getattr(SessionRow, name) == value for name, value in whose.items()]
        links = [getattr(SignInRow, name) == value for name, value in whose.items()]
        await self._db.execute(delete(SessionRow).where(*sessions, col(SessionRow.token) != but))
        unused = update(SignInRow).where(*links, col(SignInRow.used_at).is_(None))
        await self._db.execute(unused.values(used_at=self._now))

    async def forget_old(self) -> None:
        """Forget the links and sessions that are no use to anyone any more."""
        await self._db.execute(delete(SignInRow).where(col(SignInRow.created_at) < self._now - LINKS_KEPT))
        await self._db.execute(delete(SessionRow).where(col(SessionRow.expires_at) <= self._now))


def _session(row: Row[Any]) -> Session:
    return value_of(Session, row, account=value_of(Actor, row), key=_key(row.token))


def _key(token: str) -> str:
    """A session's public name, from which its browser's token can't be derived."""
    return token_hash(token)[:16]
