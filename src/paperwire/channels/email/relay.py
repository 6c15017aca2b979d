"""The mail server that takes our mail: how it is reached, and what its answers mean for the outbox."""

from __future__ import annotations

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from paperwire.channels._service import Outage
from paperwire.core.address import is_loopback
from paperwire.core.text.clean import clean
from paperwire.errors import Gone, Rejected, Retry, SendError, Unknown

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from paperwire.channels.email.envelope import Mail
    from paperwire.ports.options import Now

TIMEOUT, DATA_TIMEOUT, GOODBYE = 18.0, 20.0, 2.0
"""Seconds for all that comes before a mail's text, for the text and its answer, and to end a conversation: 40 in all,
as `pipeline.turns.LEASE` expects."""
COPY_AFTER = 900.0
"""Seconds until the next try after a mail that may have arrived."""
_FIRST_WAIT, _PATIENCE = 300.0, 5 * 86_400.0
"""Seconds until an address that is refused for now is tried again at first, and how long all in all."""
_LONGEST_WORDS = 200
ENHANCED_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Relay:
    """Where the server is and how to speak to it: `tls` from the first byte, or STARTTLS (None: if it has it)."""

    host: str
    port: int
    tls: bool = False
    starttls: bool | None = None
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str, password: str = "") -> Relay:
        """Read `smtp://user:password@host:587?starttls=1` or `smtps://host`; a `password` beside it wins.

        With a login STARTTLS is asked for unless the address says `starttls=0` or the server is this machine. Raises
        ValueError that shows nothing of the address.
        """
        try:
            parts = urlsplit(url)
            port, host = parts.port, parts.hostname or ""
        except ValueError:
            port, host = None, ""
            parts = urlsplit("")
        options = parse_qs(parts.query)
        wanted = options.pop("starttls", [""])[-1]
        odd = options or parts.path.strip("/") or parts.fragment or wanted not in {"", "0", "1"}
        if parts.scheme not in {"smtp", "smtps"} or not host or odd:
            raise ValueError("must be an address such as smtp://user:password@host:587?starttls=1 or smtps://host")
        user = unquote(parts.username or "")
        tls = parts.scheme == "smtps"
        starttls = {"0": False, "1": True}.get(wanted)
        if tls or (starttls is None and is_loopback(f"//{parts.netloc.rpartition('@')[2]}")):
            starttls = False
        elif starttls is None and user:
            starttls = True
        usual = 465 if tls else 587 if starttls or user else 25
        return cls(host, port or usual, tls, starttls, user, password or unquote(parts.password or ""))


