"""Subscribing without an account: an address that is then confirmed, or a link into a chat; and leaving.

No page here needs a sign-in, those that the links in messages lead to included.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from paperwire.core.messages.plain import plain_words
from paperwire.core.subscriptions.subscription import UNDO_LASTS, Departure, StoredPlace, Subscription
from paperwire.core.subscriptions.timetable import WEEKDAYS
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError
from paperwire.ports.channels import AddressInvitation, Channel, ChatInvitation, Inviting
from paperwire.services.accounts import opt_in
from paperwire.services.accounts.opt_in import OptInRequest
from paperwire.services.accounts.share import kept_code, short_code
from paperwire.services.accounts.strangers import allow, is_refused, read_token, refuse
from paperwire.services.context import Context
from paperwire.services.papers.search import preview_if_free
from paperwire.services.papers.trending import PASSES, topic_query
from paperwire.services.people import place_at
from paperwire.services.subscriptions.leave import Leaving, bring_back, leave, leaving
from paperwire.services.typed import read_query
from paperwire.texts import Texts, gettext_noop
from paperwire.web.forms import LONGEST_FORM, FieldError, check_form, client_of, form_key, form_of, read_body, reading
from paperwire.web.html import Html
from paperwire.web.http import NOT_INDEXED, Named
from paperwire.web.pages.opt_in_form import EMPTY, as_shared, wish_of
from paperwire.web.problems import Refused, in_words, not_found
from paperwire.web.views import Link
from paperwire.wording.preview import preview_lines
from paperwire.wording.times import local

_CHANGES = {"refused": refuse, "allowed": allow}
_no_choice = in_words(gettext_noop("Nothing was changed. Open the link again and press the button."))
_NUMBER = re.compile(r"[0-9]{1,15}")
_PART_ONLY, _PART_UNDO = b'name="only"', b'name="undo"'
_LONGEST_NAME, _MOST_NAMES = 100, 5
_NAMED_BY_ANYONE = "address"
"""The kind of places that anyone who knows the address may name, so that others read what one person typed."""
_no_link = in_words(
    gettext_noop("This link isn't valid, or what it was for is gone. Copy the whole link from the message.")
)
_garbled = in_words(
    gettext_noop("This doesn't say which subscription to stop. Nothing was changed; open the page again and try there.")
)
READ_AND_SENT = ["GET", "POST"]
"""The methods of a page with a form."""


def mail_channel(context: Context) -> str:
    """The kind of the channel whose addresses have to be proved, to which the page subscribes by default."""
    return next((channel.kind for channel in context.channels.values() if channel.naming == "verified"), "")


@dataclass(frozen=True, slots=True)
class SubscribePage:
    """The form, and what becomes of it: a message to confirm, or a link."""

    context: Context
    html: Html

    async def answer(self, request: Request) -> Response:
        """GET shows the form, filled as its address says; POST does what it asks for."""
        texts = self.html.texts(request.scope)
        sent = request.method == "POST"
        given = await form_of(request) if sent else as_shared(dict(request.query_params))
        values = {
            **EMPTY,
            "zone": self.context.zone,
            **{name: given[name].strip() for name in EMPTY if name in given},
        }
        values["to"] = values["to"] or mail_channel(self.context)
        if not sent and "q" in given and not values["to"]:
            return RedirectResponse(f"{self.html.site.base}/search?{urlencode({'q': values['topic']})}", 302)
        channel = self.context.channels.get(values["to"])
        invitation = await channel.invitation(texts) if isinstance(channel, Inviting) else None
        if sent:
            check_form(self.context, request, given)
        if isinstance(invitation, ChatInvitation) and invitation.start_url:
            return await self._chat(request, invitation, values, texts)
        if channel is None or not isinstance(invitation, AddressInvitation):
            raise Refused(404, not_found)
        values["every"] = values["every"] or ("day" if channel.naming == "verified" else "now")
        if not sent:
            values["address"] = values["address"] or invitation.fresh
            return await self._empty_form(invitation, values, texts, is_shared="q" in given)
        try:
            return await self._ask(request, channel, values, texts)
        except FieldError as error:
            return self._form(texts, invitation, values, error)

    async def _empty_form(
        self, invitation: AddressInvitation, values: Mapping[str, str], texts: Texts, *, is_shared: bool
    ) -> Response:
        """The form; filled in by a shared link, with what its query would have found."""
        expected, error = list[str](), None
        if is_shared:
            try:
                with reading("topic"):
                    query = read_query(topic_query(values["topic"]), texts, lists=True)
                if query.like is None and not query.list:
                    expected = preview_lines(await preview_if_free(self.context, query), texts)
            except FieldError as field_error:
                error = field_error
        return self._form(texts, invitation, values, error, expected)

    async def _ask(self, request: Request, channel: Channel, values: Mapping[str, str], texts: Texts) -> Response:
        with reading("address"):
            place = await place_at(channel, values["address"], texts)
        wish = wish_of(values, texts)
        with reading("address"):
            client = client_of(request)
            await opt_in.ask(self.context, place, wish, client=client, locale=str(texts.locale))
        text = texts.gettext(
            "A message is on its way to %(address)s. Nothing else is sent there until you open the link in it and press"
            " the button; it works for 24 hours.",
            address=place.title,
        )
        text = texts.sentences(text, self.context.access.hint(texts))
        return message_page(self.html, texts, texts.gettext("One more step"), text)

    def _form(
        self,
        texts: Texts,
        invitation: AddressInvitation,
        values: Mapping[str, str],
        error: FieldError | None = None,
        expected: Sequence[str] = (),
    ) -> Response:
        address = quote(values["address"], safe="")
        apps = invitation.apps.items() if address else ()
        return self.html.page(
            texts,
            "subscribe.html",
            status=error.status if error else 200,
            extra=error.headers if error else (),
            cache="no-store",
            canonical="" if error else "/subscribe",
            title=invitation.heading,
            page="mail" if values["to"] == mail_channel(self.context) else "",
            values=values,
            error=error,
            expected=expected,
            label=invitation.label,
            example=invitation.example,
            apps=[Link(text, url.replace("{address}", address)) for text, url in apps],
            form=form_key(self.context),
            weekdays=[(name, texts.weekday(number)) for number, name in enumerate(WEEKDAYS)],
            passes=PASSES,
        )

    async def _chat(
        self, request: Request, invitation: ChatInvitation, values: Mapping[str, str], texts: Texts
    ) -> Response:
        """A link into a chat that brings the query; a long one is kept for it, once the form is sent."""
        code, error = "", None
        topic = topic_query(values["topic"])
        try:
            if topic or request.method == "POST":
                with reading("topic"):
                    read_query(topic, texts, lists=True)
                    code = short_code(self.context, topic)
                    if request.method == "POST" and not code:
                        client = client_of(request)
                        code = await kept_code(self.context, values["to"], topic, client=client, texts=texts)
        except FieldError as field_error:
            error = field_error
        return self.html.page(
            texts,
            "chat.html",
            status=error.status if error else 200,
            extra=(NOT_INDEXED, *(error.headers if error else ())),
            cache="no-store",
            # Translators: the title of a page that leads to a bot: %(channel)s is Telegram or Discord.
            title=texts.gettext("Papers on %(channel)s", channel=invitation.name),
            name=invitation.name,
            values=values,
            query=topic,
            error=error,
            url=f"{invitation.start_url}{code}" if code else "",
            form=form_key(self.context),
        )


@dataclass(frozen=True, slots=True)
class MessageLinks:
    """What the links in messages lead to, which anyone who has their address may use.

    Programs that follow every link in a message change nothing: only POST does.
    """

    context: Context
    html: Html

    def routes(self) -> list[Named]:
        return [
            Named("/subscribe/{token}", self.confirm, methods=READ_AND_SENT),
            Named("/never/{token}", self.refuse, methods=READ_AND_SENT),
            Named("/u/{token}", self.leave, methods=READ_AND_SENT),
        ]

    async def confirm(self, request: Request) -> Response:
        """The link that confirms a subscription: GET shows what is asked and a button; POST confirms it."""
        texts = self.html.texts(request.scope)
        token = request.path_params["token"]
        try:
            look = opt_in.confirm if request.method == "POST" else opt_in.look
            opt_in_request = await look(self.context, token)
        except CommandError as error:
            return message_page(self.html, texts, texts.gettext("Nothing was changed"), str(error), status=400)
        if opt_in_request is None:
            raise Refused(404, _no_link, headers={"x-robots-tag": "noindex"})
        if opt_in_request.state == "late":
            text = texts.gettext("This link worked for 24 hours. Subscribe again to get a new one.")
            return message_page(self.html, texts, texts.gettext("This link has expired"), text, status=410)
        if opt_in_request.state == "used":
            text = texts.gettext("This was already confirmed. There's nothing left to do.")
            # Translators: the title of a page after a link of a mail.
            return message_page(self.html, texts, texts.gettext("Confirmed"), text)
        if request.method == "POST":
            return message_page(self.html, texts, texts.gettext("Confirmed"), _confirmed(opt_in_request, texts))
        return self.html.page(
            texts,
            "confirm.html",
            extra=(NOT_INDEXED,),
            cache="no-store",
            title=texts.gettext("Confirm: new papers for this address"),
            asked=opt_in_request,
            what=opt_in_request.wish.words(texts),
            lines=opt_in_request.wish.lines(texts),
            when=opt_in_request.wish.when(texts),
        )

    async def refuse(self, request: Request) -> Response:
        """The link by which a mailbox gets no more requests, or gets them again: POST says what is to be."""
        texts = self.html.texts(request.scope)
        digest = read_token(self.context, request.path_params["token"])
        if digest is None:
            raise Refused(404, _no_link, headers={"x-robots-tag": "noindex"})
        if request.method == "POST":
            change = _CHANGES.get((await form_of(request)).get("requests", ""))
            if change is None:
                raise Refused(400, _no_choice)
            await change(self.context, digest)
        refused = await is_refused(self.context, digest)
        title = texts.gettext("No more requests") if refused else texts.gettext("Requests to this address")
        return self.html.page(texts, "never.html", extra=(NOT_INDEXED,), cache="no-store", title=title, refused=refused)

    async def leave(self, request: Request) -> Response:
        """The way out: GET shows what comes and buttons; POST ends one subscription or, as mail programs do, all.

        Those send RFC 8058's form. For a week the page offers to undo it.
        """
        texts, store = self.html.texts(request.scope), self.context.store
        token = request.path_params["token"]
        current = await leaving(store, self.context.secret_key, token)
        if current is None:
            raise Refused(404, _no_link, headers={"x-robots-tag": "noindex"})
        title, done = texts.gettext("What is sent here"), ""
        if request.method == "POST":
            try:
                title, done = await self._change(current, await read_body(request, LONGEST_FORM), texts)
            except CommandError as error:
                return message_page(self.html, texts, texts.gettext("Nothing was changed"), str(error), status=400)
            current = await leaving(store, self.context.secret_key, token) or current
        return self.html.page(
            texts,
            "leave.html",
            extra=(NOT_INDEXED,),
            cache="no-store",
            title=title,
            address=current.place.title or current.place.address,
            paused=current.place.paused,
            subscriptions=[
                (subscription.number, _title(subscription, current.place)) for subscription in current.subscriptions
            ],
            ended=[_ended(departure, current.place, texts) for departure in current.departures],
            done=done,
        )

    async def _change(self, leaving: Leaving, body: bytes, texts: Texts) -> tuple[str, str]:
        """Do what a form asks for; the title of the page that follows, and what was done."""
        address = leaving.place.title or leaving.place.address
        undo = _fields(body, "undo")
        if undo or _PART_UNDO in body:
            second = int(undo[0]) if len(undo) == 1 and _NUMBER.fullmatch(undo[0]) else 0
            if await bring_back(self.context, leaving.place, second):
                # Translators: the title of a page after a link of a mail.
                return texts.gettext("Subscribed again"), texts.gettext(
                    "Papers are sent to %(address)s again, as before.", address=address
                )
            return texts.gettext("What is sent here"), texts.gettext("There was nothing left to undo.")
        only = _only(body)
        await leave(self.context.store, leaving.place, only=only)
        if only is None or {subscription.number for subscription in leaving.subscriptions} <= {only}:
            text = texts.gettext("No more papers will be sent to %(address)s.", address=address)
            # Translators: the title of a page after a link of a mail.
            return texts.gettext("Unsubscribed"), text
        text = texts.gettext("Stopped. This subscription ends with the last message you got.")
        return texts.gettext("What is sent here"), text


def _title(subscription: Subscription, place: StoredPlace) -> str:
    """What a subscription is called; where anyone may name the address, nothing but the words of its query."""
    if place.kind == _NAMED_BY_ANYONE:
        return plain_words(subscription.text) or plain_words(subscription.name)
    return subscription.name or subscription.text


def _ended(departure: Departure, place: StoredPlace, texts: Texts) -> tuple[int, str]:
    """What the button that undoes a departure sends, and what it would bring back until when."""
    show = plain_words if place.kind == _NAMED_BY_ANYONE else partial(clean, limit=_LONGEST_NAME)
    names = texts.join([show(name) for name in departure.names[:_MOST_NAMES]])
    until = local(departure.left_at + UNDO_LASTS, place.zone, texts)
    if len(departure.names) > _MOST_NAMES:
        count = texts.ngettext("%(num)s subscription", "%(num)s subscriptions", len(departure.names))
        return departure.second, texts.gettext(
            "Ended: %(names)s. Can be undone until %(until)s.", names=count, until=until
        )
    if not names:
        return departure.second, texts.gettext("Ended: all messages. Can be undone until %(until)s.", until=until)
    return departure.second, texts.gettext("Ended: %(names)s. Can be undone until %(until)s.", names=names, until=until)


def _only(body: bytes) -> int | None:
    """The number of the one subscription that a form stops, None if it stops all; raises Refused if it is garbled."""
    named = _fields(body, "only")
    if not named and _PART_ONLY not in body:  # mail programs may send a form in parts (RFC 8058), without `only`
        return None
    if len(named) != 1 or not _NUMBER.fullmatch(named[0]):
        raise Refused(400, _garbled, headers={"x-robots-tag": "noindex"})
    return int(named[0])


def _fields(body: bytes, name: str) -> list[str]:
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True).get(name, [])


def _confirmed(request: OptInRequest, texts: Texts) -> str:
    # Translators: %(what)s is the name or the words of a subscription, or "3 subscriptions".
    return texts.gettext(
        "%(what)s will come to %(address)s %(when)s. Each message has an unsubscribe link.",
        what=request.wish.words(texts),
        address=request.place,
        when=request.wish.when(texts),
    )


def message_page(html: Html, texts: Texts, title: str, text: str, status: int = 200) -> Response:
    """A page with one sentence, which no search engine keeps."""
    values = {"title": title, "text": text, "source_url": ""}
    return html.page(texts, "message.html", status=status, extra=(NOT_INDEXED,), cache="no-store", **values)
