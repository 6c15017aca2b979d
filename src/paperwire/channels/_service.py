"""One service over HTTP for all places of a channel: its faults as the outbox needs them, and its state."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
from pydantic import AfterValidator

from paperwire.core.address import is_loopback
from paperwire.core.duration import retry_after
from paperwire.core.text.clean import safe_url
from paperwire.errors import ChannelRefused, Gone, Rejected, Retry, SendError, Unknown
from paperwire.network import BEFORE_WRITTEN, Network, why
from paperwire.ports.options import Now

_TIMEOUT, _FAULT_WAIT, _LONGEST_WAIT = 20.0, 5.0, 86_400.0
"""Seconds: for one request, until the next try after a passing fault, and until it at most."""
PUT_OFF = 300.0
"""Seconds until a place that alone is refused is tried again at first."""
_ABOUT_ONE = frozenset({400, 403, 413, 422})  # refusals of one message, or of one place


def server(url: str) -> str:
    """The address of a server without a slash at its end; raises ValueError for anything else."""
    parts = urlsplit(safe_url(url.strip().rstrip("/")))
    if not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError("must be the address of a server, such as https://chat.example.org")
    return parts.geturl()


Server = Annotated[str, AfterValidator(server)]
"""A settings field for the address of a server."""


def agent(public_url: str) -> str:
    """The User-Agent that names this Paperwire to those who run other services."""
    return "Paperwire" if is_loopback(public_url) else f"Paperwire (+{public_url})"


class Outage:
    """Since when a service fails or refuses us and with what, until something gets through."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._since: datetime | None = None
        self._problem = ""
        self._refused_since: datetime | None = None
        self._refusal = ""

    @property
    def state(self) -> str:
        if self._refused_since is not None:
            return f"refused since {self._refused_since:%Y-%m-%d %H:%M} UTC: {self._refusal}"
        if self._since is None:
            return "ready"
        return f"reconnecting since {self._since:%Y-%m-%d %H:%M} UTC: {self._problem}"

    def over(self) -> None:
        self._since = self._refused_since = None

    def answers(self) -> None:
        """The service can be reached and lets us in; whether it takes messages is not known by that."""
        self._since = None

    def failing(self, problem: str) -> str:
        """Let `state` say this problem, which is returned."""
        self._since = self._since or self._now()
        self._problem = problem
        return problem

    def down(self, problem: str) -> Retry:
        """The error for a problem that concerns all places."""
        return Retry(self.failing(problem), _FAULT_WAIT, everywhere=True)

    def refused(self, problem: str, *, of_message: bool = False) -> ChannelRefused:
        """The error for a refusal of us."""
        self._refused_since = self._refused_since or self._now()
        self._refusal = problem
        return ChannelRefused(problem, PUT_OFF, of_message=of_message)


class Service:
    """Asks the service at `url`, whose answers are JSON objects; `token_key` is the setting that holds our token."""

    def __init__(  # noqa: PLR0913 -- what a service is known by
        self, url: str, *, network: Network, now: Now, public_url: str, token: str = "", token_key: str = ""
    ) -> None:
        self.host = url.partition("://")[2]
        self._now, self._token_key = now, token_key
        headers = {"User-Agent": agent(public_url)} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.AsyncClient(base_url=url, headers=headers, timeout=None, **network.client_options())  # noqa: S113 -- `ask` has its own
        self._outage = Outage(now)

    def __repr__(self) -> str:
        """Say which service it is, and never the token."""
        return f"{type(self).__name__}({self.host!r})"

    @property
    def state(self) -> str:
        return self._outage.state

    async def ask(self, method: str, path: str, body: bytes | None = None) -> dict[str, Any]:
        """The answer to one request.

        Raises Retry (of the whole channel where the service or our token is at fault), Gone for a place that is closed
        to us, Rejected for a message that will never pass, and Unknown without an answer in time.
        """
        try:
            async with asyncio.timeout(_TIMEOUT):
                response = await self._client.request(method, path, content=body)
        except BEFORE_WRITTEN as error:
            raise self._outage.down(f"{self.host} can't be reached ({why(error)})") from None
        except (TimeoutError, httpx.HTTPError):
            raise Unknown(self._outage.failing(f"{self.host} did not answer in time"), _FAULT_WAIT) from None
        if not response.is_success:
            raise self._refused(response)
        try:
            answer = response.json()
        except ValueError:
            answer = None
        if not isinstance(answer, dict):
            raise self._outage.down(f"{self.host} is not the service that was expected")
        self._outage.over()
        return answer

    async def close(self) -> None:
        await self._client.aclose()

    def _refused(self, response: httpx.Response) -> SendError:  # noqa: PLR0911 -- one for each kind
        status = response.status_code
        reason = f"{self.host} refused the message (HTTP {status})"
        requested = retry_after(response.headers.get("retry-after", ""), self._now())
        wait = _FAULT_WAIT if requested is None else min(requested, _LONGEST_WAIT)
        match status:
            case 429:  # the limit is ours, wherever the message goes
                reason = f"{self.host} asked to slow down (HTTP 429)"
                return Retry(reason, wait, everywhere=True, requested=requested is not None)
            case _ if requested and status < 500:  # whatever else the status says
                everywhere = status not in _ABOUT_ONE
                reason = self._outage.failing(reason) if everywhere else reason
                return Retry(reason, wait, everywhere=everywhere, requested=True)
            case 400 | 413 | 422:
                return Rejected(reason)
            case 403:
                return Gone(f"{self.host} doesn't let this service write there (HTTP 403)")
            case 401:
                return self._outage.down(f"{self.host} refused the token (HTTP 401): check {self._token_key}")
            case _ if status >= 500:
                reason = self._outage.failing(f"{self.host} returned a server error (HTTP {status})")
                return Retry(reason, wait, requested=requested is not None)
            case _:
                return self._outage.down(f"{self.host} is not the service that was expected (HTTP {status})")
