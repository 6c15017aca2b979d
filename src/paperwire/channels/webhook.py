"""Webhooks: papers as signed JSON, or in the shapes of Slack and Mattermost, to an address that a person gives."""

from __future__ import annotations

import asyncio
import base64
import hmac
import html
import json
import re
from typing import Any
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr

from paperwire.channels._service import agent
from paperwire.core import address as addresses
from paperwire.core.duration import retry_after
from paperwire.core.messages.message import Item, Line, Message, Rich, Span
from paperwire.core.text.clean import cut
from paperwire.errors import Gone, Rejected, Retry, SendError, Unknown
from paperwire.network import BEFORE_WRITTEN, Network, UnresolvedError, why
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import AddressInvitation, Channel, Naming, Receipt
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.texts import Texts, texts_in

KIND = "webhook"
EXAMPLE = "https://hooks.example.org/papers"
"""An address, for people who have none yet."""
_TIMEOUT, _FAULT_WAIT, _BUSY_WAIT, _COPY_AFTER, _LONGEST_WAIT = 20.0, 30.0, 60.0, 120.0, 86_400.0
"""Seconds: for one message in all; until the next try after a fault, after a no without a time, after what may have
arrived, and at most."""

_GONE, _BUSY = frozenset({401, 403, 404, 405, 410}), frozenset({408, 425, 429})
_CHATS = re.compile(r"https?://((www\.)?(t|telegram)\.me/|(\w+\.)?discord(app)?\.com/channels/)", re.IGNORECASE)
_MATTERMOST = re.compile(r"(?:/[\w-]+)*/hooks/[a-z0-9]{26}/?")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~]")
_TEXT, _TITLE = 700, 300


class Options(BaseOptions):
    """`[channels.webhook]`: off unless switched on; with a `secret`, requests are signed by keys made of it."""

    enabled: bool = False
    secret: SecretStr = SecretStr("")


def build(options: Options, *, network: Network, now: Now, public_url: str) -> Channel:
    return WebhookChannel(network=network, now=now, secret=options.secret.get_secret_value(), agent=agent(public_url))


