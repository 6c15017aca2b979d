"""The way out of this machine: the proxy and the authorities of `[network]`, and what a failing connection means."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from typing import Any
from urllib.parse import unquote, urlsplit

import httpcore
import httpx
from httpcore import SOCKET_OPTION, AsyncNetworkStream

from paperwire.core import address
from paperwire.core.address import Target
from paperwire.errors import ConfigError
from paperwire.ports.options import NetworkOptions

_LOOPBACK = ("all://localhost", "all://127.0.0.1", "all://[::1]")
"""What httpx asks directly, as no proxy reaches this machine's own services."""
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_PROBE_TIMEOUT = 10.0  # seconds in which a server should be reached that is only tried
BEFORE_WRITTEN = (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError)
"""What httpx raises before anything of a request has gone out."""


class UnresolvedError(httpx.ConnectError):
    """A name can't be looked up; the text is the reason."""


async def capped(chunks: AsyncIterable[bytes], most: int) -> bytes | None:
    """All of a body that arrives in chunks; None, with no more of it read, once it is longer than `most` bytes."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        if len(body) > most:
            return None
    return bytes(body)


class Network:
    """Makes the clients of everything that goes out; `proxy` is an address, with its login, or None."""

    def __init__(self, options: NetworkOptions) -> None:
        """Read the authorities of `ca_file`; raises ConfigError."""
        self.proxy = options.proxy.get_secret_value().strip() or None
        self._ca_file = options.ca_file
        self._tls = self.tls()

    def __repr__(self) -> str:
        """Say whether there is a proxy, and never its login."""
        return f"{type(self).__name__}({'through a proxy' if self.proxy else 'direct'})"

    @property
    def proxy_name(self) -> str:
        """The proxy's host and port, without a login; empty if there is none."""
        return urlsplit(self.proxy or "").netloc.rpartition("@")[2]

    def proxy_for(self, url: str) -> str | None:
        """The proxy for this address: none for services of this machine."""
        return None if address.is_loopback(url) else self.proxy

    def tls(self) -> ssl.SSLContext:
        """Whom to trust: the authorities that httpx brings, the system's, and those of `ca_file`.

        A new one each time: HTTP's libraries write into theirs that they speak HTTP.
        """
        context = httpx.create_ssl_context(trust_env=False)
        context.load_default_certs()
        if self._ca_file is not None:
            # Python 3.13 asks more of authorities than other programs do, and than those of companies have.
            context.verify_flags &= ~ssl.VERIFY_X509_STRICT
            try:
                context.load_verify_locations(self._ca_file)
            except (OSError, ssl.SSLError) as error:
                reason = "it holds no certificates in PEM" if isinstance(error, ssl.SSLError) else error.strerror
                raise ConfigError(f"setting 'network.ca_file': cannot read {self._ca_file}: {reason}") from None
        return context

    def client_options(self, limits: httpx.Limits = _LIMITS) -> dict[str, Any]:
        """What an `httpx.AsyncClient` needs to go this way; the environment says nothing to it."""
        options = {"verify": self._tls, "limits": limits, "trust_env": False}
        if self.proxy is None:
            return options
        proxy = httpx.Proxy(self.proxy, ssl_context=self._tls if self.proxy.startswith("https:") else None)
        safe = _Tunnelled(self._tls, self._backend(), limits)
        return options | {"proxy": proxy, "mounts": {**dict.fromkeys(_LOOPBACK), "https://": safe}}

    def pinned(self) -> httpx.AsyncBaseTransport:
        """A transport for requests whose host is a number and whose name is in `sni_hostname`.

        No connection is kept: two names may have one address but are two parties, and may point elsewhere next time.
        """
        limits = httpx.Limits(max_keepalive_connections=0)
        if self.proxy is None:
            return httpx.AsyncHTTPTransport(verify=self._tls, limits=limits, trust_env=False)
        return _Tunnelled(self._tls, self._backend(), limits)

    async def reach(self, url: str) -> str:
        """Connect to the server of an address, and ask it nothing; why that fails, or empty."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        try:
            stream = await self._backend().connect_tcp(host, port, timeout=_PROBE_TIMEOUT)
            if parts.scheme == "https":
                stream = await stream.start_tls(self._tls, server_hostname=host, timeout=_PROBE_TIMEOUT)
            await stream.aclose()
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProxyError) as error:
            return why(error)
        return ""

    def _backend(self) -> httpcore.AsyncNetworkBackend:
        """What opens connections to a host and port: through the proxy, if there is one."""
        return _Tunnel(self.proxy, self._tls) if self.proxy else httpcore.AnyIOBackend()

    async def pin(self, request: httpx.Request, is_public: Callable[[str], bool] = address.is_public) -> None:
        """Check every number that the host of an address stands for which a person chose, and dial the first.

        Raises:
            ValueError: the address is not one of the public internet; says why.
            UnresolvedError: it can't be found out here where the name leads.
        """
        target = address.target(str(request.url))
        try:
            literals = await self.numbers(target)
        except OSError as error:
            hint = "; a proxy is only asked for what this machine can look up" if self.proxy else ""
            raise UnresolvedError(f"{why(error)}{hint}") from None
        if not literals or not all(map(is_public, literals)):
            raise ValueError("the address is not on the public internet")
        request.extensions = {**request.extensions, "sni_hostname": target.host}
        request.url = request.url.copy_with(host=literals[0])

    async def numbers(self, target: Target) -> list[str]:
        """Every address that a name stands for; raises OSError if it can't be resolved here."""
        try:
            loop = asyncio.get_running_loop()
            entries = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise socket.gaierror(socket.EAI_NONAME, "no such name") from None
        return [str(entry[4][0]) for entry in entries]


