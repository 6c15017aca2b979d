"""What the full-text index proposes against what the evaluator says."""

import re
import sqlite3
from contextlib import suppress

import pytest
from hypothesis import assume, given
from querygen import papers, queries

from paperwire.core.candidates import (
    AllOf,
    AnyOf,
    Everything,
    Prefix,
    Token,
    Without,
    candidates,
    index_text,
    index_tokens,
)
from paperwire.core.paper import Paper
from paperwire.core.query import parse
from paperwire.core.text import Doc
from paperwire.errors import QueryError


def proposes(tree, tokens):
    match tree:
        case Token(text):
            return text in tokens
        case Prefix(text):
            return any(token.startswith(text) for token in tokens)
        case AllOf(parts):
            return all(proposes(part, tokens) for part in parts)
        case AnyOf(parts):
            return any(proposes(part, tokens) for part in parts)
        case Without(keep, drop):
            return proposes(keep, tokens) and not proposes(drop, tokens)
        case Everything():
            return True


@given(queries, papers)
def test_never_too_few_and_exact_where_said(text, paper):
    query = None
    with suppress(QueryError):
        query = parse(text)
    assume(query)
    doc = Doc.of(paper)
    found = candidates(query)
    proposed = proposes(found.tree, set(index_tokens(doc)))
    if query.matches(doc):
        assert proposed
    if found.exact:
        assert proposed is query.matches(doc)


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ("diffusion", True),
        ("diffusion model", True),
        ("a OR b", True),
        ("a -b", True),
        ("ti:a", True),
        ("cat:cs.CV a", True),
        ("id:2510.00001", True),
        ("source:arxiv a", True),
        ("has:code a", True),
        ("a -cat:cs.CV -has:code", True),
        ("abs:a", False),
        ('"a b"', False),
        ("fine-tuning", False),
        ("diffus*", False),
        ("=RAG", False),
        ("au:he", False),
        ("a -abs:b", False),
        ("a OR (b -c)", True),
        ("x" * 101, False),
        (f'cat:"{"x" * 101}"', False),
    ],
)
def test_exactness(query, exact):
    assert candidates(parse(query)).exact is exact


@pytest.mark.parametrize(
    ("query", "tree"),
    [
        ("LLMs", Token("wllm")),
        ("ti:LLMs C#", AllOf((Token("tllm"), Token("wcq23z")))),
        ("a a", Token("wa")),
        ("fine-tuning", AnyOf((AllOf((Token("wfine"), Token("wtuning"))), Token("wfinetuning")))),
        ("equi*", AnyOf((Prefix("weqqui"), Prefix("peqqui")))),
        ("=Équi*", AnyOf((Prefix("weqqui"), Prefix("peqqui")))),
        ("a-b-c-d-e", AnyOf((Token("wa"), Token("wab"), Token("wabc"), Token("wabcd"), Token("wabcde")))),
        ("a -(b c)", Without(Token("wa"), AllOf((Token("wb"), Token("wc"))))),
        ("a -abs:b -c", Without(Token("wa"), Token("wc"))),
        ("(NOT a OR b) c", Token("wc")),
        ("(-a -b OR c) d", Token("wd")),
        ("cat:cs.CV", Token("ccsq2ezcv")),
        ("au:he", AllOf((Token("ahe"), AnyOf((Token("ahe"), Token("ah")))))),
        ("au:k", AllOf((Token("ak"), AnyOf((Token("ak"), Prefix("ak")))))),
        ("au:kaim*", AllOf((Prefix("akaim"), AnyOf((Prefix("akaim"), Token("ak")))))),
        ("au:a-b-c-d-e", Everything()),
        ("a OR au:a-b-c-d-e", Everything()),
    ],
)
def test_trees(query, tree):
    assert candidates(parse(query)).tree == tree


def test_index_text():
    paper = Paper(
        id="2510.00001",
        title="Fine-tuning C++",
        abstract="Queries. See github.com/a",
        authors=("Pin-Yu Chen",),
        categories=("math-ph",),
    )
    assert index_text(paper) == (
        "wfine wfinetuning wtuning wcq2bzq2bz wqquery pqqueries wsee wgithub wcom wa "
        "tcq2bzq2bz tfine tfinetuning ttuning achen apin apinyu ayu cmath cmathq2dzph cmathq2ezmp "
        "sarxiv i2510q2ez00001 hcode"
    )


@given(papers)
def test_sqlite_keeps_every_token_whole(paper):
    tokens = index_tokens(Doc.of(paper))
    assert all(re.fullmatch(r"[a-z][a-z0-9]*", token) for token in tokens)
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE VIRTUAL TABLE words USING fts5(body, tokenize='unicode61')")
        database.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(words, row)")
        database.execute("INSERT INTO words VALUES (?)", (" ".join(tokens),))
        assert {term for (term,) in database.execute("SELECT term FROM seen")} == set(tokens)
    database.close()
