"""What each kind of term says of the papers that have it."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.query.nodes import terms_of
from paperwire.core.query.terms.kinds import KINDS
from paperwire.texts import ENGLISH


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("lora", "“lora”"),
        ('"diffusion mod*"', "“diffusion mod…”"),
        ("=RAG", "“RAG” (exact spelling)"),
        ("co:workshop", "“workshop”"),
        ("au:lecun", "lecun"),
        ("cat:cs.cl", "cs.CL (Computation and Language)"),
        ("cat:cs", "cs (Computer Science)"),
        ("cat:cs.*", "cs.* (Computer Science)"),
        ("cat:zz.ZZ", "zz.ZZ"),
        ("has:models", "a model"),
        ("venue:any", "a conference or journal"),
        ("venue:neurips", "neurips"),
        ("list:here", "the list of this chat"),
        ("list:public", "the public list"),
        ("lora upvotes>=50", "50"),
        ("like:saved", "the papers you saved"),
        ('like:"big snakes"', "“big snakes”"),
        ("like:2510.00001,2510.00002", "2510.00001 and 2510.00002"),
        ("like:saved -like:2510.00001", "2510.00001"),
        ("like:saved rate:5/week", "5 a week"),
        ("like:saved rate:1/Day", "1 a day"),
    ],
)
def test_a_value_is_named_as_readers_know_it(text, value):
    query = parse(text)
    terms = [*query.modifiers, *(term for term, _ in terms_of(query.root))]
    assert value in [term.value(ENGLISH) for term in terms]


def test_each_kind_says_what_papers_are_that_have_it():
    for kind in KINDS:
        for field in {*kind.names.values()}:
            assert kind.described[field], kind
        if kind.modifier is None and kind.mixed is None:
            assert all(len(messages) == 2 for messages in kind.described.values()), kind
