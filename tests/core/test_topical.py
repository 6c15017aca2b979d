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


@pytest.mark.parametrize(
    ("abstract", "written"),
    [
        ("On a p-adic group", {"adic": "p-adic"}),
        ("On a $p$-adic group", {"adic": "p-adic"}),
        ("for multi-armed bandits", {"armed": "multi-armed", "multi": "multi-armed"}),
        ("the Navier--Stokes equations", {"navier": "Navier-Stokes", "equation": "equations"}),
        ("a Meta-Black-Box optimizer", {"metablack": "Meta-Black-Box"}),
        ("in La_3Ni_2O_7 films", {"la3ni2o7": "La3Ni2O7", "film": "films"}),
        ("where the Schur functor acts", {"schur": "Schur", "functor": "functor"}),
        ("with Graph Neural Networks on lasers", {"network": "networks", "laser": "lasers"}),
        ("and the tuning of lasers", {"tuning": "tuning"}),
    ],
)
def test_fragments_are_shown_as_their_compounds_and_names_with_their_capital(abstract, written):
    words = topical_words("A Title Of Papers", abstract)
    assert {folded: words[folded] for folded in written} == written


def test_a_title_in_capitals_takes_the_writing_of_its_abstract():
    words = topical_words("Spatio-Temporal Films", "We draw spatio-temporal films of H_2O and $\\ell$-adic sheaves.")
    assert words["spatiotemporal"] == "spatio-temporal"
    assert not {"2o", "adic"} & set(words)


def test_a_fragment_next_to_the_compound_of_other_words_is_left_out():
    assert "adic" not in topical_words("A Title Of Papers", "by x-ray/adic means")
