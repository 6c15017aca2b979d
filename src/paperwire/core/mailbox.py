"""Which addresses of mail are one mailbox, for what is counted by mailbox; mail itself goes to the address as typed."""

from __future__ import annotations

_GMAIL = frozenset({"gmail.com", "googlemail.com"})


def mailbox_of(address: str) -> str:
    """The same text for all addresses that reach one mailbox: without `+tag`, and at Gmail without dots.

    What is no address of mail is its own.
    """
    local, at, domain = address.lower().rpartition("@")
    name = local.partition("+")[0] or local
    if domain in _GMAIL:
        return f"{name.replace('.', '')}@gmail.com"
    return f"{name}{at}{domain}"
