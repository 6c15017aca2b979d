"""ntfy: push notifications to topics of one server (ntfy.sh or your own), which anyone who knows a topic may name."""

from __future__ import annotations

import json
import re
import secrets
from functools import partial
from typing import Any

from pydantic import SecretStr

from paperwire.channels._service import Server, Service
from paperwire.core.messages.fit import fit
from paperwire.core.messages.message import Message, Rich
from paperwire.core.text.clean import cut
from paperwire.errors import Gone
from paperwire.network import Network
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import AddressInvitation, Channel, Naming, Receipt
from paperwire.ports.options import AccessToken, Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.texts import Texts

EXAMPLE = "my-papers-4711"
"""An address, for people who have none yet."""
SIZE = 4_000
"""Bytes of one request: a server takes messages of less than 4,096 bytes, in requests of at most 8,192."""
_TOPIC = re.compile(r"[-_A-Za-z0-9]{1,64}")
_TITLE, _ACTIONS, _LOW = 250, 3, 2
_FRESH = 12  # bytes: too many to guess


class Options(BaseOptions):
    """`[channels.ntfy]`: `token` is an access token, for a server that asks for one."""

    server: Server = "https://ntfy.sh"
    token: AccessToken = SecretStr("")


def build(options: Options, *, network: Network, now: Now, public_url: str) -> Channel:
    token = options.token.get_secret_value().strip()
    key = "channels.ntfy.token"
    service = Service(options.server, network=network, now=now, public_url=public_url, token=token, token_key=key)
    return NtfyChannel(service, options.server)


class NtfyChannel(Channel):
    """Implements `ports.Channel` and `ports.Inviting`; an address is a topic of the server at `url`."""

    kind = "ntfy"
    label = "ntfy"
    in_flight = 4
    naming: Naming = "open"
    greets = True
    digest_size = 5

    def __init__(self, service: Service, url: str) -> None:
        self._service, self._url = service, url

    def per_minute(self, kind: str) -> int:  # noqa: ARG002 -- topics are all alike
        """See `ports.Channel`; a server takes sixty messages at once from us, then one in five seconds."""
        return 12

    async def send(self, to: str, message: Message) -> Receipt:
        """See `ports.Channel`. The receipt is the server's id; a repeat replaces the notification (`sequence_id`)."""
        answer = await self._service.ask("POST", "/", fit(message, partial(notification, to), len, SIZE))
        return Receipt(str(answer.get("id", message.key)))

    async def probe(self) -> None:
        """See `ports.Channel`; the server looks at the token, too."""
        await self._service.ask("GET", "/v1/account")

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:  # noqa: ARG002 -- who knows it, manages it
        """See `ports.Channel`. Takes a topic, or a link to one such as https://ntfy.sh/topic."""
        host = self._service.host
        topic = re.sub(rf"^(?:https?://)?{re.escape(host)}/", "", address)
        if not _TOPIC.fullmatch(topic):
            raise Gone(f"a topic of {host} has 1 to 64 letters a-z, digits, dashes or underscores")
        return Place(channel=self.kind, address=topic, kind="address", title=f"{host}/{topic[:3]}…"), True

    async def invitation(self, texts: Texts) -> AddressInvitation:
        plain = "" if self._url.startswith("https://") else "?secure=false"
        return AddressInvitation(
            name=self.label,
            heading=texts.gettext("Papers by ntfy"),
            label=texts.gettext(
                "ntfy topic: anyone who knows it can read along. Keep the one made for you, or type your own"
            ),
            example=EXAMPLE,
            fresh=f"papers-{secrets.token_urlsafe(_FRESH)}",
            apps={
                texts.gettext(
                    "Subscribe to this topic in the ntfy app"
                ): f"ntfy://{self._service.host}/{{address}}{plain}",
                texts.gettext("Open it in a browser"): f"{self._url}/{{address}}",
            },
        )

    def state(self) -> str:
        return self._service.state

    async def close(self) -> None:
        await self._service.close()


def notification(topic: str, message: Message) -> bytes:
    """The request for a message: one paper opens when its notification is tapped, several are links in the text."""
    head, foot = _lines(message.head), _lines(message.foot)
    leave = [message.leave] if message.leave is not None else []
    links = [button for row in message.buttons for button in row if button.url][: _ACTIONS - len(leave)]
    body: dict[str, Any] = {"topic": topic, "sequence_id": message.key[:64]}
    if len(message.items) == 1 and not head:
        (paper,) = message.items
        body |= {"title": cut(paper.title, _TITLE), "click": paper.url}
        texts = [*_lines(paper.lines), paper.abstract]
    else:
        body["title"], *texts = head or [""]
        for i in message.items:
            section = [f"\n{i.section}"] if i.section else []
            texts.append("\n".join([*section, f"\n• {i.title}", i.url, *_lines(i.lines)]))
        if not message.items and (url := next((span.url for line in message.head for span in line if span.url), "")):
            body["click"] = url
    body["message"] = "\n".join(filter(None, [*texts, *foot])).strip("\n") or body["title"]
    body["actions"] = [{"action": "view", "label": button.label, "url": button.url} for button in [*links, *leave]]
    return json.dumps(body | ({"priority": _LOW} if message.silent else {}), ensure_ascii=False).encode()


def _lines(rich: Rich) -> list[str]:
    return ["".join(span.text for span in line) for line in rich]
