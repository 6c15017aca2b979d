"""`source:biorxiv`: papers that were read from a source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paperwire.core.query.terms.term import Value

if TYPE_CHECKING:
    from collections.abc import Iterable

    from paperwire.core.query.prepared import Doc


@dataclass(frozen=True)
class FromSource(Value):
    """Where the paper was read (`source:arxiv`)."""

    names = {"source": "source"}  # noqa: RUF012 -- declared in Term
    usual = 900

    @classmethod
    def stored_name(cls) -> str:
        """As the class was called when queries were first stored."""
        return "Source"

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """The paper's source."""
        return (doc.source,)
