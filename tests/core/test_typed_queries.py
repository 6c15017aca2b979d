"""Queries as people type them who know other services: each is understood as meant, or refused with what to type.

`typed_queries.tsv` has where each comes from, what is typed, and what becomes of it: `read` as another query, `finds` a
title (and author after ` / `), `paper` by its id, a `sentence` with its words, `offered` another query besides,
`refused` with the query to type instead, empty where there is none. Those from an `outsider` were written, with what is
meant by each, by a person who had neither written nor seen the parser.
"""

import csv
from pathlib import Path

import pytest

from paperwire.core.papers.identity import canonical_id
from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.correction import corrected
from paperwire.core.search.misspelled import spelled
from paperwire.core.search.suggestion import respelled, wider
from paperwire.encoders.table import WordTable
from paperwire.errors import QueryError

with Path(__file__).with_name("typed_queries.tsv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.fixture(scope="module")
def knows():
    return WordTable.load().knows


def others(typed, knows):
    query = read(typed)
    suggestions = (*respelled(query), *wider(query), *spelled(query, knows))
    return [str(other.query) for other in suggestions]


def check_read(typed, meant):
    assert read(typed) == parse(meant)


def check_finds(typed, paper):
    title, _, author = paper.partition(" / ")
    stored = Paper(id="2510.00001", title=title, abstract="", authors=(author,) if author else ())
    assert read(typed).matches(Doc.of(stored))


def check_sentence(typed, words):
    sentence = sentence_in(typed)
    assert sentence is not None
    assert sentence.words == words


def check_refused(typed, better):
    with pytest.raises(QueryError):
        read(typed)
    assert (corrected(typed) or "") == better


@pytest.mark.parametrize("row", ROWS, ids=[row["typed"] for row in ROWS])
def test_a_query_as_people_type_it(row, knows):
    typed, meant = row["typed"], row["as"]
    match row["becomes"]:
        case "paper":
            assert canonical_id(typed) == meant
        case "offered":
            assert meant in others(typed, knows)
        case becomes:
            {"read": check_read, "finds": check_finds, "sentence": check_sentence, "refused": check_refused}[becomes](
                typed, meant
            )


def test_there_are_hundreds_from_many_places():
    assert len({row["typed"] for row in ROWS}) == len(ROWS) > 500
    assert len({row["from"] for row in ROWS}) == 12
