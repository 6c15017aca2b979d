"""One paper under many names: aliases, same work, merge."""

import gzip
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.papers.identity import (
    aliases,
    canonical_id,
    merge,
    page_url,
    same_work,
    title_alias,
)
from paperwire.core.papers.paper import Paper

DAY = datetime(2025, 10, 1, tzinfo=UTC)


def paper(paper_id="2510.00001", title="Attention over old maps", **fields):
    fields.setdefault("authors", ("Ada Örtel",))
    fields.setdefault("published", DAY)
    return Paper(id=paper_id, title=title, **fields)


@pytest.mark.parametrize(
    "text",
    [
        "doi.org/10.48550/arXiv.2510.00001",
        "www.doi.org/10.48550/arXiv.2510.00001v2",
        "dx.doi.org/10.48550/ARXIV.2510.00001",
        "https://doi.org/10.48550/arXiv.2510.00001/",
        "https://www.doi.org/10.48550/arXiv.2510.00001?nosfx=y",
        "https://doi.org/10.48550/arXiv.2510.00001v1#abs",
        "doi: https://doi.org/10.48550/arXiv.2510.00001",
        "DOI 10.48550/arXiv.2510.00001.",
    ],
)
def test_an_arxiv_doi_in_any_address_is_the_arxiv_id(text):
    assert canonical_id(text) == "2510.00001"


@pytest.mark.parametrize(
    "text",
    [
        *("pmid:39000001", "PMID: 39000001", "PMID 39000001", "https://pubmed.ncbi.nlm.nih.gov/39000001/"),
        *("pubmed.ncbi.nlm.nih.gov/39000001/?dopt=Abstract", "https://www.ncbi.nlm.nih.gov/pubmed/39000001"),
        *("https://europepmc.org/article/MED/39000001", "https://europepmc.org/abstract/med/39000001#impact"),
    ],
)
def test_pubmeds_number_in_any_writing_is_one_id(text):
    assert canonical_id(text) == "pmid:39000001"
    entry = paper("https://feed.example/1", source="rss", url="https://pubmed.ncbi.nlm.nih.gov/39000001/")
    assert "id:pmid:39000001" in aliases(entry)
    assert page_url(paper("pmid:39000001")) == "https://pubmed.ncbi.nlm.nih.gov/39000001/"


@pytest.mark.parametrize("text", ["pmid39000001", "pmid:", "pmid:0", "https://pubmed.ncbi.nlm.nih.gov/?term=lora"])
def test_other_words_with_pubmeds_name_are_no_id(text):
    assert canonical_id(text) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10.21203/rs.3.rs-1/v1", "10.21203/RS.3.rs-1/v12"),
        ("10.20944/preprints202601.0001.v1", "10.20944/preprints202601.0001.v2"),
        ("10.26434/chemrxiv-2026-abc", "10.26434/chemrxiv-2026-abc-v2"),
        ("10.31219/osf.io/abcde_v1", "10.31219/osf.io/abcde_v2"),
    ],
)
def test_versions_of_a_preprint_with_dois_of_their_own_are_one_paper(one, other):
    first, second = paper(one, source="europepmc"), paper(other, "Another title", source="europepmc")
    assert same_work(first, second)
    assert set(aliases(first)[:-1]) & set(aliases(second)[:-1])
    another = re.sub(r"\w(?=(?:[/._-]v\d+)?$)", "7", one, count=1)
    assert not same_work(first, paper(another, source="europepmc"))


def test_a_journals_doi_that_ends_like_a_version_stays_whole():
    assert not same_work(paper("10.1000/maps.v1"), paper("10.1000/maps.v2"))


def test_the_feed_that_had_a_paper_stays_its_feed():
    entry = paper(source="rss", feed="Annals of Maps")
    assert merge(entry, paper()).feed == merge(paper(), entry).feed == "Annals of Maps"
    assert merge(entry, paper()).source == "arxiv"


def test_aliases_name_all_ids_and_the_title_last():
    names = aliases(
        paper("arXiv:2510.00001v2", doi="10.1103/A.1, 10.1103/A.1; doi:10.1000/x", url="https://example.org/a")
    )
    assert names[:3] == ("arxiv:2510.00001", "doi:10.1103/a.1", "doi:10.1000/x")
    assert names[3] == title_alias("ATTENTION over “old” maps!")
    assert len(names) == 4


