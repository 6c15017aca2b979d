"""How often a service asks an arXiv that does not answer."""

from datetime import timedelta

import pytest
from fortnight_world import Recorder, Service, quick

from paperwire.pipeline.ingest import BACKFILL
from servers.arxiv import ArxivServer


@pytest.mark.parametrize("retry_after", [0, None], ids=["Retry-After: 0", "no Retry-After"])
async def test_an_hour_against_a_front_that_answers_503(store, clock, retry_after):
    """1,202 requests went out in an hour where arXiv's front names no time to wait."""
    clock.set("2026-10-20T01:00:00Z")  # an evening, when everything is due
    with quick():
        async with ArxivServer(clock, interval=3.0) as server:
            server.mood = lambda _path: 503
            server.retry_after = retry_after
            service = Service(server, store, clock, ("cs.CL", "cs.HC", "math.AG", "hep-th", "stat.ML"), Recorder())
            ends = clock() + timedelta(hours=1)
            while clock() < ends:
                await service.round()
                await service.collector.read_back(timedelta(days=30))
                rests = [await service.collector.rest(), await service.collector.rest_of(BACKFILL)]
                rest = min([*rests, await service.reconciler.rest()])
                clock.advance(seconds=max(rest.total_seconds(), 1.0))
            await service.fetcher.close()
            assert 3 <= len(server.requests) <= 15
            assert not server.violations
