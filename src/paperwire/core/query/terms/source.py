"""`source:biorxiv`, `source:"Annals of Maps"`: papers that were read from a source, or from a feed of that name."""

from __future__ import annotations

from collections.abc import Iterable
from unicodedata import normalize

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.texts import gettext_noop


class FromSource(Value):
    """Where the paper was read (`source:arxiv`), by the source's name or the feed's."""

    names = {"source": "source", "feed": "source"}  # noqa: RUF012 -- declared in Term
    listed = True
    # Translators: follows "Papers": %(value)s is a name, a category or a source.
    described = {  # noqa: RUF012 -- declared in Term
        "source": (
            gettext_noop("from %(value)s"),
            gettext_noop("not from %(value)s"),
        ),
    }
    usual = 900

    @classmethod
    def stored_name(cls) -> str:
        return "Source"

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        return (doc.source, plain_value(normalize("NFKC", doc.paper.feed))) if doc.paper.feed else (doc.source,)