class WebhookChannel(Channel):
    """Implements `ports.Channel` and `ports.Inviting`; an address is a URL, managed by anyone who knows it."""

    kind = KIND
    label = "webhook"
    in_flight = 10
    shared_service = False
    naming: Naming = "open"

    def __init__(
        self,
        *,
        network: Network,
        now: Now,
        secret: str = "",
        agent: str = "Paperwire",
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._network, self._now, self._secret = network, now, secret
        self._headers = {"User-Agent": agent, "Content-Type": "application/json"}
        # No client around it: that would log addresses, whose paths are the secret, and keep cookies.
        self._transport = transport or network.pinned()

    def per_minute(self, kind: str) -> int:  # noqa: ARG002 -- there is one kind
        """See `ports.Channel`; Slack takes one message a second."""
        return 30

    async def send(self, to: str, message: Message) -> Receipt:
        """See `ports.Channel`. The receipt is the message's own key."""
        request = self._request(to, message)
        host = request.url.host
        try:
            async with asyncio.timeout(_TIMEOUT):
                await self._pin(request)
                response = await self._transport.handle_async_request(request)
                await response.aclose()  # what it says isn't used
        except BEFORE_WRITTEN as error:
            raise Retry(f"{host} can't be reached ({why(error)})", _FAULT_WAIT) from None
        except (TimeoutError, httpx.TransportError):
            raise Unknown(f"{host} did not answer in time", _COPY_AFTER) from None
        if not response.is_success:
            raise self._refused(host, response)
        return Receipt(message.key)

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:  # noqa: ARG002 -- who knows it, manages it
        """See `ports.Channel`. Takes an http or https address on the public internet."""
        if _CHATS.match(address):
            raise Gone("that is a link to a chat that this bot is not in")
        request = self._request(address, Message())
        title = request.url.host
        await self._pin(request)
        return Place(channel=KIND, address=address, kind="address", title=title), True

    async def invitation(self, texts: Texts) -> AddressInvitation:
        return AddressInvitation(
            name="Webhook",
            heading=texts.gettext("Papers to a webhook"),
            label=texts.gettext("Address of the webhook: of Slack, of Mattermost, or of a program of yours"),
            example=EXAMPLE,
        )

    def state(self) -> str:
        return "ready"

    async def close(self) -> None:
        await self._transport.aclose()

    def _request(self, url: str, message: Message) -> httpx.Request:
        timeouts = {"timeout": httpx.Timeout(_TIMEOUT).as_dict()}
        try:
            addresses.target(url)
            body = json.dumps(shaped(url, message)).encode()
            headers = self._headers | self._signed(url, message.key, body)
            request = httpx.Request("POST", url, content=body, headers=headers, extensions=timeouts)
        except (ValueError, httpx.InvalidURL) as error:
            raise Gone(str(error)) from None
        return request

    async def _pin(self, request: httpx.Request) -> None:
        host = request.url.host
        try:
            await self._network.pin(request)
        except ValueError as error:
            raise Gone(str(error)) from None
        except UnresolvedError as error:
            raise Retry(f"{host} can't be reached ({error})", _FAULT_WAIT) from None

    def _refused(self, host: str, response: httpx.Response) -> SendError:
        if response.is_redirect:  # whatever else it says is about the other address
            return Gone("the address points to another one: subscribe that one instead")
        status = response.status_code
        answer = "returned a server error" if status >= 500 else "refused the message"
        reason = f"{host} {answer} (HTTP {status})"
        wait = retry_after(response.headers.get("retry-after", ""), self._now())
        if wait or status in _BUSY:
            return Retry(reason, min(wait or _BUSY_WAIT, _LONGEST_WAIT), requested=True)
        if status >= 500:
            return Retry(reason, _FAULT_WAIT)
        return Gone(reason) if status in _GONE else Rejected(reason)

    def _signed(self, to: str, key: str, body: bytes) -> dict[str, str]:
        """The headers of Standard Webhooks: the same id at every try, and a signature over id, time and body."""
        stamp = str(int(self._now().timestamp()))
        headers = {"Idempotency-Key": key, "webhook-id": key, "webhook-timestamp": stamp}
        if self._secret:
            own = hmac.digest(self._secret.encode(), to.encode(), "sha256")  # tells nothing of other addresses' keys
            digest = hmac.digest(own, f"{key}.{stamp}.".encode() + body, "sha256")
            headers["webhook-signature"] = f"v1,{base64.b64encode(digest).decode()}"
        return headers


def shaped(address: str, message: Message) -> dict[str, Any]:
    """The body for the service at an address: Slack, Mattermost, or a program that reads our own JSON."""
    parts, head = urlsplit(address), _lines(message.head)
    leave = message.leave
    foot = message.foot if leave is None else (*message.foot, (Span(leave.label, url=leave.url),))
    if parts.hostname == "hooks.slack.com":  # rich text, in which Slack looks for no markup
        rows = [*map(_slack_line, message.head), *map(_slack, message.items), *map(_slack_line, foot)]
        text = texts_in(message.locale).clauses(*head, *(item.title for item in message.items))[:_TITLE]
        elements = [{"type": "rich_text_section", "elements": row} for row in rows if row]
        return {"text": html.escape(text, quote=False), "blocks": [{"type": "rich_text", "elements": elements}]}
    if _MATTERMOST.fullmatch(parts.path):
        lines = [*map(_mattermost_line, message.head), *map(_mattermost, message.items), *map(_mattermost_line, foot)]
        return {"text": "\n\n".join(filter(None, lines))}
    papers = [
        {"title": i.title, "url": i.url, "details": _lines(i.lines), "abstract": i.abstract}
        | ({"section": i.section} if i.section else {})
        for i in message.items
    ]
    body = {"version": 1, "id": message.key, "head": head, "papers": papers, "foot": _lines(message.foot)}
    return body if leave is None else body | {"leave": leave.url}


def _slack_line(line: Line) -> list[dict[str, Any]]:
    spans = [span for span in line if span.text]
    return [{"type": "link", "url": span.url, "text": span.text} if span.url else _text(span.text) for span in spans]


def _slack(item: Item) -> list[dict[str, Any]]:
    title = {"type": "link", "url": item.url, "text": cut(item.title, _TITLE), "style": {"bold": True}}
    section = [_text(f"{item.section}\n")] if item.section else []
    return [*section, title, _text("\n".join(["", *_short(item), ""]))]


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def _mattermost(item: Item) -> str:
    section = [_plain(item.section)] if item.section else []
    title = f"**[{_plain(cut(item.title, _TITLE))}]({item.url})**"
    return "\n".join((*section, title, *map(_plain, _short(item))))


def _mattermost_line(line: Line) -> str:
    return "".join(f"[{_plain(span.text)}]({span.url})" if span.url else _plain(span.text) for span in line)


def _plain(text: str) -> str:
    """`text` as Markdown that is only text; an invisible joiner keeps `@all` from notifying everyone."""
    return _PUNCTUATION.sub(r"\\\g<0>", text).replace("@", "@\u2060")


def _short(item: Item) -> list[str]:
    return [cut(text, _TEXT) for text in (*_lines(item.lines), item.abstract) if text]


def _lines(rich: Rich) -> list[str]:
    return [text for line in rich if (text := "".join(span.text for span in line))]
