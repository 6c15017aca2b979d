"""What holds for every query: round trip, key, evaluator, and that nothing else than QueryError is ever raised."""

import re
from itertools import product

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from querygen import JOINTS, WORDS, papers, queries, runs, terms, texts

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.nodes import And, Not, Or
from paperwire.core.query.prepared import Doc
from paperwire.core.text.words import spellings
from paperwire.errors import Mistake, QueryError, Refusal


def understood(text):
    try:
        return parse(text)
    except QueryError as error:
        refused = error
    assert 1 <= refused.column <= len(text) + 1
    assert isinstance(refused.kind, Mistake | Refusal)
    return None


@given(queries)
def test_text_of_a_parsed_query_parses_to_the_same(text):
    query = understood(text)
    assume(query)
    again = parse(str(query))
    assert again == query
    assert hash(again) == hash(query)
    assert again.key == query.key
    assert str(again) == str(query)
    assert query.text == text


@given(queries, papers)
def test_a_stored_query_is_the_same_query(text, paper):
    query = understood(text)
    assume(query)
    loaded = Query.load(query.dump())
    assert (loaded.like, loaded.rate) == (query.like, query.rate)
    assert (loaded.key, loaded.text, loaded.upvotes, str(loaded)) == (query.key, text, query.upvotes, str(query))
    assert loaded == query
    assert loaded.matches(Doc.of(paper)) is query.matches(Doc.of(paper))


@given(queries, papers)
def test_equal_text_means_equal_answer_after_round_trip(text, paper):
    query = understood(text)
    assume(query)
    doc = Doc.of(paper)
    assert parse(str(query)).matches(doc) is query.matches(doc)


@given(st.lists(terms, min_size=2, max_size=5), st.randoms(use_true_random=False), papers)
def test_order_repeats_and_brackets_do_not_change_the_key(parts, random, paper):
    for sign in (" ", " OR "):
        shuffled = [*parts, random.choice(parts)]
        random.shuffle(shuffled)
        cut = random.randrange(1, len(shuffled))
        nested = f"({sign.join(shuffled[:cut])}){sign}(NOT NOT ({sign.join(shuffled[cut:])}))"
        query, other = parse(sign.join(parts)), parse(nested)
        assert query.key == other.key
        assert re.fullmatch(r"[0-9a-f]{32}", query.key)
        assert query.matches(Doc.of(paper)) is other.matches(Doc.of(paper))


@given(queries, queries, papers)
def test_one_key_means_one_answer(one, two, paper):
    first, second = understood(one), understood(two)
    assume(first and second)
    if first.key == second.key:
        assert first.matches(Doc.of(paper)) is second.matches(Doc.of(paper))
        assert first.upvotes == second.upvotes


PIECES = re.compile(r"[A-Za-z0-9]+")


def readings(text):
    """Every way to read a text: at each joint its words are two or one; written without looking at the product."""
    runs_of_words = []
    for run in text.split():
        found = PIECES.findall(run)
        between = PIECES.split(run)[1:-1]
        runs_of_words.append([("".join(w), b) for w, b in zip(found, [*between, " "], strict=True)])
    flat = [pair for run in runs_of_words for pair in run]
    joints = [number for number, (_, sign) in enumerate(flat[:-1]) if sign and set(sign) <= set("-_^'")]
    for chosen in product([False, True], repeat=len(joints)):
        glued = {number for number, yes in zip(joints, chosen, strict=True) if yes}
        reading, word = [], ""
        for number, (part, _) in enumerate(flat):
            word += part
            if number not in glued:
                reading.append(spellings(word)[1])
                word = ""
        yield reading


def naive(wanted, text):
    return any(
        have[start : start + len(want)] == want
        for want in readings(wanted)
        for have in readings(text)
        for start in range(len(have) - len(want) + 1)
    )


simple = st.sampled_from(["a", "b", "ab", "cats", "cat", "LLMs", "LLM", "bus"])
chains = st.lists(st.tuples(simple, st.sampled_from(["-", "_", "^", "--", "/", " ", " "])), min_size=1, max_size=6).map(
    lambda parts: "".join(word + sign for word, sign in parts[:-1]) + parts[-1][0]
)


@given(chains, chains)
def test_evaluator_agrees_with_trying_every_reading(wanted, text):
    doc = Doc.of(Paper(id="x", title=text))
    assert parse(f'"{wanted}"').matches(doc) is naive(wanted, text)


@given(queries, papers)
def test_joining_is_what_logic_says(text, paper):
    query = understood(text)
    assume(query)
    doc = Doc.of(paper)

    def truth(node):
        if isinstance(node, Not):
            return not truth(node.node)
        if isinstance(node, And | Or):
            return (all if isinstance(node, And) else any)([truth(one) for one in node.nodes])
        return parse(node.show("")).matches(doc)

    assert truth(query.root) is query.matches(doc)
    if query.like is None:  # with `like:` a query may only leave out
        assert not query.matches(Doc.of(Paper(id="none", title="", source="nowhere")))


