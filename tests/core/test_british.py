"""British spellings: which words fall together with their American form, and that no others do over recorded papers."""

import gzip
import json
from pathlib import Path

import pytest

from paperwire.core.text.british import american
from paperwire.core.text.words import chunks_of, spans_of, spellings

PAIRS = Path(__file__).parent / "british_pairs.tsv"
"""Every word of the 86,881 recorded papers that folds to another one there, as read through by a person."""


def listed():
    return dict(line.split("\t") for line in PAIRS.read_text("utf-8").splitlines()[1:])


def test_each_word_of_the_list_is_one_with_its_american_form():
    pairs = listed()
    assert len(pairs) > 750
    assert {word: spellings(word)[1] for word in pairs} == pairs
    assert {american(form) for form in pairs.values()} == set(pairs.values())  # a form is its own


@pytest.mark.parametrize(
    ("word", "form"),
    [
        ("manoeuvred", "maneuvered"),
        ("manoeuvre", "maneuver"),
        ("anaesthetised", "anesthetized"),
        ("kinaesthetic", "kinesthetic"),
        ("unaesthetic", "unaesthetic"),
        ("haematology", "hematology"),
        ("schoenbaem", "schoenbaem"),
        ("rigourously", "rigorously"),
        ("supervised", "supervised"),
        ("otherwise", "otherwise"),
        ("summarise", "summarize"),
        ("comprise", "comprise"),
        ("enterprise", "enterprise"),
        ("greyhound", "greyhound"),
        ("vidisc", "vidisc"),
        ("focussed", "focused"),
        ("colour2", "colour2"),
        ("our", "our"),
    ],
)
def test_american_form(word, form):
    assert american(word) == form


@pytest.mark.slow
def test_no_other_words_of_the_recorded_papers_fall_together(shared_data, monkeypatch):
    words = set()
    with gzip.open(shared_data / "arxiv_corpus" / "arxiv_2025-09_2026-03.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            for chunk in {*chunks_of(record["title"]), *chunks_of(record["abstract"])}:
                words.update(span.plain for there in spans_of(chunk) for span in there)
    forms = {word: spellings(word)[1] for word in words}
    monkeypatch.setattr("paperwire.core.text.words.american", lambda word: word)
    spellings.cache_clear()
    before = {word: spellings(word)[1] for word in words}
    spellings.cache_clear()
    pairs = {before[word]: form for word, form in forms.items() if before[word] != form}
    there = set(before.values())
    assert {word: form for word, form in pairs.items() if form in there} == listed()
