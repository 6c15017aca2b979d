from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.library import Reference
from paperwire.core.papers.paper import Paper

PAPER = Paper(
    id="2510.00001", title="Deep {L}earning of Graphs", authors=("Jörg Müller", "Ann Bee"), announced=date(2025, 10, 1)
)
REFERENCE = Reference(title="Deep learning of graphs", authors=("J. Muller", "A. Bee"), year=2025, key="m25")


def stored(*papers, reference):
    bearers = {}
    for paper in papers:
        for name in reference.names:
            names = Reference(ids=(paper.id, *filter(None, [paper.doi])), title=paper.title).names
            if name in names:
                bearers.setdefault(name, []).append(paper)
    return bearers


@pytest.mark.parametrize(
    ("changes", "is_of"),
    [
        ({}, True),
        ({"year": 2026}, True),
        ({"year": 2024}, True),
        ({"year": 2027}, False),
        ({"year": 0}, False),
        ({"authors": ()}, False),
        ({"authors": ("Ann Bee", "Jörg Müller")}, False),
        ({"title": "Deep learning of trees"}, False),
        ({"ids": ("10.1000/x",)}, True),
        ({"ids": ("2510.00002",)}, False),
    ],
)
def test_title_first_author_and_year_make_it_the_paper(changes, is_of):
    assert replace(REFERENCE, **changes).is_of(PAPER) is is_of


def test_a_paper_without_author_or_day_is_nobodys():
    assert not REFERENCE.is_of(replace(PAPER, authors=()))
    assert not REFERENCE.is_of(replace(PAPER, announced=None))
    assert REFERENCE.is_of(replace(PAPER, announced=None, published=datetime(2025, 9, 1, tzinfo=UTC)))


def test_an_id_finds_its_paper_whatever_the_title():
    reference = Reference(ids=("2510.00001", "10.1000/x"), title="Another title")
    assert reference.found_among(stored(PAPER, reference=reference)) == PAPER
    by_doi = Paper(id="2510.00007", title="T", doi="10.1000/x")
    assert reference.found_among(stored(by_doi, reference=reference)) == by_doi


def test_a_title_finds_one_paper_or_none():
    twin = replace(PAPER, id="2510.00009")
    assert REFERENCE.found_among(stored(PAPER, reference=REFERENCE)) == PAPER
    assert REFERENCE.found_among(stored(PAPER, twin, reference=REFERENCE)) is None
    assert REFERENCE.found_among({}) is None
    assert Reference(ids=("2510.00005",)).found_among({}) is None


def test_it_is_called_by_its_title_its_key_or_its_id():
    assert REFERENCE.label == "Deep learning of graphs"
    assert Reference(key="m25", ids=("2510.00001",)).label == "m25"
    assert Reference(ids=("2510.00001",)).label == "2510.00001"
    assert len(Reference(title="word " * 100).label) <= 120
