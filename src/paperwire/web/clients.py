"""Which client a request comes from: its own address, or the one that a trusted proxy saw."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from starlette.types import Scope

_ONE_CUSTOMER = 64
"""Bits of an IPv6 address that are the same for all machines of one customer (RFC 6177)."""


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
