"""Queries in plain words: what readers see of what a stranger typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.messages.plain import plain_words, without_links


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        ('"world model" cat:cs.cv -survey', "world model cat cs.CV survey"),
        ("cat:cond-mat.mes-hall upvotes>=30", "cat cond-mat.mes-hall upvotes 30"),
        ('"URGENT verify at https://evil.example/x"', "urgent verify at evil example x"),
        ("www.evil.com", "evil com"),
        ("ｅｖｉｌ．ｃｏｍ", "evil com"),
        ("<b>bold</b> [a](http://b.com)", "b bold b a b com"),
        ("call +49 170 1234567 GPT4", "call 49 170 gpt4"),
        ("x" * 31, ""),
        ("cs.AI.evil.com", "cs.AI evil com"),
        ("aaaa bbbb cccc", "aaaa bbbb cccc"),
        (" ".join(["word"] * 99), " ".join(["word"] * 16) + " …"),
    ],
)
def test_what_is_shown(typed, shown):
    assert plain_words(typed) == shown


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("(cat:cs.CV) upvotes>=30", "(cat:cs.CV) upvotes>=30"),
        ("like:2601.00001 GPT-3.5", "like:2601.00001 GPT-3.5"),
        ('lora OR "at http://evil.example/now"', 'lora OR "at evil example/now"'),
        ("t.co/x bit.ly a.b", "t co/x bit ly a.b"),
        ("cs.AI.evil.com x.cs.AI", "cs AI evil com x cs AI"),
        ('"me@evil.com"', '"me evil com"'),
        ("ｅｖｉｌ．ｃｏｍ evil。com", "ｅｖｉｌ ｃｏｍ evil com"),
    ],
)
def test_a_query_without_links(typed, query):
    assert without_links(typed) == query


@given(st.text())
@pytest.mark.hypothesis
def test_of_any_text_only_words_are_left(typed):
    shown = plain_words(typed).removesuffix("…")
    assert len(shown) <= 80
    assert all(piece.isalnum() or piece in {"-", "."} for piece in shown if piece != " ")
    assert "://" not in without_links(typed)
    assert "@" not in without_links(typed)
