"""The example of docs/architecture.md, "How a paper meets a million queries", followed through all steps."""

import doctest
from pathlib import Path

import pytest

from paperwire.core.matching.matcher import Matcher
from paperwire.core.matching.rows import Rows
from paperwire.core.matching.sequences import Sequences
from paperwire.core.papers.paper import Paper
from paperwire.core.query import plan
from paperwire.core.query.language import parse
from paperwire.core.query.nodes import terms_of
from paperwire.core.query.prepared import Doc

PAGE = (Path(__file__).parents[2] / "docs" / "architecture.md").read_text()
QUERIES = {1: parse("graph neural -survey"), 2: parse('"graph network" cat:cs.LG')}
A = Doc.of(Paper(id="2510.00001", title="Graph neural networks", abstract="", categories=("cs.LG",)))
B = Doc.of(
    Paper(id="2510.00002", title="A survey of neural graph networks", abstract="", categories=("math.CO",)),
)
FACTS = [":graph", ":neural", ":survey", ":graph network", "cat:cs.lg"]


def test_one_terms_are_facts():
    asked = [fact for query in QUERIES.values() for term, _ in terms_of(query.root) for fact in term.facts(8).any_of]
    assert asked == FACTS
    assert all(f"`{fact}`" in PAGE for fact in FACTS)


def test_two_queries_are_rows():
    assert QUERIES[1].plan == ([[":graph", ":neural", "-:survey"]], None)
    assert QUERIES[2].plan == ([[":graph network", "cat:cs.lg"]], None)
    assert all(
        ", ".join(f"`{claim}`" for claim in row) in PAGE for query in QUERIES.values() for row in query.plan.rows
    )


def test_two_the_example_of_the_docstring():
    assert doctest.testmod(plan) == (0, 2)


@pytest.mark.parametrize(
    ("doc", "holds"), [(A, {":graph", ":neural", "cat:cs.lg"}), (B, {":graph", ":neural", ":survey", ":graph network"})]
)
def test_three_papers_have_facts(doc, holds):
    sequences = Sequences()
    for number, fact in enumerate(FACTS[:4], 1):
        sequences.put("", fact[1:], number)
    of_words = {FACTS[number - 1] for number in sequences.find(doc)}
    others = {fact for term, _ in terms_of(QUERIES[2].root) for fact in term.facts_of(doc)}
    assert of_words | others & set(FACTS) == holds


def test_four_rows_are_tried_at_once():
    rows = Rows()
    numbers = {fact: number for number, fact in enumerate(FACTS, 1)}
    for number, query in QUERIES.items():
        rows.add(number, [2 * numbers[claim.removeprefix("-")] + (claim[0] == "-") for claim in query.plan.rows[0]])
    assert rows.find([1, 2, 5]).tolist() == [1]
    assert rows.find([1, 2, 3, 4]).tolist() == []
    assert rows.find([4, 5]).tolist() == [2]
    assert rows.find([]).tolist() == []


def test_all_steps_together():
    matcher = Matcher()
    for number, query in QUERIES.items():
        matcher.add(number, query)
    assert matcher.match_many([A, B]) == [[1], []]
    assert [[number for number, query in QUERIES.items() if query.matches(doc)] for doc in (A, B)] == [[1], []]
