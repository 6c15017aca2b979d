"""A query in one sentence, as the search page shows it."""

import pytest

from paperwire.core.query.language import parse
from paperwire.texts import ENGLISH, texts_in
from paperwire.wording.query_in_words import in_words

CL = "cs.CL (Computation and Language)"


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("lora", "with “lora” in title or abstract"),
        (
            "diffusion -survey model",
            "with “diffusion” and “model” in title or abstract, without “survey” in title or abstract",
        ),
        ("ti:(lora OR qlora) cat:cs.CL", f"with “lora” or “qlora” in the title, in {CL}"),
        (
            "lora OR qlora cat:cs.CL",  # AND binds closer
            f"with “lora” in title or abstract or (with “qlora” in title or abstract, in {CL})",
        ),
        ("(au:he OR cat:cs.CL) ti:lora", f"(by he or in {CL}), with “lora” in the title"),
        (
            "lora -(survey OR review)",
            "with “lora” in title or abstract, without “survey” or “review” in title or abstract",
        ),
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


def test_what_belongs_together_stands_in_the_brackets_of_the_language():
    words = in_words(parse("(au:he OR ti:qlora) ti:lora"), texts_in("zh-CN"))
    assert words == "论文：（作者为 he或标题含“qlora”）、标题含“lora”。"


def test_the_words_of_a_part_go_into_any_sentence():
    words = in_words(parse("has:code has:video -has:model"), texts_in("es"))
    assert words == "Artículos con código y vídeo, sin modelo."
