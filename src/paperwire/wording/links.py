"""What to say of links that lead to this machine alone."""

from __future__ import annotations

from paperwire.core.address import is_loopback
from paperwire.texts import Texts


def only_here(public_url: str, links: int, texts: Texts) -> str:
    """What to say of some links where the public address is a local one; empty where it isn't."""
    if not is_loopback(public_url):
        return ""
    return texts.ngettext(
        "The link works only on the machine where Paperwire runs, as its public_url is a local one.",
        "These links work only on the machine where Paperwire runs, as its public_url is a local one.",
        links,
    )
