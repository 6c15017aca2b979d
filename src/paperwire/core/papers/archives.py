"""Addresses in archives that keep code and data besides forges: Hugging Face, Zenodo, figshare, OSF, 4open.science."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperwire.core.text.clean import safe_url

HUB = r"(?:huggingface\.co|hf\.co)"
NO_ACCOUNT = (
    "api|blog|chat|collections|datasets|docs|join|learn|login|models|new|organizations|papers|posts|pricing|settings"
    "|spaces|tasks"
)
"""Pages of Hugging Face that stand where accounts do (its menu): what follows them is no model."""

_SIGNS = ("huggingface.co/", "hf.co/", "zenodo", "figshare", "osf.io/", "4open.science/")
_ADDRESS = re.compile(
    r"(?<![a-z0-9_.-])(?:www\.)?("
    rf"{HUB}/(?:(?:datasets|spaces)/|(?!(?:{NO_ACCOUNT})/))[a-z0-9][\w.-]*/\w"
    r"|zenodo\.org/(?:records?|doi|deposit|badge)/\w"
    r"|(?:[a-z0-9-]{1,63}\.)?figshare\.com/\w"
    r"|osf\.io/\w"
    r"|anonymous\.4open\.science/\w"
    r"|(?:dx\.)?doi\.org/10\.(?:5281/zenodo\.|6084/m9\.figshare\.|17605/osf\.io/)\w"
    r")(?:[a-z0-9\-._~!$&()*+,;=:@/?#]|%[0-9a-f]{2})*+",
    re.IGNORECASE | re.ASCII,
)
_AFTER_ADDRESS = ".,;:!?()*&$"


def archived(text: str) -> Iterator[str]:
    """The addresses of deposits and repositories in archives that a text has, each as an `https:` address, in order."""
    small = text.lower()
    # Most papers name none, which is seen much sooner this way.
    if not any(sign in small for sign in _SIGNS):
        return
    addresses = (match[0].rstrip(_AFTER_ADDRESS).rstrip("/") for match in _ADDRESS.finditer(text))
    yield from filter(None, (safe_url(f"https://{address}") for address in addresses))
