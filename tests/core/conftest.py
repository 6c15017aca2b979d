"""Recorded papers for the tests of core that compare the index with the evaluator."""

import gzip
import json

import pytest

from paperwire.core.paper import Paper


@pytest.fixture(scope="session")
def real_papers(shared_data):
    """The papers of one day."""
    with gzip.open(shared_data / "arxiv_corpus" / "one_day_2025-10-01.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Paper(
            id=row["id"],
            title=row["title"],
            abstract=row["abstract"],
            authors=tuple(row["authors"]),
            categories=tuple(row["categories"]),
            comment=row.get("comment") or "",
        )
        for row in rows
    ]
