"""Mail: papers and digests to addresses whose readers confirmed them, through a mail server of the operator's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Self

import idna
from pydantic import AfterValidator, SecretStr, field_validator, model_validator

from paperwire.channels.email.envelope import Letterhead, Signer, private_key
from paperwire.channels.email.relay import MailServer, Relay
from paperwire.core.address import is_loopback
from paperwire.core.bounces.report import Report, read_report
from paperwire.core.messages.message import Message
from paperwire.errors import Gone
from paperwire.network import Network
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import AddressInvitation, Channel, Naming, Receipt
from paperwire.ports.options import Now
from paperwire.ports.options import Options as BaseOptions
from paperwire.texts import Texts

KIND = "email"
EXAMPLE = "ann@example.org"
"""An address, for people who have none yet."""
Address = Annotated[str, AfterValidator(lambda text: text and mailbox(text))]
_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321, section 4.5.3.1
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)


class Options(BaseOptions):
    """`[channels.email]`: `smtp_url` may hold a login; a `password` of its own wins.

    `bounce_address` is where undeliverable mail goes, `from_address` without it; with `verp` each mail goes back to an
    address of its own. The signature needs `dkim_selector` and `dkim_key`; `dkim_domain` is the sender's without it.
    """

    smtp_url: SecretStr = SecretStr("")
    password: SecretStr | None = None
    from_address: Address = ""
    bounce_address: Address = ""
    verp: bool = True
    dkim_selector: str = ""
    dkim_domain: str = ""
    dkim_key: SecretStr | None = None

    @field_validator("smtp_url")
    @classmethod
    def _check_url(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            Relay.of(value.get_secret_value())
        return value

    @field_validator("dkim_key")
    @classmethod
    def _check_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            private_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _check_signature(self) -> Self:
        if (self.dkim_key is None) == bool(self.dkim_selector):
            raise ValueError("dkim_selector and dkim_key (or dkim_key_file) go together")
        return self

    def missing(self) -> str:
        if not self.smtp_url.get_secret_value():
            return "smtp_url"
        return "" if self.from_address else "from_address"


def build(options: Options, *, network: Network, now: Now, public_url: str) -> Channel:
    address = options.from_address
    domain = address.rpartition("@")[2]
    signer = None
    if options.dkim_key is not None:
        key = options.dkim_key.get_secret_value().encode()
        signer = Signer(options.dkim_domain or domain, options.dkim_selector, key)
    letterhead = Letterhead(
        address=address,
        returns=options.bounce_address or address,
        tagged=options.verp,
        one_click=public_url.startswith("https://"),
        takes_mail=bool(options.bounce_address) and options.verp,
        signer=signer,
    )
    password = options.password.get_secret_value().strip() if options.password else ""
    relay = Relay.of(options.smtp_url.get_secret_value(), password)
    server = MailServer(relay, tls=network.tls(), helo=domain, now=now)
    return EmailChannel(letterhead, server, relay, now=now, public_url=public_url)


class EmailChannel(Channel):
    """Implements `ports.Channel`, `Inviting`, `Reporting`, `Roomy` and `Advising`; an address is a mailbox."""

    kind = KIND
    label = "e-mail"
    in_flight = 10
    naming: Naming = "verified"
    digest_size = 50

    def __init__(self, letterhead: Letterhead, server: MailServer, relay: Relay, *, now: Now, public_url: str) -> None:
        self._letterhead, self._server, self._relay = letterhead, server, relay
        self._now, self._public_url = now, public_url

    def per_minute(self, kind: str) -> int:  # noqa: ARG002 -- mailboxes are all alike
        """See `ports.Channel`; more single mails than this at once are a nuisance."""
        return 5

    async def send(self, to: str, message: Message) -> Receipt:
        """See `ports.Channel`. The receipt is the Message-ID, the same at every try."""
        mail = self._letterhead.mail(to, message, self._now())
        await self._server.send(mail)
        return Receipt(mail.message_id)

    def room(self, to: str) -> AbstractAsyncContextManager[None]:
        return self._server.room(to)

    def doubt(self, problem: str) -> None:
        self._server.doubt(problem)

    async def probe(self) -> None:
        await self._server.probe()

    async def inspect(self, address: str, actor: Actor) -> tuple[Place, bool]:
        """See `ports.Channel`. Whether an address is the actor's is known only of one who was confirmed by it."""
        try:
            to = mailbox(address)
        except ValueError as error:
            raise Gone(str(error)) from None
        return Place(channel=KIND, address=to, kind="mailbox", title=to), (actor.channel, actor.user_id) == (KIND, to)

    async def invitation(self, texts: Texts) -> AddressInvitation:
        return AddressInvitation(
            # Translators: the name of a channel and of a tab; the label of a field for an address.
            name=texts.gettext("Mail"),
            heading=texts.gettext("Papers by mail"),
            # Translators: the label of a field of a form.
            label=texts.gettext("Mail address"),
            example=EXAMPLE,
        )

    def report(self, raw: bytes, recipient: str) -> Report | None:
        return read_report(raw, recipient)

    def advice(self) -> Sequence[str]:
        advice = []
        if self._letterhead.signer is None:
            advice.append("mail is not signed by DKIM: Gmail, Yahoo and Microsoft may refuse it (docs/mail.md)")
        if not self._letterhead.one_click:
            advice.append("public_url is not https: mail programs offer no one-click unsubscribe")
        if is_loopback(self._public_url):
            advice.append("links in mails work only on this machine: public_url is a loopback address")
        if self._relay.user and not self._relay.tls and not self._relay.starttls:
            advice.append("the password goes to the mail server unencrypted: use starttls=1 or smtps://")
        return advice

    def state(self) -> str:
        return self._server.state


def mailbox(text: str) -> str:
    """An address in small letters, its domain in ASCII (`xn--…`); takes `mailto:` in front.

    Small letters, because no mail server of today tells `Ann@` from `ann@`, and one person must be one. Raises
    ValueError, whose text says why, for what is no address that mail can be sent to.
    """
    typed = text.strip().removeprefix("mailto:")
    if any(not char.isprintable() or char.isspace() for char in typed):
        raise ValueError("a mail address has no spaces or control characters")
    if len(typed) > _LONGEST:
        raise ValueError(f"a mail address has at most {_LONGEST} characters")
    local, at, domain = typed.rpartition("@")
    if not at or not local or not domain:
        raise ValueError("a mail address looks like ann@example.org")
    if local.startswith('"'):
        raise ValueError("mail addresses in quotes are not supported")
    if not local.isascii():
        raise ValueError("only letters a-z, digits and signs may stand before the @ of a mail address")
    # What looks like an encoded word is decoded by some programs, and may then hold anything.
    if len(local) > _LONGEST_LOCAL or "=?" in local or not _LOCAL.fullmatch(local.lower()):
        raise ValueError("what stands before the @ is not part of a mail address")
    address = f"{local.lower()}@{_domain(domain)}"
    if len(address) > _LONGEST:
        raise ValueError(f"a mail address has at most {_LONGEST} characters")
    return address


def _domain(name: str) -> str:
    try:
        ascii_name = idna.encode(name.removesuffix("."), uts46=True).decode("ascii").lower()
    except idna.IDNAError:
        ascii_name = ""
    labels = ascii_name.split(".")
    if len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ValueError("what follows the @ is not the name of a domain")
    return ascii_name
