"""What the web room is handed: where people reach us, which clients ask, and what everything works with."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import unquote, urlsplit

from starlette.types import Scope

from paperwire.core.address import is_loopback
from paperwire.core.health import Health
from paperwire.ports.channels import Hook
from paperwire.services.context import Context
from paperwire.web.picture_cache import Pictures

_FOR_ANY_HOST = ("/healthz", "/readyz")
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/?#@\[\]\\]+))(?::\d*)?")  # RFC 9110, section 7.2
# A browser takes what follows two slashes for a host, and a backslash for a slash.
_LOCAL = re.compile(r"/(?!/)[\w\-.~%!$&'()*+,;=:@/?#]{0,8000}", re.ASCII)  # the longest query, escaped, and more
_STATIC = "/static/"  # so that the page which tells a visitor the right address looks like one
_ONE_CUSTOMER = 64  # bits of an IPv6 address that are the same for all machines of one customer (RFC 6177)


@dataclass(frozen=True, slots=True)
class Site:
    """`url` is the public address without a slash at its end, `base` its path (empty at the root of a host)."""

    url: str
    base: str
    host: str

    @classmethod
    def of(cls, public_url: str) -> Site:
        parts = urlsplit(public_url.rstrip("/"))
        return cls(public_url.rstrip("/"), parts.path, _plain(parts.hostname or ""))

    def path_of(self, scope: Scope) -> str:
        """The path of a request within the site, whether or not a proxy has taken `base` off; empty for `base` itself.

        A path that begins like `base` has it: a site below `/papers` needs a proxy that leaves paths as they are.
        """
        path: str = scope["path"]
        if not self.base:
            return path
        base = unquote(self.base)
        return path[len(base) :] if path == base or path.startswith(f"{base}/") else path

    def answers(self, scope: Scope, path: str) -> bool:
        """Whether a request names us: our host or this machine, any port; what probes ask is answered for any host."""
        if path in _FOR_ANY_HOST or path.startswith(_STATIC):
            return True
        named = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        if named in {"", self.host}:
            return True
        match = _HOST.fullmatch(named)
        if match is None:
            return False
        host = _plain(match[1] or match[2])
        return host == self.host or is_loopback(f"//{f'[{host}]' if ':' in host else host}")


def local_path(text: str) -> str:
    """A path within a site, as links have it, with what may follow; empty for any text that could lead elsewhere."""
    return text if _LOCAL.fullmatch(text) else ""


def _plain(host: str) -> str:
    return host.lower().rstrip(".")


class Proxies:
    """The web servers that are trusted to say who asks; no other address is, loopback included."""

    def __init__(self, trusted: Sequence[IPv4Network | IPv6Network] = ()) -> None:
        self._trusted = tuple(trusted)

    def speak_for_many(self, host: str) -> bool:
        """Whether any number of clients may come from this address: a trusted proxy's, or this machine's."""
        address = _address(host)
        return address is not None and (address.is_loopback or self._is_trusted(address))

    def client_of(self, scope: Scope) -> str:
        """The address a request comes from; of one that trusted proxies passed on, what the first of them saw.

        That is the last address in X-Forwarded-For that is no trusted proxy: each proxy adds at the end, and what
        stands before may be the client's own invention.
        """
        host: str = scope["client"][0] if scope.get("client") else ""
        if not self._trusted:
            return host
        address = _address(host)
        if address is None or not self._is_trusted(address):
            return host
        for hop in _hops(scope):
            hop_address = _address(_without_port(hop))
            if hop_address is None:  # nothing a proxy writes: what stands before it is no better
                break
            address = hop_address
            if not self._is_trusted(address):
                break
        return str(address)

    def _is_trusted(self, address: IPv4Address | IPv6Address) -> bool:
        return any(address in network for network in self._trusted)


def client_name(host: str) -> str:
    """What a client is counted by: an IPv4 address, or the part of an IPv6 address that one customer has."""
    address = _address(host)
    if address is None:
        return host
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((int(address), _ONE_CUSTOMER), strict=False))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """An address without its zone; one of IPv4 that is written as IPv6 is the IPv4 address."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None
    return (address.version == 6 and address.ipv4_mapped) or address


def _hops(scope: Scope) -> Iterator[str]:
    """What X-Forwarded-For names, the last first; several lines count as one list."""
    for name, value in reversed(scope["headers"]):
        if name == b"x-forwarded-for":
            for hop in reversed(value.decode("latin-1").split(",")):
                yield hop.strip()


def _without_port(hop: str) -> str:
    """`203.0.113.7:4711` and `[2001:db8::1]:4711`, as some proxies write them, without their ports."""
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


@dataclass(frozen=True, slots=True, kw_only=True)
class WebDeps:
    """Everything pages, feeds and the API need: what services work with, and what pages alone ask for.

    `authority` (a host name) and `minted` (the day it was first kept) make the ids of feeds. `unready` gives the
    reasons why this process is not ready, if any. `hooks` are where platforms post to their channels. `proxies` knows
    the web servers before us. `pictures` are there where pages show teaser pictures.
    """

    context: Context
    authority: str
    minted: date
    health: Callable[[], Awaitable[Health]]
    unready: Callable[[], Awaitable[Sequence[str]]]
    hooks: Sequence[Hook] = ()
    proxies: Proxies = field(default_factory=Proxies)
    pictures: Pictures | None = None
