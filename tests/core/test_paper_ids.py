"""An id in every writing, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.identity import (
    canonical_id,
    is_arxiv,
    normal_doi,
    stamp_at,
)

new_ids = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:05}",
    st.integers(15, 40),
    st.integers(1, 12),
    st.integers(0, 99_999),
)


early_ids = st.builds(
    lambda year, month, number: f"{year:02}{month:02}.{number:04}",
    st.integers(8, 14),
    st.integers(1, 12),
    st.integers(0, 9_999),
)


old_ids = st.builds(
    lambda archive, year, month, number: f"{archive}/{year:02}{month:02}{number:03}",
    st.sampled_from(["hep-th", "math", "astro-ph", "cond-mat", "cs", "q-bio"]),
    st.sampled_from([91, 99, 0, 6]),
    st.integers(1, 12),
    st.integers(0, 999),
)


arxiv_ids = new_ids | early_ids | old_ids


@given(
    arxiv_ids,
    st.sampled_from(["", "v1", "v23"]),
    st.sampled_from(
        [
            "{}",
            " {} ",
            "arXiv:{}",
            "ARXIV: {}",
            "oai:arXiv.org:{}",
            "<https://arxiv.org/abs/{}>",
            "http://export.arxiv.org/abs/{}?context=cs",
            "https://arxiv.org/pdf/{}.pdf",
            "https://arxiv.org/pdf/{}#page=2",
            "https://www.arxiv.org/html/{}/",
            "arxiv.org/abs/{}.",
            "https://huggingface.co/papers/{}",
            "https://papers.example.org/wire/papers/{}",
            "10.48550/arXiv.{}",
            "doi:10.48550/ARXIV.{}",
            "https://doi.org/10.48550/arxiv.{}",
            "arXiv:{} [cs.CL] 1 Oct 2025",
            "arXiv:{}  [hep-th]  12 September 2025",
            "{} [cond-mat.mtrl-sci]",
            "arXiv:{}  5 Jan 1999.",
        ]
    ),
)
def test_every_writing_of_an_arxiv_id_is_the_id_without_version(paper_id, version, form):
    assert canonical_id(form.format(paper_id + version)) == paper_id
    assert is_arxiv(paper_id)
    assert canonical_id(canonical_id(form.format(paper_id + version))) == paper_id


@pytest.mark.parametrize("text", ["arXiv:2510.00001v2 [cs.CL] 1 Oct 2025", "arXiv:hep-th/9901001v1  5 Jan 1999"])
def test_the_stamp_of_a_pdf_ends_before_what_was_typed_after_it(text):
    paper_id = canonical_id(text)
    assert stamp_at(f"see {text} lora", 4, prefix=True) == (paper_id, 4 + len(text))
    assert stamp_at(text, len("arXiv:"))[1] == len(text)
    assert stamp_at(text, len("arXiv:"), prefix=True) is None
    assert stamp_at(f"{text}x")[1] < len(text)
    assert canonical_id(f"{text} lora") is None


@given(st.text(max_size=60))
def test_any_text_is_an_id_that_stays_itself_or_none(text):
    found = canonical_id(text)
    assert found is None or canonical_id(found) == found


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("math.AG/0309136v2", "math/0309136"),
        ("cond-mat.stat-mech/0309136", "cond-mat/0309136"),
        ("HEP-TH/9901001", "hep-th/9901001"),
        ("demo.00012v3", "demo.00012"),
        ("https://www.biorxiv.org/content/10.1101/2025.01.01.123456v2.full", "10.1101/2025.01.01.123456"),
        (
            "https://www.medrxiv.org/content/10.64898/2026.01.01.12345678v1.full.pdf+html",
            "10.64898/2026.01.01.12345678",
        ),
        ("10.1101/123456v1", "10.1101/123456"),
        ("https://dx.doi.org/10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("doi: 10.1016/S0140-6736(20)30183-5.", "10.1016/s0140-6736(20)30183-5"),
        ("10.1038/s41586-020-0001-1)", "10.1038/s41586-020-0001-1"),
    ],
)
def test_other_writings(written, meant):
    assert canonical_id(written) == meant


@pytest.mark.parametrize(
    "text",
    ["", "hello", "2510.0001", "1412.00001", "2513.00001", "0000.0000", "stat/0309136", "math/0313136", "9912.1234",
     "10.48550/arXiv.abc", "10.5/x", "https://example.org/2510.00001", "2510.00001v", "demo.1"],
)  # fmt: skip
def test_what_names_no_paper(text):
    assert canonical_id(text) is None


def test_a_doi_alone_is_no_arxiv_id():
    assert not is_arxiv("10.1101/2025.01.01.123456")
    assert not is_arxiv("demo.00001")
    assert normal_doi("2510.00001") is None
