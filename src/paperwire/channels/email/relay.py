"""The mail server that takes our mail: how it is reached, and what its answers mean for the outbox."""

from __future__ import annotations

import asyncio
import math
import ssl
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from aiosmtplib import SMTP, SMTPAuthenticationError, SMTPException, SMTPResponseException

from paperwire.channels._service import PUT_OFF, Outage
from paperwire.channels.email.conversations import Conversations, MailTransaction, no_room
from paperwire.channels.email.envelope import Mail
from paperwire.core.address import is_loopback
from paperwire.core.bounces.reply import LONGEST_WORDS, ReplyVerdict, Step, is_certain, verdict, words_of
from paperwire.core.text.clean import clean
from paperwire.errors import ChannelRefused, Gone, Rejected, Retry, SendError, Unknown
from paperwire.network import known_reason
from paperwire.ports.options import Now

GOODBYE = 2.0
"""Seconds to end a conversation."""
_COPY_AFTER = 900.0
"""Seconds until the next try after a mail that may have arrived."""
_FIRST_WAIT, _PATIENCE = 300.0, 5 * 86_400.0
"""Seconds until an address that is refused for now is tried again at first, and how long all in all."""
_OTHERS = 2  # how many other addresses must fail as well before it is the server that fails


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
        """Read `smtp://user:password@host:587?starttls=1` or `smtps://host`; a `password` of its own wins.

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
        starttls_option = options.pop("starttls", [""])[-1]
        odd = options or parts.path.strip("/") or parts.fragment or starttls_option not in {"", "0", "1"}
        if parts.scheme not in {"smtp", "smtps"} or not host or odd:
            raise ValueError("must be an address such as smtp://user:password@host:587?starttls=1 or smtps://host")
        user = unquote(parts.username or "")
        tls = parts.scheme == "smtps"
        starttls = {"0": False, "1": True}.get(starttls_option)
        if tls or (starttls is None and is_loopback(f"//{parts.netloc.rpartition('@')[2]}")):
            starttls = False
        elif starttls is None and user:
            starttls = True
        usual = 465 if tls else 587 if starttls or user else 25
        return cls(host, port or usual, tls, starttls, user, password or unquote(parts.password or ""))


class MailServer:
    """Sends mails through a relay, each in a conversation of its own."""

    def __init__(
        self, relay: Relay, *, tls: ssl.SSLContext, helo: str, now: Now, conversations: Conversations | None = None
    ) -> None:
        self._relay, self._tls, self._helo = relay, tls, helo
        self._outage = Outage(now)
        self._conversations = conversations or Conversations()
        self._refused: dict[str, str] = {}
        self._busy: set[str] = set()

    def __repr__(self) -> str:
        """Say which server it is, and never the login."""
        return f"{type(self).__name__}({self._relay.host!r})"

    @property
    def state(self) -> str:
        state = self._outage.state
        if state == "ready" and len(self._refused) > 1:
            return f"ready, but mail to {len(self._refused)} addresses is refused: {next(iter(self._refused.values()))}"
        return state

    def room(self, to: str) -> AbstractAsyncContextManager[None]:
        """Room for a conversation about a mail to an address, which is patient then; raises Retry."""
        return self._conversations.room(to)

    def doubt(self, problem: str) -> None:
        """Let `state` say that the server refuses us."""
        self._outage.refused(f"{self._relay.host} refuses one address after another: {problem}")

    async def probe(self) -> None:
        """Connect and log in; raises Retry of the whole channel."""
        client, transaction = self._client(), MailTransaction("")
        try:
            await self._connect(client, transaction)
        finally:
            await _leave(client)
        self._outage.answers()

    async def send(self, mail: Mail) -> None:
        """Hand a mail over; raises SendError.

        Until the text is sent nothing can have arrived. What is refused there is the address, not the mail.
        """
        client, transaction = self._client(), self._conversations.about(mail.recipient)
        try:
            await self._connect(client, transaction)
            await self._sender(client, transaction, mail)
            await self._recipient(client, transaction, mail.recipient)
            await self._text(client, transaction, mail)
        except (Unknown, asyncio.CancelledError):
            client.close()  # it doesn't answer, or there is no time
            raise
        finally:
            await _leave(client)
        self._outage.over()
        self._busy.clear()
        self._refused.pop(mail.recipient, None)

    def _client(self) -> SMTP:
        relay = self._relay
        return SMTP(
            hostname=relay.host,
            port=relay.port,
            username=relay.user or None,
            password=relay.password or None,
            use_tls=relay.tls,
            start_tls=relay.starttls,
            tls_context=self._tls if relay.tls or relay.starttls is not False else None,
            local_hostname=self._helo,
            timeout=None,
        )

    # --- the conversation -----------------------------------------------------------------------------------------

    async def _connect(self, client: SMTP, transaction: MailTransaction) -> None:
        host = self._relay.host
        try:
            async with transaction.waiting("connect"):
                await client.connect()
        except SMTPAuthenticationError as error:
            raise self._outage.down(f"{host} refused the login ({error.code}): check channels.email.smtp_url") from None
        except SMTPResponseException as error:
            words = words_of(error.code, error.message, transaction.to or "@")
            raise self._outage.down(f"{host} takes no mail now: {words}") from None
        except (TimeoutError, SMTPException, OSError, ValueError) as error:
            if transaction.is_cut:
                raise no_room() from None
            # What the library says names the server and the fault; of other errors it may be anything.
            answer = clean(str(error), LONGEST_WORDS) if isinstance(error, (SMTPException, OSError)) else ""
            reason = known_reason(error) or answer or type(error).__name__
            raise self._outage.down(f"{host} can't be reached: {reason}") from None

    async def _sender(self, client: SMTP, transaction: MailTransaction, mail: Mail) -> None:
        host = self._relay.host
        try:
            async with transaction.waiting("sender"):
                await client.mail(mail.sender)
        except SMTPResponseException as error:
            words = words_of(error.code, error.message, mail.recipient)
            if error.code < 500 and verdict(error.code, words, "recipient") is not ReplyVerdict.US:
                raise self._outage.down(f"{host} takes no mail now: {words}") from None
            raise self._outage.refused(f"{host} takes no mail from this sender: {words}") from None
        except (TimeoutError, SMTPException, OSError) as error:
            if transaction.is_cut:
                raise no_room() from None
            raise self._outage.down(f"{host} broke off ({type(error).__name__})") from None

    async def _recipient(self, client: SMTP, transaction: MailTransaction, to: str) -> None:
        try:
            async with transaction.waiting("recipient"):
                await client.rcpt(to)
        except SMTPResponseException as error:
            self._conversations.answered(to)
            raise self._refusal(error, transaction, "recipient") from None
        except (TimeoutError, SMTPException, OSError) as error:
            if isinstance(error, TimeoutError) and (cut := self._conversations.timed_out(transaction)):
                raise cut from None
            raise self._too_busy(transaction, f"no answer ({type(error).__name__})") from None
        self._conversations.answered(to)

    async def _text(self, client: SMTP, transaction: MailTransaction, mail: Mail) -> None:
        host = self._relay.host
        try:
            async with transaction.waiting("text"):
                await client.data(mail.content)
        except SMTPResponseException as error:
            raise self._refusal(error, transaction, "text") from None
        except (TimeoutError, SMTPException, OSError):
            reason = f"{host} did not answer in time; the mail may have arrived"
            raise Unknown(self._outage.failing(reason), _COPY_AFTER) from None
        except asyncio.CancelledError:
            raise Unknown(f"stopped before {host} answered; the mail may have arrived", _COPY_AFTER) from None

    # --- what an answer means -------------------------------------------------------------------------------------

    def _refusal(self, error: SMTPResponseException, transaction: MailTransaction, step: Step) -> SendError:
        words = words_of(error.code, error.message, transaction.to)
        match verdict(error.code, words, step):
            case ReplyVerdict.CLOSED:
                return Gone(f"the mail server refused the address: {words}", doubtful=not is_certain(words))
            case ReplyVerdict.LATER:
                reason = f"the mail server asks to try this address again later: {words}"
                return Retry(reason, _FIRST_WAIT, requested=True, patience=_PATIENCE)
            case ReplyVerdict.US:
                return self._refused_us(transaction, words, step)
            case ReplyVerdict.MAIL:
                return Rejected(f"the mail server refused the mail: {words}")
            case ReplyVerdict.UNCLEAR if step == "text":
                return Retry(f"the mail server refused the mail: {words}", _FIRST_WAIT)
        return self._too_busy(transaction, words)

    def _refused_us(self, transaction: MailTransaction, words: str, step: Step) -> ChannelRefused:
        """A refusal of us; what a mail to confirm meets says nothing of the server, as anyone may name any address."""
        problem = f"{self._relay.host} refuses our mail: {words}; check channels.email.smtp_url and from_address"
        if not transaction.patient:
            return ChannelRefused(problem, PUT_OFF, of_message=step == "text")
        self._refused[transaction.to] = words
        return self._outage.refused(problem, of_message=step == "text")

    def _too_busy(self, transaction: MailTransaction, words: str) -> Retry:
        """An address that alone gets no answer, or none that is clear; with others it is the server that fails."""
        if transaction.patient:
            self._busy.add(transaction.to)
        if len(self._busy) > _OTHERS:
            self._outage.failing(f"{self._relay.host} takes no mail now: {words}")
        reason = f"the mail server asks to try this address again later: {words}"
        return Retry(reason, _FIRST_WAIT, requested=True, patience=math.inf, doubtful=True)


async def _leave(client: SMTP) -> None:
    """End the conversation; whatever goes wrong now concerns no mail."""
    if client.is_connected:
        with suppress(TimeoutError, SMTPException, OSError):
            async with asyncio.timeout(GOODBYE):
                await client.quit()
    client.close()
