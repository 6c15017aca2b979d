"""What the full-text index is asked, against what the evaluator says."""

import re
import sqlite3
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import assume, given
from querygen import papers, queries

from paperwire.core.index.tree import (
    EVERYTHING,
    NOTHING,
    AllOf,
    AnyOf,
    Ask,
    Everything,
    Has,
    Nothing,
    Phrase,
    Without,
    without,
)
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import ask, index_row
from paperwire.errors import QueryError


def columns(row, column):
    return [row.title.split(), row.abstract.split()] if not column else [getattr(row, column).split()]


def begins(tokens, text, *, star):
    return any(token.startswith(text) if star else token == text for token in tokens)


def stands(tokens, texts, *, star):
    *first, last = texts
    return any(
        tokens[place : place + len(first)] == first and begins(tokens[place + len(first) :][:1], last, star=star)
        for place in range(len(tokens))
    )


def holds(tree, row):  # noqa: PLR0911 -- one for each kind of tree
    """What an index answers for one paper."""
    match tree:
        case Has(text, column, star):
            return any(begins(tokens, text, star=star) for tokens in columns(row, column))
        case Phrase(texts, column, star):
            return any(stands(tokens, texts, star=star) for tokens in columns(row, column))
        case AllOf(parts):
            return all(holds(part, row) for part in parts)
        case AnyOf(parts):
            return any(holds(part, row) for part in parts)
        case Without(keep, drop):
            return holds(keep, row) and not holds(drop, row)
        case Everything():
            return True
        case Nothing():
            return False


def trees_in(tree):
    yield tree
    for part in getattr(tree, "parts", ()) or [getattr(tree, name) for name in ("keep", "drop") if hasattr(tree, name)]:
        yield from trees_in(part)


@given(queries, papers)
def test_what_is_sure_matches_and_what_matches_is_asked_for(text, paper):
    query = None
    with suppress(QueryError):
        query = parse(text)
    assume(query)
    doc, asked = Doc.of(paper), ask(query)
    row, matches = index_row(doc), query.matches(doc)
    assert not holds(asked.sure, row) or matches
    assert holds(asked.most, row) or not matches


@given(queries)
def test_all_but_some_stands_at_the_top_or_nowhere(text):
    query = None
    with suppress(QueryError):
        query = parse(text)
    assume(query)
    for tree in (ask(query).sure, ask(query).most):
        assert not any(isinstance(part, Nothing | Everything) for part in list(trees_in(tree))[2:])


def sure(text, paper):
    return holds(ask(parse(text)).sure, index_row(Doc.of(paper)))


def most(text, paper):
    return holds(ask(parse(text)).most, index_row(Doc.of(paper)))


def paper(title="", abstract="", **more):
    return Paper(id="2510.00001", title=title, abstract=abstract, **more)


@pytest.mark.parametrize(
    "query",
    [
        "diffusion",
        "a b OR c -d",
        "ti:a",
        "abs:b",
        "cat:cs.CV",
        "au:he",
        "au:kaim*",
        "id:2510.00001",
        "has:code a",
        "=RAG",
        "ti:=RAG law",
        "=LLM*",
    ],
)
def test_the_index_alone_knows_words_classes_and_lone_names(query):
    assert ask(parse(query)).exact


@pytest.mark.parametrize(
    "query",
    [
        '"net* of"',
        "x" * 101,
        f"={'x' * 101}",
        f'"a {"x" * 101}"',
        f'="a {"X" * 101}"',
        'au:"christopher d manning"',
        'au:"a b c d e f g"',
        f'au:"k {"x" * 50}"',
        "au:a-b-c-d-e-f-g",
    ],
)
def test_of_these_the_index_is_never_sure(query):
    assert ask(parse(query)).sure == NOTHING


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ('"large language model"', "Large Language Models for Law"),
        ("fine-tuning", "Fine tuning"),
        ("fine-tuning", "On finetuning"),
        ("finetuning", "On fine-tuning"),
        ('"graph neural net*"', "Graph neural networks"),
        ("particles*", "Of particles"),
        ("categor*", "On categories"),
        ('"fine-tuning of"', "Finetuning of nets"),
        ('"finetuning of"', "Fine-tuning of nets"),
        ('"of finetuning"', "Of fine-tuning"),
        ('"finetuning subnets"', "Fine-tuning sub-nets"),
        ("chain-ofthought", "Chain-of-thought"),
        ('"on stateof"', "On state-of-the-art nets"),
        ("=RAG", "RAG"),
        ("=finetuning", "On fine-tuning"),
        ("=Finetuning", "Fine-tuning of nets"),
        ('="Depth Anything"', "Distilling Depth Anything"),
        ('="State of the Art"', "State of the Art, the state of the art"),
        ('="Depth Any*"', "Depth Anything"),
        ('="the QQq*"', "On the QQqa"),
        ('="Zürich is"', "Zürich is"),
        ('="Categori*"', "Category, Categories"),
        ('="The Particles*"', "The Particles, Particles"),
        ("GPT-4*", "GPT-4o"),
        ('"with GPT-4*"', "With GPT-4o"),
        ("=GPT-4*", "GPT-4o"),
    ],
)
def test_of_everyday_cases_it_is_sure(query, title):
    assert sure(query, paper(title))


