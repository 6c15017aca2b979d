"""Counts of real queries, exact words and authors by initials over papers of seven months, against plain evaluation.

One paper in eight is taken, and a search counts an eighth as far: plain evaluation takes most of the time.
"""

import json
import time

import pytest
from benchmarks.frame import cpu_of, percentile
from benchmarks.workload import corpus, exact_forms
from sqlalchemy import text

from paperwire.core.papers.paper import Event, EventKind
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search import result as pages
from paperwire.errors import QueryError
from paperwire.store.search import search

pytestmark = [pytest.mark.shared, pytest.mark.slow, pytest.mark.timeout(3600)]

FORMS = 200
SAMPLE = 8
MOST_COUNTED = pages.MOST_COUNTED // SAMPLE
_AT_ONCE = 1_000


@pytest.fixture(scope="module")
def papers(shared_data):
    return corpus(shared_data, 86_881 // SAMPLE)


@pytest.fixture(scope="module")
def forms(papers):
    """Exact words and phrases, and authors by initials."""
    return exact_forms(papers, FORMS)


@pytest.fixture(scope="module")
def queries(shared_data, forms):
    """By what was typed: every recorded query that can be read, every group as alternatives, and the forms."""
    texts = [row["query"] for row in _rows(shared_data / "queries" / "queries.jsonl")]
    groups = [row["any"] for row in _rows(shared_data / "queries" / "query_groups.jsonl")]
    texts += [" OR ".join(f'"{text}"' for text in group) for group in groups]
    understood = {}
    for typed in (*texts, *forms):
        try:
            understood[typed] = parse(typed)
        except QueryError:
            continue
    assert len(understood) > 1_000
    return understood


def _rows(file):
    return map(json.loads, file.read_text("utf-8").splitlines())


@pytest.fixture(scope="module")
def counts(papers, queries):
    """How many papers match, by plain evaluation."""
    matches = dict.fromkeys(queries, 0)
    for start in range(0, len(papers), 100):
        docs = list(map(Doc.of, papers[start : start + 100]))
        for typed, query in queries.items():
            matches[typed] += sum(map(query.matches, docs))
    return matches


async def test_counts_are_plain_evaluation(store, clock, papers, queries, forms, counts, capsys, monkeypatch):
    monkeypatch.setattr(search, "MOST_COUNTED", MOST_COUNTED)
    clock.set("2026-04-01T08:00:00Z")
    for start in range(0, len(papers), _AT_ONCE):
        some = papers[start : start + _AT_ONCE]
        async with store.write() as unit:
            events = [Event(kind=EventKind.NEW, paper=one, source="arxiv", day=one.announced) for one in some]
            await unit.papers.record(events, quiet=True)
    async with store.write() as unit:
        await unit.connection.execute(text("ANALYZE"))
    for order in ("date", "relevance"):
        took = await _search_each(store, queries, counts, order)
        of_forms = [took.pop(typed) for typed in forms]
        with capsys.disabled():
            for what, seconds in (("queries", list(took.values())), ("forms", of_forms)):
                half, most = percentile(seconds, 0.5) * 1e3, percentile(seconds, 0.99) * 1e3
                kind = "SQLite" if store.file else "PostgreSQL"
                print(f"\n{kind}, by {order}: {len(seconds)} {what}, CPU ms p50 {half:.1f}, p99 {most:.1f}")  # noqa: T201 -- figures


async def _search_each(store, queries, counts, order):
    """CPU seconds of each search by what was typed, the database's included."""
    took = {}
    async with store.read() as unit:
        pids = [] if store.file else [await unit.connection.scalar(text("SELECT pg_backend_pid()"))]
        for typed, query in queries.items():
            began = time.process_time() + sum(map(cpu_of, pids))
            found = await unit.search.search(query, order=order)
            took[typed] = time.process_time() + sum(map(cpu_of, pids)) - began
            total = counts[typed]
            assert (typed, found.total, found.at_least) == (typed, min(total, MOST_COUNTED), total > MOST_COUNTED)
            assert len(found.papers) == min(total, 25)
    return took
