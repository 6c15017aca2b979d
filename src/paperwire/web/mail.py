"""Pages that change something: subscribe by mail, confirm it, and leave. No page here needs a sign-in or JavaScript."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.commands import opt_in
from paperwire.commands.cadences import read_cadence
from paperwire.commands.leave import leave, leaving
from paperwire.commands.opt_in import OptInRequest, Wish
from paperwire.commands.queries import read_query
from paperwire.commands.trends import PASSES, topic_query, trending_query
from paperwire.commands.zones import read_zone
from paperwire.core.subscriptions.timetable import WEEKDAYS
from paperwire.errors import CommandError
from paperwire.web.edge import Named
from paperwire.web.forms import check_form, client_of, form_key, form_of
from paperwire.web.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from paperwire.commands.context import Context
    from paperwire.texts import Texts
    from paperwire.web.deps import WebDeps
    from paperwire.web.html import Html

_UNLISTED = ((b"x-robots-tag", b"noindex"),)
_METHODS = ["GET", "POST"]
_BLANK = {"address": "", "what": "trending", "topic": "", "every": "day", "weekday": "mon", "hour": "8", "zone": "UTC"}


@dataclass(frozen=True, slots=True)
class MailPages:
    """The pages of a Paperwire that sends mail."""

    context: Context

    @classmethod
    def of(cls, deps: WebDeps) -> MailPages | None:
        """The pages, or None where there is no channel whose addresses strangers may name and confirm."""
        channels = deps.context.channels.values() if deps.context is not None else ()
        return cls(deps.context) if deps.context and any(one.naming == "verified" for one in channels) else None

    def routes(self, html: Html) -> list[Named]:
        """Where the pages are."""
        return [
            Named("/subscribe", _Subscribe(self.context, html).answer, methods=_METHODS),
            Named("/subscribe/{token}", _Confirm(self.context, html).answer, methods=_METHODS),
            Named("/u/{token}", _Leave(self.context, html).answer, methods=_METHODS),
        ]


@dataclass(frozen=True, slots=True)
class _Subscribe:
    """The form, and what becomes of it: a mail to confirm."""

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """GET shows the form, filled as its address says; POST sends the mail."""
        texts = self.html.texts(request.scope)
        if request.method != "POST":
            zone = {"zone": self.context.zone}
            given = {name: value for name, value in request.query_params.items() if name in _BLANK}
            return self._form(texts, {**_BLANK, **zone, **given}, "")
        form = await form_of(request)
        values = {**_BLANK, **{name: form[name].strip() for name in _BLANK if name in form}}
        check_form(self.context, request, form)
        try:
            channel = opt_in.confirmed_channel(self.context, texts)
            place = await opt_in.place_at(channel, values["address"], texts)
            wish = _wish(values, texts)
            locale = str(texts.locale)
            await opt_in.ask(self.context, place, wish, client=client_of(request), locale=locale)
        except CommandError as error:
            return self._form(texts, values, str(error))
        text = texts.gettext(
            "A mail is on its way to %(address)s. Nothing else is sent there until you open the link in it and press"
            " the button; it works for 24 hours.",
            address=place.address,
        )
        return _page(self.html, texts, texts.gettext("Look in your inbox"), text)

    def _form(self, texts: Texts, values: Mapping[str, str], error: str) -> Response:
        return self.html.page(
            texts,
            "subscribe.html",
            status=400 if error else 200,
            cache="no-store",
            canonical="" if error else "/subscribe",
            title=texts.gettext("Papers by mail"),
            page="mail",
            values=values,
            error=error,
            form=form_key(self.context),
            weekdays=[(name, texts.weekday(number)) for number, name in enumerate(WEEKDAYS)],
            passes=PASSES,
        )


@dataclass(frozen=True, slots=True)
class _Confirm:
    """What the link in that mail leads to. Programs that follow every link in a mail do not confirm anything."""

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """GET shows what is asked and a button; POST confirms it."""
        texts = self.html.texts(request.scope)
        token = request.path_params["token"]
        try:
            look = opt_in.confirm if request.method == "POST" else opt_in.look
            asked = await look(self.context, token)
        except CommandError as error:
            return _page(self.html, texts, texts.gettext("Nothing was changed"), str(error), status=400)
        if asked is None:
            raise Refused(404, _no_link, headers={"x-robots-tag": "noindex"})
        if asked.state == "late":
            text = texts.gettext("This link worked for 24 hours. Subscribe again to get a new one.")
            return _page(self.html, texts, texts.gettext("This link has expired"), text, status=410)
        if asked.state == "used":
            text = texts.gettext("This was confirmed already; there is nothing left to do.")
            return _page(self.html, texts, texts.gettext("Confirmed"), text)
        if request.method == "POST":
            return _page(self.html, texts, texts.gettext("Confirmed"), _confirmed(asked, texts))
        return self.html.page(
            texts,
            "confirm.html",
            extra=_UNLISTED,
            cache="no-store",
            title=texts.gettext("Confirm: new papers by mail"),
            asked=asked,
            what=asked.wish.words(texts),
            when=asked.wish.when(texts),
        )


@dataclass(frozen=True, slots=True)
class _Leave:
    """The way out that stands in each mail; whoever has its address may use it."""

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """GET shows what comes and buttons; POST ends one subscription or, as mail programs do (RFC 8058), all."""
        texts, store = self.html.texts(request.scope), self.context.store
        token = request.path_params["token"]
        found = await leaving(store, self.context.secret_key, token)
        if found is None:
            raise Refused(404, _no_link, headers={"x-robots-tag": "noindex"})
        ended = ""
        if request.method == "POST":
            only = (await form_of(request)).get("only", "")
            number = int(only) if only.isascii() and only.isdigit() and len(only) < 16 else None
            await leave(store, found.place, only=number)
            ended = texts.gettext("Stopped. This subscription ends with the last mail you got.")
            found = await leaving(store, self.context.secret_key, token) or found
            if number is None or not found.subscriptions:
                text = texts.gettext("No more papers will be sent to %(address)s.", address=found.place.address)
                return _page(self.html, texts, texts.gettext("Unsubscribed"), text)
        return self.html.page(
            texts,
            "leave.html",
            extra=_UNLISTED,
            cache="no-store",
            title=texts.gettext("What comes by mail"),
            address=found.place.address,
            paused=found.place.paused,
            subscriptions=[(one.number, one.name or one.text) for one in found.subscriptions],
            ended=ended,
        )


def _wish(values: Mapping[str, str], texts: Texts) -> Wish:
    """What a form asks for; raises CommandError for what it can't say."""
    weekly = values["every"] == "week"
    day = f"weekly {values['weekday']}" if weekly else "daily"
    cadence = read_cadence(f"{day} {values['hour']}:00", texts)
    zone = read_zone(values["zone"] or "UTC", texts)
    if values["what"] == "papers":
        text, name = topic_query(values["topic"]), ""
        read_query(text, texts)
    else:
        text, name = trending_query(values["topic"], "week" if weekly else "day", texts)
    return Wish(text=text, name=name, cadence=cadence, zone=zone)


def _confirmed(asked: OptInRequest, texts: Texts) -> str:
    return texts.gettext(
        "%(what)s will come to %(address)s %(when)s. Each mail has a link that ends it.",
        what=asked.wish.words(texts),
        address=asked.request.address,
        when=asked.wish.when(texts),
    )


def _page(html: Html, texts: Texts, title: str, text: str, status: int = 200) -> Response:
    values = {"title": title, "text": text, "source_url": ""}
    return html.page(texts, "message.html", status=status, extra=_UNLISTED, cache="no-store", **values)


def _no_link(texts: Texts) -> str:
    return texts.gettext("This link isn't valid, or what it was for is gone. Copy all of it from the mail.")
