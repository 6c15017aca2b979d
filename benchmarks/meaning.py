"""Search by meaning, measured: reading lists kept by people, found again from a topic as text or from saved papers.

Ours are the answers of the product's own search over a filled database. The listed papers are left out of everything
that is learned: the shipped table, and the rivals' SVD and idf. Rivals are BM25 (titles twice, repeated query words
counted), sublinear tf-idf, LSA of 256 columns, and for five saved papers a linear SVM. Where several word tables are
given, the worse figure counts.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from benchmarks.asked import Answered, answers, scores
from benchmarks.frame import with_generated
from benchmarks.rates import A_WEEK, Realised, directions, realised
from benchmarks.reading_lists import TOPIC, Task, lines_of, tasks
from benchmarks.workload import months
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from scipy.sparse.linalg import svds

from benchmarks import thumbs
from paperwire.core.meaning.vectors import Floats, nearest, unit
from paperwire.core.papers.paper import Paper
from paperwire.core.text.words import chunks_of, spans_of
from paperwire.encoders.table import WordTable

SHOWN = 20
"""Results that count."""
_GOALS = {TOPIC: 0.36, "1 saved": 0.245, "5 saved": 0.38, "10 saved": 0.38}
_BY_SVM = "5 saved"
_WIDTH = 256
_K1, _B = 1.2, 0.75
_PENALTY = 0.01
"""Of the SVM: what it costs to be wrong, before classes are balanced."""
_RESAMPLED = 2_000
_FEWEST = 5
"""Papers that a word must be in to count for LSA."""
_SAMPLE = 8
"""The quick form has one in this many of the papers that are in no list."""
_FALLEN = 0.02
FIGURES = Path(__file__).with_name("meaning.json")
"""What was measured when the table was made."""


def gain(scores: Floats, task: Task) -> float:
    """The nDCG of the first 20: 1 if all of them are wanted, or as many as there are."""
    scores = scores.copy()
    scores[list(task.saved)] = -np.inf
    best = nearest(scores, SHOWN)
    found = sum(1 / np.log2(place + 2) for place, paper in enumerate(best) if int(paper) in task.wanted)
    return float(found / sum(1 / np.log2(place + 2) for place in range(min(SHOWN, len(task.wanted)))))


def by_collection(tasks_of_kind: Sequence[Task], scores: Callable[[Task], Floats]) -> Floats:
    """The mean gain of each reading list."""
    gains: dict[str, list[float]] = defaultdict(list)
    for task in tasks_of_kind:
        gains[task.topic].append(gain(scores(task), task))
    return np.array([np.mean(gains[topic]) for topic in sorted(gains)], np.float32)


def ahead(ours: Floats, theirs: Floats) -> tuple[float, float]:
    """By how much we are ahead: 95 % of the differences lie between, by a paired bootstrap over reading lists."""
    random = np.random.default_rng(0)
    drawn = random.integers(0, len(ours), (_RESAMPLED, len(ours)))
    low, high = np.quantile((ours - theirs)[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


@dataclass
class Rivals:
    """What one would otherwise use, over the same words."""

    papers: Sequence[Paper]
    left_out: frozenset[int]
    _columns: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Count words."""
        texts = [_words(f"{paper.title} . {paper.title} . {paper.abstract}") for paper in self.papers]
        self.counts = self._matrix(texts, grow=True)
        learned = np.setdiff1d(np.arange(len(texts)), list(self.left_out))
        papers = np.bincount(self.counts[learned].indices, minlength=len(self._columns))
        idf = np.log((len(learned) + 1) / (papers + 1)).astype(np.float32)
        self.idf = idf  # also of words that listed papers alone have, or just their vectors would be shorter
        self._common = np.where(papers >= _FEWEST, idf, 0).astype(np.float32)
        self._rare = np.log(1 + (len(learned) - papers + 0.5) / (papers + 0.5)).astype(np.float32)
        self.tfidf = self._weighted(self.counts, self.idf)
        self._columns_first = self.tfidf.T.tocsr()
        self._bm25 = self._okapi()
        common = self._weighted(self.counts, self._common)
        _, _, columns = svds(common[learned], k=_WIDTH, v0=np.ones(min(len(learned), len(self._columns)), "f"))
        self._lsa = columns.T.astype(np.float32)
        self.lsa = unit(common @ self._lsa)

    def _matrix(self, texts: Iterable[list[str]], *, grow: bool = False) -> sparse.csr_matrix:
        counts = []
        for text in texts:
            if grow:
                for word in text:
                    self._columns.setdefault(word, len(self._columns))
            counts.append(Counter(self._columns[word] for word in text if word in self._columns))
        columns = np.fromiter(chain.from_iterable(counts), np.int32)
        times = np.fromiter(chain.from_iterable(count.values() for count in counts), np.float32)
        ends = np.cumsum([0, *map(len, counts)])
        return sparse.csr_matrix((times, columns, ends), shape=(len(counts), len(self._columns)))

    def _weighted(self, counts: sparse.csr_matrix, idf: Floats) -> sparse.csr_matrix:
        matrix = counts.copy()
        matrix.data = (1 + np.log(matrix.data)) * idf[matrix.indices]
        lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        return sparse.diags_array((1 / np.maximum(lengths, 1e-9)).astype(np.float32)) @ matrix

    def _okapi(self) -> sparse.csr_matrix:
        matrix = self.counts.copy()
        lengths = np.asarray(matrix.sum(axis=1)).ravel()
        longer = np.repeat(_K1 * (1 - _B + _B * lengths / lengths.mean()), np.diff(matrix.indptr))
        matrix.data = (matrix.data * (_K1 + 1) / (matrix.data + longer) * self._rare[matrix.indices]).astype(np.float32)
        return matrix

    def bm25(self, topic: str) -> Floats:
        """The score of each paper for words."""
        return np.asarray((self._bm25 @ self._matrix([_words(topic)]).T).todense()).ravel()

    def by_tfidf(self, task: Task) -> Floats:
        """The cosine of each paper with the topic, or with the mean of those saved."""
        query = self.tfidf[list(task.saved)].sum(axis=0) if task.saved else self._of(task.topic, self.idf).todense()
        return np.asarray(self.tfidf @ np.asarray(query).ravel())

    def by_lsa(self, task: Task) -> Floats:
        """The same in 256 columns."""
        if task.saved:
            return np.asarray(self.lsa @ self.lsa[list(task.saved)].mean(axis=0))
        return np.asarray(self.lsa @ (self._of(task.topic, self._common) @ self._lsa)[0])

    def by_svm(self, task: Task) -> Floats:
        """A linear SVM over tf-idf: the saved papers against all others, both sides weighing alike; squared hinge."""
        papers, width = self.tfidf.shape
        sign = np.where(np.isin(np.arange(papers), task.saved), 1, -1).astype(np.float32)
        count = np.where(sign > 0, len(task.saved), papers - len(task.saved)).astype(np.float32)
        weights = np.float32(_PENALTY * papers / 2) / count

        def loss(exact: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            plane = exact.astype(np.float32)  # as the matrix, which would be made wider for each product
            over = np.maximum(0, 1 - sign * (self.tfidf @ plane[:width] + plane[width]))
            pull = -2 * weights * sign * over
            slope = exact + np.append(self._columns_first @ pull, pull.sum())
            return float(exact @ exact / 2 + weights @ over**2), slope

        plane = minimize(loss, np.zeros(width + 1), jac=True, method="L-BFGS-B", options={"maxiter": 60}).x
        return np.asarray(self.tfidf @ plane[:width].astype(np.float32))

    def _of(self, topic: str, idf: Floats) -> sparse.csr_matrix:
        return self._weighted(self._matrix([_words(topic)]), idf)


def _words(text: str) -> list[str]:
    return [span[0].folded for chunk in chunks_of(text) for span in spans_of(chunk)]


@dataclass(frozen=True, slots=True)
class Ours:
    """The product's own: the vectors of a word table, and what its search answered to each task."""

    vectors: Floats
    answered: dict[Task, Answered]

    @classmethod
    def asked(
        cls, tables: Sequence[WordTable], papers: Sequence[Paper], kinds: dict[str, list[Task]], server: str
    ) -> list[Ours]:
        """Encode `papers` with each table and ask; on PostgreSQL where there is a `server`."""
        texts = [(paper.title, paper.abstract) for paper in papers]
        vectors = [asyncio.run(table.encode(texts)) for table in tables]
        all_tasks = list(chain.from_iterable(kinds.values()))
        encoded = list(zip(tables, vectors, strict=True))
        with TemporaryDirectory(prefix="paperwire-meaning-") as folder:
            answered = asyncio.run(answers(Path(folder), server, papers, encoded, all_tasks))
        return [
            cls(rows, {answer.task: answer for answer in of_table})
            for rows, of_table in zip(vectors, answered, strict=True)
        ]

    def scores(self, task: Task) -> Floats:
        """The answers as scores of all papers."""
        return scores(self.answered[task].places, len(self.vectors))


@dataclass(frozen=True, slots=True)
class Quality:
    """How well one kind of task is done: the gain on each reading list, of each of our tables and of the rivals."""

    kind: str
    ours: Sequence[Floats]
    rivals: dict[str, Floats]
    seconds: Sequence[float]
    """CPU of each of our searches, the database's included."""

    @property
    def worst(self) -> float:
        """The mean gain of the table that is worst at it."""
        return min(float(gains.mean()) for gains in self.ours)

    def row(self, names: Sequence[str]) -> str:
        """The mean gains as a row of a table with these rivals."""
        ours = [f"{gains.mean():.3f}" for gains in self.ours]
        figures = [f"{self.rivals[name].mean():.3f}" if name in self.rivals else "" for name in names]
        return f"| {' | '.join([self.kind, *ours, str(_GOALS[self.kind]), *figures])} |"

    def intervals(self) -> Iterator[str]:
        """The mean gain of the worst table with its interval."""
        worst = min(self.ours, key=lambda gains: float(gains.mean()))
        low, high = ahead(worst, np.zeros_like(worst))
        yield f"- {self.kind}: {worst.mean():.3f}, {low:.3f} to {high:.3f}"

    def cost(self) -> str:
        """What a search costs."""
        median, slow = 1000 * np.quantile(self.seconds, [0.5, 0.99])
        return f"- {self.kind}: {median:.0f} ms, one in 100 {slow:.0f} ms"

    def verdicts(self) -> Iterator[str]:
        """Where all our tables are ahead, and where that can't be said: by the one that is the least so."""
        for name, gains in self.rivals.items():
            low, high = min(ahead(ours, gains) for ours in self.ours)
            word = "ahead of" if low > 0 else "not shown to be ahead of"
            yield f"- {self.kind}: {word} {name}, {low:+.3f} to {high:+.3f}"


def measure(
    papers: Sequence[Paper], folder: Path, tables: Sequence[WordTable], server: str
) -> tuple[list[Quality], list[Realised]]:
    """The quality of each kind of task over `papers`, and whether subscriptions get the rate that they ask for."""
    places = {paper.id.removeprefix("arxiv:"): place for place, paper in enumerate(papers)}
    kinds = tasks(folder, places)
    listed = frozenset(place for task in kinds[TOPIC] for place in task.wanted)
    ours = Ours.asked(tables, papers, kinds, server)
    rivals = Rivals(papers, listed)
    qualities = []
    for kind, its_tasks in kinds.items():
        others = {"tf-idf": rivals.by_tfidf, "LSA": rivals.by_lsa}
        if kind == TOPIC:
            others = {"BM25": lambda task: rivals.bm25(task.topic)} | others
        if kind == _BY_SVM:
            others |= {"linear SVM": rivals.by_svm}
        gains = {name: by_collection(its_tasks, scores) for name, scores in others.items()}
        seconds = [one.answered[task].cpu for one in ours for task in its_tasks]
        qualities.append(Quality(kind, [by_collection(its_tasks, one.scores) for one in ours], gains, seconds))
    rates = [
        rate
        for one, table in zip(ours, tables, strict=True)
        for rate in realised(papers, one.vectors, directions(kinds, one.vectors, table), _name(table))
    ]
    return qualities, rates


def _name(table: WordTable) -> str:
    return f"seed {table.card['recipe']['seed']}"


def run(shared: Path, others: Sequence[Path], *, quick: bool, page: Path | None = None, server: str = "") -> list[str]:
    """Measure the table that comes along, and `others`; what fell, or nothing where there is nothing to measure by.

    The search runs on SQLite, or on PostgreSQL where there is a `server`.
    With a `page` the figures are written there instead, and they are those to fall from.
    """
    folder = shared / "meaning"
    if not folder.is_dir():
        print("meaning: the recorded reading lists are absent, nothing is measured")
        return []
    papers = _papers(shared, folder, quick=quick)
    tables = [WordTable.load(file) for file in (None, *others)]
    qualities, rates = measure(papers, folder, tables, server)
    more = () if quick else (*_rates(rates), *thumbs.lines(papers, folder, tables[0]))
    shown = "\n".join([*_table(qualities, tables, len(papers)), *more])
    print(shown)
    now = {quality.kind: round(quality.worst, 3) for quality in qualities}
    written = json.loads(FIGURES.read_text(encoding="utf-8"))
    kind = "quick" if quick else "full"
    if page is not None:
        FIGURES.write_text(json.dumps(written | {kind: now}, indent=2) + "\n", encoding="utf-8")
        if not quick:
            page.write_text(with_generated(page.read_text(encoding="utf-8"), shown, "meaning"), encoding="utf-8")
        return []
    return [
        f"fallen: {name} {now[name]}, {figure} before"
        for name, figure in written[kind].items()
        if now[name] < figure - _FALLEN
    ]


def _papers(shared: Path, folder: Path, *, quick: bool) -> list[Paper]:
    """All recorded papers, or those in a list and some of the others."""
    listed = {name for one in lines_of(folder / "collections.jsonl") for name in one["ids"]}
    return [
        paper
        for place, paper in enumerate(months(shared))
        if not quick or place % _SAMPLE == 0 or paper.id.removeprefix("arxiv:") in listed
    ]


def _rates(rates: Sequence[Realised]) -> Iterator[str]:
    """Whether rates hold."""
    yield f"\nAsked for {A_WEEK} papers a week, threshold taken from two months:\n"
    yield from (one.line() for one in rates)


def _table(qualities: Sequence[Quality], tables: Sequence[WordTable], papers: int) -> Iterator[str]:
    """The table in Markdown, and what may be said of it."""
    names = ("BM25", "tf-idf", "LSA", "linear SVM")
    yield f"nDCG@{SHOWN} over 43 reading lists among {papers:,} papers, by tables trained with different seeds:\n"
    head = ["what is given", *map(_name, tables), "goal for all papers", *names]
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for quality in qualities:
        yield quality.row(names)
    yield "\n95 % of the means of lists drawn again lie between:\n"
    for quality in qualities:
        yield from quality.intervals()
    yield "\nCPU of a search, the database's included:\n"
    yield from (quality.cost() for quality in qualities)
    yield "\nBy a paired bootstrap over the lists, 95 % of the differences lie between, of the seed least ahead:\n"
    for quality in qualities:
        yield from quality.verdicts()
