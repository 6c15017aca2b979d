"""How the two databases are asked for words: FTS5 on SQLite, tsvector on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any, Protocol

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Double,
    Select,
    column,
    func,
    literal,
    literal_column,
    select,
    table,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.ext.asyncio import AsyncConnection

from paperwire.core.index.tree import EVERYTHING, NOTHING, AllOf, AnyOf, Ask, Has, Phrase, Tree, Without, is_rest
from paperwire.store.database.statements import is_sqlite

_WEIGHTS = "bm25(8.0, 1.0, 0.0)"  # a word in the title counts eight times as much; categories and names don't rank
_WEIGHTS_BY_WORDS = "bm25(2.0, 1.0, 0.0)"  # as measured together with meaning
_BY_WORDS: ColumnElement[Any] = literal_column(
    "CAST('{0, 0, 0.5, 1}' AS real[])"
)  # the same for ts_rank, the title last
_TITLE_AND_ABSTRACT: ColumnElement[Any] = literal_column("CAST('{a, b}' AS \"char\"[])")
# No token of the rest is in the other columns, and to look up a label each tsvector must be read.
_LABELS = {"": "", "title": "A", "abstract": "B", "rest": ""}


class FullText(Protocol):
    """The index of one kind of database, table `paper_words`.

    Places are those of store/search/word_index.py. At most `most_ranked` of the latest papers are weighed against each
    other, None for all.
    """

    most_ranked: int | None

    def questions(self) -> AbstractAsyncContextManager[object]:
        """Questions are asked within this."""

    def select(self, tree: Tree) -> Select[Any]:
        """The places of a tree's papers."""

    def by_relevance(self, matches: Select[Any], tree: Tree, latest: Sequence[int]) -> Select[Any]:
        """A tree's papers, the most relevant first: `matches`, or of very many the `latest`."""

    def by_words(self, tokens: Sequence[str], most: int) -> Select[Any]:
        """Places with a score, higher for papers that such words fit better, as many as that at most.

        Words that are asked for twice count twice.
        """


def full_text(connection: AsyncConnection) -> FullText:
    """The index of this connection's database."""
    return _Fts5() if is_sqlite(connection) else _Tsearch(connection)


def standing(proposal: Ask) -> Ask:
    """The same question without "all papers but some", which no index answers: more may match, less is sure."""
    if is_rest(proposal.most):
        return Ask(NOTHING, EVERYTHING)
    return Ask(NOTHING, proposal.most) if is_rest(proposal.sure) else proposal


class _Fts5:
    """FTS5: a virtual table that is itself matched."""

    most_ranked: int | None = None

    def __init__(self) -> None:
        self._words = table("paper_words", column("rowid", BigInteger), column("rank"))

    def questions(self) -> AbstractAsyncContextManager[object]:
        return nullcontext()

    def select(self, tree: Tree) -> Select[Any]:
        """`paper_words MATCH ...`."""
        places = select(self._words.c.rowid.label("place"))
        if tree == EVERYTHING:
            return places
        matched = literal_column("paper_words").op("MATCH", is_comparison=True)
        return places.where(matched(literal(fts5_text(tree))))

    def by_relevance(self, matches: Select[Any], tree: Tree, latest: Sequence[int]) -> Select[Any]:
        """FTS5's own order by `rank`, which sorts while it looks."""
        del tree, latest
        rank = self._words.c.rank
        weighed = rank.op("MATCH", is_comparison=True)(literal(_WEIGHTS))
        return matches.where(weighed).order_by(rank)

    def by_words(self, tokens: Sequence[str], most: int) -> Select[Any]:
        """BM25 over papers with any of the words."""
        rank = self._words.c.rank
        words = f"{{title abstract}} : ({' OR '.join(tokens)})"
        matched = literal_column("paper_words").op("MATCH", is_comparison=True)(literal(words))
        weighed = rank.op("MATCH", is_comparison=True)(literal(_WEIGHTS_BY_WORDS))
        places = select(self._words.c.rowid.label("place"), -rank)
        return places.where(matched, weighed).order_by(rank).limit(most)


