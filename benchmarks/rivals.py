"""The tools that one would otherwise match with, each at its best, and favoured where it cannot do all of it.

They are given the folded words of queries and papers, which Paperwire has to make first; what only an evaluator can
tell (`cat` twins and classes are words to them, initials of authors are not) is not asked of them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import chain, product
from math import prod

import mokaccino
import psycopg
from benchmarks.frame import memory, repeated, spent

from paperwire.core.index.tree import EVERYTHING, NOTHING, AllOf, AnyOf, Has, Phrase, Tree, Without
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import IndexRow, ask, index_row
from paperwire.store.search.fulltext import fts5_text, standing, tsquery_text

_ENOUGH_QUERIES = 10_000
_PERCOLATED = 100
_MOST_WAYS = 64
_LONGEST = 2_500


@dataclass(frozen=True)
class Speed:
    """What a rival took (`cpu`) and how many papers it would match in a CPU second against all queries."""

    papers: float
    cpu: float
    sample: str
    memory: float | None = None


def naive(queries: Sequence[Query], papers: Sequence[Paper], pairs: int) -> tuple[Speed, list[list[int]]]:
    """Each query tried on each paper; the matches of the first papers, numbered from 1, are what is right."""
    sample = papers[: max(2, min(len(papers), pairs // len(queries)))]
    with spent() as cost:
        matches = []
        for paper in sample:
            doc = Doc.of(paper)
            matches.append([number for number, query in enumerate(queries, 1) if query.matches(doc)])
    return Speed(len(sample) / cost.cpu, cost.cpu, f"{len(sample):,} papers"), matches


def index_trees(queries: Iterable[Query]) -> list[Tree]:
    """What a full-text index is asked for the queries that one can be asked for."""
    trees = (standing(ask(query)).most for query in queries)
    return [tree for tree in trees if tree not in (EVERYTHING, NOTHING)]


# --- FTS5 ----------------------------------------------------------------------------------------------------------


def fts5(trees: Sequence[Tree], papers: Sequence[Paper]) -> Speed:
    """One query at a time over the day's papers in an FTS5 table in memory."""
    rows = [index_row(Doc.of(paper)) for paper in papers]
    sample, share = _some(trees)
    texts = [fts5_text(tree) for tree in sample]
    with closing(sqlite3.connect(":memory:")) as database:
        with spent() as filling:
            database.execute("CREATE VIRTUAL TABLE day USING fts5(title, abstract, rest, content='')")
            values = [(number, row.title, row.abstract, row.rest) for number, row in enumerate(rows, 1)]
            database.executemany("INSERT INTO day (rowid, title, abstract, rest) VALUES (?, ?, ?, ?)", values)
        found = "SELECT rowid FROM day WHERE day MATCH ?"
        rounds, asking = repeated(lambda: [database.execute(found, [text]).fetchall() for text in texts])
    seconds = filling.cpu + asking / rounds / share
    return Speed(len(papers) / seconds, filling.cpu + asking, _sample(sample, trees))