@given(queries, papers)
def test_explanation_names_each_term(text, paper):
    query = understood(text)
    assume(query)
    doc = Doc.of(paper)
    results = query.explain(doc)
    for result in results:
        assert parse(result.text).matches(doc) is result.holds
    matched = query.matched_terms(doc)
    assert list(matched) == list(dict.fromkeys(r.text for r in results if r.is_wanted and r.holds))
    if query.matches(doc) and query.like is None:  # with `like:` a query may have no wanted term
        assert matched


NOISE = ['"', "(", ")", "-", "=", "*", ":", "ti:", "au:", "cat:", "id:", "has:", "upvotes>=5", " ", "AND", "OR", "NOT"]
NOISE += ["like:", "rate:", "5/week", "saved"]
NOISE += [*JOINTS, *WORDS, "or", "and", "|", "\\", "$", "ﬁ", "½", "\u0301", "\u200b", "\ufdfa", "\x00", "\x01", "\x1d"]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(NOISE), max_size=25).map("".join)))
def test_any_text_parses_or_is_refused_with_a_column(text):
    query = understood(text)
    if query is not None:
        assert parse(str(query)) == query
        query.matches(Doc.of(Paper(id="x", title=text, abstract=text, authors=(text,), categories=(text,))))


HOSTILE = ["(" * 1100, "a OR " * 400, "*a*a*a*a*", "(a+)+$", "\ufdfa" * 1900, "5" * 2000, "a-" * 1000, "a(" * 999]
HOSTILE += [
    "(" * 999 + ")" * 999,
    "NOT " * 499 + "a",
    "-" * 1999 + "a",
    "α" * 2000,
    "ti:(" * 400,
    'a"' * 999,
    "x" * 1999 + "*",
]
HOSTILE += [
    "a(" * 500 + ")" * 500,
    'au:"' + "a-" * 990 + '"',
    "\u0301" * 2000,
    "=" * 2000,
    "a OR b " * 1500,
    '"' * 2000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: text[:8])
def test_hostile_queries_end_in_an_answer(text):
    query = understood(text)
    if query is not None:
        assert parse(str(query)) == query
        query.matches(Doc.of(Paper(id="x", title=text, abstract="a-" * 2000, authors=("a-" * 500,))))


def test_two_hundred_terms_and_no_more():
    assert parse(" ".join(["a"] * 200))
    with pytest.raises(QueryError) as refused:
        parse(" ".join(["a"] * 200 + ["ti:b"]))
    assert refused.value.column == 401


def test_length_counts_as_typed_and_as_read():
    assert parse("a" * 2000)
    with pytest.raises(QueryError) as refused:
        parse("a" * 2001)
    assert refused.value.column == 2001
    with pytest.raises(QueryError) as refused:
        parse("b " + "\ufdfa" * 200)
    assert refused.value.column == 2 + 2000 // 18 + 1


@pytest.mark.parametrize(("query", "column"), [("ﬁ or x", 3), ("ﬀﬀ [", 4), ("…a b] c", 5), ("e\u0301a ]", 5)])
def test_columns_count_typed_characters(query, column):
    with pytest.raises(QueryError) as refused:
        parse(query)
    assert refused.value.column == column


def test_depth_of_brackets_and_nots_together():
    assert parse("a " + "-(" * 16 + "b" + ")" * 16)
    with pytest.raises(QueryError) as refused:
        parse("a " + "-(" * 16 + "-b" + ")" * 16)
    assert refused.value.column == 35


SAME = [
    ("LLM", "LLMs"),
    ('"loss"', "losses"),
    ("a b", "b (a) a"),
    ("NOT NOT a", "a"),
    ("ti:(a b)", "title:b ti:a"),
    ("all:x", "x"),
    ("A/B", '"a b"'),
    ("cat:cs", "CAT:CS.*"),
    ("id:2510.00001v3", "id:arXiv:2510.00001"),
    ('au:"kaiming he"', 'au:"He, Kaiming"'),
    ("fine-tuning", "fine–tunings"),
    ("α", "Alpha"),
    ("ΛCDM", '"$\\Lambda$CDM"'),
    ("a OR (b OR c)", "c OR b OR a"),
    ("x upvotes>=5", "upvotes>=5 x"),
    ("has:code a", 'a has:"code"'),
    ("source:arxiv", "source:ArXiv"),
    ("lora -(a b)", "lora ANDNOT (b a)"),
    ("like:arXiv:2510.00001v2", "LIKE:2510.00001"),
    ("lora like:saved upvotes>=5", "upvotes>=5 like:Saved lora"),
    ('like:"Graph networks"', 'like:"graph  network."'),
    ("like:saved rate:7/week", "rate:1/DAY like:saved"),
    ("like:saved rate:30/month", 'rate:"1/day" like:saved'),
]
DIFFERENT = [
    ("fine-tuning", '"fine tuning"'),
    ("fine-tuning", "finetuning"),
    ("=LLM", "LLM"),
    ("=LLM", "=LLMs"),
    ("a b", "a OR b"),
    ("ti:a", "a"),
    ("ti:a", "abs:a"),
    ("polic*", "polic"),
    ("policies*", "policy*"),
    ("a", "a upvotes>=5"),
    ("a upvotes>=5", "a upvotes>=6"),
    ("cats-dogs", "cat-dog"),
    ("cat:cs.CV", "cat:cs"),
    ("au:pin-yu", 'au:"pin yu"'),
    ("a (b OR c)", "(a b) OR (a c)"),
    ("a -b", "a b"),
    ("a -(b c)", "a -b -c"),
    ('"a b"', "a b"),
    ('like:"a b"', '"a b"'),
    ('like:"a b"', 'like:"b a"'),
    ('like:"saved"', "like:saved"),
    ('like:"2510.00001"', "like:2510.00001"),
    ("like:saved", "like:saved rate:5/week"),
    ("like:saved rate:1/week", "like:saved rate:1/day"),
    ("lora like:saved", "like:saved"),
    ("GPs", "GPS"),
]