class _Tunnelled(httpx.AsyncHTTPTransport):
    """httpx's transport over tunnels that it doesn't open itself.

    Its own take the name for TLS from the address, and one whose certificate fails keeps its place in the pool.
    """

    def __init__(self, tls: ssl.SSLContext, tunnel: httpcore.AsyncNetworkBackend, limits: httpx.Limits) -> None:
        super().__init__(verify=tls, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=tunnel,
        )


class _Tunnel(httpcore.AsyncNetworkBackend):
    """Opens connections by CONNECT (RFC 9110, section 9.3.6)."""

    def __init__(self, proxy: str, tls: ssl.SSLContext) -> None:
        parts = urlsplit(proxy)
        usual = 443 if parts.scheme == "https" else 80
        self._proxy = httpcore.Origin(parts.scheme.encode(), (parts.hostname or "").encode(), parts.port or usual)
        self._tls = tls
        login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}".encode()
        self._login = [("Proxy-Authorization", b"Basic " + base64.b64encode(login))] if parts.username else []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 -- the base's signature
        local_address: str | None = None,  # noqa: ARG002 -- part of the interface, of no use here
        socket_options: Iterable[SOCKET_OPTION] | None = None,  # noqa: ARG002 -- the same
    ) -> AsyncNetworkStream:
        """See the base class; raises httpcore's ProxyError if the proxy refuses."""
        target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        url = httpcore.URL(scheme=self._proxy.scheme, host=self._proxy.host, port=self._proxy.port, target=target)
        timeouts = dict.fromkeys(("connect", "read", "write"), timeout)
        request = httpcore.Request(
            "CONNECT", url, headers=[("Host", target), *self._login], extensions={"timeout": timeouts}
        )
        connection = httpcore.AsyncHTTPConnection(self._proxy, ssl_context=self._tls)
        try:
            answer = await connection.handle_async_request(request)
        except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
            await connection.aclose()
            raise httpcore.ProxyError(f"can't be reached: {why(error)}") from error
        if not 200 <= answer.status < 300:
            await connection.aclose()
            raise httpcore.ProxyError(str(answer.status))
        stream: AsyncNetworkStream = answer.extensions["network_stream"]
        return stream

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


_BROKEN = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)
_CERTIFICATES = {
    9: "its certificate is not valid yet",
    10: "its certificate has expired",
    18: "its certificate is self-signed: network.ca_file names authorities to trust",
    19: "its certificate's authority is unknown here: network.ca_file names whom to trust",
    20: "its certificate's authority is unknown here: network.ca_file names whom to trust",
    21: "its certificate's authority is unknown here: network.ca_file names whom to trust",
    62: "its certificate is another host's",
    64: "its certificate is another host's",
}
"""By OpenSSL's numbers (X509_V_ERR_...)."""


def why(error: BaseException) -> str:
    """Why a connection failed, without any address; the name of the error's class if nothing is known."""
    return known_reason(error) or type(error).__name__


def known_reason(error: BaseException) -> str:  # noqa: PLR0911 -- one for each kind
    """The same, and empty if nothing is known."""
    for link in _chain(error):
        match link:
            case UnresolvedError():
                return str(link)
            case ssl.SSLCertVerificationError():
                return _CERTIFICATES.get(link.verify_code, "its certificate is not valid")
            case ssl.SSLError():
                return "no safe connection comes about (TLS)"
            case socket.gaierror():
                return "its name is not found"
            case ConnectionRefusedError():
                return "connection refused"
            case httpx.ProxyError() | httpcore.ProxyError():
                return refused_by_proxy(str(link))
            case TimeoutError() | httpx.TimeoutException() | httpcore.TimeoutException():
                return "timed out"
            case OSError(strerror=str(words)) if words and link.errno:
                return words.lower()
    return "the connection broke" if isinstance(error, _BROKEN) else ""


_LOGIN = frozenset({"407", "401"})  # the second is what Tinyproxy says


def refused_by_proxy(answer: str) -> str:
    """What a proxy's refusal is, by what the library says, which begins with the HTTP status."""
    status = answer[:3]
    login = ", check the login in network.proxy" if status in _LOGIN else ""
    return f"the proxy refuses: HTTP {status}{login}" if status.isdigit() else f"the proxy {answer}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """An error with what led to it, the outermost first, and of several at once each."""
    link: BaseException | None = error
    while link is not None:
        yield link
        if isinstance(link, BaseExceptionGroup):
            for cause in link.exceptions:
                yield from _chain(cause)
        link = link.__cause__ or link.__context__
