"""Which paper a text names, in whatever brackets and by whatever address."""

from __future__ import annotations

import pytest

from paperwire.core.papers.named import paper_named


@pytest.mark.parametrize(
    "text",
    [
        "(2510.00001)",
        "(2510.00001).",
        "[arXiv:2510.00001]",
        "（2510.00001）",
        "「2510.00001」",
        "2510.00001?",
        "2510.00001。",
        "#2510.00001",
        "**2510.00001**",
        "2510.00001v1.pdf",
        "arXiv 2510.00001v2",
        "arXiv/2510.00001",
        "arXiv_2510.00001",
        "arXiv ID: 2510.00001",
        "arXiv:2510.00001 (cs)",
        "paper 2510.00001",
        "see arXiv:2510.00001.",
        "eprint = {2510.00001}",
        "info:arxiv/2510.00001",
        "https://arxiv.org/abs/2510.00001)",
        "(https://arxiv.org/abs/2510.00001)",
        "https://arxiv.org/abs/2510.00001。",
        "https://arxiv.org/abs/arXiv:2510.00001",
        "https://arxiv.org/bibtex/2510.00001",
        "http://export.arxiv.org/api/query?id_list=2510.00001v1&max_results=1",
        "https://huggingface.co/papers/arxiv/2510.00001",
        "https://www.alphaxiv.org/ja/overview/2510.00001v1",
        "https://www.semanticscholar.org/arxiv/2510.00001",
        "https://api.semanticscholar.org/graph/v1/paper/ARXIV:2510.00001",
        "https://ui.adsabs.harvard.edu/abs/arXiv:2510.00001/abstract",
        "https://openalex.org/works/doi:10.48550/arXiv.2510.00001",
        "https://web.archive.org/web/2026/https://arxiv.org/abs/2510.00001",
        "https://dblp.org/rec/journals/corr/abs-2510-00001",
        "https://arxiv.org.proxy.example.edu/abs/2510.00001",
    ],
)
def test_an_arxiv_id_is_read_in_whatever_encloses_it(text: str) -> None:
    assert paper_named(text) == "2510.00001"


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("https://arxiv.org/abs/hep-th%2F9901001", "hep-th/9901001"),
        ("(hep-th/9901001)", "hep-th/9901001"),
        ("(10.1016/S0140-6736(20)30183-5)", "10.1016/s0140-6736(20)30183-5"),
        ("[10.1103/PhysRevD.76.013009]", "10.1103/physrevd.76.013009"),
        ("id:10.1103/PhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("doi = {10.1103/PhysRevD.76.013009}", "10.1103/physrevd.76.013009"),
        ("https://doi.org/10.1103/PhysRevD.76.013009?nosfx=y", "10.1103/physrevd.76.013009"),
        ("https://doi.org/10.1103%2FPhysRevD.76.013009", "10.1103/physrevd.76.013009"),
        ("https://dl.acm.org/doi/pdf/10.1145/3292500.3330701", "10.1145/3292500.3330701"),
        ("https://www.frontiersin.org/articles/10.3389/fnins.2020.00012/full", "10.3389/fnins.2020.00012"),
        ("https://academic.oup.com/x/article/37/1/doi/10.1093/x/btab083/6128680?a=b", "10.1093/x/btab083"),
        ("https://www.biorxiv.org/content/10.1101/2024.01.02.573001v2.full#F1", "10.1101/2024.01.02.573001"),
    ],
)
def test_dois_and_old_ids_too(text: str, paper: str) -> None:
    assert paper_named(text) == paper


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lora (adapter)",
        "see lora",
        "doi 10",
        "id:2510.00001",
        "like:2510.00001",
        "-2510.00001",
        "2510.00001 lora",
        "paper 2510.00001 2510.00002",
        "https://export.arxiv.org/api/query?id_list=2510.00001,2510.00002",
        "https://arxiv.org/list/cs.CL/2510",
        "https://github.com/x/y",
        "https://openreview.net/forum?id=abc",
    ],
)
def test_other_texts_name_no_paper(text: str) -> None:
    assert paper_named(text) is None
