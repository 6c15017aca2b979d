"""Any number of papers, made from the recorded ones and written straight into the tables that a search reads."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any

from benchmarks.databases import NOW, Database
from sqlalchemy import insert, text

from paperwire.core.index.tree import token
from paperwire.core.papers.paper import Paper
from paperwire.core.query.prepared import Doc, plain_id
from paperwire.core.search.indexed import IndexRow, index_row
from paperwire.store.database.part import paper_values
from paperwire.store.database.tables.papers import PaperRow
from paperwire.store.search.word_index import entry_of, write_entries

_SEED = 3_000_000
_AT_ONCE = 20_000
_COMMENT, _NAMES, _CLASSES, _OWN = "o", "abgkmz", "c", "si"  # with what tokens of the last column begin
_BULK, _USUAL = 1 << 26, 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class _Indexed:
    """A paper with its columns of the index, and what the last of them has of each kind."""

    paper: Paper
    title: str
    abstract: str
    comment: tuple[str, ...]
    names: tuple[str, ...]
    classes: tuple[str, ...]
    facts: tuple[str, ...]

    @classmethod
    def of(cls, paper: Paper) -> _Indexed:
        row = index_row(Doc.of(paper))
        tokens = row.rest.split()
        comment, names, classes = (
            tuple(token for token in tokens if token[0] in kinds) for kinds in (_COMMENT, _NAMES, _CLASSES)
        )
        facts = tuple(token for token in tokens if token[0] not in _COMMENT + _NAMES + _CLASSES + _OWN)
        return cls(paper, row.title, row.abstract, comment, names, classes, facts)


def made(papers: Sequence[Paper], count: int) -> Iterator[tuple[Paper, IndexRow]]:
    """Papers numbered from 1 on, the oldest first, each with what `index_row` makes of it.

    They are rounds of `papers`, each round whole weeks earlier than the one after it. A paper has the day, classes and
    title of one of them, the abstract and comment of a second and the authors of a third, all of one class.
    """
    chance = random.Random(_SEED)
    indexed = [_Indexed.of(paper) for paper in sorted(papers, key=_day)]
    alike: defaultdict[str, list[_Indexed]] = defaultdict(list)
    for entry in indexed:
        alike[entry.paper.primary_category].append(entry)
    weeks = (_day(indexed[-1].paper) - _day(indexed[0].paper)).days // 7 + 1
    rounds = -(-count // len(indexed))
    skipped = rounds * len(indexed) - count
    for number in range(1, count + 1):
        earlier, place = divmod(number - 1 + skipped, len(indexed))
        first = indexed[place]
        others = alike[first.paper.primary_category]
        day = _day(first.paper) - timedelta(weeks=weeks * (rounds - 1 - earlier))
        yield _made(number, day, first, chance.choice(others), chance.choice(others))


def _day(paper: Paper) -> date:
    return paper.announced or NOW.date()


def _made(number: int, day: date, first: _Indexed, second: _Indexed, third: _Indexed) -> tuple[Paper, IndexRow]:
    paper = Paper(
        id=f"{day:%y%m}.{number:07}",
        title=first.paper.title,
        abstract=second.paper.abstract,
        authors=third.paper.authors,
        categories=first.paper.categories,
        announced=day,
        number=number,
        seen_at=NOW,
        comment=second.paper.comment,
    )
    others = {*first.classes, *second.facts, *third.names, token("s", paper.source), token("i", plain_id(paper.id))}
    return paper, IndexRow(first.title, second.abstract, " ".join([*second.comment, *sorted(others)]))


async def hold_many(database: Database, papers: Sequence[Paper], count: int) -> None:
    """Fill `paper` and the index of words of a SQLite database; a search reads nothing else."""
    remaining = made(papers, count)
    await _gather(database, _BULK)
    while chunk := list(islice(remaining, _AT_ONCE)):
        rows: list[dict[str, Any]] = [
            paper_values(paper) | {"number": paper.number, "announced": _day(paper)} for paper, _ in chunk
        ]
        async with database.store.write() as unit:
            await unit.connection.execute(insert(PaperRow), rows)
            await write_entries(unit.connection, [entry_of(*one) for one in chunk])
    await _gather(database, _USUAL)


async def _gather(database: Database, most: int) -> None:
    """Let FTS5 gather this many bytes before it writes: the option `hashsize`, 1 MB unless said otherwise."""
    async with database.store.write() as unit:
        gather = text("INSERT INTO paper_words (paper_words, rank) VALUES ('hashsize', :most)")
        await unit.connection.execute(gather, {"most": most})
