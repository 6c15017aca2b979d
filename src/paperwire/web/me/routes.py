"""All pages of a person, and the door in front of them: who isn't signed in gets no further."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import Response

from paperwire.errors import CommandError
from paperwire.services.context import Context
from paperwire.services.limits import Limits
from paperwire.texts import Texts
from paperwire.web.auth import Auth, SignedIn, refusal_of_form
from paperwire.web.edge import Named
from paperwire.web.forms import form_of
from paperwire.web.html import Html
from paperwire.web.me import belongings, places, subscriptions
from paperwire.web.me.entry import FrontDoor
from paperwire.web.me.visit import MePage, Visit

_BOTH = ["GET", "POST"]


@dataclass(frozen=True, slots=True)
class MePages:
    """The pages below `/me`; the same limits hold there as in chats."""

    context: Context
    html: Html
    auth: Auth
    limits: Limits = field(default_factory=Limits)

    def routes(self) -> list[Named]:
        door = FrontDoor(self.context, self.html, self.auth)
        theirs = {
            "/me": subscriptions.ALL,
            "/me/subscriptions/{number}": subscriptions.ONE,
            "/me/places": places.ALL,
            "/me/places/{number}": places.ONE,
            "/me/saved": belongings.SAVED,
            "/me/saved/{form}": MePage(belongings.download_saved),
            "/me/feeds": belongings.FEEDS,
            "/me/account": belongings.ACCOUNT,
            "/me/export": MePage(belongings.download_all),
            "/me/forget": belongings.FORGET,
        }
        return [
            Named("/me/link", door.send_link, methods=["POST"]),
            Named("/me/in/{token}", door.link, methods=_BOTH),
            Named("/me/votes", self._behind(door, places.VOTES), methods=["POST"]),
            *(Named(path, self._behind(door, page), methods=_BOTH) for path, page in theirs.items()),
        ]

    def _behind(self, door: FrontDoor, page: MePage) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            who = await self.auth.who(request)
            texts = self.html.texts(request.scope)
            posted = request.method == "POST"
            fields = await form_of(request) if posted else {}
            if who is not None and posted and not self.auth.is_theirs(request, who, fields.get("form", "")):
                title, text = texts.gettext("Not allowed"), refusal_of_form(texts)
                return self.html.fresh(texts, "me_message.html", 403, page="me", title=title, text=text)
            visit = await self._visit(request, who, texts, fields) if who is not None else None
            if visit is None:
                error = texts.gettext("You aren't signed in any more. Nothing was changed.") if posted else ""
                return door.show(request, 200 if request.scope["path"] == "/me" and not posted else 403, error=error)
            try:
                return await page.answer(visit)
            except CommandError as error:
                return visit.refused(error)

        return answer

    async def _visit(self, request: Request, who: SignedIn, texts: Texts, fields: dict[str, str]) -> Visit | None:
        """The visit of a session; None if its person was forgotten just now."""
        async with self.context.store.read() as unit:
            person = await unit.people.get(who.session.person)
            accounts = await unit.people.accounts(who.session.person)
        if person is None:
            return None
        return Visit(
            http=request,
            context=self.context,
            html=self.html,
            auth=self.auth,
            limits=self.limits,
            texts=texts,
            who=who,
            person=person,
            accounts=sorted(accounts, key=lambda account: account != who.session.account),
            fields=fields,
        )
