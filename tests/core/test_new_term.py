"""A new kind of term is one file and one name.

It is read, refused, explained, corrected, printed, evaluated, stored, matched and asked for with no other edit.
"""

import pytest
from toy_term import Pages, pages  # noqa: F401 -- a fixture

from paperwire.core.index.tree import EVERYTHING, NOTHING, Ask, Has
from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.plan import Plan
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms import kinds
from paperwire.core.search.correction import corrected
from paperwire.core.search.indexed import ask, index_row
from paperwire.errors import Mistake, QueryError
from paperwire.texts import ENGLISH
from paperwire.wording.queries import query_help, sentence
from refusals import refusals_of

pytestmark = pytest.mark.usefixtures("pages")

LONG = Doc.of(Paper(id="2510.00001", title="Lora", abstract="", comment="25 pages, 3 figures"))
SHORT = Doc.of(Paper(id="2510.00002", title="Lora", abstract="", comment="8 pages"))
UNKNOWN = Doc.of(Paper(id="2510.00003", title="Lora", abstract=""))


def test_it_is_read_and_printed():
    query = parse("lora (Pages>=20 OR -pages>=5)")
    assert str(query) == "lora (pages>=20 OR -pages>=5)"
    assert parse(str(query)) == query
    assert parse("pages>=020").normal == "pages>=20"
    assert parse("pages>=20").root == Pages("pages", "20")
    assert ("pages>=20", "with 20 pages or more") in query_help(ENGLISH)


@pytest.mark.parametrize(
    ("text", "kind", "column"),
    [
        ("lora pages>20", Pages.unknown, 6),
        ("ti:pages>=20", Mistake.NESTED_FIELD, 4),
        ("-pages>=20", Mistake.ONLY_EXCLUDES, 1),
    ],
)
def test_it_is_refused_where_it_means_nothing(text, kind, column):
    with pytest.raises(QueryError) as refused:
        parse(text)
    assert (refused.value.kind, refused.value.column) == (kind, column)


def test_its_refusal_has_its_own_words_and_repair():
    assert refusals_of(Pages) == [Pages.unknown]
    with pytest.raises(QueryError) as refused:
        parse("lora pages > 20")
    assert str(refused.value) == "pages not written as pages>=N (column 6)"
    assert sentence(refused.value, ENGLISH) == "Pages can't be counted like this (column 6). Type pages>=20"
    assert corrected("lora pages > 20") == "lora pages>=20"
    assert corrected("lora qlora pages<20") == "lora qlora"
    assert corrected("lora pages<20") == "lora"


def test_it_is_evaluated_and_explained():
    query = parse("lora pages>=20")
    assert [query.matches(doc) for doc in (LONG, SHORT, UNKNOWN)] == [True, False, False]
    assert query.matched_terms(LONG) == ("lora", "pages>=20")


def test_it_is_matched():
    texts = ["pages>=20", "lora pages>=20", "lora -pages>=20", "pages>=5 OR qlora", "lora"]
    matcher = Matcher()
    for number, text in enumerate(texts):
        matcher.add(number, Query.load(parse(text).dump()))
    assert matcher.match_many([LONG, SHORT, UNKNOWN]) == [[0, 1, 3, 4], [2, 3, 4], [2, 4]]
    for number in range(4):
        matcher.remove(number)
    assert matcher.match_many([LONG, SHORT]) == [[4], [4]]


def test_its_plan_tries_each_paper_that_the_rest_of_the_query_leaves():
    assert parse("pages>=20").plan.rows == [["every:paper"]]
    assert parse("lora pages>=20").plan == Plan(
        [[":lora"]], ["&", ":lora", '?[["every:paper"],["Pages","pages","20",false,false]]']
    )


def test_a_word_index_is_asked_for_the_rest_of_the_query():
    assert ask(parse("pages>=20")) == Ask(NOTHING, EVERYTHING)
    assert ask(parse("lora pages>=20")) == Ask(NOTHING, Has("wlora"))
    assert index_row(LONG).rest.endswith(" i2510q2ez00001 sarxiv")
    assert (list(Pages.facts_of(LONG)), list(Pages.tokens_of(LONG)), Pages.frequency("pages", "20")) == ([], [], 1_000)


def test_the_language_without_it_reads_words(monkeypatch):
    monkeypatch.undo()
    assert Pages not in list(kinds.KINDS)
    assert str(parse("pages>=20")) == "pages>=20"
    assert not parse("pages>=20").matches(LONG)


def test_what_stored_queries_call_a_kind_never_changes():
    """A new kind adds its name here."""
    names = ["Words", "Author", "Category", "Source", "Id", "HasCode", "OnList", "Upvotes", "Like", "Rate", "Comment"]
    names += ["AtVenue", "Organisation", "Submitter", "Unlike"]
    assert set(kinds.KINDS.by_name) == {*names, "Pages"}
