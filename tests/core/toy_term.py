"""A kind of term that nobody has: one class, listed among the others while a test runs."""

import re
from dataclasses import dataclass

import pytest

from paperwire.core.query.terms import kinds
from paperwire.core.query.terms.number import Number
from paperwire.errors import Mistake


@dataclass(frozen=True)
class Pages(Number):
    """`pages>=20`: papers whose comment says that they are so long."""

    counted = "pages"
    help = (("pages>=20", "with 20 pages or more"),)
    unknown = Mistake.MALFORMED_UPVOTES

    @classmethod
    def count(cls, doc):
        said = re.search(r"(\d+) pages", doc.paper.comment)
        return int(said[1]) if said else 0


@pytest.fixture
def pages(monkeypatch):
    """The language with `Pages`."""
    monkeypatch.setattr(kinds, "KINDS", kinds.Kinds(*kinds.KINDS, Pages))
