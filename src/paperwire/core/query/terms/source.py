"""`source:biorxiv`: papers that were read from a source."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from paperwire.core.query.terms.term import Value, plain_value

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

    @cached_property
    def name(self) -> str:
        """The source in small letters."""
        return plain_value(self.typed)

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """The paper's source."""
        return (doc.source,)

    def normal(self) -> str:
        """The source."""
        return f"source:{json.dumps(self.name)}"
