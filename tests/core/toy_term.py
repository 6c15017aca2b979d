"""A kind of term that nobody has, with a refusal of its own: one class, listed among the others while a test runs."""

import re
from dataclasses import dataclass

import pytest

from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.number import Number, write_least
from paperwire.errors import Refusal
from paperwire.texts import gettext_noop


@dataclass(frozen=True)
class Pages(Number):
    """`pages>=20`: papers whose comment says that they are so long."""

    counted = "pages"
    help = (("pages>=20", gettext_noop("with 20 pages or more")),)
    unknown = Refusal(
        "pages not written as pages>=N",
        gettext_noop("Pages can't be counted like this"),
        gettext_noop("Type pages>=20"),
        write_least("pages"),
        example="lora pages > 20",
    )

    @classmethod
    def count(cls, doc):
        said = re.search(r"(\d+) pages", doc.paper.comment)
        return int(said[1]) if said else 0


@pytest.fixture
def pages(monkeypatch):
    """The language with `Pages`."""
    monkeypatch.setattr(kinds, "KINDS", kinds.Kinds(*kinds.KINDS, Pages))
