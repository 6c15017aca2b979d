"""The page that subscribes without an account: an address that is then confirmed, or a link into a chat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from paperwire.core.subscriptions.timetable import WEEKDAYS
from paperwire.ports.channels import AddressInvitation, Channel, ChatInvitation, Inviting
from paperwire.services import opt_in
from paperwire.services.context import Context
from paperwire.services.opt_in import Wish
from paperwire.services.people import place_at
from paperwire.services.queries import read_query
from paperwire.services.start import kept_code, short_code
from paperwire.services.trending import PASSES, topic_query, trending_query
from paperwire.services.typed import read_cadence
from paperwire.services.zones import read_zone
from paperwire.texts import Texts
from paperwire.web.edge import Named
from paperwire.web.forms import FieldError, check_form, client_of, form_key, form_of, reading
from paperwire.web.html import Html
from paperwire.web.http import UNLISTED
from paperwire.web.opt_in import said
from paperwire.web.problems import Refused, not_found
from paperwire.web.views import Link

_BLANK = {
    "to": "",
    "address": "",
    "what": "trending",
    "topic": "",
    "every": "",
    "weekday": "mon",
    "hour": "8",
    "zone": "UTC",
}


def mail_channel(context: Context) -> str:
    """The kind of the channel whose addresses have to be proved, to which the page subscribes by default."""
    return next((one.kind for one in context.channels.values() if one.naming == "verified"), "")


@dataclass(frozen=True, slots=True)
class SubscribePage:
    """The form, and what becomes of it: a message to confirm, or a link."""

    context: Context
    html: Html

    def routes(self) -> list[Named]:
        return [Named("/subscribe", self.answer, methods=["GET", "POST"])]

    async def answer(self, request: Request) -> Response:
        """GET shows the form, filled as its address says; POST does what it asks for."""
        texts = self.html.texts(request.scope)
        sent = request.method == "POST"
        given = await form_of(request) if sent else dict(request.query_params)
        values = {
            **_BLANK,
            "zone": self.context.zone,
            **{name: given[name].strip() for name in _BLANK if name in given},
        }
        values["to"] = values["to"] or mail_channel(self.context)
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
            return self._form(texts, invitation, {**values, "address": values["address"] or invitation.fresh})
        try:
            return await self._ask(request, channel, values, texts)
        except FieldError as error:
            return self._form(texts, invitation, values, error)

    async def _ask(self, request: Request, channel: Channel, values: Mapping[str, str], texts: Texts) -> Response:
        with reading("address"):
            place = await place_at(channel, values["address"], texts)
        wish = _wish(values, texts)
        with reading("address"):
            client = client_of(request)
            await opt_in.ask(self.context, place, wish, client=client, locale=str(texts.locale))
        text = texts.gettext(
            "A message is on its way to %(address)s. Nothing else is sent there until you open the link in it and press"
            " the button; it works for 24 hours.",
            address=place.title,
        )
        text = f"{text} {self.context.access.hint(texts)}".strip()
        return said(self.html, texts, texts.gettext("One more step"), text)

    def _form(
        self,
        texts: Texts,
        invitation: AddressInvitation,
        values: Mapping[str, str],
        error: FieldError | None = None,
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
        except FieldError as found:
            error = found
        return self.html.page(
            texts,
            "chat.html",
            status=error.status if error else 200,
            extra=(UNLISTED, *(error.headers if error else ())),
            cache="no-store",
            title=texts.gettext("Papers on %(channel)s", channel=invitation.name),
            name=invitation.name,
            values=values,
            query=topic,
            error=error,
            url=f"{invitation.start_url}{code}" if code else "",
            form=form_key(self.context),
        )


def _wish(values: Mapping[str, str], texts: Texts) -> Wish:
    """What a form asks for; raises FieldError for what it can't say."""
    weekly = values["every"] == "week"
    with reading("every"):
        day = f"weekly {values['weekday']}" if weekly else "daily"
        cadence = "instant" if values["every"] == "now" else read_cadence(f"{day} {values['hour']}:00", texts)
    with reading("zone"):
        zone = read_zone(values["zone"] or "UTC", texts)
    with reading("topic"):
        if values["what"] == "papers":
            text, name = topic_query(values["topic"]), ""
            read_query(text, texts, lists=True)
        else:
            text, name = trending_query(values["topic"], "week" if weekly else "day", texts)
    return Wish(text=text, name=name, cadence=cadence, zone=zone)
