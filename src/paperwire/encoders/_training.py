"""Training of a word table from titles and abstracts; needs scipy (`pip install '.[train]'` in a clone).

It begins with an SVD of the tf-idf matrix and goes on by contrast (InfoNCE both ways): a title belongs to its abstract,
a sentence to its neighbours. What chance does to the rows is a good part of them, so this is done twice and the two are
joined. The seed is fixed: the same papers give the same table on the same machine.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from paperwire.core.meaning.vectors import Floats, unit
from paperwire.core.text.words import chunks_of
from paperwire.encoders.table import WordTable, words_of_chunk
from paperwire.errors import ConfigError

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z$\\])")
_FEWEST_PAPERS = 2_000  # papers without which a table says nothing


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What a table is made with; `epochs` are passes over all papers, `drop` is the part of words left out.

    In a vector a word counts by the power `idf` of its inverse document frequency: 0.5 finds lists better than 1.
    `runs` are trainings from one start, joined at the end. `rate` is that of a run's first step, from which it falls to
    zero in equal steps.
    """

    seed: int = 0
    width: int = 256
    fewest_papers: int = 5
    runs: int = 2
    epochs: int = 4
    pairs: int = 1_024
    temperature: float = 0.05
    rate: float = 0.003
    drop: float = 0.1
    idf: float = 0.5


@dataclass(frozen=True, slots=True)
class Text:
    """The words of one paper: of its title, and of each sentence of its abstract."""

    title: list[str]
    sentences: list[list[str]]

    @classmethod
    def of(cls, title: str, abstract: str) -> Text:
        """Cut a paper's texts."""
        return cls(_words(title), [_words(sentence) for sentence in _SENTENCE.split(abstract)])

    @property
    def abstract(self) -> Iterable[str]:
        return chain.from_iterable(self.sentences)


def _words(text: str) -> list[str]:
    return [word for chunk in chunks_of(text) for word in words_of_chunk(chunk)]


def train(texts: Sequence[Text], recipe: Recipe, card: dict[str, Any], step: Callable[[], None]) -> WordTable:
    """A table made from `texts`; `step` is called after each of `steps(...)` steps.

    Raises:
        ConfigError: there are too few papers.
    """
    if len(texts) < max(_FEWEST_PAPERS, recipe.pairs):
        raise ConfigError(f"a word table needs {_FEWEST_PAPERS:,} papers or more, there are {len(texts):,}")
    papers = Counter(chain.from_iterable(set(chain(text.title, text.abstract)) for text in texts))
    words = sorted(word for word, count in papers.items() if count >= recipe.fewest_papers)
    idf = np.log(len(texts) / np.array([papers[word] for word in words])).astype(np.float32)
    matrices = _Matrices(words, idf)
    random = np.random.default_rng(recipe.seed)
    whole = matrices.of(chain(text.title, text.title, text.abstract) for text in texts)
    start, pairs = _start(whole, recipe, random), _pairs(matrices, texts)
    rows = np.hstack([_contrast(pairs, start.copy(), recipe, random, step) for _ in range(recipe.runs)])
    packed, scales = _pack(_narrowed(rows, unit(whole @ rows), recipe.width), idf**recipe.idf)
    return WordTable(words, packed, scales, card)


def steps(papers: int, recipe: Recipe) -> int:
    """How often `train` takes a step."""
    return recipe.runs * _steps_of_a_run(papers, recipe)


