"""Where the words of a query stand in a text."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperwire.core.query.highlight import Highlighter
from paperwire.core.query.language import parse


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("diffusion model", "Diffusion Models for a model", "[Diffusion] [Models] for a [model]"),
        ('"diffusion model"', "A diffusion model, not a model", "A [diffusion model], not a model"),
        ("diffus*", "Diffusing diffusion; infusing", "[Diffusing] [diffusion]; infusing"),
        ("=RAG", "RAG and rag", "[RAG] and rag"),
        ("finetuning", "We fine-tuning and fine tuning", "We [fine-tuning] and fine tuning"),
        ("fine-tuning", "finetuning, fine-tuning", "[finetuning], [fine-tuning]"),
        ("colour -survey", "A survey of colors", "A survey of [colors]"),
        ("abs:lora OR ti:qlora", "LoRA and QLoRA", "LoRA and [QLoRA]"),
        ("模型", "大模型", "大[模型]"),
        ("łukasz", "By Lukasz", "By [Lukasz]"),
        ("cat:cs.CV", "cs.CV", "cs.CV"),
    ],
)
def test_words_are_marked_as_they_match(query, text, marked):
    shown, place = "", 0
    for start, end in Highlighter(parse(query), "ti").spans(text):
        shown += f"{text[place:start]}[{text[start:end]}]"
        place = end
    assert shown + text[place:] == marked


@given(st.text(max_size=60))
def test_any_text_has_spans_in_order(text):
    spans = Highlighter(parse('a OR bcd* OR "c d" OR e-f OR ab'), "abs").spans(text)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))
