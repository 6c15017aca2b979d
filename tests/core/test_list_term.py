"""`list:here` and `list:public`: how they are read, and that no paper has them by itself."""

import pytest

from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.on_list import OnList
from paperwire.errors import Mistake, QueryError

DOC = Doc.of(Paper(id="2601.00001", title="On list:here and list:public", abstract="here public list"))


@pytest.mark.parametrize(
    ("typed", "of_list"),
    [("list:here", "here"), ('List:"Public"', "public"), ("(list:here)", "here"), ("diffusion", ""), ("a OR b", "")],
)
def test_a_list_stands_alone(typed, of_list):
    query = parse(typed)
    assert query.list == of_list
    assert parse(str(query)) == query
    assert Query.load(query.dump()).list == of_list


@pytest.mark.parametrize(
    ("typed", "kind", "column"),
    [
        ("list:there", OnList.unknown, 6),
        ("list:", OnList.unknown, 1),
        ("list:here*", Mistake.STAR_IN_VALUE, 10),
        ("list:=here", Mistake.EXACT_VALUE, 6),
        (" list:here diffusion", OnList.mixed, 2),
        ("list:here OR list:public", OnList.mixed, 1),
        ("-list:here", OnList.mixed, 1),
        ("list:here upvotes>=5", OnList.mixed, 1),
    ],
)
def test_what_is_refused(typed, kind, column):
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert (refused.value.kind, refused.value.column) == (kind, column)


@pytest.mark.parametrize("typed", ["list:here", "list:public"])
def test_no_paper_has_it_by_itself(typed):
    query = parse(typed)
    assert not query.matches(DOC)
    assert query.matched_terms(DOC) == ()
    matcher = Matcher()
    matcher.add(1, query)
    assert [list(numbers) for numbers in matcher.match_many([DOC])] == [[]]