def _steps_of_a_run(papers: int, recipe: Recipe) -> int:
    return recipe.epochs * (papers // recipe.pairs) * 3


@dataclass(frozen=True, slots=True)
class _Matrices:
    """Makes tf-idf matrices: a row a text, a column a word, rows of length 1."""

    words: Sequence[str]
    idf: Floats
    _columns: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._columns.update((word, number) for number, word in enumerate(self.words))

    def of(self, texts: Iterable[Iterable[str]]) -> sparse.csr_matrix:
        """The matrix of texts given as words."""
        counts = [Counter(self._columns[word] for word in text if word in self._columns) for text in texts]
        columns = np.fromiter(chain.from_iterable(counts), np.int32)
        times = np.fromiter(chain.from_iterable(count.values() for count in counts), np.float32)
        ends = np.cumsum([0, *map(len, counts)])
        values = (1 + np.log(times)) * self.idf[columns]
        matrix = sparse.csr_matrix((values, columns, ends), shape=(len(counts), len(self.words)))
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        return sparse.diags_array((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ matrix


def _start(matrix: sparse.csr_matrix, recipe: Recipe, random: np.random.Generator) -> Floats:
    """The right singular vectors, each divided by the root of its singular value."""
    begin = random.standard_normal(min(matrix.shape)).astype(np.float32)
    _, values, columns = svds(matrix.astype(np.float32), k=recipe.width, v0=begin)
    return np.asarray(columns.T / np.sqrt(values), np.float32)


Pair = tuple[sparse.csr_matrix, sparse.csr_matrix]


def _pairs(matrices: _Matrices, texts: Sequence[Text]) -> list[Pair]:
    """What belongs together: title and abstract, odd and even sentences, title and even sentences."""
    titles = matrices.of(text.title for text in texts)
    odd = matrices.of(chain.from_iterable(text.sentences[::2]) for text in texts)
    even = matrices.of(chain.from_iterable(text.sentences[1::2]) for text in texts)
    return [(titles, matrices.of(text.abstract for text in texts)), (odd, even), (titles, even)]


def _contrast(
    pairs: list[Pair], rows: Floats, recipe: Recipe, random: np.random.Generator, step: Callable[[], None]
) -> Floats:
    """Turn the rows until each text of a batch is nearer to its own partner than to the others'."""
    adam = _Adam(rows)
    papers = pairs[0][0].shape[0]
    total = _steps_of_a_run(papers, recipe)
    for _ in range(recipe.epochs):
        order = random.permutation(papers)
        for start in range(0, papers - recipe.pairs + 1, recipe.pairs):
            chosen = order[start : start + recipe.pairs]
            for texts, other in pairs:
                left, right = _thinned(texts[chosen], recipe.drop, random), _thinned(other[chosen], recipe.drop, random)
                rate = recipe.rate * (1 - adam.steps / total)
                adam.step(_gradient(left, right, adam.rows, recipe.temperature), rate)
                step()
    return adam.rows


def _thinned(matrix: sparse.csr_matrix, drop: float, random: np.random.Generator) -> sparse.csr_matrix:
    thinned = matrix.copy()
    thinned.data *= random.random(len(thinned.data)) >= drop
    return thinned


def _gradient(left: sparse.csr_matrix, right: sparse.csr_matrix, rows: Floats, temperature: float) -> Floats:
    """The gradient by the rows of InfoNCE in both directions, the mean over the batch."""
    vectors, one_length = _unit(left @ rows)
    other, other_length = _unit(right @ rows)
    logits = vectors @ other.T / temperature
    by_logits = (_softmax(logits, 1) + _softmax(logits, 0)) / 2
    np.fill_diagonal(by_logits, by_logits.diagonal() - 1)
    by_logits /= len(logits) * temperature
    by_one, by_other = by_logits @ other, by_logits.T @ vectors
    by_one = (by_one - (by_one * vectors).sum(1, keepdims=True) * vectors) / one_length
    by_other = (by_other - (by_other * other).sum(1, keepdims=True) * other) / other_length
    return np.asarray(left.T @ by_one + right.T @ by_other, np.float32)


def _unit(vectors: Floats) -> tuple[Floats, Floats]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True) + np.float32(1e-9)
    return vectors / lengths, lengths


def _softmax(logits: Floats, axis: int) -> Floats:
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True), np.float32)


class _Adam:
    """Kingma and Ba's Adam over one matrix, with their usual constants."""

    def __init__(self, rows: Floats) -> None:
        self.rows = rows
        self._mean, self._square = np.zeros_like(rows), np.zeros_like(rows)
        self.steps = 0

    def step(self, gradient: Floats, rate: float) -> None:
        """Move the rows against the gradient."""
        self.steps += 1
        self._mean += np.float32(0.1) * (gradient - self._mean)
        self._square += np.float32(0.001) * (gradient * gradient - self._square)
        mean = self._mean / np.float32(1 - 0.9**self.steps)
        root = np.sqrt(self._square / np.float32(1 - 0.999**self.steps))
        self.rows -= np.float32(rate) * mean / (root + np.float32(1e-8))


def _narrowed(rows: Floats, vectors: Floats, width: int) -> Floats:
    """The rows turned so that the columns of the papers' `vectors` are uncorrelated; the strongest `width` of these."""
    values, turn = np.linalg.eigh(vectors.T @ vectors)
    return np.asarray(rows @ turn[:, np.argsort(-values)[:width]], np.float32)


def _pack(rows: Floats, weights: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Rows as int8, and what each is multiplied by, the word's weight included."""
    largest = np.maximum(np.abs(rows).max(axis=1), np.float32(1e-12))
    packed = np.rint(rows / largest[:, None] * 127).astype(np.int8)
    return packed, (largest / 127 * weights).astype(np.float32)
