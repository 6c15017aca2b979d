"""A query in one sentence, as the search page shows it."""

import pytest

from paperwire.core.query.language import parse
from paperwire.texts import ENGLISH
from paperwire.wording.query_in_words import in_words

CL = "cs.CL (Computation and Language)"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lora", "with “lora” in title or abstract"),
        ("diffusion -survey model", "with “diffusion” and “model” in title or abstract, without “survey”"),
        ("ti:(lora OR qlora) cat:cs.CL", f"with “lora” or “qlora” in the title, in {CL}"),
        (
            "lora OR qlora cat:cs.CL",  # AND binds closer
            f"with “lora” in title or abstract or (with “qlora” in title or abstract, in {CL})",
        ),
        ("(au:he OR cat:cs.CL) ti:lora", f"(by he or in {CL}), with “lora” in the title"),
        ("lora -(survey OR review)", "with “lora” in title or abstract, without “survey” or “review”"),
        (
            "-(ti:a b) c",
            "with “c” in title or abstract, not (with “a” in the title, with “b” in title or abstract)",
        ),
        ("lora -(au:he OR ti:qlora)", "with “lora” in title or abstract, not (by he or with “qlora” in the title)"),
        ("list:public", "submitted to the public list"),
        ("like:saved rate:5/week", "close in meaning to the papers you saved, the nearest, about 5 a week"),
    ],
)
def test_it_says_what_the_query_finds(typed, words):
    assert in_words(parse(typed), ENGLISH) == f"Papers {words}."


def test_a_long_query_is_cut():
    assert len(in_words(parse(" OR ".join(f"w{number}" for number in range(150))), ENGLISH)) < 420
