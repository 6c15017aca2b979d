"""The way in and out: a mailed or bot-sent link, the button that uses it, and signing out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.errors import CommandError, TooMany
from paperwire.services import sign_in
from paperwire.services.context import Context
from paperwire.services.sign_in import LinkMail, OpenedLink
from paperwire.texts import Texts, gettext_noop
from paperwire.web.auth import Auth, refusal_of_form
from paperwire.web.forms import client_of, form_of
from paperwire.web.html import FRESH, Html
from paperwire.web.site import local_path

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


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The pages of somebody who isn't signed in."""

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
        title = texts.gettext("Sign in")
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
            by_mail=any(one.naming == "verified" for one in self.context.channels.values()),
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
            return _with_wait(self.show(request, 400, error=str(error), address=address), error)
        return self._mailed(texts, mail)

    def _mailed(self, texts: Texts, mail: LinkMail | None) -> Response:
        text = texts.gettext(
            "If this address is confirmed here, a mail with a link is on its way to it. The link works once, for 15"
            " minutes."
        )
        response = self._message(texts, texts.gettext("Look in your inbox"), text)
        if mail is not None:
            response.background = BackgroundTask(mail.send)
        return response

    async def link(self, request: Request) -> Response:
        """The link: GET shows a button, so that programs which follow links use nothing up; POST signs in."""
        texts = self.html.texts(request.scope)
        token = request.path_params["token"]
        found = await sign_in.look(self.context, token)
        fields = await form_of(request) if request.method == "POST" else {}
        asks_another = found is not None and found.can_be_mailed and "another" in fields
        if found is None or (found.state != "open" and not asks_another):
            return self._unusable(request, found)
        if request.method != "POST":
            title = texts.gettext("Sign in")
            return self._with_form(request, "me_link.html", title=title, heading=title, account=found.account)
        if not self.auth.is_visitors(request, fields.get("form", "")):
            return self._foreign(texts)
        if asks_another:
            return await self._mail_another(request, token, texts)
        before = await self.auth.who(request)
        cookie = await sign_in.sign_in(self.context, token, instead=before.token if before else "")
        if cookie is None:  # another browser was quicker
            return self._unusable(request, await sign_in.look(self.context, token))
        response = RedirectResponse(f"{self.html.site.base}{self.auth.way_back(request) or '/me'}", 303, FRESH)
        self.auth.sign_in(response, cookie)
        return response

    async def _mail_another(self, request: Request, token: str, texts: Texts) -> Response:
        try:
            mail = await sign_in.mail_another(self.context, token, client=client_of(request), locale=str(texts.locale))
        except CommandError as error:
            return _with_wait(self._message(texts, texts.gettext("Sign in"), str(error), 400), error)
        return self._mailed(texts, mail)

    def _unusable(self, request: Request, found: OpenedLink | None) -> Response:
        texts = self.html.texts(request.scope)
        again = texts.gettext("To get a new one, send /me to the bot, or ask for one by mail on this site.")
        if found is None:
            title = texts.gettext("This link isn't valid")
            text = texts.gettext("Copy all of it from the message. Links from more than a day ago are forgotten.")
            return self._message(texts, title, f"{text} {again}", 404)
        if found.state == "used":
            title = texts.gettext("This link was used already")
            text = texts.gettext("It works once. If it wasn't you who used it, sign out everywhere on your page.")
        else:
            title, text = texts.gettext("This link has expired"), texts.gettext("It worked for 15 minutes.")
        if found.can_be_mailed:
            return self._with_form(request, "me_another.html", 410, title=title, text=text)
        return self._message(texts, title, f"{text} {again}", 410)

    def _foreign(self, texts: Texts) -> Response:
        return self._message(texts, texts.gettext("Not allowed"), refusal_of_form(texts), 403)

    def _message(self, texts: Texts, title: str, text: str, status: int = 200) -> Response:
        return self.html.fresh(texts, "me_message.html", status, page="me", title=title, text=text)

    def _with_form(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        cookie, form = self.auth.visitor(request)
        response = self.html.fresh(self.html.texts(request.scope), template, status, page="me", form=form, **values)
        self.auth.keep_visitor(response, cookie)
        return response


def _with_wait(response: Response, error: CommandError) -> Response:
    """The answer to what was refused; to what was too much, with the time of the next try."""
    if isinstance(error, TooMany):
        response.status_code = 429
        response.headers["retry-after"] = str(round(error.wait.total_seconds()))
    return response
