"""Reference files: one entry a paper, and nothing that breaks the file."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.citation import bibtex, ris
from paperwire.core.papers.paper import Paper

PAPER = Paper(
    id="2510.00001",
    title="Low-rank $\\alpha$ & friends: 100% {new}",
    authors=("Ann B. Lee", "Jörg van Müller Jr", "Plato"),
    categories=("cs.CL", "cs.LG"),
    published=datetime(2025, 10, 1, tzinfo=UTC),
    abstract="We\nadapt.",
    doi="10.1000/x_1",
)


def test_a_bibtex_entry_in_full():
    assert bibtex([PAPER]) == (
        "@misc{lee2025rank,\n"
        "  title = {{Low-rank α \\& friends: 100\\% \\textbraceleft{}new\\textbraceright{}}},\n"
        "  author = {Lee, Ann B. and Müller, Jr, Jörg van and Plato},\n"
        "  year = {2025},\n"
        "  eprint = {2510.00001},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass = {cs.CL},\n"
        "  doi = {10.1000/x\\_1},\n"
        "  url = {https://arxiv.org/abs/2510.00001},\n"
        "}\n"
    )


def test_a_ris_record_in_full():
    assert ris([PAPER]).split("\r\n") == [
        "TY  - UNPB",
        "TI  - Low-rank α & friends: 100% {new}",
        "AU  - Lee, Ann B.",
        "AU  - Müller, Jr, Jörg van",
        "AU  - Plato",
        "PY  - 2025",
        "AB  - We adapt.",
        "DO  - 10.1000/x_1",
        "UR  - https://arxiv.org/abs/2510.00001",
        "ID  - 2510.00001",
        "KW  - cs.CL",
        "KW  - cs.LG",
        "ER  - ",
        "",
    ]


def test_a_feed_is_where_its_papers_were_published():
    paper = Paper(id="x", source="rss", title="T", feed="Maps & {Co}", announced=date(2024, 1, 2))
    assert "  howpublished = {Maps \\& \\textbraceleft{}Co\\textbraceright{}},\n" in bibtex([paper])
    assert "DP  - Maps & {Co}" in ris([paper])
    assert "howpublished" not in bibtex([replace(paper, journal_ref="Maps 1"), replace(PAPER, feed="Maps")])


def test_a_journal_makes_an_article():
    paper = Paper(id="x", source="rss", title="T", journal_ref="Nature {\\bf 1}", announced=date(2024, 1, 2))
    assert bibtex([paper]).startswith("@article{2024paper,\n")
    assert "journal = {Nature 1}" in bibtex([paper])
    assert ris([paper]).startswith("TY  - JOUR\r\n")


def test_every_entry_has_a_key_of_its_own():
    keys = re.findall(r"@misc\{([^,]*),", bibtex([PAPER] * 30))
    assert keys[:3] == ["lee2025rank", "lee2025ranka", "lee2025rankb"]
    assert len(set(keys)) == 30


def test_a_paper_that_says_nothing_still_has_an_entry():
    bare = Paper(id="x", source="rss", title="")
    assert bibtex([bare]) == "@misc{paper,\n  title = {{}},\n}\n"
    assert ris([bare]) == "TY  - UNPB\r\nID  - x\r\nER  - \r\n"


texts = st.text(alphabet=st.characters() | st.sampled_from("{}\\%&\r\n@,=\"'#"), max_size=40)


@given(st.lists(st.tuples(texts, texts, st.lists(texts, max_size=4), texts), min_size=1, max_size=4))
def test_no_text_breaks_out_of_its_field(rows):
    papers = [
        Paper(id=name or "x", source="rss", title=title, authors=tuple(authors), doi=doi, journal_ref=title)
        for name, title, authors, doi in rows
    ]
    written = bibtex(papers)
    depth = 0
    entries = 0
    for letter in written:
        depth += {"{": 1, "}": -1}.get(letter, 0)
        assert depth >= 0
        entries += letter == "@" and depth == 0
    assert depth == 0
    assert entries == len(papers)
    assert written.count("\n@") == len(papers) - 1
    lines = ris(papers).split("\r\n")
    assert all(re.match(r"[A-Z]{2}  - ", line) for line in lines if line)
    assert sum(line == "ER  - " for line in lines) == len(papers)
