"""What a paper links besides code, and addresses in archives that keep code and data besides forges."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import safe_url

HUB = r"(?:huggingface\.co|hf\.co)"
NOT_ACCOUNTS = (
    "api|blog|chat|collections|datasets|docs|join|learn|login|models|new|organizations|papers|posts|pricing|settings"
    "|spaces|tasks"
)
"""Pages of Hugging Face that stand where accounts do (its menu): what follows them is no model."""

_ARCHIVE_SIGNS = ("huggingface.co/", "hf.co/", "zenodo", "figshare", "osf.io/", "4open.science/")
_ADDRESS = re.compile(
    r"(?<![a-z0-9_.-])(?:www\.)?("
    rf"{HUB}/(?:(?:datasets|spaces)/|(?!(?:{NOT_ACCOUNTS})/))[a-z0-9][\w.-]*/\w"
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
    if not any(sign in small for sign in _ARCHIVE_SIGNS):
        return
    addresses = (match[0].rstrip(_AFTER_ADDRESS).rstrip("/") for match in _ADDRESS.finditer(text))
    yield from filter(None, (safe_url(f"https://{address}") for address in addresses))


_HUB = rf"(?<![a-z0-9-]){HUB}"
_IN_TEXT = {
    "model": re.compile(rf"{_HUB}/(?!(?:{NOT_ACCOUNTS})[/\s])[a-z0-9][\w.-]*/\w"),
    "dataset": re.compile(rf"{_HUB}/datasets/\w"),
    "demo": re.compile(rf"{_HUB}/spaces/\w"),
    "project": re.compile(
        r"\w\.github\.io\b|\bsites\.google\.com/\w"
        r"|\bproject[\s-]*(?:home|web)?[\s-]*(?:page|site)s?\b[^.]{0,60}?(?:https?://|www\.)\w"
    ),
    "video": re.compile(
        r"\byoutu\.be/[\w-]|\byoutube\.com/(?:watch|playlist|shorts|embed|@)|\bvimeo\.com/\d|\bbilibili\.com/video/\w"
    ),
}
_SIGNS = ("huggingface.co/", "hf.co/", "github.io", "google.com/", "project", "youtu", "vimeo.com/", "bilibili.com/")
_FILM = re.compile(r"\.(?:mp4|m4v|mov|qt|webm)(?:[?#]|$)", re.IGNORECASE)


def linked(paper: Paper) -> frozenset[str]:
    """Which of `model`, `dataset`, `demo`, `project` and `video` a paper has.

    Hugging Face says so, or an address of one stands in comment or abstract.
    """
    return frozenset((*_on_hub(paper), *_in_text(paper)))


def _on_hub(paper: Paper) -> Iterator[str]:
    hub = paper.hub
    has = {
        "model": hub.models or hub.model_count,
        "dataset": hub.datasets or hub.dataset_count,
        "demo": hub.demos or hub.demo_count,
        "project": hub.project_url,
        "video": any(map(_FILM.search, hub.media)),
    }
    return (name for name, stated in has.items() if stated)


def _in_text(paper: Paper) -> Iterator[str]:
    for text in (paper.comment, paper.abstract):
        small = text.casefold().replace("\\_", "_")
        if any(sign in small for sign in _SIGNS):  # most papers have none, which is seen sooner this way
            yield from (name for name, address in _IN_TEXT.items() if address.search(small))
