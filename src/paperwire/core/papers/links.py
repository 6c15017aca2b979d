"""What a paper links besides code: models, datasets, demos, a project page, a video."""

from __future__ import annotations

import re
from collections.abc import Iterator

from paperwire.core.papers.archives import HUB, NO_ACCOUNT
from paperwire.core.papers.paper import Paper

_HUB = rf"(?<![a-z0-9-]){HUB}"
_IN_TEXT = {
    "model": re.compile(rf"{_HUB}/(?!(?:{NO_ACCOUNT})[/\s])[a-z0-9][\w.-]*/\w"),
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