def _some(trees: Sequence[Tree]) -> tuple[Sequence[Tree], float]:
    """Evenly chosen ones, and which share of all they are."""
    sample = trees[:: max(1, len(trees) // _ENOUGH_QUERIES)]
    return sample, len(sample) / len(trees)


def _sample(sample: Sequence[Tree], trees: Sequence[Tree]) -> str:
    return "all queries" if len(sample) == len(trees) else f"{len(sample):,} of the queries, the rest by proportion"


# --- mokaccino -----------------------------------------------------------------------------------------------------


def percolator(trees: Sequence[Tree], papers: Sequence[Paper]) -> Speed:
    """Mokaccino, which knows no phrases: their words are asked for.

    It brings queries into conjunctive form, for which a few OR-ed phrases need terabytes: it is given each way to meet
    a query as a query of its own, and none of queries that have very many.
    """
    before = memory()
    index = mokaccino.Percolator()
    for tree in trees:
        ways = _ways(tree)
        for way in ways if len(ways) <= _MOST_WAYS else ():
            index.add_query(mokaccino.Query.from_and(way) if len(way) > 1 else way[0])
    used = memory() - before
    documents = [_as_document(index_row(Doc.of(paper))) for paper in papers[:_PERCOLATED]]
    rounds, cpu = repeated(lambda: list(map(index.percolate_list, documents)))
    return Speed(rounds * len(documents) / cpu, cpu, f"{rounds} x {len(documents)} papers", used)


def _ways(tree: Tree) -> list[list[mokaccino.Query]]:
    """Each way to meet a query: what must hold for it."""
    match tree:
        case Has(text, column, star):
            kind = mokaccino.Query.from_kprefix if star else mokaccino.Query.from_kv
            return [[kind(column or "any", text)]]
        case Phrase(texts, column, star):
            whole = texts[: len(texts) - star]
            return [[mokaccino.Query.from_kv(column or "any", text) for text in whole]]
        case AllOf(parts):
            every = list(map(_ways, parts))
            if prod(map(len, every)) > _MOST_WAYS:
                return [[]] * (_MOST_WAYS + 1)
            return [list(chain.from_iterable(way)) for way in product(*every)]
        case AnyOf(parts):
            return list(chain.from_iterable(map(_ways, parts)))
        case Without(keep, drop):
            unwanted = [~mokaccino.Query.from_and(way) if len(way) > 1 else ~way[0] for way in _ways(drop)]
            return [way + unwanted for way in _ways(keep)]
    raise TypeError(f"mokaccino cannot be asked for {tree}")


def _as_document(row: IndexRow) -> mokaccino.Document:
    document = mokaccino.Document()
    for column, text in (("title", row.title), ("abstract", row.abstract), ("rest", row.rest)):
        for word in set(text.split()):
            document.add_value(column, word)
    for word in {*row.title.split(), *row.abstract.split(), *row.rest.split()}:
        document.add_value("any", word)
    return document


# --- PostgreSQL ----------------------------------------------------------------------------------------------------


_TRY = "SELECT asked.number FROM asked, day WHERE day.number = %s AND day.words @@ asked.query"
_ASK = "SELECT asked.number, day.number FROM asked, day WHERE day.words @@ asked.query"


def postgres(server: str, trees: Sequence[Tree], papers: Sequence[Paper]) -> dict[str, Speed]:
    """The stored tsqueries tried on each paper, and each of them asked of the day's papers under GIN."""
    # PostgreSQL keeps a tsquery in one page, whatever its length: the few that are too long are left out.
    some, share = _some([tree for tree in trees if len(tsquery_text(tree)) < _LONGEST])
    rows = [as_vector(index_row(Doc.of(paper))) for paper in papers]
    with psycopg.connect(server) as db:
        pid = db.info.backend_pid
        db.execute("SET max_parallel_workers_per_gather = 0")
        db.execute("CREATE TEMP TABLE asked (number int, query tsquery)")
        db.execute("CREATE TEMP TABLE day (number int, words tsvector)")
        with db.cursor().copy("COPY asked FROM STDIN") as copy:
            for number, tree in enumerate(some):
                copy.write_row((number, tsquery_text(tree)))
        with spent(pid) as filling:
            db.cursor().executemany("INSERT INTO day VALUES (%s, %s::tsvector)", list(enumerate(rows)))
            db.execute("CREATE INDEX ON day USING gin (words)")
        db.execute("ANALYZE day")
        tried = range(10)
        rounds, trying = repeated(lambda: [db.execute(_TRY, [number]).fetchall() for number in tried], pid)
        by_paper = Speed(share * rounds * len(tried) / trying, trying, f"{rounds} x 10 papers, {_sample(some, trees)}")
        db.execute("SET enable_seqscan = off")
        rounds, asking = repeated(lambda: db.execute(_ASK).fetchall(), pid)
        seconds = filling.cpu + asking / rounds / share
        by_query = Speed(len(papers) / seconds, filling.cpu + asking, _sample(some, trees))
        db.rollback()
    return {
        "PostgreSQL by paper: stored tsqueries tried on each": by_paper,
        "PostgreSQL by query: each tsquery asked of the day under GIN": by_query,
    }


def as_vector(row: IndexRow) -> str:
    """A tsvector as PostgreSQL reads it: the words with their places and columns."""
    words: list[str] = []
    place = 0
    for label, text in (("A", row.title), ("B", row.abstract), ("C", row.rest)):
        place += 1
        for word in text.split():
            place += 1
            words.append(f"{word}:{min(place, 16_383)}{label}")
    return " ".join(words)
