"""`id:2510.00001`: one paper; `arXiv:2510.00001` alone means it as well."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from paperwire.core.papers.identity import stamp_at
from paperwire.core.query.prepared import Doc, plain_id
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.texts import gettext_noop

_FIELD = "id"


class Id(Value):
    """One paper (`id:2510.00001`)."""

    names = {"id": _FIELD}  # noqa: RUF012 -- declared in Term
    # Translators: follows "Papers": %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "id": (
            gettext_noop("with the id %(value)s"),
            gettext_noop("without the id %(value)s"),
        ),
    }
    prefixes = frozenset({"arxiv", "doi", "pmid"})
    usual = 0.01

    @classmethod
    def begins(cls, text: str, place: int, group: str) -> bool:
        """Whether there is an id after `arXiv:` here, as on every PDF."""
        return group in {"", _FIELD} and stamp_at(text, place, prefix=True) is not None

    @classmethod
    def end(cls, text: str, place: int) -> int | None:
        """The end of an arXiv id, with the category and day of a PDF's stamp."""
        stamp = stamp_at(text, place)
        return stamp[1] if stamp else None

    @cached_property
    def name(self) -> str:
        typed = plain_value(self.typed)
        stamp = stamp_at(typed)
        return stamp[0] if stamp and stamp[1] == len(typed) else plain_id(typed)

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        return (doc.id,)
