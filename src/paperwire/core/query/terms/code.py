"""`has:code`: papers with a repository."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import replaced
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.errors import Refusal
from paperwire.texts import gettext_noop


@dataclass(frozen=True)
class HasCode(Value):
    """A paper with a repository (`has:code`)."""

    names = {"has": "has"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (("has:code", gettext_noop("with a code repository")),)
    unknown = Refusal(
        "has: without code",
        gettext_noop("has: only takes code"),
        gettext_noop("Type has:code"),
        replaced(r'^[^\s()"]*', "code"),
        example="lora has:pdf",
    )
    later = True
    usual = 100
    name = "code"

    def is_something(self) -> bool:
        """Whether it is code that is asked for."""
        return plain_value(self.typed) == self.name

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """Code, if there is some."""
        return (cls.name,) if doc.has_code else ()

    def normal(self) -> str:
        """It has one form only."""
        return "has:code"