def test_a_feed_entry_that_links_to_arxiv_bears_its_name_too():
    entry = paper("https://blog.example/1", title="!?", source="rss", url="https://arxiv.org/abs/2510.00001v1")
    assert aliases(entry) == ("id:https://blog.example/1", "arxiv:2510.00001")
    assert same_work(entry, paper())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Schr\\\"odinger's cat", "SCHRÖDINGER'S CAT"),
        ("H$_2$O in {LLM}s", "H2O in LLMs"),
        ("Deep--learning: a \\emph{survey}", "Deep-learning, a survey"),
        ("\\`A propos of Erd\\H{o}s", "À propos of Erdős"),
    ],
)
def test_titles_that_differ_by_case_tex_or_punctuation_are_one(one, other):
    journal = paper(
        "10.1000/j.1", title=other, authors=("A. Ortel",), source="rss", published=DAY + timedelta(days=399)
    )
    assert same_work(paper(title=one), journal)
    assert same_work(journal, paper(title=one))


@pytest.mark.parametrize(
    "change",
    [
        {"authors": ("Bo Else",)},
        {"authors": ()},
        {"published": DAY + timedelta(days=402)},
        {"published": None},
        {"title": "Attention over new maps"},
    ],
)
def test_a_title_alone_is_no_identity(change):
    other = paper("feed-1", source="rss")
    assert same_work(paper(), other)
    assert not same_work(paper(), replace(other, **change))


def test_the_announced_day_stands_in_for_a_missing_date():
    assert same_work(paper(), paper("feed-1", published=None, announced=date(2025, 12, 24)))


@pytest.mark.parametrize("title", ["Erratum", "$", "Editorial."])
def test_errata_and_editorials_share_titles_only(title):
    assert not same_work(paper(title=title), paper("feed-1", title=title))


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2510.00001", "2601.00002", False),
        ("10.1103/a", "10.1103/b", False),
        ("10.1101/2025.10.01.111111", "10.64898/2025.12.01.222222", False),
        ("demo.00001", "demo.00002", False),
        ("10.1101/2025.10.01.111111", "10.1103/b", True),
        ("2510.00001", "10.1103/b", True),
        ("feed-1", "feed-2", True),
    ],
)
def test_two_ids_of_one_registry_are_two_papers(one, other, same):
    assert same_work(paper(one), paper(other)) is same


def test_two_journals_published_two_papers_whatever_their_titles_say():
    assert not same_work(paper(doi="10.1103/a"), paper("feed-1", doi="10.1103/b"))
    assert same_work(paper(doi="10.1103/a"), paper("feed-1", doi=""))


def test_a_shared_doi_is_identity_without_titles():
    assert same_work(paper(doi="10.1103/X"), paper("10.1103/x", title="Another title", authors=()))


def test_merge_keeps_what_the_store_gave_and_takes_the_later_version():
    old = paper(
        number=7, seen_at=DAY, announced=date(2025, 10, 1), doi="10.1/x", withdrawn=True, upvotes=5, comment="9 p."
    )
    new = paper(title="New", version=2, abstract="B", announced=date(2025, 11, 1), updated=DAY + timedelta(days=31))
    merged = merge(old, new)
    assert (merged.number, merged.seen_at, merged.announced) == (7, DAY, date(2025, 10, 1))
    assert (merged.title, merged.version, merged.abstract) == ("New", 2, "B")
    assert (merged.doi, merged.comment, merged.upvotes, merged.withdrawn) == ("10.1/x", "9 p.", 5, False)
    assert merged.updated == DAY + timedelta(days=31)


def test_an_older_version_only_fills_gaps():
    old = paper(title="Second", version=2, number=7)
    merged = merge(
        old, paper(title="First", abstract="A", code_url="https://github.com/a/b", published=DAY - timedelta(1))
    )
    assert (merged.title, merged.version, merged.abstract) == ("Second", 2, "A")
    assert merged.code_url == "https://github.com/a/b"
    assert merged.published == DAY - timedelta(1)


def test_arxiv_is_believed_before_hugging_face_in_either_order():
    arxiv = paper(abstract="from arXiv", announced=date(2025, 10, 1))
    listed = paper(
        source="huggingface",
        abstract="from the list",
        announced=date(2025, 10, 3),
        upvotes=9,
        published=DAY - timedelta(1),
    )
    for old, new in ((arxiv, listed), (listed, arxiv)):
        merged = merge(old, new)
        assert (merged.source, merged.abstract, merged.announced) == ("arxiv", "from arXiv", date(2025, 10, 1))
        assert (merged.upvotes, merged.published) == (9, DAY)


def test_a_preprint_elsewhere_does_not_win_by_its_version():
    arxiv = paper(number=3)
    bio = paper("10.1101/2025.10.01.111111", source="biorxiv", version=4, title="Attention over old maps!")
    assert merge(arxiv, bio).id == merge(bio, arxiv).id == "2510.00001"
    assert merge(arxiv, bio).version == 1


