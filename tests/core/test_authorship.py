"""The index of author terms against asking each: initials, joints, beginnings, names of any make."""

from hypothesis import given
from hypothesis import strategies as st
from test_matcher import understood

from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.authors import is_author
from paperwire.core.query.prepared import Doc

words = st.sampled_from(["k", "kai", "kaiming", "h", "he", "sun", "s", "hem", "pin-yu", "Müller", "O'Neil", "K.", "Li"])
names = st.lists(words, min_size=1, max_size=4).map(" ".join)
terms = st.one_of(names, st.tuples(names, st.sampled_from(["kai*", "sun*", "mul*"])).map(" ".join))


def indexed(texts):
    """The terms by number, and an index of them."""
    asked = dict(enumerate(understood(f'au:"{text}"' for text in texts), 1))
    index = Matcher()
    for number, query in asked.items():
        index.add(number, query)
    return {number: query.root for number, query in asked.items()}, index


def found(index, authors):
    return set(index.match(Doc.of(Paper(id="2510.00001", title="", abstract="", authors=tuple(authors)))))


@given(st.lists(terms, max_size=12), st.lists(names, max_size=4), st.sets(st.integers(1, 12)))
def test_agrees_with_asking_each(texts, authors, gone):
    asked, index = indexed(texts)
    for number in gone & asked.keys():
        index.remove(number)
        del asked[number]
    meant = {number for number, term in asked.items() if any(is_author(term.readings, name) for name in authors)}
    assert found(index, authors) == meant


def test_one_term_under_one_key_may_go_while_another_stays():
    asked, index = indexed(["kaiming he", "k he", "kai* he", "pin-yu chen", "chen"])
    assert found(index, ["Kaiming He"]) == {1, 2, 3}
    index.remove(1)
    assert found(index, ["Kaiming He", "Pin-Yu Chen"]) == {2, 3, 4, 5}
    index.remove(3)
    assert found(index, ["Kaiming He", "K. He", "P. Y. Chen"]) == {2, 4, 5}
    assert found(index, ["He", ""]) == set()
    for number in (2, 4, 5):
        index.remove(number)
    assert found(index, ["Kaiming He", "Pin-Yu Chen"]) == set()
    assert len(asked) == 5


def test_beginnings_that_all_went_are_not_looked_for():
    _, index = indexed(["kai* he", "sun"])
    index.remove(1)
    assert found(index, ["Kaiming He", "Kai Sun"]) == {2}


def test_one_of_two_equal_terms_may_go():
    _, index = indexed(["kaiming he", "kaiming he"])
    index.remove(1)
    assert found(index, ["Kaiming He"]) == {2}


def test_who_has_some_of_the_words_is_not_meant():
    _, index = indexed(["anna maria li", "li*"])
    assert found(index, ["Anna Petra Li"]) == {2}
    assert found(index, ["Anna Maria Li", "Müller"]) == {1, 2}
    assert found(index, ["Kai Anna Maria"]) == set()
