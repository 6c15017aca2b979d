"""Other spellings of authors' names."""

import gzip
import json
import re

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.names import named_otherwise


@pytest.mark.parametrize(
    ("query", "others"),
    [
        ('au:"Le Cun"', ["au:LeCun"]),
        ("au:LeCun", ['au:"Le Cun"']),
        ("au:Mueller", ["au:Müller"]),
        ("au:Müller", ["au:Mueller"]),
        ("kernel au:schoelkopf", ["kernel au:schölkopf"]),
        ('au:"Yann Le Cun" has:code', ['au:"Yann LeCun" has:code']),
        ("au:Rodriguez", []),
        ("au:Michel", []),
        ("Le Cun", []),
        ("-au:Mueller lora", []),
    ],
)
def test_a_name_in_another_spelling(query, others):
    assert [str(other.query) for other in named_otherwise(parse(query))] == others


@pytest.fixture(scope="module")
def of_these_names(shared_data):
    likely = re.compile(r"cun|m[uü]e?ller|sch[oö]e?lkopf", re.IGNORECASE)
    with gzip.open(shared_data / "arxiv_corpus" / "arxiv_2025-09_2026-03.jsonl.gz", "rt", encoding="utf-8") as lines:
        authors = [json.loads(line)["authors"] for line in lines if likely.search(line)]
    return [Doc.of(Paper(id="x", title="x", abstract="", authors=tuple(names))) for names in authors]


@pytest.mark.shared
@pytest.mark.parametrize(
    ("typed", "count", "other", "other_count"),
    [
        ("au:Mueller", 71, "au:Müller", 207),
        ('au:"Le Cun"', 0, "au:LeCun", 27),
        ("au:schoelkopf", 1, "au:schölkopf", 23),
    ],
)
def test_recorded_papers_of_both_spellings_stay_apart(of_these_names, typed, count, other, other_count):
    (named,) = named_otherwise(parse(typed))
    counts = [sum(map(query.matches, of_these_names)) for query in (parse(typed), named.query)]
    assert (str(named.query), counts) == (other, [count, other_count])