class _Tsearch:
    """PostgreSQL: a tsvector and the queries it is asked."""

    most_ranked: int | None = 1_000  # each is read whole for it

    def __init__(self, connection: AsyncConnection) -> None:
        self._db = connection
        self._words = table("paper_words", column("place", BigInteger), column("words"))

    @asynccontextmanager
    async def questions(self) -> AsyncIterator[None]:
        """No question reads the whole table.

        The planner thinks that cheap, as it leaves out how long a tsvector is.
        """
        async with self._db.begin_nested() as questions:
            await self._db.execute(select(func.set_config("enable_seqscan", "off", literal(value=True))))
            yield
            await questions.rollback()  # nothing was written, and the setting ends with it

    def select(self, tree: Tree) -> Select[Any]:
        """`words @@ ...`.

        Where words stand is read from the tsvector of each paper that has them. So these come from the latest on, and
        a limit is reached before all were read: OFFSET 0 keeps the planner from joining the two questions.
        """
        # An expression, so that no plan walks along the places and reads each tsvector on its way.
        place = (self._words.c.place + 0).label("place")
        if tree == EVERYTHING:
            return select(place)
        words, anywhere = self._words.c.words, without_places(tree)
        if anywhere == tree:
            return select(place).where(_are(words, tree))
        having = select(place, words).where(_are(words, anywhere)).order_by(place.desc()).offset(0).subquery()
        return select(having.c.place).where(_are(having.c.words, tree))

    def by_relevance(self, matches: Select[Any], tree: Tree, latest: Sequence[int]) -> Select[Any]:
        """`ts_rank`, which weighs title (A) more than abstract (B); to ask for `matches` again would cost as much."""
        del matches
        place = self._words.c.place
        rank = func.ts_rank(self._words.c.words, _asked(tree))
        return select(place).where(place.in_(latest)).order_by(rank.desc(), place.desc())

    def by_words(self, tokens: Sequence[str], most: int) -> Select[Any]:
        """The sum over the words of inverse document frequency times `ts_rank`, which grows as BM25 does.

        `ts_rank` reads a tsvector whole, so only papers with the highest sums of inverse frequencies are weighed.
        """
        place, words, times_asked = self._words.c.place, self._words.c.words, Counter(map(Has, tokens))
        of_each = [
            select(place, literal(number).label("word")).where(_are(words, word))
            for number, word in enumerate(times_asked)
        ]
        having = union_all(*of_each).cte("having").prefix_with("MATERIALIZED")
        weight = _weights(times_asked, having).cte("weight").prefix_with("MATERIALIZED")
        likely = select(having.c.place).join(weight, weight.c.word == having.c.word).group_by(having.c.place)
        likely = likely.order_by(func.sum(weight.c.inverse).desc(), having.c.place.desc()).limit(most)
        text = func.ts_filter(words, _TITLE_AND_ABSTRACT, type_=TSVECTOR).label("words")
        # OFFSET 0 keeps the planner from making the text of a paper again for each word.
        texts = select(place, text).where(place.in_(likely)).offset(0).subquery()
        ranks = func.sum(weight.c.inverse * func.ts_rank(_BY_WORDS, texts.c.words, weight.c.query))
        score = select(ranks).select_from(weight).correlate(texts).scalar_subquery()
        return select(texts.c.place, score).order_by(score.desc(), texts.c.place.desc())


def _weights(times_asked: Mapping[Has, int], having: CTE) -> Select[Any]:
    """By a word's number its `query` and `inverse` document frequency, times how often it is asked for."""
    papers = select(func.max(column("number", BigInteger))).select_from(table("paper")).scalar_subquery()
    of_each = [
        select(literal(number).label("word"), literal(times).label("times"), _asked(word).label("query"))
        for number, (word, times) in enumerate(times_asked.items())
    ]
    queries = union_all(*of_each).subquery()
    counted = select(having.c.word, func.count().label("papers")).group_by(having.c.word).subquery()
    inverse = queries.c.times * func.ln(1 + sql_cast(papers, Double) / counted.c.papers)
    weights = select(queries.c.word, queries.c.query, inverse.label("inverse"))
    return weights.join(counted, counted.c.word == queries.c.word)


def without_places(tree: Tree) -> Tree:
    """The same tree, and more papers, wherever in title or abstract the words stand."""
    match tree:
        case Has(text, "title" | "abstract", star):
            return Has(text, star=star)
        case Phrase(texts, _, star):
            return AllOf((*map(Has, texts[:-1]), Has(texts[-1], star=star)))
        case AllOf(parts):
            return AllOf(tuple(map(without_places, parts)))
        case AnyOf(parts):
            return AnyOf(tuple(map(without_places, parts)))
        case Without(keep, drop):
            keep = without_places(keep)
            return Without(keep, drop) if without_places(drop) == drop else keep
    return tree


def _are(words: ColumnElement[Any], tree: Tree) -> ColumnElement[bool]:
    return words.op("@@", is_comparison=True)(_asked(tree))


def _asked(tree: Tree) -> ColumnElement[Any]:
    return sql_cast(literal(tsquery_text(tree)), TSQUERY)


def fts5_text(tree: Tree) -> str:
    """A tree in the language of FTS5; tokens are letters and digits and need no care."""
    match tree:
        case Has(text, in_, star):
            return _in_column(in_, f"{text}*" if star else text)
        case Phrase(texts, in_, star):
            return _in_column(in_, f'"{" ".join(texts)}"' + " *" * star)
        case AllOf(parts):
            return f"({' AND '.join(map(fts5_text, parts))})"
        case AnyOf(parts):
            return f"({' OR '.join(map(fts5_text, parts))})"
        case Without(keep, drop):
            return f"({fts5_text(keep)} NOT {fts5_text(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _in_column(name: str, words: str) -> str:
    return f"{{{name}}} : {words}" if name else words


def tsquery_text(tree: Tree) -> str:
    match tree:
        case Has(text, in_, star):
            return _lexeme(text, in_, star=star)
        case Phrase(texts, in_, star):
            last = len(texts) - 1
            return f"({' <-> '.join(_lexeme(text, in_, star=star and at == last) for at, text in enumerate(texts))})"
        case AllOf(parts):
            return f"({' & '.join(map(tsquery_text, parts))})"
        case AnyOf(parts):
            return f"({' | '.join(map(tsquery_text, parts))})"
        case Without(keep, drop):
            return f"({tsquery_text(keep)} & !{tsquery_text(drop)})"
    raise TypeError(f"no index can be asked for {tree}")


def _lexeme(text: str, name: str, *, star: bool) -> str:
    marks = "*" * star + _LABELS[name]
    return f"{text}:{marks}" if marks else text
