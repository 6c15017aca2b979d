"""The agreed table of examples and our own longer one: each row is a test."""

from pathlib import Path

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import QueryError

HERE = Path(__file__).parent


def rows(name):
    lines = (HERE / name).read_text("utf-8").rstrip("\n").split("\n")
    for number, line in enumerate(lines[1:], 2):
        yield pytest.param(*line.split("\t"), id=f"{name}:{number}")


@pytest.mark.parametrize(
    ("query", "title", "abstract", "authors", "categories", "expected", "column"),
    [*rows("query_examples.tsv"), *rows("query_rules.tsv")],
)
def test_example(query, title, abstract, authors, categories, expected, column):
    paper = Paper(
        id="2510.00001",
        title=title,
        abstract=abstract,
        authors=tuple(name.strip() for name in authors.split(";") if name.strip()),
        categories=tuple(categories.split()),
    )
    if expected == "error":
        with pytest.raises(QueryError) as refused:
            parse(query)
        assert 1 <= refused.value.column <= len(query) + 1
        assert not column or refused.value.column == int(column)
        assert refused.value.hint
        return
    parsed = parse(query)
    assert parsed.matches(Doc.of(paper)) is (expected == "true")
    again = parse(str(parsed))
    assert again == parsed
    assert str(again) == str(parsed)
