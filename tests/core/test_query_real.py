"""Real queries over real papers: each is understood or refused well, and the index never proposes too few."""

import json

import pytest
from test_lookup import holds

from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask, index_row
from paperwire.errors import Mistake, QueryError, Refusal

pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def real_queries(shared_data):
    lines = (shared_data / "queries" / "queries.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_each_real_query_is_understood_or_refused(real_queries):
    understood, refused = [], []
    for row in real_queries:
        try:
            understood.append(parse(row["query"]))
        except QueryError as error:
            refused.append((row, error))
    for row, error in refused:
        assert 1 <= error.column <= len(row["query"]) + 1
        assert isinstance(error.kind, Mistake | Refusal)
        assert row["kind"] not in {"word", "phrase"} or set(row["query"]) & set("*|[]\\{}")
    for query in understood:
        assert parse(str(query)) == query
        assert Query.load(query.dump()) == query
    assert len(understood) > 0.95 * len(real_queries)


@pytest.mark.parametrize("nth", [48, pytest.param(12, marks=pytest.mark.slow)])
def test_index_agrees_with_evaluator_on_real_papers(nth, real_queries, real_papers):
    queries = []
    for row in real_queries:
        try:
            queries.append(parse(row["query"]))
        except QueryError:
            continue
    known = [(query, ask(query)) for query in queries]
    matches = 0
    for doc in map(Doc.of, real_papers[::nth]):
        row = index_row(doc)
        for query, asked in known:
            if query.matches(doc):
                matches += 1
                assert holds(asked.most, row)
            else:
                assert not holds(asked.sure, row)
    assert matches > 2_400 // nth