def test_an_id_stays_unless_a_better_source_names_another_or_nobody_gave_it_out():
    journal, other = paper("10.1/a", source="rss"), paper("2601.00002", source="rss", version=2)
    assert merge(journal, other).id == "10.1/a"
    assert merge(journal, paper("2601.00002", source="arxiv")).id == "2601.00002"
    assert merge(paper("2601.00002", source="arxiv"), journal).id == "2601.00002"
    assert merge(paper("rss-1", source="rss"), other).id == "2601.00002"


def test_a_withdrawal_lasts_until_a_later_version():
    gone = paper(withdrawn=True, version=2)
    assert merge(gone, paper(version=2)).withdrawn
    assert merge(gone, paper(version=1)).withdrawn
    assert not merge(gone, paper(version=3)).withdrawn
    assert merge(paper(version=1), gone).withdrawn


records = st.builds(
    paper,
    st.just("2510.00001"),
    title=st.sampled_from(["A", "B"]),
    source=st.sampled_from(["arxiv", "huggingface", "rss"]),
    version=st.integers(1, 3),
    withdrawn=st.booleans(),
    announced=st.none() | st.dates(date(2025, 1, 1), date(2025, 12, 31)),
    upvotes=st.none() | st.integers(0, 99),
    abstract=st.sampled_from(["", "x", "y"]),
    number=st.integers(0, 9),
)


@given(records, records)
def test_merging_again_changes_nothing_and_loses_nothing(old, new):
    merged = merge(old, new)
    assert merge(merged, new) == merged
    assert merge(old, old) == old
    assert merged.number == old.number
    assert merged.version == max(old.version, new.version)
    assert bool(merged.abstract) == bool(old.abstract or new.abstract)
    assert (merged.announced is None) == (old.announced is None and new.announced is None)
    assert set(aliases(old)[:1]) <= set(aliases(merged))


@pytest.mark.shared
def test_a_real_week_has_one_identity_a_paper(shared_data):
    with gzip.open(shared_data / "arxiv_corpus" / "one_week_2025-09-29_10-03.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    assert all(canonical_id(row["id"]) == row["id"] for row in rows)
    assert len({aliases(paper(row["id"], row["title"]))[0] for row in rows}) == len(rows) == 4344


@pytest.mark.shared
def test_dois_in_recorded_crossref_answers_are_read(shared_data):
    """Crossref is no source of ours: its bodies show what DOIs look like in the wild, and all are read."""
    bodies = sorted((shared_data / "other_apis" / "crossref").iterdir())
    assert len(bodies) == 45
    for body in bodies:
        found = list(_dois(body))
        assert bool(found) != (body.suffix == ".txt" or body.name in NOTHING_FOUND), body.name
        for doi in found:
            assert canonical_id(doi) == canonical_id(f"https://doi.org/{doi}") == doi.lower()


NOTHING_FOUND = {"paperqa_test_bad_dois_1_200.json", "paperqa_test_bad_titles_0_200.json"}


def _dois(body):
    text = body.read_text()
    if body.suffix == ".bib":
        yield text.split("DOI={")[1].split("}")[0]
    elif body.suffix == ".json":
        message = json.loads(text)["message"]
        yield from (item["DOI"] for item in message.get("items", [message]))
    else:
        assert canonical_id(text) is None


def test_the_latest_summary_is_kept_whoever_prevails():
    arxiv, daily = (
        Paper(id="2601.00001", title="T"),
        Paper(id="2601.00001", title="T", source="huggingface", summary="S"),
    )
    assert merge(arxiv, daily).summary == merge(daily, arxiv).summary == "S"
    assert merge(replace(arxiv, summary="old"), daily).summary == "S"


@pytest.mark.parametrize(
    "preprint",
    [
        *(
            "10.21203/rs.3.rs-1/v1",
            "10.26434/chemrxiv-2025-abc",
            "10.31234/osf.io/ab1",
            "10.20944/preprints202501.1.v1",
        ),
        *("10.2139/ssrn.1", "10.36227/techrxiv.1", "10.22541/au.1", "10.1101/2025.10.01.123456", "2510.00001"),
    ],
)
def test_a_preprint_and_an_article_are_one_by_their_title_whatever_the_server(preprint):
    article, other = paper("10.5555/maps.1"), paper("10.5555/maps.2")
    assert same_work(paper(preprint), article)
    assert same_work(article, paper(preprint))
    assert not same_work(article, other)
    another = re.sub(r"\d(?=[/.]v1$)|\w$", "7", preprint, count=1)
    assert not same_work(paper(preprint), paper(another))


def test_ids_that_a_source_states_are_names_before_the_title():
    names = aliases(paper("10.5555/Maps.1"), ("https://doi.org/10.48550/arXiv.2510.00001", "pmid:7", "10.5555/MAPS.1"))
    assert names[:-1] == ("doi:10.5555/maps.1", "arxiv:2510.00001", "id:pmid:7")
    assert names[-1].startswith("title:")
