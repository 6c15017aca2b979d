"""Narrower queries for a flood, wider ones for silence."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.search.correction import keeps_half
from paperwire.core.search.foreign import from_author, from_paragraph, from_pubmed, from_regex, typed_words
from paperwire.core.search.suggestion import Difference, at_venue, narrower, wider

NARROWER = {
    "diffusion model": ["ti:(diffusion model)", '"diffusion model"', "diffusion model cat:cs.CV"],
    "diffusion": ["ti:diffusion", "diffusion cat:cs.CV"],
    "lora OR qlora": ["ti:(lora OR qlora)", "(lora OR qlora) cat:cs.CV"],
    "lora au:he -survey": ["ti:lora au:he -survey", "lora au:he -survey cat:cs.CV"],
    "lora cat:cs.CL upvotes>=5": ["ti:lora cat:cs.CL upvotes>=5"],
    "ti:lora abs:quantization": ["ti:lora abs:quantization cat:cs.CV"],
    '"fine tuning" lora': ['ti:("fine tuning" lora)', '"fine tuning" lora cat:cs.CV'],
    "(a (b OR c)) d": ["ti:(a (b OR c) d)", '"a d" (b OR c)', "a (b OR c) d cat:cs.CV"],
}
WIDER = {
    "lora -survey": ["lora"],
    "lora upvotes>=50": ["lora"],
    "lora cat:math.AG": ["lora"],
    "ti:lora has:code": ["ti:lora", "lora has:code"],
    'ti:"fine tuning" -x': ['ti:"fine tuning"', '"fine tuning" -x', "ti:fine ti:tuning -x", "fine tuning -x",
                            "fine -x", "tuning -x", "(fine OR tuning) -x"],
    "=RAG": ["RAG"],
    "lora OR =RAG": ["lora OR RAG"],
    "one two three four": ["one two three", "one two four", "one three four", "two three four", "one two", "three four",
                           "one OR two OR three OR four"],
    "Hawking, S": ['au:"S Hawking"', "Hawking,", "S", "Hawking, OR S"],
    '"to be or not cs.AI"': [],
    "lora": [],
    "id:2510.00001": [],
    '"-"a b': ["a", "b", "a OR b"],
}  # fmt: skip


@pytest.mark.parametrize("query", NARROWER)
def test_narrower_queries(query):
    found = list(narrower(parse(query), ["cs.CV"]))
    assert [str(each.query) for each in found] == NARROWER[query]
    assert all(keeps_half(query, str(each.query)) for each in found)


@pytest.mark.parametrize("query", [query for query in WIDER if not query.startswith('"-"')])
def test_wider_queries(query):
    found = list(wider(parse(query)))
    assert [str(each.query) for each in found] == WIDER[query]
    assert all(keeps_half(query, str(each.query)) for each in found)


def test_a_suggestion_says_what_it_changes():
    subjects = [(each.change, each.subject) for each in wider(parse("lora, cat:math.AG quantization"))]
    assert subjects[:2] == [(Difference.WITHOUT, "cat:math.AG"), (Difference.WITHOUT, "quantization")]
    assert [each.subject for each in narrower(parse("lora"), ["cs.CV", "cs.CL"])] == ["", "cs.CV", "cs.CL"]
    halves = [each.subject for each in wider(parse("one two three four"))]
    assert halves[4:6] == ["three four", "one two"]


def test_a_text_that_is_a_query_already_is_not_translated():
    assert from_author("Graph, neural") is None
    assert from_author("Hawking, Stephen W.") == 'au:"Stephen W Hawking"'
    assert from_author("Hawking, Steph*") == 'au:"Steph* Hawking"'
    assert from_pubmed("lora") is None
    assert from_regex("lora") is None
    assert from_paragraph("one two three") is None
    assert from_paragraph('"a b" ' * 12) is None
    assert from_paragraph("ti:lora " + "word " * 12) is None
    assert list(wider(parse("lora qlora"))) == list(wider(parse("lora  qlora")))


def test_a_text_becomes_its_phrases():
    text = (
        "We study how the transfer of knowledge between the many large language model agents for code is bounded in NOT"
    )
    assert from_paragraph(text.removesuffix(" NOT")) == (
        "study OR transfer OR knowledge OR many OR large language model agents OR code OR bounded"
    ).replace("large language model agents", "(large language model agents)").replace("many OR (large", "(many large")


def test_words_are_neither_operators_nor_fields_nor_signs():
    assert typed_words('ti:"Fine tuning" AND -x[tiab] year:2020 upvotes>=5') == ["fine", "tuning", "x"]
    assert typed_words(r"\bna[- ]?ion\b") == ["na", "ion"]
    assert typed_words("https://example.org/lora/") == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("NeurIPS 2025", ['venue:"NeurIPS 2025"']),
        ("neurips", ["venue:neurips"]),
        ('"NeurIPS 2025"', ['venue:"NeurIPS 2025"']),
        ("NeurIPS2025", ["venue:NeurIPS2025"]),
        ("lora ICLR 2026 merging", ['lora venue:"ICLR 2026" merging']),
        ("lora iclr upvotes>=5", ["lora venue:iclr upvotes>=5"]),
        ("date", []),
        ("date 2026", ['venue:"date 2026"']),
        ("nature", []),
        ("lora 2025", []),
        ("ti:neurips", []),
        ("co:neurips", []),
        ("-neurips lora", []),
        ("lora OR neurips", []),
        ("venue:neurips", []),
        ('like:"NeurIPS 2025"', []),
    ],
)
def test_a_conference_among_the_words_is_named_as_a_venue(typed, expected):
    assert [str(each.query) for each in at_venue(parse(typed))] == expected