@pytest.mark.parametrize(
    ("query", "title", "matches"),
    [
        ('"finetuning of nets"', "Fine-tuning of nets", True),
        ('"on particles*"', "On particles", True),
        ("category*", "On categories", False),
        ('"of category*"', "Of categories", False),
        ("a-b-c-d-e-f-g", "abcdefg", True),
        ('="Finetuning of"', "Fine-tuning of nets", True),
        ('="finetuning of"', "Finetuning, then fine-tuning of nets", True),
    ],
)
def test_of_odd_cases_the_evaluator_is_asked(query, title, matches):
    assert not sure(query, paper(title))
    assert most(query, paper(title))
    assert parse(query).matches(Doc.of(paper(title))) is matches


def test_a_class_is_found_by_those_above_it():
    for query in ("cat:cs", "cat:cs.CV"):
        assert sure(query, paper(categories=("cs.CV",)))
        assert not most(query, paper(categories=("csx.CV",)))


def test_a_phrase_never_reaches_from_the_title_into_the_abstract_or_among_joined_words():
    assert not most('"a b"', paper("a", "b"))
    for query in ('"tuningy xfine"', '"xfine y"', '"x tuningy"', '"tuningy x"', '"xfine x"'):
        assert not most(query, paper("x-fine tuning-y"))


def test_of_a_sequence_each_pair_must_be_neighbours():
    assert not most('"multi-agent reinforcement learning"', paper("Multi-agent games and reinforcement learning"))
    assert not most('"large vision-language models"', paper("Large vision-language data", "models"))
    assert most('"a finetuning of"', paper("A fine-tuning of"))


def test_an_initial_stands_for_a_word_that_begins_so():
    assert most("au:k_he", paper(authors=("Kaiming He",)))
    assert not most("au:k_he", paper(authors=("Pin He",)))
    assert most("au:q_he", paper(authors=("Qin He",)))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("=RAG", "Rag"),
        ("=rag", "RAG"),
        ("=models", "A model"),
        ("=GPT-4*", "gpt-4o"),
        ('="state of the art"', "State of the Art, state and art"),
        ('="State of the Art"', "The State of Art of the art"),
        ('="Depth Anything"', "Depth for anything, Anything but Depth"),
        ('="Finetuning of"', "Of finetuning, fine-tuning of"),
        ('="Of Fine"', "Fine of Of-tuning"),
        ("=qq", "QQ Qq q"),
    ],
)
def test_of_other_spellings_the_index_knows_that_they_are_others(query, title):
    assert not most(query, paper(title))


@pytest.mark.parametrize(
    ("query", "name", "known"),
    [
        ('au:"kaiming he"', "Kaiming He", True),
        ('au:"he kaiming"', "Kaiming Z. He", True),
        ('au:"k he"', "Kaiming He", True),
        ('au:"he, k."', "Kaiming He", True),
        ('au:"kaiming he"', "K. He", True),
        ('au:"k* he"', "K. He", True),
        ('au:"kaim* he"', "K. He", True),
        ('au:"kaim* he"', "Kaiming He", False),
        ('au:"k hey*"', "Kaiming Heyman", True),
        ('au:"pinyu chen"', "Pin-Yu Chen", True),
        ('au:"p chen"', "Pin-Yu Chen", True),
        ('au:"christopher d manning"', "Christopher David Manning", False),
        ('au:"c d manning"', "Christopher D. Manning", False),
        ('au:"manning david c"', "Christopher David Manning", False),
        ('au:"a b c d e f g"', "A B C D E F G", False),
        ('au:"a g"', "A B C D E F G", False),
        ("au:a-b-c-d-e-f", "ABCDEF", False),
    ],
)
def test_an_author_is_found_by_full_words_and_initials(query, name, known):
    assert parse(query).matches(Doc.of(paper(authors=("X. Y", name))))
    assert most(query, paper(authors=("X. Y", name)))
    assert sure(query, paper(authors=("X. Y", name))) is known


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ('au:"k he"', ("Kaiming Liu", "Lin He")),
        ('au:"k he"', ("He Kang",)),
        ('au:"kaiming he"', ("Kaiming Liu", "Lin He")),
        ('au:"kaiming he"', ("Kaiming H. Liu",)),
        ('au:"kaiming he"', ("Kang He",)),
        ('au:"c d manning"', ("Christopher Manning", "Dan Man")),
        ('au:"kaim* he"', ("Kang He",)),
    ],
)
def test_words_of_several_authors_are_no_author(query, names):
    assert not most(query, paper(authors=names))


