"""The words for what is wrong with a query: each kind of mistake, with an example that makes it."""

import pytest

from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import parse
from paperwire.errors import Mistake, QueryError
from paperwire.texts import ENGLISH
from paperwire.wording.queries import explain, sentence
from pseudo_locale import messages
from refusals import REFUSALS

CHAINS = " OR ".join(f"in-this-paper-we-show-how-to-do-x{number}" for number in range(9))
EXAMPLES = {
    Mistake.NO_WORD: ("&", "no word", "diffusion model"),
    Mistake.NO_WORD_IN_QUOTES: ('a ""', "no word in these quotes", "remove them"),
    Mistake.NO_WORD_IN_BRACKETS: ("a ()", "no word in these brackets", "remove them"),
    Mistake.OPEN_QUOTE: ('"a b', 'closing "', 'closing "'),
    Mistake.OPEN_BRACKET: ("(a b", "closing )", "Add a )"),
    Mistake.UNOPENED_BRACKET: ("a )", "opening (", "Add a ("),
    Mistake.LONE_DASH: ("a - b", "follows this dash", "-survey"),
    Mistake.LONE_EQUALS: ("a =", 'follows "="', "=RAG"),
    Mistake.LONE_OPERATOR: ("a OR", "OR needs a word", "lora OR quantization"),
    Mistake.LONE_FIELD: ("ti: a", "follows ti:", "-ti:word"),
    Mistake.LOWERCASE_OPERATOR: ("a Or b", "capitals: OR", '"Or"'),
    Mistake.ONLY_EXCLUDES: ("-a", "none of its words", "lora -survey"),
    Mistake.MISPLACED_STAR: ("*fusion", "three letters", "diffus*"),
    Mistake.STAR_IN_VALUE: ("cat:c*", '"*"', "cat:cs.*"),
    Mistake.EXACT_VALUE: ("au:=he", '"=" isn\'t allowed after au:', "Type au:"),
    Mistake.TOO_LONG: ("a" * 2001, "at most 2000 characters", "Shorten"),
    Mistake.TOO_MANY_TERMS: ("a " * 201, "at most 200 terms", "Split"),
    Mistake.TOO_MANY_BEGINNINGS: ("abc* " * 33, "at most 32 words that end with *", "Split"),
    Mistake.TOO_MANY_CHAINS: (CHAINS, "More than 8 terms", '"state of the art"'),
    Mistake.TOO_DEEP: ("a " + "(" * 33 + "b", "deeper than 32", "Remove"),
    Mistake.NESTED_FIELD: ("ti:(a au:b)", "another field", "ti:lora au:he"),
    Mistake.UNKNOWN_FIELD: ("foo:bar", "foo: isn't a field", '"foo: ..."'),
    Mistake.ADDRESS: ("https://arxiv.org/abs/2510.00001x", "web address", "id:2510.00001"),
    Mistake.BACKSLASH: ("a \\alpha", "\\ isn't allowed", "α"),
    Mistake.BAR: ("a | b", "| isn't allowed", "OR"),
    Mistake.SPECIAL_CHARACTER: ("[ab]", "[ isn't allowed", "Regular expressions"),
}

OF_TERMS = [
    ("upvotes>=50", "besides the upvotes", "diffusion upvotes>=50"),
    ("cs.ai", "cs.AI is a category", "cat:cs.AI"),
    ("a has:pdf", "only takes code", "has:code"),
    ("list:there", "here or public", "list:public"),
    ("list:here a", "can't be combined", "alone"),
    ("a upvotes > 5", "compared", "upvotes>=50"),
    ("a OR upvotes>=5", "OR, NOT or brackets", "at the end"),
    ("a upvotes>=5 upvotes>=6", "only once", "number"),
    ("a like:lora", "a text in quotes", "like:saved"),
    ("a -like:saved", "OR, NOT or brackets", "at the end"),
    ("like:saved like:saved", "only once", "two subscriptions"),
    ("like:saved rate:5", "a day, week or month", "rate:5/week"),
    ("like:saved (a rate:5/day)", "OR, NOT or brackets", "at the end"),
    ("like:saved rate:1/day rate:1/day", "only once", "number"),
    ("a rate:5/day", "needs like:", "remove rate:"),
]
"""What kinds of terms refuse, which say the words."""


@pytest.mark.parametrize("kind", Mistake)
def test_a_mistake_is_explained(kind):
    query, message, hint = EXAMPLES[kind]
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert refused.value.kind is kind
    explanation = explain(refused.value, ENGLISH)
    assert message in explanation.message
    assert hint in explanation.hint
    assert not explanation.message.endswith(".")


@pytest.mark.parametrize(("query", "message", "hint"), OF_TERMS)
def test_the_words_of_terms(query, message, hint):
    with pytest.raises(QueryError) as refused:
        parse(query)
    explanation = explain(refused.value, ENGLISH)
    assert message in explanation.message
    assert hint in explanation.hint


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_what_a_term_refuses_is_explained_in_its_words(refusal):
    with pytest.raises(QueryError) as refused:
        read(refusal.example)
    assert refused.value.kind is refusal
    explanation = explain(refused.value, ENGLISH)
    assert explanation == (refusal.message % refused.value.values, refusal.hint % refused.value.values)
    assert all(explanation)
    assert not explanation.message.endswith(".")
    assert {refusal.message, refusal.hint} <= {message for _context, message in messages()}


def test_the_nearest_field_is_offered():
    with pytest.raises(QueryError) as refused:
        parse("a titel:x")
    assert explain(refused.value, ENGLISH).hint.startswith("Did you mean title:?")
    assert sentence(refused.value, ENGLISH).startswith("titel: isn't a field (column 3). Did you mean title:?")


def test_the_error_itself_is_plain_for_logs():
    with pytest.raises(QueryError) as refused:
        parse("a OR")
    assert str(refused.value) == "an operator without a word (OR, column 3)"
    with pytest.raises(QueryError) as refused:
        parse('"a')
    assert str(refused.value) == "quotes left open (column 1)"
