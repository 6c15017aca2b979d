"""`cat:cs.CV`: papers of an arXiv category, or of one below it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

from paperwire.core.papers.categories import ARCHIVES, CATEGORIES, archive_title
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.term import Value, plain_value
from paperwire.errors import QueryError, Refusal
from paperwire.texts import Texts, gettext_noop

_NAMES = {
    name.casefold(): name
    for name in (*CATEGORIES, *(name for name in ARCHIVES if "-" in name), *(f"{name}.*" for name in ARCHIVES))
    if "." in name or "-" in name
}
_FREQUENCIES = {
    "cs": 700.0, "cs.ai": 280.0, "cs.lg": 255.0, "cs.cv": 230.0, "cs.cl": 140.0, "cond-mat": 120.0, "astro-ph": 90.0,
    "math": 80.0, "quant-ph": 60.0, "cs.ro": 55.0, "cond-mat.mtrl-sci": 55.0, "physics": 50.0, "astro-ph.ga": 45.0,
    "astro-ph.co": 35.0, "cond-mat.mes-hall": 35.0, "math.ap": 30.0, "eess": 30.0, "stat": 30.0,
}  # fmt: skip


def category_named(text: str) -> str:
    """The category or archive of arXiv that `text` names, empty if none."""
    return _NAMES.get(text.casefold().strip(",;"), "")


_BEFORE = re.compile(r"(^|\s)(?:in|only|category|categories|from)\s+$", re.IGNORECASE)


def _name_category(text: str, error: QueryError) -> str:
    at, name = error.column - 1, str(error.values["name"])
    return _BEFORE.sub(r"\1", text[:at]) + f"cat:{name}" + text[at + len(name) :].lstrip(":.")


class InCategory(Value):
    """A category and all below it (`cat:cs.CV`, `cat:cs`, `cat:cs.*`)."""

    names = {"cat": "cat", "category": "cat"}  # noqa: RUF012 -- declared in Term
    listed = True
    help = (("cat:cs.CL", gettext_noop("in a category")),)
    # Translators: follows "Papers" or stands in a list of such parts: %(value)s is what was typed.
    described = {  # noqa: RUF012 -- declared in Term
        "cat": (
            gettext_noop("in %(value)s"),
            gettext_noop("not in %(value)s"),
        ),
    }

    def value(self, texts: Texts) -> str:
        name = category_named(self.typed) or self.typed
        title = CATEGORIES[name].title if name in CATEGORIES else archive_title(name.removesuffix(".*"))
        # Translators: a category of arXiv and what it is about: "cs.CL (Computation and Language)".
        return texts.gettext("%(category)s (%(title)s)", category=name, title=title) if title else name

    usual = 10

    bare_word: ClassVar[Refusal] = Refusal(
        "a category without cat:",
        gettext_noop("%(name)s is a category, not a word"),
        # Translators: cat: is typed like that in queries and is never translated.
        gettext_noop("Type cat:%(name)s"),
        _name_category,
        example="lora cs.ai",
    )
    """How a word is refused that `category_named` knows."""

    @classmethod
    def stored_name(cls) -> str:
        return "Category"

    @classmethod
    def stray_star(cls, text: str) -> int:
        """A `*` that is not the end of `.*`."""
        star = text.find("*")
        return -1 if text.endswith(".*") and star == len(text) - 1 else star

    @cached_property
    def name(self) -> str:
        return plain_value(self.typed).removesuffix(".*").rstrip(".")

    @classmethod
    def values(cls, doc: Doc) -> Iterable[str]:
        """The paper's categories, their twins and all above them."""
        return doc.lineage

    @classmethod
    def frequency(cls, field: str, value: str) -> float:  # noqa: ARG003 -- there is one field
        """As in a year of arXiv."""
        return _FREQUENCIES.get(value, cls.usual)
