"""Queries with a word spelled otherwise, and by meaning, for those that find nothing."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.search.misspelled import spelled
from paperwire.core.search.spoken import by_meaning

WORDS = {"diffusion", "model", "transformer"}


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("difusion models", ["diffusion models"]),
        ("ti:difusion -modles", ["ti:diffusion -modles"]),
        ('"difusion model"', ['"diffusion model"']),
        ("transfromer", ["transformer"]),
        ("difussion", ["diffusion"]),
        ("=difusion au:difusion co:difusion dif 123456 qqqqzzzz", []),
        ("diffusion", []),
        ("difusion " * 40, []),
    ],
)
def test_words_are_spelled_as_the_table_has_them(typed, others):
    assert [str(each.query) for each in spelled(parse(typed), WORDS.__contains__)] == others


def test_of_several_spellings_three_are_tried():
    assert [str(each.query) for each in spelled(parse("boat"), {"coat", "goat", "moat", "bot"}.__contains__)] == [
        "bot",
        "coat",
        "goat",
    ]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("graph networks", 'like:"graph networks"'),
        ('"graph networks"', 'like:"graph networks"'),
        ("what is new about graph networks?", 'like:"graph networks"'),
        ("Hu E, et al. Low-rank adaptation of models. Proc ICLR. 2022;10.", 'like:"Low-rank adaptation of models"'),
        ("graph", None),
        ("ti:graph networks", None),
        ("graph networks*", None),
        ("graph networks upvotes>=5", None),
        ("graph -networks", None),
    ],
)
def test_plain_words_may_be_meant_by_meaning(typed, text):
    other = by_meaning(parse(typed))
    assert (other and str(other.query)) == text