def neighbours(one, other):
    """Two words in sequence, or one of them joined."""
    return AnyOf((Phrase((f"w{one}", f"w{other}")), Phrase((f"y{one}", f"j{other}")), Phrase((f"j{one}", f"y{other}"))))


def test_a_very_long_phrase_is_looked_for_by_its_words_and_neighbours():
    most = AllOf((Has("wa"), Has("wb"), neighbours("a", "b"), neighbours("b", "a")))
    assert ask(parse(f'"{"a b " * 9}"')) == Ask(NOTHING, most)
    assert ask(parse(f'"{"a b " * 8}"')).sure == Phrase(("wa", "wb") * 8)


def test_a_common_word_over_and_over_leaves_no_more_than_the_papers_that_repeat_it():
    query = parse(f'"{"the " * 380}"')
    assert ask(query) == Ask(NOTHING, AllOf((Has("wthe"), neighbours("the", "the"))))


def test_of_a_very_long_phrase_a_few_neighbours_are_looked_for():
    words = " ".join(f"word{number}" for number in range(100))
    (*_, last) = ask(parse(f'"{words}"')).most.parts
    assert last == neighbours("word15", "word16")


def test_words_at_many_joints_are_looked_for_without_them():
    asked = ask(parse('"model a-b-c-d-e-f-g"'))
    assert asked == Ask(asked.sure, Has("wmodel"))
    assert ask(parse("a-b-c-d-e-f-g-h")).most == EVERYTHING


@pytest.mark.whole
@pytest.mark.parametrize("chain", ["α" * 2_000, "a-" * 999 + "a"])
def test_a_chain_of_a_thousand_words_takes_no_memory_for_its_readings(chain):
    query = parse(chain)
    tracemalloc.start()
    try:
        assert ask(query) == Ask(NOTHING, EVERYTHING)
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()


def test_only_so_much_is_kept_of_a_text_of_nothing_but_joints():
    row = index_row(Doc.of(paper("-".join(f"w{number}" for number in range(4_000)))))
    assert len(row.title) < 400_000


def test_all_but_some_in_every_combination():
    a, b, c = Has("a"), Has("b"), Has("c")
    rest = without(EVERYTHING, a)
    assert rest == Without(EVERYTHING, a)
    assert without(b, rest) == AllOf((b, a))
    assert without(rest, b) == Without(EVERYTHING, AnyOf((a, b)))
    assert without(a, a) == NOTHING
    assert without(a, EVERYTHING) == NOTHING
    assert without(NOTHING, a) == NOTHING
    assert without(c, NOTHING) == c
    assert without(AnyOf((a, b, c)), AnyOf((a, b))) == Without(c, AnyOf((a, b)))
    assert without(AnyOf((a, b)), b) == Without(a, b)
    assert without(AnyOf((a, b)), c) == Without(AnyOf((a, b)), c)
    assert without(AnyOf((a, b)), AnyOf((a, b))) == NOTHING
    asked = ask(parse("(NOT lora OR pruning) adapters"))
    assert asked.most == Without(Has("wadapter"), Without(Has("wlora"), Has("wpruning")))
    assert ask(parse("x (-lora OR -qlora)")).most == Without(Has("wx"), AllOf((Has("wlora"), Has("wqqlora"))))


@given(papers)
def test_sqlite_keeps_every_token_whole(paper):
    row = index_row(Doc.of(paper))
    tokens = f"{row.title} {row.abstract} {row.rest}".split()
    assert all(re.fullmatch(r"[a-z][a-z0-9]*", token) for token in tokens)
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE words USING fts5(body, tokenize='unicode61')")
        database.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(words, row)")
        database.execute("INSERT INTO words VALUES (?)", (" ".join(tokens),))
        assert {term for (term,) in database.execute("SELECT term FROM seen")} == set(tokens)
    database.close()


@pytest.mark.parametrize("query", ["x -(gan OR -gan)", "(gan) -(x OR -x)", "x -(has:code OR -has:code)"])
def test_what_leaves_out_everything_is_not_asked_for(query):
    assert ask(parse(query)).most == NOTHING


def test_papers_that_have_the_words_as_one_are_not_asked_for_again():
    doubtful = without(ask(parse("state-of-the-art")).most, ask(parse("state-of-the-art")).sure)
    ways = [way.parts[0] for way in doubtful.keep.parts]
    assert ways
    assert all(isinstance(first, Without) and first.drop == Has("wstateoftheart") for first in ways)
