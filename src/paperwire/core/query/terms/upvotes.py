"""`upvotes>=50`: papers once they reach 50 upvotes on Hugging Face."""

from __future__ import annotations

from dataclasses import dataclass

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.number import Number
from paperwire.core.query.terms.term import Beside
from paperwire.errors import Mistake
from paperwire.texts import gettext_noop


@dataclass(frozen=True)
class Upvotes(Number):
    """A threshold of upvotes; it stands beside what the papers are about, and the matcher leaves it to scores."""

    counted = "upvotes"
    help = (("diffusion upvotes>=50", gettext_noop("once a paper reaches 50 upvotes")),)
    unknown = Mistake.MALFORMED_UPVOTES
    beside = Beside(Mistake.MISPLACED_UPVOTES, Mistake.REPEATED_UPVOTES, Mistake.LONE_UPVOTES)

    @classmethod
    def count(cls, doc: Doc) -> int:
        """The paper's upvotes, 0 if unknown."""
        return doc.paper.upvotes or 0