class MailServer:
    """Sends mails through a relay, each in a conversation of its own."""

    def __init__(self, relay: Relay, *, helo: str, now: Now) -> None:
        self._relay, self._helo = relay, helo
        self._outage = Outage(now)

    def __repr__(self) -> str:
        """Say which server it is, and never the login."""
        return f"{type(self).__name__}({self._relay.host!r})"

    @property
    def state(self) -> str:
        return self._outage.state

    async def probe(self) -> None:
        """Connect and log in; raises Retry of the whole channel."""
        client = self._client()
        try:
            await self._connect(client, _deadline())
        finally:
            await _leave(client)
        self._outage.over()

    async def send(self, mail: Mail) -> None:
        """Hand a mail over; raises SendError.

        Until the text is sent nothing can have arrived. What is refused there is the address, not the mail.
        """
        client, until = self._client(), _deadline()
        try:
            await self._connect(client, until)
            await self._before_data(client.mail(mail.sender), until, self._sender_refused)
            await self._before_data(client.rcpt(mail.recipient), until, self._refused)
            await self._data(client, mail)
        finally:
            await _leave(client)
        self._outage.over()

    def _client(self) -> SMTP:
        relay = self._relay
        return SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user or None,
            password=relay.password or None,
            use_tls=relay.tls,
            start_tls=relay.starttls,
            tls_context=ssl.create_default_context() if relay.tls or relay.starttls is not False else None,
            local_hostname=self._helo,
            timeout=None,
        )

    async def _connect(self, client: SMTP, until: float) -> None:
        host = self._relay.host
        try:
            async with asyncio.timeout_at(until):
                await client.connect()
        except SMTPAuthenticationError as error:
            raise self._outage.down(f"{host} refused the login ({error.code}): check channels.email.smtp_url") from None
        except SMTPResponseException as error:
            raise self._outage.down(f"{host} takes no mail now: {_words(error)}") from None
        except (TimeoutError, SMTPException, OSError, ValueError) as error:
            # What the library says names the server and the fault; of other errors it may be anything.
            why = isinstance(error, (SMTPException, OSError)) and clean(str(error), _LONGEST_WORDS)
            raise self._outage.down(f"{host} can't be reached: {why or type(error).__name__}") from None

    async def _before_data(
        self, step: Awaitable[object], until: float, refused: Callable[[SMTPResponseException], SendError]
    ) -> None:
        try:
            async with asyncio.timeout_at(until):
                await step
        except SMTPResponseException as error:
            raise refused(error) from None
        except (TimeoutError, SMTPException, OSError) as error:
            raise self._outage.down(f"{self._relay.host} broke off ({type(error).__name__})") from None

    async def _data(self, client: SMTP, mail: Mail) -> None:
        host = self._relay.host
        try:
            async with asyncio.timeout(DATA_TIMEOUT):
                await client.data(mail.content)
        except SMTPResponseException as error:
            raise self._data_refused(error) from None
        except (TimeoutError, SMTPException, OSError):
            reason = f"{host} did not answer in time; the mail may have arrived"
            raise Unknown(self._outage.failing(reason), COPY_AFTER) from None

    def _sender_refused(self, error: SMTPResponseException) -> SendError:
        return self._outage.down(f"{self._relay.host} takes no mail from this sender: {_words(error)}")

    def _refused(self, error: SMTPResponseException) -> SendError:
        """What a refusal of the recipient means: wait (4xx, a full mailbox), a fault of ours, or no such address."""
        words = _words(error)
        if error.code == 421:
            return self._outage.down(f"{self._relay.host} takes no mail now: {words}")
        if error.code in {530, 535, 538} or (error.code >= 500 and "relay" in words.casefold()):
            return self._outage.down(
                f"{self._relay.host} doesn't pass our mail on: {words}; check channels.email.smtp_url"
            )
        if error.code < 500 or error.code == 552 or _detail(words) == (2, 2):
            return _later(words)
        return Gone(f"the mail server refused the address: {words}")

    def _data_refused(self, error: SMTPResponseException) -> SendError:
        words = _words(error)
        if error.code == 421:
            return self._outage.down(f"{self._relay.host} takes no mail now: {words}")
        subject, detail = _detail(words)
        if error.code < 500 or (subject, detail) == (2, 2):
            return _later(words)
        if subject == 1 or (subject, detail) == (2, 1):
            return Gone(f"the mail server refused the address: {words}")
        return Rejected(f"the mail server refused the mail: {words}")


def _later(words: str) -> Retry:
    """Wait as mail servers do: five minutes, then longer, five days in all."""
    reason = f"the mail server asks to try this address again later: {words}"
    return Retry(reason, _FIRST_WAIT, asked=True, patience=_PATIENCE)


def _deadline() -> float:
    return asyncio.get_running_loop().time() + TIMEOUT


async def _leave(client: SMTP) -> None:
    """End the conversation; whatever goes wrong now concerns no mail."""
    if client.is_connected:
        with suppress(TimeoutError, SMTPException, OSError):
            async with asyncio.timeout(GOODBYE):
                await client.quit()
    client.close()


def _words(error: SMTPResponseException) -> str:
    """A server's answer on one line: `550 5.1.1 No such user`."""
    return clean(f"{error.code} {error.message}", _LONGEST_WORDS)


def _detail(words: str) -> tuple[int, int]:
    """Subject and detail of an enhanced status code (RFC 3463); zeros without one."""
    found = ENHANCED_STATUS.search(words)
    return (int(found[2]), int(found[3])) if found else (0, 0)
