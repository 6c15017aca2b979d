"""What comments, journal references and DOIs say of a paper's acceptance; all of them are made up."""

from __future__ import annotations

import pytest

from paperwire.core.papers.acceptance import Acceptance, acceptance_of
from paperwire.core.papers.paper import Paper
from paperwire.core.papers.venues import VENUES, Venue, nearest_venue, venue_named


def _stated(comment: str = "", **others: object) -> tuple[str, str, int | None] | None:
    grade = acceptance_of(Paper(id="2510.00001", title="A title", comment=comment, **others))  # type: ignore[arg-type]  # fields of any kind
    return (grade.status, grade.venue, grade.year) if grade else None


@pytest.mark.parametrize(
    ("comment", "grade"),
    [
        ("Accepted at NeurIPS 2025", ("accepted", "NeurIPS", 2025)),
        ("12 pages, 5 figures, accepted for publication in A&A", ("accepted", "A&A", None)),
        ("AAAI-26 Oral", ("accepted", "AAAI", 2026)),
        ("CHI '26, April 13-17, 2026, Barcelona, Spain", ("accepted", "CHI", 2026)),
        ("Accepted @ EMNLP'25 main", ("accepted", "EMNLP", 2025)),
        ("To appear in the Astrophysical Journal", ("accepted", "ApJ", None)),
        ("Accepted at XYZW 2025, 8 pages", ("accepted", "", 2025)),
        ("XYZW 2025", ("accepted", "", 2025)),
        ("Accepted by IEEE Transactions on Robotics (T-RO), 2026", ("accepted", "T-RO", 2026)),
        ("Findings of the Association for Computational Linguistics: EMNLP 2025", ("accepted", "EMNLP", 2025)),
        ("Published in Phys. Rev. B 112, 075101 (2025)", ("published", "Physical Review B", 2025)),
        ("In Proceedings ICLP 2025, arXiv:2601.00047", ("published", "ICLP", 2025)),
        ("Accepted at NeurIPS 2025 Workshop", ("workshop", "NeurIPS", 2025)),
        ("Interpretability @ NeurIPS 2025", ("workshop", "NeurIPS", 2025)),
        ("will be submitted to ICLR", ("submitted", "ICLR", None)),
        ("rejected from ICLR 2026", ("submitted", "ICLR", 2026)),
        ("Under review at ICLR 2026", ("submitted", "ICLR", 2026)),
        ("This work has been submitted to the IEEE for possible publication", ("submitted", "", None)),
        ("withdrawn from ICLR 2026", None),
        ("Accepted at ICML 2025. This paper has been withdrawn by the author", None),
        ("CVPR 2020 challenge data", None),
        ("Extended version of the paper published in ICML 2024", None),
        ("PhD thesis, University of Somewhere, 2025", None),
        ("10 pages, 3 figures", None),
        ("", None),
    ],
)
def test_a_comment_states_its_grade(comment: str, grade: tuple[str, str, int | None] | None) -> None:
    assert _stated(comment) == grade


def test_the_quote_is_the_words_that_say_so() -> None:
    paper = Paper(
        id="2510.00001", title="A title", comment="9 pages, accepted to ICML 2026, code online. Comments welcome"
    )
    assert acceptance_of(paper) == Acceptance("accepted", "ICML", 2026, "accepted to ICML 2026")


def test_a_venue_is_named_in_any_spelling() -> None:
    assert venue_named("neurips") == Venue("NeurIPS", "conference")
    assert venue_named("phys rev b") == venue_named("Physical Review B") == Venue("Physical Review B", "journal")
    assert venue_named("a&a") == VENUES["A&A"]
    assert venue_named("nowhere") is None
    assert nearest_venue("nurips") == "NeurIPS"
    assert nearest_venue("qqqqqq") == ""
