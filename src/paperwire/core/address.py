"""Which network addresses a request on someone else's behalf may go to: the rule against server-side forgery."""

from __future__ import annotations

import ipaddress
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_MAX_URL = 2048
# What `is_global` says differs between versions of Python, so IANA's registries of special addresses stand here, too.
_UNICAST = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is allocated; anything else carries IPv4, belongs to one network or means many machines."""
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20"),
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where a checked URL points: `host` is ASCII and lower case, without brackets; `port` is 80 or 443."""

    host: str
    port: int


def is_loopback(url: str) -> bool:
    """Whether links under this address work on this machine only."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_public(literal: str) -> bool:
    """Whether an IP address literal belongs to the public internet and to one machine there.

    False for loopback, private, link-local, shared (100.64/10), reserved, multicast and documentation ranges, for
    IPv6 forms that carry an IPv4 address, for zone ids and for anything that is no literal.
    """
    if "%" in literal:
        return False
    try:
        address = ipaddress.ip_address(literal)
    except ValueError:
        return False
    if not address.is_global or (address.version == _UNICAST.version and address not in _UNICAST):
        return False
    return not any(address.version == network.version and address in network for network in _NEVER)


def target(url: str) -> Target:
    """The place `url` points to, if its form is harmless.

    That is: http or https, port 80 or 443, no user, and a host that is none of the odd spellings of a number (`127.1`,
    `0x7f.1`, circled digits). The name still has to be resolved and every address of it given to `is_public`.

    Raises:
        ValueError: the form is not allowed; the text says why.
    """
    if len(url) > _MAX_URL or any(ord(char) <= 32 or ord(char) == 127 for char in url) or "\\" in url:
        raise ValueError("the address is too long or has spaces or control characters")
    parts = urlsplit(url)
    if parts.scheme not in _PORTS:
        raise ValueError("only http and https addresses are allowed")
    if "@" in parts.netloc:
        raise ValueError("an address with a user name is not allowed")
    host = _host(parts.hostname or "")
    port = _PORTS[parts.scheme] if parts.port is None else parts.port
    if port not in _PORTS.values():
        raise ValueError("only the ports 80 and 443 are allowed")
    return Target(host, port)


def _host(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).rstrip(".").lower()
    labels = folded.split(".")
    if ":" in name or labels[-1].isdigit() or labels[-1].startswith("0x"):
        # Only the plain spelling of an IPv4 address; resolvers also take 127.1, 0x7f.1 and 2130706433.
        if not is_public(name):
            raise ValueError("the address is not on the public internet")
        return name
    try:
        host = folded.encode("idna").decode("ascii") if not folded.isascii() else folded
    except UnicodeError:
        host = ""
    if len(labels) < 2 or not all(labels) or not host.replace(".", "").replace("-", "").replace("_", "").isalnum():
        raise ValueError("the address has no valid host name")
    return host
