"""Words that name a topic: what a person would say a paper is about, as the paper writes it."""

import pytest

from paperwire.core.text.topical import topical_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("An efficient method for the diffusion of toxicity", ["diffusion", "toxicity"]),
        ("Let $T_n$ be a graph; we pass $n$ steps to LLMs", ["graph", "LLMs"]),
        ("Graph-level tasks", ["graph", "graph-level"]),
        ("State-of-the-art results by LoRA in 3D", ["LoRA", "3D"]),
        ("We show that this paper is novel", []),
    ],
)
def test_only_words_that_name_a_topic_stand_as_the_text_writes_them(text, words):
    assert sorted(set(topical_words(text).values()) & {"tn", "n", "let", "pass", "steps", "4"}) == []
    assert set(words) <= set(topical_words(text).values())
    assert words or not topical_words(text)