@pytest.mark.parametrize(("one", "two"), SAME)
def test_same_key(one, two):
    assert parse(one).key == parse(two).key
    assert parse(one) == parse(two)


@pytest.mark.parametrize(("one", "two"), DIFFERENT)
def test_different_key(one, two):
    assert parse(one).key != parse(two).key
    assert parse(one) != parse(two)
    assert parse(one) != one


@given(runs, texts)
def test_long_canonical_texts_fall_back_to_what_was_typed(run, text):
    typed = f'"{run}"' + "".join(f'"{word}"' for word in text.split())
    packed = '"a""b"' * 100 + f'"{"c" * (2000 - 600 - 2)}"'
    with pytest.raises(QueryError):
        parse(packed)  # 201 terms
    query = parse(packed[3:])
    assert str(query) == packed[3:]
    assert parse(str(parse(typed))) == parse(typed)


def test_shown_text_is_tidy():
    typed = 'title:(lora  OR Qlora) AND NOT  (category:cs.CV OR "Fine  tuning") ANDNOT =RAG Upvotes>=050'
    query = parse(typed)
    assert str(query) == 'ti:(lora OR Qlora) -(cat:cs.CV OR "Fine  tuning") -=RAG upvotes>=50'
    assert query.upvotes == 50
    assert repr(query) == f"parse({typed!r})"
    assert str(parse("-ti:(a OR b) (c OR d)")) == "-ti:(a OR b) (c OR d)"
    assert str(parse("ti:(a -(b c))")) == "ti:(a -(b c))"
    assert str(parse("(a OR b) upvotes>=5")) == "(a OR b) upvotes>=5"
    assert str(parse("ti:(a OR b) upvotes>=5")) == "ti:(a OR b) upvotes>=5"


def test_explanation_and_classes():
    query = parse('lora -survey au:he (cat:cs.CV OR cat:stat.*) -cat:cs.CL "low rank"')
    doc = Doc.of(Paper(id="1", title="LoRA: a low-rank survey", categories=("cs.CV",), authors=("Kai Sun",)))
    assert query.explain(doc) == (
        ("lora", True, True),
        ("survey", False, True),
        ("au:he", True, False),
        ("cat:cs.CV", True, True),
        ("cat:stat.*", True, False),
        ("cat:cs.CL", False, False),
        ('"low rank"', True, True),
    )
    assert query.matched_terms(doc) == ("lora", "cat:cs.CV", '"low rank"')
    assert query.categories() == ("cs.CV", "stat.*")


def test_queries_that_mean_the_same_are_one_in_a_set():
    assert {parse("a (b (c d))"), parse("d c b a"), parse("(a b) (c d)")} == {parse("a b c d")}
    assert parse("a OR (b OR (c OR d))").normal == parse("d OR c OR b OR a").normal
    assert {parse("ti:(a b) c"), parse("c ti:b ti:a")} == {parse("ti:a ti:b c")}


def test_a_query_read_from_the_store_has_the_key_it_was_stored_under():
    query = parse("a b")
    assert Query.load(query.dump()).key == query.key


def test_control_characters_are_spaces_and_unseen_ones_are_not_there():
    assert parse("a\tb\x07c") == parse("a b c")
    assert parse("dif\u200bfusion") == parse("diffusion")


def test_upvotes_that_were_stored_as_a_number_are_read():
    query = parse("lora upvotes>=50")
    assert b'["lora upvotes>=50",[["Upvotes","upvotes","50",false,false]],' in query.dump()
    for stored, upvotes in ((b"50", 50), (b"null", None)):
        loaded = Query.load(query.dump().replace(b'[["Upvotes","upvotes","50",false,false]]', stored))
        assert loaded.upvotes == upvotes
        assert (loaded == query) is (upvotes == 50)


def test_whether_upvotes_are_enough():
    query = parse("lora upvotes>=50")
    docs = [Doc.of(Paper(id="2510.00001", title="Lora", abstract="", upvotes=upvotes)) for upvotes in (None, 49, 50)]
    assert [query.matches(doc) for doc in docs] == [True, True, True]
    assert [query.is_enough(doc) for doc in docs] == [False, False, True]
    assert parse("lora").is_enough(docs[0])
