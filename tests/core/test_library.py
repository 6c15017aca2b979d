import json

import pytest

from paperwire.core.papers.library import MOST_ENTRIES, Library, Reference, read_library


def only(text):
    (reference,) = read_library(text).references
    return reference


def test_a_bibtex_entry_is_read_with_strings_tags_and_tex():
    text = """@string{ab = "Neural Nets"}
    @Article{mueller25,
      title = "A {Big} <i>Thing</i> &amp; more",
      author = {M{\\"u}ller, J{\\"o}rg and Kai-Ming He AND {The X Collaboration}},
      year = 2025, eprint = {2510.00001v2}, archivePrefix = {arXiv}, journal = ab # " 5",
      note = {a comment on arXiv:2510.00009}}
    """
    found = only(text)
    assert found.title == "A {Big} Thing & more"
    assert found.authors == ("Jörg Müller", "Kai-Ming He", "The X Collaboration")
    assert (found.year, found.ids, found.key) == (2025, ("2510.00001",), "mueller25")


@pytest.mark.parametrize(
    ("field", "ids"),
    [
        ("doi = {10.1000/ABC}", ("10.1000/abc",)),
        ("doi = {10.48550/arXiv.2510.00002}", ("2510.00002",)),
        ("url = {https://arxiv.org/pdf/2510.00003v1.pdf}, doi = {10.1000/abc}", ("2510.00003", "10.1000/abc")),
        ("journal = {arXiv preprint arXiv:2510.00004}", ("2510.00004",)),
        ("eprint = {9901001}, archiveprefix = {hep-th}", ("hep-th/9901001",)),
        ("eprint = {9901001}", ()),
        ("abstract = {We extend arXiv:2510.00005.}", ()),
        ("month = jan # feb", ()),
    ],
)
def test_ids_come_from_the_fields_that_name_the_entry_itself(field, ids):
    assert only(f"@misc{{k, title = {{T}}, {field}}}").ids == ids


def test_a_broken_bibtex_entry_costs_no_other():
    text = """@article{twice, title = {X}, title = {Y}, doi = {10.1000/x}}
    @misc{open, title = {never closed, note = {arXiv:2510.00002}
    @misc{lost, title = {never closed
    @misc{fine, title = {fine}}
    @comment{nothing}"""
    library = read_library(text)
    assert [one.key for one in library.references] == ["twice", "open", "fine"]
    assert library.references[0].title == "X"
    assert library.references[1].ids == ("2510.00002",)
    assert library.unread == ("lost",)


def test_strings_of_bibtex_are_joined():
    assert only('@string{n = "Deep"}\n@misc{k, title = n # " learning" # "!"}').title == "Deep learning!"
    assert only('@misc{k, title = "in {"}quotes{"} here"}').title == 'in {"}quotes{"} here'


def test_ris_is_read_also_without_its_last_line():
    text = (
        "\ufeffTY  - JOUR\r\nTI  - Title\r\nAU  - Mueller, J.\r\nPY  - 2024///\r\nDO  - 10.1234/x\r\n"
        "UR  - https://arxiv.org/abs/2510.00003\r\nN1  - a note\r\nER  - \r\nTY  - UNPB\r\n"
        "T1  - Other\r\nA1  - He, K\r\n"
        "DA  - 2023/05\r\nID  - two"
    )
    first, second = read_library(text).references
    assert first == Reference(ids=("2510.00003", "10.1234/x"), title="Title", authors=("J. Mueller",), year=2024)
    assert second == Reference(title="Other", authors=("K He",), year=2023, key="two")


def test_csl_json_is_read():
    items = [
        {
            "title": "A",
            "author": [{"family": "Müller", "given": "J"}, {"literal": "X Team"}, {"family": "Solo"}, "Ann Bee", 7.5],
            "issued": {"date-parts": [["2024", 1]]},
            "DOI": "10.1000/x",
            "number": "arXiv:2510.00001",
        },
        {"title": "B", "issued": {"raw": "Spring 2023"}, "author": "nobody", "citation-key": "b23"},
        {"title": "C", "issued": "2022-01-01", "id": 5},
        {"title": "D", "issued": {"date-parts": []}, "id": True},
        {"id": "untold"},
        3,
    ]
    library = read_library(json.dumps(items))
    a, b, c, d = library.references
    assert a.ids == ("2510.00001", "10.1000/x")
    assert (a.authors, a.year) == (("J Müller", "X Team", "Solo", "Ann Bee"), 2024)
    assert (b.year, b.authors, b.key) == (2023, (), "b23")
    assert (c.year, c.key, d.year, d.key) == (2022, "5", 0, "")
    assert library.unread == ("untold",)
    assert read_library(json.dumps({"items": items[:1]})).references == (a,)
    assert read_library(json.dumps(items[0])).references == (a,)


def test_json_that_is_no_list_of_entries_is_read_as_text():
    assert read_library('{"items": 3, "see": "arXiv:2510.00001"}').references == (Reference(ids=("2510.00001",)),)
    assert read_library("[" * 100_000).references == ()
    assert read_library('["arXiv:2510.00001"').references == (Reference(ids=("2510.00001",)),)


def test_a_pasted_list_is_read_and_what_names_no_paper_is_told():
    text = "arXiv:2510.00001v2 [cs.CL] 1 Oct 2025\nhttps://doi.org/10.1000/x\nsomething else"
    library = read_library(text)
    assert [one.ids for one in library.references] == [("2510.00001",), ("10.1000/x",)]
    assert library.unread == ("something else",)
    assert read_library("") == Library()


@pytest.mark.whole
def test_no_more_than_ten_thousand_entries_are_read():
    many = json.dumps([{"title": f"Paper {number}"} for number in range(MOST_ENTRIES + 3)])
    library = read_library(many)
    assert (len(library.references), library.left_out) == (MOST_ENTRIES, 3)


def test_the_same_entry_twice_is_one():
    assert len(read_library("@misc{k, title = {T}}\n@misc{k, title = {T}}").references) == 1


@pytest.mark.whole
@pytest.mark.parametrize(
    "text",
    [
        "@a{" + "{" * 50_000,
        "@" * 100_000,
        "@article{k, title = {" + "{" * 50_000 + "}" * 50_000 + "}}",
        "@comment{" * 20_000,
        '@a{k, t = "' * 10_000,
        "@article{a," + "b = c," * 10_000 + "}",
        "TY  - " * 50_000,
        '{"a":' * 50_000,
    ],
)
def test_hostile_files_are_read_without_failing(text):
    assert len(read_library(text).references) <= 1


@pytest.mark.shared
def test_recorded_entries_of_crossref_are_read(shared_data):
    files = sorted((shared_data / "other_apis" / "crossref").rglob("*.bib"))
    read = [read_library(path.read_text("utf-8")) for path in files]
    assert files
    assert all(len(library.references) == 1 and library.references[0].ids for library in read)
