"""The words for what is wrong with a query: each kind of mistake, with an example that makes it."""

import pytest

from paperwire.core.query.language import parse
from paperwire.errors import Mistake, QueryError
from paperwire.texts import ENGLISH
from paperwire.wording.queries import explain, sentence

CHAINS = " OR ".join(f"in-this-paper-we-show-how-to-do-x{number}" for number in range(9))
EXAMPLES = {
    Mistake.NO_WORD: ("&", "no word", "diffusion model"),
    Mistake.NO_WORD_IN_QUOTES: ('a ""', "no word in these quotes", "remove them"),
    Mistake.NO_WORD_IN_BRACKETS: ("a ()", "no word in these brackets", "remove them"),
    Mistake.OPEN_QUOTE: ('"a b', 'closing "', 'second "'),
    Mistake.OPEN_BRACKET: ("(a b", "closing )", "Add a )"),
    Mistake.UNOPENED_BRACKET: ("a )", "opening (", "Add a ("),
    Mistake.LONE_DASH: ("a - b", "behind this dash", "-survey"),
    Mistake.LONE_EQUALS: ("a =", 'behind "="', "=RAG"),
    Mistake.LONE_OPERATOR: ("a OR", "OR needs a word", "lora OR quantization"),
    Mistake.LONE_FIELD: ("ti: a", "behind ti:", "-ti:word"),
    Mistake.LONE_UPVOTES: ("upvotes>=50", "besides the upvotes", "diffusion upvotes>=50"),
    Mistake.LOWERCASE_OPERATOR: ("a Or b", "capitals: OR", '"Or"'),
    Mistake.ONLY_EXCLUDES: ("-a", "none of its words", "lora -survey"),
    Mistake.MISPLACED_STAR: ("*fusion", "three letters", "diffus*"),
    Mistake.STAR_IN_VALUE: ("cat:c*", '"*"', "cat:cs.*"),
    Mistake.EXACT_VALUE: ("au:=he", '"=" isn\'t allowed behind au:', "Type au:"),
    Mistake.TOO_LONG: ("a" * 2001, "at most 2000 characters", "Shorten"),
    Mistake.TOO_MANY_TERMS: ("a " * 201, "at most 200 terms", "Split"),
    Mistake.TOO_MANY_BEGINNINGS: ("abc* " * 33, "at most 32 words that end with *", "Split"),
    Mistake.TOO_MANY_CHAINS: (CHAINS, "More than 8 terms", '"state of the art"'),
    Mistake.TOO_DEEP: ("a " + "(" * 33 + "b", "deeper than 32", "Remove"),
    Mistake.NESTED_FIELD: ("ti:(a au:b)", "another field", "ti:lora au:he"),
    Mistake.UNKNOWN_FIELD: ("foo:bar", "foo: isn't a field", '"foo: ..."'),
    Mistake.ADDRESS: ("https://arxiv.org/abs/2510.00001x", "web address", "id:2510.00001"),
    Mistake.BARE_CATEGORY: ("cs.ai", "cs.AI is a category", "cat:cs.AI"),
    Mistake.HAS_VALUE: ("a has:pdf", "only takes code", "has:code"),
    Mistake.UNKNOWN_LIST: ("list:there", "here or public", "list:public"),
    Mistake.MIXED_LIST: ("list:here a", "can't be combined", "alone"),
    Mistake.MALFORMED_UPVOTES: ("a upvotes > 5", "compared", "upvotes>=50"),
    Mistake.MISPLACED_UPVOTES: ("a OR upvotes>=5", "OR, NOT or brackets", "at the end"),
    Mistake.REPEATED_UPVOTES: ("a upvotes>=5 upvotes>=6", "only once", "number"),
    Mistake.MALFORMED_LIKE: ("a like:lora", "a text in quotes", "like:saved"),
    Mistake.MISPLACED_LIKE: ("a -like:saved", "OR, NOT or brackets", "at the end"),
    Mistake.REPEATED_LIKE: ("like:saved like:saved", "only once", "two subscriptions"),
    Mistake.MALFORMED_RATE: ("like:saved rate:5", "a day, week or month", "rate:5/week"),
    Mistake.MISPLACED_RATE: ("like:saved (a rate:5/day)", "OR, NOT or brackets", "at the end"),
    Mistake.REPEATED_RATE: ("like:saved rate:1/day rate:1/day", "only once", "number"),
    Mistake.LONE_RATE: ("a rate:5/day", "needs like:", "remove rate:"),
    Mistake.BACKSLASH: ("a \\alpha", "\\ isn't allowed", "α"),
    Mistake.BAR: ("a | b", "| isn't allowed", "OR"),
    Mistake.SPECIAL_CHARACTER: ("[ab]", "[ isn't allowed", "Regular expressions"),
}


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
