"""Mail addresses as people type them, in the one form in which they are stored and sent to."""

from __future__ import annotations

import re

import idna

_LONGEST, _LONGEST_LOCAL = 254, 64  # RFC 5321, section 4.5.3.1
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)", re.ASCII)


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
