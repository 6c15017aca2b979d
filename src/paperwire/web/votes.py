"""Votes on the pages of the public list: a button under each paper, or the way to sign in first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from paperwire.store.tables.lists import PUBLIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.commands.context import Context
    from paperwire.texts import Texts
    from paperwire.web.auth import Auth
    from paperwire.web.html import Html

LIST = "/list"
_BY_COOKIE = ((b"vary", b"cookie"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """Which papers of a page its reader votes for, and the token of the forms; empty for who isn't signed in.

    `back` is the page's path, and `sign_in` that of the page which signs in and leads back.
    """

    form: str
    mine: frozenset[int]
    back: str
    sign_in: str


@dataclass(frozen=True, slots=True)
class Voting:
    """Makes pages on which papers can be voted for."""

    context: Context
    html: Html
    auth: Auth

    async def votes(self, paper: int) -> int | None:
        """The votes of a paper on the public list; None for one that isn't there, as nobody submitted or voted."""
        async with self.context.store.read() as unit:
            votes = (await unit.lists.votes(PUBLIC, [paper])).get(paper, 0)
            return votes if votes or await unit.lists.submission(PUBLIC, paper) is not None else None

    async def ballot(self, request: Request, papers: Sequence[int], back: str) -> Ballot:
        """What the reader of a page with these papers may do."""
        who = await self.auth.who(request)
        sign_in = f"/me?to={quote(back, safe='/')}"
        if who is None:
            return Ballot(form="", mine=frozenset(), back=back, sign_in=sign_in)
        async with self.context.store.read() as unit:
            mine = await unit.lists.voted_for(PUBLIC, who.session.person, papers)
        return Ballot(form=who.form, mine=frozenset(mine), back=back, sign_in=sign_in)

    def page(self, texts: Texts, template: str, ballot: Ballot, **values: Any) -> Response:
        """The page: with forms of a person's in it nobody keeps it, otherwise it is as any."""
        if ballot.form:
            return self.html.fresh(texts, template, ballot=ballot, form=ballot.form, **values)
        return self.html.page(texts, template, extra=_BY_COOKIE, ballot=ballot, form="", **values)
