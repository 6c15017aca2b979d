"""What comments, journal references and DOIs say of a paper's acceptance; all of them are made up."""

from __future__ import annotations

from dataclasses import replace

import pytest

from paperwire.core.papers.acceptance import Acceptance, acceptance_of, newly_accepted
from paperwire.core.papers.paper import EventKind, Paper
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
        ("To be published in MapMaking MICCAI 2025", ("workshop", "MICCAI", 2025)),
        ("Accepted to ICCV2025 @ LongMaps", ("workshop", "ICCV", 2025)),
        ("Accepted at EMNLP 2025 MainConference", ("accepted", "EMNLP", 2025)),
        ("Accepted at the Special Session on Maps at IEEE BigData 2025", ("accepted", "IEEE BigData", 2025)),
        ("Made with the NeurIPS 2025 template\nNeurIPS 2025 preprint", None),
        ("Submitted, not yet peer reviewed or accepted for publication", ("submitted", "", None)),
        ("Accepted at ISWC 2025, see the site after the proceedings are published", ("accepted", "ISWC", 2025)),
        ("Accepted to A&A, data at https://doi.org/10.5281/zenodo.1", ("accepted", "A&A", None)),
        ("The published version appears in Carbon", ("published", "", None)),
        ("Presented as a poster at XYZW 2025", ("accepted", "", 2025)),
        ("will be submitted to ICLR", ("submitted", "ICLR", None)),
        ("rejected from ICLR 2026", ("submitted", "ICLR", 2026)),
        ("Under review at ICLR 2026", ("submitted", "ICLR", 2026)),
        ("This work has been submitted to the IEEE for possible publication", ("submitted", "", None)),
        ("withdrawn from ICLR 2026", None),
        ("Accepted at ICML 2025. This paper has been withdrawn by the author", None),
        ("CVPR 2020 challenge data", None),
        ("Extended version of the paper published in ICML 2024", None),
        ("Extended version of a paper accepted at AAAI 2026", None),
        ("Extended version (with an appendix) of the paper to appear in AAAI 2026", None),
        ("Extended version with proofs of a paper accepted at AAAI-26 (to appear)", None),
        ('The extended version of the paper "Maps: How Many?". Accepted by AAAI2026', None),
        ("Extended version of a paper of ours. DOI: 10.1000/abc", None),
        ("Extended version of our CVPR 2023 paper. Accepted by TPAMI", ("accepted", "TPAMI", None)),
        ("Extended version of our paper, accepted by TPAMI", ("accepted", "TPAMI", None)),
        ("Extended version of a paper. We were accepted at AAAI 2026", ("accepted", "AAAI", 2026)),
        ("Extended version of a paper. Accepted at the AAAI 2026 workshop on Y", ("workshop", "AAAI", 2026)),
        ("Extended version of a paper. To appear, though withdrawn", None),
        (
            "Accepted at the QQQ workshop at ICSE 2026. Final published version available at DOI",
            ("workshop", "ICSE", 2026),
        ),
        ("In Proceedings of the 2nd ACM Workshop on Q. https://doi.org/10.1145/1.2", ("workshop", "", None)),
        ("Better than existing research that has been published in a journal", None),
        ("Long ago appeared as arXiv:2501.00001 in error. Accepted by ICML 2025", ("accepted", "ICML", 2025)),
        ("Accepted and soon published in Carbon", ("accepted", "", None)),
        ("Originally published in Jan 2025 on the QQQ Blog", None),
        ("16 pages, a shortened version was published in ICML 2025", None),
        ("A technical version of the article published in QQQ Bio", None),
        ("Full version of a paper accepted at AAAI 2026", ("accepted", "AAAI", 2026)),
        ("PhD thesis, University of Somewhere, 2025", None),
        ("10 pages, 3 figures", None),
        ("PhD thesis, accepted by the University of Somewhere", None),
        ("7th Conference on Something (QQQ 2025) style", None),
        ("up to date 2025", None),
        ("Rejected from NeurIPS 2025, accepted to ICLR 2026", ("accepted", "ICLR", 2026)),
        (
            "Submitted to ICML 2026. An earlier version was accepted at the AAAI 2026 workshop on Y",
            ("submitted", "ICML", 2026),
        ),
        ("If accepted, will appear in ICML 2026 proceedings", None),
        ("Parts of this work appeared in AAAI 2025", None),
        ("Extended version, accepted at AAAI 2025", ("accepted", "AAAI", 2025)),
        ("Includes the supplement to the paper accepted to AAAI 2026", ("accepted", "AAAI", 2026)),
        ("Accepted at AAAI 2026; extended version under review at JMLR", ("accepted", "AAAI", 2026)),
        ("Accepted", ("accepted", "", None)),
        ("Accepted for publication. Physical Review B", ("accepted", "Physical Review B", None)),
        ("Accepted. EDBZ 2025 Workshop on Databases", ("workshop", "", 2025)),
        ("Nature of things, 12 pages", None),
        ("Accepted in Science", ("accepted", "Science", None)),
        ("New Nature 2025", None),
        ("Accepted by A\\&A", ("accepted", "A&A", None)),
        ("Accepted to Phys. Rev. B. 12 pages", ("accepted", "Physical Review B", None)),
        ("Accepted at No. 7. NeurIPS 2024", ("accepted", "NeurIPS", 2024)),
        ("9 pages. . Accepted to ICML", ("accepted", "ICML", None)),
        ("Phys. Rev. B 110, 12345 (2024)", ("published", "Physical Review B", 2024)),
        ("https://doi.org/10.1103/PhysRevB.1.2", ("published", "", None)),
        ("Accepted to MNRAS, vol. 12", ("accepted", "MNRAS", None)),
        ("To be published in CHI'26: 10.1145/1.2", ("published", "CHI", 2026)),
        ("To appear in MNRAS, vol. 12", ("accepted", "MNRAS", None)),
        ("Accepted to ApJ, published by IOP", ("accepted", "ApJ", None)),
        ("Published in the proceedings of CHI 2025", ("published", "CHI", 2025)),
        ("The code will be published in 2026", None),
        ("Accepted to ICML 2025 (main) and an ICML workshop", ("accepted", "ICML", 2025)),
        ("Accepted to AAAI ICWSM 2026", ("accepted", "ICWSM", 2026)),
        ("Accepted to EMNLP 2025 BlackboxNLP", ("workshop", "EMNLP", 2025)),
        ("Accepted to BlackboxNLP 2025", ("workshop", "BlackboxNLP", 2025)),
        ("Accepted at EACL 2026 QQQWORK", ("workshop", "EACL", 2026)),
        ("Accepted to QQQ+NLP at ACL 2025", ("workshop", "ACL", 2025)),
        ("Accepted as an oral at ACL 2025", ("accepted", "ACL", 2025)),
        ("Accepted at ISBI 2026 Some Challenge", ("workshop", "ISBI", 2026)),
        ("Workshop paper accepted at QQQ 2025", ("workshop", "", 2025)),
        ("Accepted at QQQQ 2025, co-located with ICSE", ("workshop", "ICSE", 2025)),
        ("Accepted at Symposium on Q (QQQ) 2025 co-located with ICSE", ("accepted", "", 2025)),
        ("International Conference on Something (QQQ 2025), the dataset", ("accepted", "", 2025)),
        ("Code of the 7th Conference on Something (QQQ 2025)", None),
        ("NeurIPS 2025, camera-ready version", ("accepted", "NeurIPS", 2025)),
        ("MICCAI", ("accepted", "MICCAI", None)),
        ("MICCAI of long ago and far away", None),
        ("SC, KL and XY contributed equally", None),
        ("CVPR 2026 Project page: https://example.org", ("accepted", "CVPR", 2026)),
        ("NeurIPS 2025 format", None),
        ("we read the proceedings of all years, in particular ICML 2024", None),
        ("Winner at the NeurIPS 2025 challenge", None),
        ("A competition of ICML 2024", None),
        ("A comparison of ICML 2024", None),
        ("WMT 2024 datasets", None),
        ("WMT 2024", ("workshop", "WMT", 2024)),
        ("7th International Conference on Something Else (QQQQ 2025)", ("accepted", "", 2025)),
        ("International Conference on Something Else, Berlin 2025", ("accepted", "", 2025)),
        ("International Conference on Something Else", None),
        ("International Conference on Something template 2025", None),
        ("A Challenge of QQQQ 2025", None),
        ("The data of QQQQ 2025", None),
        ("Indian Control Conference (ICC) 2025", ("accepted", "", 2025)),
        ("IEEE International Conference on Communications (ICC) 2025", ("accepted", "ICC", 2025)),
        (
            "Accepted at the 21st International Conference on Computer Vision Theory and Applications",
            ("accepted", "VISAPP", None),
        ),
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


