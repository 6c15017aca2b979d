"""`upvotes>=50`: papers once they reach 50 upvotes on Hugging Face."""

from __future__ import annotations

from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import begin_with_everything, moved_to_end, replaced
from paperwire.core.query.terms.number import Number, comparison, write_least
from paperwire.core.query.terms.term import ModifierRules
from paperwire.errors import Refusal
from paperwire.texts import gettext_noop

_COUNTED = "upvotes"
_COMPARISON = comparison(_COUNTED)


class Upvotes(Number):
    """A threshold of upvotes; a modifier of the query, which the matcher leaves to scores."""

    counted = _COUNTED
    help = (("diffusion upvotes>=50", gettext_noop("once a paper reaches 50 upvotes")),)
    described = {  # noqa: RUF012 -- declared in Term
        _COUNTED: (gettext_noop("with %(value)s upvotes or more on Hugging Face"),),
    }
    unknown = Refusal(
        "upvotes not written as upvotes>=N",
        gettext_noop("Upvotes can't be compared like this"),
        gettext_noop("Type upvotes>=50, without spaces."),
        write_least(_COUNTED),
        example="lora upvotes > 5",
    )
    modifier = ModifierRules(
        misplaced=Refusal(
            "upvotes inside OR, NOT or brackets",
            gettext_noop("upvotes>=N isn't allowed in OR, NOT or brackets"),
            gettext_noop("Type it at the end: (lora OR qlora) upvotes>=50"),
            moved_to_end(_COMPARISON),
            example="lora OR upvotes>=5",
        ),
        repeated=Refusal(
            "upvotes twice",
            gettext_noop("upvotes>=N is allowed only once"),
            gettext_noop("Keep the number you mean."),
            replaced(_COMPARISON, " "),
            example="lora upvotes>=5 upvotes>=6",
        ),
        alone=Refusal(
            "upvotes without a word",
            gettext_noop("There is no word besides the upvotes"),
            gettext_noop("Add what the papers are about: diffusion upvotes>=50, or cat:cs upvotes>=50"),
            begin_with_everything,
            example="upvotes>=50",
        ),
    )

    @classmethod
    def count(cls, doc: Doc) -> int:
        return doc.paper.upvotes or 0
