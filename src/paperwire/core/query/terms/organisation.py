"""`org:google`: papers of an organisation, as Hugging Face says."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.query.terms.record import RecordWords
from paperwire.texts import gettext_noop


@dataclass(frozen=True)
class Organisation(RecordWords):
    """Words in the name or the handle of a paper's organisation on Hugging Face (`org:`)."""

    names = {"org": "org", "organisation": "org", "organization": "org"}  # noqa: RUF012 -- declared in Term
    help = (("org:google", gettext_noop("of an organisation, by its name on Hugging Face")),)
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "org": (
            gettext_noop("of the organisation %(value)s"),
            gettext_noop("not of the organisation %(value)s"),
        ),
    }
