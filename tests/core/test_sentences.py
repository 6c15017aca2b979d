"""Sentences typed as queries, and the keywords in them."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.spoken import spoken


@pytest.mark.parametrize(
    ("typed", "words", "topic"),
    [
        (
            "I'm interested in papers about diffusion models for protein design",
            "diffusion models protein design",
            "diffusion models for protein design",
        ),
        ("please send me everything on LLM agents", "LLM agents", "LLM agents"),
        ("I’m looking for new papers on graph neural networks.", "graph neural networks", "graph neural networks"),
        ("Show me the latest papers about in-context learning!", "in-context learning", "in-context learning"),
        ("subscribe to speculative decoding", "speculative decoding", "speculative decoding"),
        ("search for LoRA", "LoRA", "LoRA"),
        ("attention is all you need", "attention", "attention"),
        ("papers about LoRA , please", "LoRA", "LoRA"),
    ],
)
def test_the_keywords_of_a_sentence_are_those_without_stop_words(typed, words, topic):
    sentence = sentence_in(typed)
    assert (sentence.words, sentence.topic) == (words, topic)


@pytest.mark.parametrize(
    "keywords",
    [
        "",
        "diffusion models protein design",
        "chain of thought",
        "mixture of experts in vision",
        "learning to rank",
        "neural architecture search",
        "search engines",
        "what is it about",
        'papers about "in-context learning"',
        "about cat:cs.CL",
        "papers about LoRA OR adapters",
        "papers about LoRA -survey",
        "you*",
    ],
)
def test_keywords_and_queries_are_no_sentences(keywords):
    assert sentence_in(keywords) is None


def test_only_who_asks_for_something_makes_a_request():
    assert sentence_in("please send me everything on LLM agents").is_request
    assert not sentence_in("how do transformers learn").is_request


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("show me papers on lora from NeurIPS", "lora venue:NeurIPS"),
        ("papers by Kaiming He", 'au:"Kaiming He"'),
        ("what is new in protein folding?", "protein folding"),
    ],
)
def test_a_search_for_the_words_of_a_sentence_is_offered_what_it_asks_for(typed, meant):
    assert spoken(parse(typed)).query == parse(meant)


def test_keywords_ask_for_nothing_else():
    assert spoken(parse("protein folding")) is None
