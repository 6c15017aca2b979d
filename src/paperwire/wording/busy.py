"""The answer to a request that found no room."""

from __future__ import annotations

from paperwire.errors import StoreBusy, StoreSlow
from paperwire.texts import Texts


def busy_words(error: StoreBusy, texts: Texts) -> str:
    if isinstance(error, StoreSlow):
        return texts.gettext("This search took too long and was stopped. Try fewer or rarer words.")
    return texts.ngettext(
        "Too many requests right now. Try again in %(num)s second.",
        "Too many requests right now. Try again in %(num)s seconds.",
        error.after,
    )
