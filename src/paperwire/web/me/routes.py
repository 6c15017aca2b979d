"""All pages of a person, and the door in front of them: links to sign in, the button that uses one, signing out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.errors import CommandError
from paperwire.services.accounts import sign_in
from paperwire.services.accounts.sign_in import LinkMail, OpenedLink
from paperwire.services.context import Context
from paperwire.services.limits import Limits
from paperwire.services.places.language import chosen_by
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import LONGEST_FORM, Auth, SignedIn, client_of, form_of, refusal_of_form
from paperwire.web.html import FRESH, Html
from paperwire.web.http import Named
from paperwire.web.me import acts, belongings, imports, places, subscriptions
from paperwire.web.me.visit import MePage, Visit, with_wait
from paperwire.web.site import local_path

# Translators: what was done, on a page after a button.
_ENDED = {
    "out": gettext_noop("You are signed out here."),
    "everywhere": gettext_noop("You are signed out everywhere."),
    "unlinked": gettext_noop("The account that signed you in is unlinked, and you are signed out."),
    "unlinked_feeds": gettext_noop(
        "The account that signed you in is unlinked, and you are signed out. The old links of your private feeds no"
        " longer work; your other accounts have new ones."
    ),
    "forgotten": gettext_noop("Everything about you has been deleted."),
}
_BOTH = ["GET", "POST"]
PAGES = {
    "/me": subscriptions.ALL,
    "/me/subscriptions/{number}": subscriptions.ONE,
    "/me/import": imports.IMPORT,
    "/me/mute/{number}": acts.MUTE,
    "/me/places": places.ALL,
    "/me/places/{number}": places.ONE,
    "/me/saved": belongings.SAVED,
    "/me/saved/{form}": MePage(belongings.download_saved),
    "/me/feeds": belongings.FEEDS,
    "/me/feeds.opml": MePage(belongings.download_feeds),
    "/me/account": belongings.ACCOUNT,
    "/me/export": MePage(belongings.download_all),
    "/me/forget": belongings.FORGET,
}
"""Every page that a person has, by its path."""


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The pages of a person who isn't signed in."""

    context: Context
    html: Html
    auth: Auth

    def show(self, request: Request, status: int = 200, *, error: str = "", address: str = "") -> Response:
        """How to sign in; a browser whose session ended shows that, and forgets it."""
        texts = self.html.texts(request.scope)
        ended = texts.gettext(_ENDED[code]) if (code := request.query_params.get("done", "")) in _ENDED else ""
        stale = self.auth.has_cookie(request)
        if stale and not ended and not error:
            ended = texts.gettext("You aren't signed in any more.")
        # Translators: the title of a page, and a button.
        title = texts.gettext("Sign in")
        # Translators: the title of a page with a form that was refused.
        shown = texts.gettext("Error: %(title)s", title=title) if error else title
        response = self._with_form(
            request,
            "me_enter.html",
            status=status,
            heading=title,
            title=shown,
            error=error,
            ended=ended,
            address=address,
            by_mail=any(channel.naming == "verified" for channel in self.context.channels.values()),
        )
        if stale:
            self.auth.sign_out(response)
        if way := local_path(request.query_params.get("to", "")):
            self.auth.keep_way_back(response, way)
        return response

    async def send_link(self, request: Request) -> Response:
        """Mail a link; the answer is the same whether or not the address is known, and comes as quickly."""
        texts = self.html.texts(request.scope)
        fields = await form_of(request)
        if not self.auth.is_visitors(request, fields.get("form", "")):
            return self._foreign(texts)
        address = fields.get("address", "").strip()
        try:
            mail = await sign_in.mail_link(self.context, address, client=client_of(request), locale=str(texts.locale))
        except CommandError as error:
            return with_wait(self.show(request, 400, error=str(error), address=address), error)
        return self._mailed(texts, mail)

    def _mailed(self, texts: Texts, mail: LinkMail | None) -> Response:
        text = texts.gettext(
            "If this address is confirmed here, a mail with a link is on its way to it. The link works once, for 15"
            " minutes."
        )
        response = self._message(texts, texts.gettext("Check your inbox"), text)
        if mail is not None:
            response.background = BackgroundTask(mail.send)
        return response

    async def link(self, request: Request) -> Response:
        """The link: GET shows a button, so that programs which follow links use nothing up; POST signs in."""
        texts = self.html.texts(request.scope)
        token = request.path_params["token"]
        opened_link = await sign_in.look(self.context, token)
        fields = await form_of(request) if request.method == "POST" else {}
        asks_another = opened_link is not None and opened_link.can_be_mailed and "another" in fields
        if opened_link is None or (opened_link.state != "open" and not asks_another):
            return self._unusable(request, opened_link)
        if request.method != "POST":
            title = texts.gettext("Sign in")
            return self._with_form(request, "me_link.html", title=title, heading=title, account=opened_link.account)
        if not self.auth.is_visitors(request, fields.get("form", "")):
            return self._foreign(texts)
        if asks_another:
            return await self._mail_another(request, token, texts)
        before = await self.auth.who(request)
        cookie = await sign_in.sign_in(self.context, token, instead=before.token if before else "")
        if cookie is None:  # another browser was quicker
            return self._unusable(request, await sign_in.look(self.context, token))
        language = await chosen_by(self.context, opened_link.account)
        way = self.html.in_language(self.auth.way_back(request) or "/me", language, request.scope)
        response = RedirectResponse(f"{self.html.site.base}{way}", 303, FRESH)
        self.auth.sign_in(response, cookie)
        return response

    async def _mail_another(self, request: Request, token: str, texts: Texts) -> Response:
        try:
            mail = await sign_in.mail_another(self.context, token, client=client_of(request), locale=str(texts.locale))
        except CommandError as error:
            return with_wait(self._message(texts, texts.gettext("Sign in"), str(error), 400), error)
        return self._mailed(texts, mail)

    def _unusable(self, request: Request, found: OpenedLink | None) -> Response:
        texts = self.html.texts(request.scope)
        again = texts.gettext("To get a new one, send /me to the bot, or ask for one by mail on this site.")
        if found is None:
            title = texts.gettext("This link isn't valid")
            text = texts.gettext("Copy the whole link from the message. Links from more than a day ago are forgotten.")
            return self._message(texts, title, texts.sentences(text, again), 404)
        if found.state == "used":
            title = texts.gettext("This link was used already")
            text = texts.gettext("It works once. If it wasn't you who used it, sign out everywhere on your page.")
        else:
            title, text = texts.gettext("This link has expired"), texts.gettext("It worked for 15 minutes.")
        if found.can_be_mailed:
            return self._with_form(request, "me_another.html", 410, title=title, text=text)
        return self._message(texts, title, texts.sentences(text, again), 410)

    def _foreign(self, texts: Texts) -> Response:
        # Translators: the title of a page that says why a request was refused.
        return self._message(texts, texts.gettext("Not allowed"), refusal_of_form(texts), 403)

    def _message(self, texts: Texts, title: str, text: str, status: int = 200) -> Response:
        return self.html.fresh(texts, "me_message.html", status, page="me", title=title, text=text, back="")

    def _with_form(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        cookie, form = self.auth.visitor(request)
        response = self.html.fresh(self.html.texts(request.scope), template, status, page="me", form=form, **values)
        self.auth.keep_visitor(response, cookie)
        return response


@dataclass(frozen=True, slots=True)
class MePages:
    """The pages below `/me`; the same limits hold there as in chats."""

    context: Context
    html: Html
    auth: Auth
    limits: Limits = field(default_factory=Limits)

    def routes(self) -> list[Named]:
        door = FrontDoor(self.context, self.html, self.auth)
        return [
            Named("/me/link", door.send_link, methods=["POST"]),
            Named("/me/in/{token}", door.link, methods=_BOTH),
            Named("/me/act", self._signed_in(door, acts.ACTS), methods=["POST"]),
            *(Named(path, self._signed_in(door, page), methods=_BOTH) for path, page in PAGES.items()),
        ]

    def _signed_in(self, door: FrontDoor, page: MePage) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            who = await self.auth.who(request)
            texts = self.html.texts(request.scope)
            posted = request.method == "POST"
            fields = await form_of(request, page.longest if who is not None else LONGEST_FORM) if posted else {}
            if who is not None and posted and not self.auth.is_theirs(request, who, fields.get("form", "")):
                title, text = texts.gettext("Not allowed"), refusal_of_form(texts)
                back = local_path(fields.get("back", ""))
                return self.html.fresh(texts, "me_message.html", 403, page="me", title=title, text=text, back=back)
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
