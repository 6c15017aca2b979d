"""A mail server on loopback: aiosmtpd, with the faults that mail servers have."""

import asyncio
import logging
import warnings
from collections import deque
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult

logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # it may outlive a test whose log is closed


@dataclass
class Delivered:
    """One mail as it came in."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    def part(self, kind):
        """The text of the part of that type."""
        return self.parsed.get_body((kind,)).get_content()


class _Session(SMTP):
    """One conversation; `drop` ends it before a word is said, and with `hang` none is said."""

    def connection_made(self, transport):
        server = self.event_handler
        server.transports.append(transport)
        answer = server.at_connect.popleft() if server.at_connect else ""
        if answer != "hang":
            super().connection_made(transport)
        if answer == "drop":
            transport.abort()

    def connection_lost(self, error):
        if self.transport is not None:
            super().connection_lost(error)


class MailServer:
    """Takes mail; `at_rcpt` and `at_data` are answers to give instead, in order: `hang`, `drop` or a line.

    A line `after:` drops the connection once the mail was taken.
    """

    def __init__(self, *, login=None, tls=None, starttls=False, closed=()):
        self.mails = []
        self.tried = []
        self.at_connect, self.at_mail, self.at_rcpt, self.at_data = deque(), deque(), deque(), deque()
        self.transports = []
        self.closed = dict(closed)
        self._login, self._tls, self._starttls = login, tls, starttls
        self.released = asyncio.Event()

    def _protocol(self):
        options = {"auth_require_tls": self._starttls} if self._login else {}
        if self._login:
            options |= {"authenticator": self._authenticate, "auth_required": True}
        if self._tls and self._starttls:
            options |= {"tls_context": self._tls, "require_starttls": True}
        with warnings.catch_warnings(action="ignore"):  # that a login without STARTTLS is unsafe: here it is inside TLS
            return _Session(self, loop=asyncio.get_running_loop(), hostname="mx.test", timeout=60, **options)

    async def __aenter__(self):
        context = self._tls if self._tls and not self._starttls else None
        self._server = await asyncio.get_running_loop().create_server(self._protocol, "127.0.0.1", 0, ssl=context)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"smtp://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self.released.set()
        for transport in self.transports:
            transport.abort()
        self._server.close()
        await self._server.wait_closed()

    def _authenticate(self, _server, _session, _envelope, _mechanism, data):
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self._login, handled=False)

    async def _answer(self, answers, server):
        """The next answer of a step that is not the usual one, or None."""
        answer = answers.popleft() if answers else None
        if answer == "hang":
            await self.released.wait()
        if answer in {"drop", "hang"}:
            server.transport.abort()
            return "421 gone"
        return answer

    async def handle_MAIL(self, server, _session, envelope, address, options):  # noqa: N802 -- aiosmtpd's name
        if answer := await self._answer(self.at_mail, server):
            return answer
        envelope.mail_from, envelope.mail_options = address, [*envelope.mail_options, *options]
        return "250 OK"

    async def handle_RCPT(self, server, _session, envelope, address, _options):  # noqa: N802 -- the same
        self.tried.append(address)
        if answer := (await self._answer(self.at_rcpt, server) or self.closed.get(address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):  # noqa: N802 -- the same
        answer = await self._answer(self.at_data, server)
        if answer and not answer.startswith("250"):
            return answer
        self.mails.append(Delivered(envelope.mail_from, envelope.rcpt_tos, envelope.content))
        if answer and answer.endswith("drop"):
            asyncio.get_running_loop().call_soon(server.transport.close)
        return "250 2.0.0 queued"