@pytest.mark.parametrize(
    ("others", "grade"),
    [
        ({"journal_ref": "Phys. Rev. D 110, 2024 (2023) 12"}, ("published", "Physical Review D", 2023)),
        ({"journal_ref": "Some Journal 12, 34"}, ("published", "", None)),
        ({"journal_ref": "Some Journal 12, 34", "comment": "accepted at ApJ"}, ("published", "ApJ", None)),
        ({"journal_ref": "Proceedings of the NeurIPS 2025 Workshop on X"}, ("workshop", "NeurIPS", 2025)),
        ({"journal_ref": "ICML 2024", "comment": "Accepted to an ICML 2024 workshop"}, ("workshop", "ICML", 2024)),
        ({"journal_ref": "submitted to Phys. Rev. D"}, None),
        ({"journal_ref": "Phys. Rev. D, in press"}, ("accepted", "Physical Review D", None)),
        ({"journal_ref": "NeurIPS 2025"}, ("published", "NeurIPS", 2025)),
        ({"doi": "10.1103/abc"}, ("published", "", None)),
        ({"doi": "10.1103/abc", "comment": "Accepted at ApJ in 2024"}, ("published", "ApJ", 2024)),
        ({"doi": "10.1103/abc", "comment": "NeurIPS 2025 workshop"}, ("workshop", "NeurIPS", 2025)),
        ({"doi": "10.48550/arXiv.2510.00001"}, None),
        ({"doi": "10.1103/abc", "withdrawn": True}, None),
    ],
)
def test_journal_reference_and_doi_say_more(
    others: dict[str, object], grade: tuple[str, str, int | None] | None
) -> None:
    assert _stated(**others) == grade  # type: ignore[arg-type]  # fields of any kind


@pytest.mark.parametrize("piece", ["A-", "In ", "NeurIPS ", "Accepted ", "Conference on ", "(", " ", "@ "])
def test_a_comment_that_repeats_itself_ends(piece: str) -> None:
    """A pattern that goes back for each way to cut this would not end."""
    _stated(piece * 2_000 + "!")


def test_what_only_the_record_says_later_is_news_once() -> None:
    before = Paper(id="2510.00001", title="A title")
    accepted = replace(before, comment="Accepted at ICML 2026")
    assert newly_accepted(before, accepted) is EventKind.ACCEPTED
    assert newly_accepted(accepted, replace(before, comment="Accepted to ICML 2026")) is None
    assert newly_accepted(accepted, replace(before, comment="Withdrawn")) is None
    article = Paper(id="10.1103/abc", title="A title")
    assert newly_accepted(article, replace(before, doi="10.1103/abc")) is None
