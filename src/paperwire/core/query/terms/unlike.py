"""`-like:2510.01234`: of the papers near to what `like:` asks for, fewer that are like these."""

from __future__ import annotations

import re
from functools import cached_property

from paperwire.core.query.prepared import Doc
from paperwire.core.query.repairs import moved_to_end, replaced
from paperwire.core.query.terms.like import Like, are_ids, ids_in, normal_ids
from paperwire.core.query.terms.term import ModifierRules, Term
from paperwire.errors import Refusal
from paperwire.texts import Texts, gettext_noop

_SIGN = re.compile(r'-like:(?=[^\s()"]*\d)', re.IGNORECASE)
_ANY = re.compile(r'-like:(?:"[^"]*"?|[^\s()"]*)', re.IGNORECASE)
_VALUE = re.compile(r"[^\s()\"]+")


class Unlike(Term):
    """Papers that those which match are not to be like; it goes with `like:`, from whose direction theirs is taken."""

    names = {}  # noqa: RUF012 -- declared in Term; it is written with the sign of its own
    help = (("like:2510.01234 -like:2510.05678", gettext_noop("like the first paper, less like the second")),)
    described = {"-like": (gettext_noop("less close to %(value)s"),)}  # noqa: RUF012 -- declared in Term
    by_meaning = True
    whole = True
    unknown = Refusal(
        "-like: without ids",
        gettext_noop("-like: takes paper ids"),
        gettext_noop("Type -like:2510.01234, or up to 20 ids with commas between them"),
        replaced(_ANY, " "),
        example="low rank adaptation like:saved -like:2510.01234,lora",
    )
    modifier = ModifierRules(
        misplaced=Refusal(
            "-like: inside OR, NOT or brackets",
            gettext_noop("-like: isn't allowed in OR, NOT or brackets"),
            gettext_noop("Type it at the end: lora like:2510.01234 -like:2510.05678"),
            moved_to_end(_ANY),
            example="like:saved (lora -like:2510.01234)",
        ),
        repeated=Refusal(
            "-like: twice",
            gettext_noop("-like: is allowed only once"),
            gettext_noop("Write the ids with commas: -like:2510.01234,2510.05678"),
            replaced(_ANY, " "),
            example="like:saved -like:2510.01234 -like:2510.05678",
        ),
        alone=Refusal(
            "-like: without like:",
            gettext_noop("-like: needs like: to choose papers by"),
            gettext_noop("Add what the papers should be like, such as like:2510.01234, or remove -like:"),
            replaced(_ANY, " "),
            example="low rank adaptation -like:2510.01234",
        ),
        only_with=Like,
    )

    @classmethod
    def begins(cls, text: str, place: int, group: str) -> bool:  # noqa: ARG003 -- refused in groups by the scanner
        """Whether `-like:` and what may be ids stand here; saved papers and texts are refused as in any NOT."""
        return _SIGN.match(text, place) is not None

    @classmethod
    def end(cls, text: str, place: int) -> int | None:
        """Where the ids end; None where there are none."""
        sign = _SIGN.match(text, place)
        value = _VALUE.match(text, sign.end() if sign else place)
        return value.end() if value and cls.bare(text[place : value.end()]).is_something() else None

    @classmethod
    def bare(cls, run: str) -> Unlike:
        return cls("-like", run[len("-like:") :])

    @cached_property
    def ids(self) -> tuple[str, ...]:
        return ids_in(self.typed)

    def is_something(self) -> bool:
        return are_ids(self.ids)

    def value(self, texts: Texts) -> str:
        return texts.join(self.ids)

    def normal(self) -> str:
        return f"-like:{normal_ids(self.ids)}"

    def holds(self, doc: Doc) -> bool:  # noqa: ARG002 -- see below
        """Always: it turns the direction of `like:`."""
        return True
