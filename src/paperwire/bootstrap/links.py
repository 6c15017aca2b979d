"""Where messages lead: the pages of digests and searches, and why a day had no announcement."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from paperwire.bootstrap.opening import closures, intervals
from paperwire.config import Settings
from paperwire.core.days.calendar import why_silent
from paperwire.core.query.language import parsed
from paperwire.core.tokens import place_token
from paperwire.pipeline.bundle_message import DigestWords
from paperwire.services.places.mailed import mailed_link


def digest_words(settings: Settings, key: bytes) -> DigestWords:
    """What digests say and link besides their papers."""
    return DigestWords(
        page=partial(_digest_page, key, settings.public_url),
        silence=partial(_silence, settings),
        search=partial(_search_page, settings.public_url),
        acts=partial(mailed_link, key, settings.public_url),
    )


def _digest_page(key: bytes, public_url: str, place: int, slot: str) -> str:
    return f"{public_url.rstrip('/')}/digests/{place_token(key, 'digest', place, slot)}"


def _search_page(public_url: str, query: str) -> str:
    """The search for what `like:` finds, the latest papers first; of saved papers only its reader has one."""
    if (read := parsed(query)) is None or read.like is None or read.like.is_saved:
        return ""
    return f"{public_url.rstrip('/')}/search?{urlencode({'q': query, 'order': 'date'})}"


def _silence(settings: Settings, since: datetime, until: datetime) -> str:
    return why_silent(since, until, closures(settings)) if "arxiv" in intervals(settings) else ""
