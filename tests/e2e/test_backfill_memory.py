"""Seven months of arXiv are read back in little memory, and how fast that goes."""

import asyncio
import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive

pytestmark = [pytest.mark.shared, pytest.mark.slow]

CHILD = Path(__file__).with_name("backfill_child.py")
PAPERS = 86_881


async def test_memory_stays_flat_while_seven_months_are_read_back(shared_data, tmp_path):
    corpus = shared_data / "arxiv_corpus" / "arxiv_2025-09_2026-03.jsonl.gz"
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        archive = Archive.of_corpus(json.loads(line) for line in lines)
    database = f"sqlite+aiosqlite:///{tmp_path / 'paperwire.db'}"
    async with ArxivServer(lambda: datetime(2026, 4, 2, 12, tzinfo=UTC), archive) as server:
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(CHILD), server.url, database, stdout=asyncio.subprocess.PIPE
        )
        told = [json.loads(line) async for line in child.stdout]
        assert await child.wait() == 0
    assert told[-1]["papers"] == PAPERS
    assert len(told) > 30
    # The first pages warm caches; from then on memory is what one page takes.
    warm, last = told[4], told[-1]
    growth = max(line["resident"] for line in told[5:]) - warm["resident"]
    print(  # noqa: T201 -- what `-s` is for
        f"\n{last['papers']:,} papers in {last['seconds']:.0f} s ({last['papers'] / last['seconds']:.0f} a second;"
        f" {last['papers'] / last['processor']:.0f} a second of the processor's),"
        f" {warm['resident']:.0f} MB after five pages, {growth:+.0f} MB from there to the end"
    )
    assert growth < 100
