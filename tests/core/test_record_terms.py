"""Terms of a paper's record: what each reads, and that matcher and word index agree with the evaluator."""

import json
from pathlib import Path

import pytest
from test_lookup import holds

from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms import kinds
from paperwire.core.search.indexed import ask, index_row
from paperwire.errors import QueryError

EXAMPLES = Path(__file__).with_name("record_examples.tsv")


def examples():
    """Query, record, `true` or `false` or `error`, and the column of an error, as text."""
    lines = EXAMPLES.read_text("utf-8").splitlines()[1:]
    return [line.split("\t") for line in lines]


def paper_of(record, **more):
    values = {"id": "2510.00001", "title": ""} | more | json.loads(record)
    return Paper(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


READABLE = [row for row in examples() if row[2] != "error"]
REFUSED = [row for row in examples() if row[2] == "error"]


@pytest.mark.parametrize(("typed", "record", "expected", "_column"), READABLE)
def test_evaluator_matcher_and_word_index_agree(typed, record, expected, _column):
    query, doc = parse(typed), Doc.of(paper_of(record))
    assert query.matches(doc) is (expected == "true")
    assert parse(str(query)) == query
    assert Query.load(query.dump()).matches(doc) is query.matches(doc)
    matcher = Matcher()
    matcher.add(1, query)
    matcher.add(2, Query.load(query.dump()))
    assert matcher.match(doc) == [1, 2] * query.matches(doc)
    matcher.remove(2)
    assert matcher.match(doc) == [1] * query.matches(doc)
    asked, row = ask(query), index_row(doc)
    assert holds(asked.most, row) or expected == "false"
    assert not holds(asked.sure, row) or expected == "true"


@pytest.mark.parametrize(("typed", "_record", "_expected", "column"), REFUSED)
def test_what_means_nothing_is_refused_where_it_stands(typed, _record, _expected, column):
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert refused.value.column == int(column)


def test_what_may_become_true_later():
    assert {field for kind in kinds.KINDS if kind.later for field in kind.names.values()} >= {"co", "has"}
