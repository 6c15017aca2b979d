"""Backfills from a loopback OAI-PMH service into a database; prints how far it has come and how much memory it has.

One line of JSON a page: papers stored so far, resident memory in MB, seconds since the beginning and of the processor.
"""

import asyncio
import json
import resource
import sys
import time
from datetime import UTC, date, datetime, timedelta

from paperwire import observe
from paperwire.pipeline.ingest import Collector
from paperwire.sources._http import Fetcher
from paperwire.sources.arxiv import ArxivSource, Options
from paperwire.store.pace import StorePace
from paperwire.store.unit import Store
from servers.direct import DIRECT

NOW = datetime(2026, 4, 2, 12, tzinfo=UTC)


def resident():
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 -- no file of ours
        return int(file.read().split()[1]) * resource.getpagesize() / 1_000_000


async def main(url, database):
    observe.set_up((), level="ERROR")
    store = Store.open(database, now=lambda: NOW)
    await store.migrate()
    fetcher = Fetcher(
        network=DIRECT,
        user_agent="Paperwire/test",
        pace=StorePace(store.write, owner="me"),
        now=lambda: NOW,
        timeout=120,
    )
    source = ArxivSource(
        fetcher,
        Options(
            categories=["*"],
            api_url=f"{url}/api/query",
            rss_url=f"{url}/rss",
            oai_url=f"{url}/oai",
            list_url="",
            min_interval=0,
        ),
        now=lambda: NOW,
    )
    collector = Collector(source, store, every=timedelta(minutes=15), now=lambda: NOW)
    began = time.monotonic()

    def tell(so_far):
        line = {"papers": so_far.papers, "resident": resident(), "seconds": time.monotonic() - began}
        line["processor"] = time.process_time()
        print(json.dumps(line), flush=True)  # noqa: T201 -- what the test reads

    found = await collector.backfill(date(2025, 8, 30), tell)
    await fetcher.close()
    await store.close()
    sys.exit(found.failed)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
