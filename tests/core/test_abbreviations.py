"""Queries with an abbreviation, or the words that it stands for, have a second one that finds both."""

from importlib.resources import files

import pytest

from paperwire.core.query.language import parse
from paperwire.core.search.abbreviations import other_forms


@pytest.mark.parametrize(
    ("typed", "either", "missed"),
    [
        ("LLM", 'LLM OR "large language models"', '"large language models" -LLM'),
        ("llms", 'llms OR "large language models"', '"large language models" -llms'),
        ("large language model", "(large language model) OR LLM", "LLM -(large language model)"),
        ('"large language models"', '"large language models" OR LLM', 'LLM -"large language models"'),
        (
            'ti:"large language model" x',
            '(ti:"large language model" OR ti:LLM) x',
            'x ti:LLM -ti:"large language model"',
        ),
        ("RAG medicine", '(RAG OR "retrieval-augmented generation") medicine', None),
        ("large language model -survey", "(large language model OR LLM) -survey", None),
        ("GNN OR lora", 'GNN OR lora OR "graph neural networks"', '"graph neural networks" -(GNN OR lora)'),
        ("GNN upvotes>=5", '(GNN OR "graph neural networks") upvotes>=5', '"graph neural networks" -GNN upvotes>=5'),
    ],
)
def test_the_other_form_of_a_query_s_words_is_one_more(typed, either, missed):
    form = other_forms(parse(typed))[0]
    assert form.suggestion.query == parse(either)
    assert missed is None or form.missed == parse(missed)


@pytest.mark.parametrize(
    "typed",
    [
        "qlora",
        "=LLM",
        "-LLM qlora",
        'LLM OR "large language model"',
        "large OR language OR model",
        "LLM* qlora",
        "co:LLM",
        "au:LLM",
        "like:saved LLM",
        "large ti:language model",
        "cat:cs.CL",
        "list:public",
    ],
)
def test_what_has_no_other_form_or_has_both_stays(typed):
    assert other_forms(parse(typed)) == []


def test_of_several_abbreviations_each_has_its_own():
    subjects = [form.suggestion.subject for form in other_forms(parse("LLM GNN"))]
    assert subjects == ["large language models", "graph neural networks"]


def test_each_pair_of_the_table_is_found_from_both_sides():
    lines = files("paperwire.core.search").joinpath("abbreviations.tsv").read_text("utf-8").splitlines()[1:]
    pairs = [line.split("\t")[:2] for line in lines]
    for typed, other in [*pairs, *(pair[::-1] for pair in pairs)]:
        assert [form.suggestion.subject for form in other_forms(parse(f'"{typed}"'))] == [other]
