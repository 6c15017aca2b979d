"""Papers made out of others: distinct, of real days of the week, and indexed as the product would."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from benchmarks.__main__ import themes
from benchmarks.databases import sqlite
from benchmarks.frame import Context
from benchmarks.many import hold_many, made
from benchmarks.search import run_many

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.indexed import index_row

DAY = date(2025, 10, 1)
PAPERS = [
    Paper(
        id=f"2510.{number:05}",
        title=f"Fine-tuning of kind{number}",
        abstract=f"Of state-of-the-art word{number}" + " at https://github.com/a/b" * (number == 2),
        authors=(f"Ann Name{number}",),
        categories=("cs.CV",) if number % 2 else ("hep-th", "gr-qc"),
        announced=DAY + timedelta(days=number),
        comment="5 pages",
    )
    for number in range(10)
]


@pytest.mark.parametrize("count", [1, 10, 47])
def test_each_is_indexed_as_if_it_were_stored(count):
    papers = list(made(PAPERS, count))
    assert [paper.number for paper, _ in papers] == list(range(1, count + 1))
    assert all(row == index_row(Doc.of(paper)) for paper, row in papers)
    assert len({paper.id for paper, _ in papers}) == count
    assert papers == list(made(PAPERS, count))


def test_days_go_back_by_whole_weeks_to_the_papers_own():
    papers = [paper for paper, _ in made(PAPERS, 47)]
    assert [paper.announced for paper in papers[-10:]] == [paper.announced for paper in PAPERS]
    assert all(one.announced <= other.announced for one, other in pairwise(papers))
    assert papers[-20].announced == DAY - timedelta(weeks=2)


def test_parts_are_of_one_class():
    for paper, _ in made(PAPERS, 47):
        numbers = [paper.title[-1], paper.abstract.split()[2][-1], paper.authors[0][-1]]
        assert len({int(number) % 2 for number in numbers}) == 1


async def test_they_are_found(tmp_path):
    async with sqlite(tmp_path) as database:
        await hold_many(database, PAPERS, 25)
        async with database.store.read() as unit:
            found = await unit.search.search(parse('"finetuning of" cat:hep-th'), order="date", limit=3)
            held = (await unit.papers.counts()).papers
    assert held == 25
    assert [paper.number for paper in found.papers] == [24, 22, 20]
    assert found.total == 12


def test_a_run_over_so_many_measures_search_alone(tmp_path):
    assert [name for name, _ in themes(quick=True, papers=300)] == ["search over 300"]
    assert not any("over" in name for name, _ in themes(quick=False, papers=0))
    rows = run_many(Context(quick=True, folder=tmp_path, shared=tmp_path / "absent", postgres=""), 300)
    assert len(rows) == 5
    assert all(row.size.startswith("300 papers, ") for row in rows)
    assert not list(tmp_path.iterdir())
