"""What is rarely typed: edges of reading, marking and repairing queries that no other test reaches."""

import numpy as np
import pytest

from paperwire.core.meaning.nearby import Nearby
from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import from_inspire, read
from paperwire.core.query.highlight import Highlighter
from paperwire.core.query.language import MAX_CHARACTERS, parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.abbreviations import other_forms
from paperwire.core.search.correction import corrected
from paperwire.core.search.foreign import FOREIGN, searched
from paperwire.core.search.pasted import from_listing
from paperwire.core.search.references import from_record, from_reference
from paperwire.core.search.suggestion import respelled
from paperwire.core.search.summaries import from_summary
from paperwire.errors import QueryError


def test_below_the_floor_nothing_is_near_but_papers_with_the_words():
    nearby = Nearby(np.array([0.0, 0.5, 0.2, 0.2, 0.05], np.float32), words={3: 1.0, 4: 1.0}, floor=0.3)
    assert nearby.are_near(np.array([1, 2, 3, 4])).tolist() == [True, False, True, False]


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("find a geoffrey hinton and d 2020", 'au:"geoffrey hinton"'),
        ("find t graph networks and a hinton", "ti:(graph networks) AND au:hinton"),
        ("graph networks", None),
    ],
)
def test_inspire_is_read(typed, read_as):
    assert from_inspire(typed) == read_as


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("finetuning", "we fine", []),
        ("finetuning", "fine-tun-ing", ["fine-tun-ing"]),
        ("abcdefgh", "a-b-c-d-e", []),
        ('"graph neural" "neural network"', "graph neural network", ["graph neural network"]),
        ("graph", "½ graph", ["graph"]),
    ],
)
def test_words_are_marked_over_joints_and_each_once(query, text, marked):
    assert [text[begin:end] for begin, end in Highlighter(parse(query), "ti").spans(text)] == marked


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("papers about diffusion by Hinton and LeCun", 'diffusion au:"Hinton" au:"LeCun"'),
        ("papers by Yann LeCun, LoRA", 'LoRA au:"Yann LeCun"'),
        ("papers by LeCun, Y. on worlds", 'worlds au:"Y LeCun"'),
        ("papers from Google or Kaiming He", '(org:"Google" OR au:"Kaiming He")'),
        ("papers by BERT and LoRA", "BERT LoRA"),
        ("papers by Kaiming He at CVPR", 'au:"Kaiming He" venue:CVPR'),
        ("papers from ICML, ICLR or NeurIPS 2025", '(venue:ICML OR venue:ICLR OR venue:"NeurIPS 2025")'),
        ("papers from 2025", "2025"),
        ("papers on learning from Nature", "learning Nature"),
        ("new papers at the Science of Learning", "Science Learning"),
    ],
)
def test_whom_papers_of_a_sentence_are_from(typed, words):
    sentence = sentence_in(typed)
    assert sentence is not None
    assert sentence.words == words


def test_papers_to_avoid_turn_a_direction_and_refuse_none():
    _, unlike = parse("like:2501.00001 -like:2501.00002").modifiers
    assert unlike.holds(Doc.of(Paper(id="2501.00002", title="Graphs", abstract="")))


@pytest.mark.parametrize("typed", ["node.js: graph", "node.js/vue.js graph"])
def test_what_only_looks_like_a_category_is_words(typed):
    assert read(typed).text == typed


def test_another_form_that_makes_a_query_too_long_is_not_offered():
    text = "LLM " + "x" * (MAX_CHARACTERS - 5)
    assert other_forms(parse(text)) == []


def test_a_sentence_with_a_category_is_corrected():
    assert corrected("show me papers about lora in cs.LG") == "lora cat:cs.LG"


def test_an_address_that_is_none_has_no_search():
    assert searched("https://[arxiv.org/search?query=lora") is None


def test_an_author_alone_has_no_other_name():
    assert [str(each.query) for each in respelled(parse("au:hinton cat:cs.LG"))] == []


def test_ids_that_papers_are_to_be_like_are_no_ids_to_find():
    with pytest.raises(QueryError, match="an id without id:"):
        read("papers like 2501.00001 2501.00002")
    assert corrected("papers like 2501.00001 2501.00002") == "like:2501.00001,2501.00002"


def test_an_id_among_words_is_asked_for_with_them():
    assert corrected("graph [2501.00001] networks") == "graph id:2501.00001 networks"


@pytest.mark.parametrize(
    "text",
    [
        "[graph networks](https://example.org/a)",
        "@article{a, year={2006}}",
        "TY - JOUR AU - LeCun, Yann ER -",
        "TY - JOUR TI - ER - ",
        "LeCun Y, Bengio Y, Hinton G. Deep learning. Nature. 2015;521:436.",
        "We train graph networks in 2024. The results are better than those before.",
        "Vaswani, A., Shazeer, N. Attention is all you need, an old paper",
        "Witten, E. AND Seiberg, N. Electric magnetic duality in 1994. Nucl. Phys. B",
        "Vaswani, A. 2017",
    ],
)
def test_what_only_resembles_a_record_of_a_paper_stands_for_none(text):
    assert from_record(text) is None


def test_a_name_with_particles_is_a_whole_one():
    reference = "van der Maaten, L., Hinton, G. (2008). Visualizing data using t-SNE. JMLR 9, 2579-2605."
    assert from_reference(reference) == 'au:"van der Maaten" ti:"Visualizing data using t-SNE"'


@pytest.mark.parametrize("text", ["graph networks", "cs.LG graph", "Robotics (cs.RO); Graphs (cs.XX)"])
def test_where_more_is_said_there_is_no_listing(text):
    assert from_listing(text) is None


@pytest.mark.parametrize("piece", [" ", ", ", "A. ", "A, ", "最新", "but not ", "\t", "**"])
@pytest.mark.parametrize("begin", ["", "Aa, A. ", "关于", "TI - ", "Aa, A. 2017. "])
def test_a_long_hostile_text_is_no_reference_and_ends(begin, piece):
    """A pattern that tries each way to part such a text never ends, and the time limit of tests does."""
    text = (begin + piece * MAX_CHARACTERS)[: MAX_CHARACTERS - 1] + ":"
    for translate in FOREIGN:
        translate(text)
    sentence_in(text)
    assert from_reference(text) is None
    query = corrected(text)
    assert query is None or str(parse(query))


def test_a_summary_of_terms_without_a_field_is_none():
    assert from_summary("terms: lora") is None
    assert from_summary("terms: AND title=lora; adapter") is None
