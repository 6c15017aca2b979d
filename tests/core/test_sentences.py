"""Sentences typed as queries, and the keywords in them."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.query.sentences import sentence_in
from paperwire.core.search.spoken import in_english, spoken, wider_than
from paperwire.texts import ENGLISH, texts_in


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
        "MIR spectroscopy",
        "MIS algorithm",
        "Lake Como",
        "what is it about",
        'papers about "in-context learning"',
        "about cat:cs.CL",
        "papers about LoRA OR adapters",
        "papers about LoRA -survey",
        "you*",
        "推荐一些论文",
        "stop sending me papers about LoRA",
        "ohne Surveys",
        "transformers sans survey",
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


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("NeurIPS 2025の連合学習の論文", '"federated learning" venue:"NeurIPS 2025"'),
        ("Yann LeCun的最新论文", 'au:"Yann LeCun"'),
        ("Google의 강화학습 논문", '"reinforcement learning" org:"Google"'),
        ("帮我找cs.CL的论文", "cat:cs.CL"),
        ("생성형 AI에 관한 논문", '"generative AI"'),
        ("大規模言語モデル（LLM）に関する論文", '"large language model"'),
        ("「拡散モデル」に関する論文", '"diffusion model"'),
        ("단백질 구조 예측에 관한 논문 (리뷰 제외)", '"protein structure prediction" -(survey OR review)'),
        ("（扩散模型 OR 流匹配）论文", None),
        ("「拡散モデル」", None),
        ("生成AIと格子QCDの論文", '"generative AI" "lattice QCD"'),
        ("机器翻译论文，不要综述和数据集", '"machine translation" -survey -dataset'),
        ("논문 찾아줘: LoRA", None),
        ("扩散模型", None),
        ("关于\ue000的论文", None),
        ("关于扩散模型的论文" + "和" * 600, None),
        ("найди рецепты борща", None),
        ("avez-vous des articles sur la cosmologie ?", "cosmology"),
        ("potresti mandarmi articoli sulle galassie?", "galaxy"),
        ("LoRA e modelli linguistici, articoli recenti", 'LoRA "language model"'),
        ("статьи Yann LeCun о трансформерах", 'transformer au:"Yann LeCun"'),
    ],
)
def test_fields_and_exclusions_are_read_in_other_languages(typed, words):
    sentence = sentence_in(typed)
    assert (sentence.words if sentence is not None else None) == words


@pytest.mark.parametrize(
    "title", ["Aprendizaje profundo para la detección de objetos en la nube", "de la Cruz", "Juana de la Cruz"]
)
def test_a_title_or_name_in_another_language_is_no_request(title):
    assert not (sentence := sentence_in(title)) or not sentence.is_request


def test_a_sentence_is_widened_as_what_it_asks_for():
    wider = [str(other.query) for other in wider_than(parse("quiero papers sobre grafos y alucinaciones de robots"))]
    assert wider[0] == "graph hallucination robot"
    assert "graph hallucination" in wider
    assert not any("sobre" in query or " OR " in query for query in wider)
    english = [str(other.query) for other in wider_than(parse("papers about folding paperclips"))]
    assert "folding OR paperclips" in english


def test_a_sentence_is_never_half_in_english():
    texts = texts_in("ru")
    assert in_english("меня интересует теория чисел", texts) == '"number theory"'
    assert in_english("теория чисел cat:math.NT", texts) == '"number theory" cat:math.NT'
    assert in_english("papers about graphs", texts) == "papers about graphs"
    assert in_english("关于图神经网络的论文", ENGLISH) == '"graph neural network"'
