"""`co:"15 pages"`: words and phrases in the authors' comment."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.query.terms.record import RecordWords
from paperwire.texts import gettext_noop


@dataclass(frozen=True)
class Comment(RecordWords):
    """Words or a phrase in the authors' comment (`co:`)."""

    names = {"co": "co", "comment": "co"}  # noqa: RUF012 -- declared in Term
    help = (("co:workshop", gettext_noop("in the authors' comment")),)
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "co": (
            gettext_noop("with %(value)s in the authors' comment"),
            gettext_noop("without %(value)s in the authors' comment"),
        ),
    }
