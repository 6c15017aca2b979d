"""The papers that a text names."""

import pytest

from paperwire.core.papers.mentions import mentioned, named_by_file, unread


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("2601.00001", ["2601.00001"]),
        ("arXiv:2601.00001v2, hep-th/9901001 and math.AG/0309136v1.", ["2601.00001", "hep-th/9901001", "math/0309136"]),
        ("arXiv:2601.00001v2 [cs.CL] 1 Oct 2025", ["2601.00001"]),
        ("https://arxiv.org/pdf/2601.00001v1.pdf", ["2601.00001"]),
        ("see (https://doi.org/10.1103/PhysRevD.76.013009).", ["10.1103/physrevd.76.013009"]),
        ("doi = {10.1000/a\\_b},", ["10.1000/a_b"]),
        ('doi = "10.48550/arXiv.2601.00001",', ["2601.00001"]),
        ("https://www.biorxiv.org/content/10.1101/2025.10.01.111111v2.full", ["10.1101/2025.10.01.111111"]),
        ("10.1101/2025.10.01.111111", ["10.1101/2025.10.01.111111"]),
        ("arxiv.org/abs/2601.00001 [hf.co/papers/2601.00002]", ["2601.00001", "2601.00002"]),
        ("https://example.org/doi/10.1000/xyz", ["10.1000/xyz"]),
        ("2601.00001 2601.00001v3 arxiv.org/abs/2601.00001", ["2601.00001"]),
        ("pages 1234.56789, 12.5 and 2601.000012, v2601.00001, https://github.com/a/b", []),
        ("demo.00001, demo.00002v2 (demo.123)", ["demo.00001", "demo.00002"]),
        ("http://127.0.0.1:8000/lab/papers/demo.00001 http://127.0.0.1:8000/status", ["demo.00001"]),
        ("", []),
    ],
)
def test_ids_dois_and_addresses_in_order_of_appearance(text, ids):
    assert list(mentioned(text, 10)) == ids


def test_no_more_than_asked_for():
    assert len(mentioned(" ".join(f"2601.{number:05}" for number in range(50)), 7)) == 7


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("2510.00001", ()),
        ("2510.00001, 2510.00002 and 2510.00003 & 2510.00004", ()),
        ("2510.00001 foo 10.1234/xyz, bar", ("foo", "bar")),
        ("arXiv:2510.00001v1  [cs.CL]  1 Oct 2025", ()),
        ("2510.00001\n\nSmith,   A title (2020)\nhttps://arxiv.org/abs/2510.00002", ("Smith, A title (2020)",)),
        (
            "@comment{left out, 1}\n@misc{lee, eprint = {2510.00001}}\n@book{knuth97 , title = {Art}}\n@misc{last,}",
            ("knuth97", "last"),
        ),
        ("", ()),
    ],
)
def test_pieces_that_name_no_paper_are_found(text, pieces):
    assert unread(text) == pieces


@pytest.mark.parametrize(
    ("name", "paper_id"),
    [
        ("2401.01234v2.pdf", "2401.01234"),
        ("arXiv_2401.01234 (1).PDF", "2401.01234"),
        ("thesis.pdf", ""),
        ("2401.01234.zip", ""),
        ("pdf", ""),
        ("", ""),
    ],
)
def test_a_pdf_is_called_by_its_id(name, paper_id):
    assert named_by_file(name) == paper_id
