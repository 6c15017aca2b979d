"""The agreed table of examples and our own longer ones: every row that is wrong is named."""

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
        yield number, line.split("\t")


@pytest.mark.parametrize(
    ("table", "count"), [("query_examples.tsv", 217), ("query_rules.tsv", 353), ("spelling_examples.tsv", 165)]
)
def test_every_example(table, count):
    wrong = [f"{table}:{number}: {why}" for number, row in rows(table) if (why := wrong_with(*row))]
    assert wrong == []
    assert len(list(rows(table))) >= count


def wrong_with(query, title, abstract, authors, categories, expected, column):
    """What is not as the row says, or nothing."""
    try:
        check(query, title, abstract, authors, categories, expected, column)
    except (AssertionError, QueryError, pytest.fail.Exception) as error:
        return f"{query!r}: {error or type(error).__name__}"
    return ""


def check(query, title, abstract, authors, categories, expected, column):
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
        return
    parsed = parse(query)
    assert parsed.matches(Doc.of(paper)) is (expected == "true")
    again = parse(str(parsed))
    assert again == parsed
    assert str(again) == str(parsed)
