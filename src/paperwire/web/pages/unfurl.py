"""What other programs read of a paper's page: previews of links in chats, and the work in schema.org's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from paperwire.core.messages.card import shown_abstract, shown_summary, shown_title
from paperwire.core.papers.identity import page_url
from paperwire.core.papers.paper import Paper
from paperwire.core.text.clean import clean, safe_url
from paperwire.texts import ENGLISH

_DESCRIPTION = 200  # characters: what chats and search engines show of it
_MOST_AUTHORS = 100


@dataclass(frozen=True, slots=True)
class Unfurled:
    """A paper's page for programs: the Open Graph protocol (ogp.me) and `ScholarlyArticle` (schema.org) as JSON-LD.

    `image` is the address of a picture on this site; empty if there is none.
    """

    description: str
    image: str
    work: Mapping[str, Any]


def unfurled(paper: Paper, url: str, image: str) -> Unfurled:
    """What the page at `url` says of its paper; `image` is the address of its picture on this site, if it shows one."""
    about = shown_summary(paper) or shown_abstract(paper)
    source = safe_url(page_url(paper))
    work = {
        "@context": "https://schema.org",
        "@type": "ScholarlyArticle",
        "headline": shown_title(paper, ENGLISH),
        "url": url,
        "identifier": paper.id,
        "author": [{"@type": "Person", "name": clean(name, 200)} for name in paper.authors[:_MOST_AUTHORS]],
        "datePublished": paper.published.date().isoformat() if paper.published else "",
        "dateModified": paper.updated.date().isoformat() if paper.updated else "",
        "abstract": shown_abstract(paper),
        "sameAs": [address for address in (source, f"https://doi.org/{paper.doi}" if paper.doi else "") if address],
    }
    return Unfurled(
        description=clean(about, _DESCRIPTION),
        image=image,
        work={name: value for name, value in work.items() if value},
    )
