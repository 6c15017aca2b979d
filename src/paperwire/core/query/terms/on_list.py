"""`list:here`: papers that people submit to a list; it stands alone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Value
from paperwire.errors import Mistake
from paperwire.texts import gettext_noop

HERE = "here"
OPEN = "public"


@dataclass(frozen=True)
class OnList(Value):
    """The list of where it is typed (`list:here`), or the instance's (`list:public`).

    No paper has it by itself: what is submitted matches those who follow the list.
    """

    names = {"list": "list"}  # noqa: RUF012 -- declared in Term
    help = (("list:here", gettext_noop("what people submit to the list here; or list:public; alone")),)
    unknown = Mistake.UNKNOWN_LIST
    usual = 0.01

    def is_something(self) -> bool:
        """Whether it is one of the two words."""
        return self.name in {HERE, OPEN}

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:  # noqa: ARG003 -- a paper doesn't say on which lists it is
        """Nothing."""
        return ()
