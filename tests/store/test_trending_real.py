"""457 recorded days of Hugging Face lists: what trends is what a plain recomputation from the raw records gives."""

import gzip
import json
import random
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta

import pytest

from paperwire.services.papers.trending import WINDOWS, trending
from paperwire.sources.huggingface import HuggingFaceSource, Options, build

pytestmark = pytest.mark.shared

SAMPLED = 10


def recomputed(records, until, window):
    """Ids with upvotes, by (upvotes, list day, place in the records), of entries listed in the window."""
    since = until - window
    gained = [
        (one["paper"]["upvotes"], one["_day"], place, one["paper"]["id"])
        for place, one in enumerate(records)
        if since < datetime.combine(date.fromisoformat(one["_day"]), time(12), UTC) <= until
    ]
    return [(paper_id, votes) for votes, _, _, paper_id in sorted(gained, reverse=True) if votes]


async def test_what_trends_is_what_the_raw_records_say(store, clock, shared_data):
    with gzip.open(shared_data / "hf_daily" / "hf_daily_papers.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    days = defaultdict(list)
    for one in records:
        days[one["_day"]].append(one)
    assert len(days) == 457
    sampled = set(random.Random(13).sample(sorted(days), SAMPLED))
    source: HuggingFaceSource = build(Options(), fetcher=None, now=clock, public_url="")
    seen = []
    compared = 0
    for day, rows in sorted(days.items()):
        clock.at = datetime.combine(date.fromisoformat(day), time(20), UTC)
        seen += rows
        async with store.write() as unit:
            await unit.papers.record(source._events(clock().date(), rows), quiet=False)
        if day in sampled:
            for name, window in WINDOWS.items():
                found = [(one.paper.id, one.gained) for one in await trending(store, name, clock(), 50)]
                assert found == recomputed(seen, clock(), window)[:50], (day, name)
                compared += len(found)
    assert compared > SAMPLED * (timedelta(days=30) / timedelta(days=1))
