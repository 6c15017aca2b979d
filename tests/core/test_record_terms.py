"""Terms of a paper's record: what each reads, and that matcher and word index agree with the evaluator."""

import pytest
from record_examples import READABLE, REFUSED, paper_of
from test_lookup import holds

from paperwire.core.matching.matcher import Matcher
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms import kinds
from paperwire.core.search.indexed import ask, index_row
from paperwire.errors import QueryError


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
    fields = {field for kind in kinds.KINDS if kind.later for field in kind.names.values()}
    assert fields == {"co", "has", "venue", "org", "by"}
