"""Texts of the webhook channel: why an address is refused or no longer served."""

from __future__ import annotations

READY = "ready"
CHAT_LINK = "that is a link to a chat that this bot is not in"
NOT_PUBLIC = "the address is not on the public internet"
REDIRECTS = "the address points to another one: subscribe that one instead"


def unresolved(host: str) -> str:
    """The name of the machine cannot be looked up."""
    return f"{host} cannot be found"


def unreachable(host: str, kind: str) -> str:
    """There is no connection to the machine."""
    return f"{host} cannot be reached ({kind})"


def no_answer(host: str) -> str:
    """The machine took the message and said nothing, or not in time."""
    return f"{host} did not answer in time"


def answered(host: str, status: int) -> str:
    """The machine's answer was not a yes."""
    if status >= 500:
        return f"{host} returned a server error (HTTP {status})"
    return f"{host} refused the message (HTTP {status})"
