"""Terms of the field in inflected languages: each form is found, and no word that is none."""

import pytest

from paperwire.core.query.field_terms import field_terms


def found(language, typed):
    return [term.english for term in field_terms(language).find(typed.split())]


@pytest.mark.parametrize(
    ("language", "typed", "english"),
    [
        ("ru", "больших языковых моделей", '"large language model"'),
        ("ru", "большой языковой моделью", '"large language model"'),
        ("ru", "обучением с подкреплением", '"reinforcement learning"'),
        ("ru", "теорию чисел", '"number theory"'),
        ("ru", "нейросетях", '"neural network"'),
        ("ru", "черной дыры", '"black hole"'),
        ("de", "neuronalen Netzen", '"neural network"'),
        ("de", "Schwarzer Löcher", '"black hole"'),
        ("de", "maschinellem Lernen", '"machine learning"'),
        ("fr", "réseaux de neurones profonds", '"deep neural network"'),
        ("fr", "l'apprentissage par renforcement", '"reinforcement learning"'),
        ("es", "redes neuronales", '"neural network"'),
        ("es", "modelo de difusion", '"diffusion model"'),
        ("pt_BR", "redes neurais em grafos", '"graph neural network"'),
        ("pt_BR", "alucinação", "hallucination"),
        ("it", "reti neurali sui grafi", '"graph neural network"'),
        ("it", "dell'apprendimento automatico", '"machine learning"'),
    ],
)
def test_a_term_is_found_in_its_forms(language, typed, english):
    assert found(language, typed) == [english]


@pytest.mark.parametrize(
    ("language", "typed"),
    [
        ("ru", "теорем"),
        ("ru", "геометр генерал"),
        ("ru", "лазить роботать плазменный"),
        ("ru", "граница графика графство"),
        ("ru", "модельер модерн"),
        ("ru", "обученный ракета статист"),
        ("de", "Optimist Roboterin Kernel Netzhaut"),
        ("fr", "graphie robe trouver galant"),
        ("es", "redondo grafía robar modelar"),
        ("pt_BR", "redondo robusto modelar"),
        ("it", "robusto modellare grafico"),
    ],
)
def test_a_word_that_only_begins_like_a_term_is_none(language, typed):
    assert found(language, typed) == []


def test_the_longest_term_comes_first_and_another_follows():
    assert found("ru", "квантовое машинное обучение") == ['"quantum machine learning"']
    assert found("es", "agujeros negros y materia oscura") == ['"black hole"', '"dark matter"']


def test_words_far_from_each_other_are_no_term():
    assert '"number theory"' not in found("ru", "теория очень больших чисел")
