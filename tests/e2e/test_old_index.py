"""`paperwire run` on a database whose index of words another version wrote: it serves, and renews that meanwhile."""

from datetime import UTC, datetime

import pytest
from product import Product
from sqlalchemy import delete, table

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.core.search.indexed import INDEX_VERSION
from paperwire.store.unit import Store

PAPERS = 120
"""More than two pieces of the renewal."""


async def with_old_index(url):
    """Store papers whose words the index of the version before doesn't have."""
    store = Store.open(url, now=lambda: datetime.now(UTC))
    today = datetime.now(UTC).date()
    papers = [Paper(id=f"2601.{number:05}", title=f"Diffusion {number}", announced=today) for number in range(PAPERS)]
    events = [Event(kind=EventKind.NEW, source="arxiv", day=today, paper=paper) for paper in papers]
    async with store.write() as unit:
        await unit.papers.record(events, quiet=True)
        if store.file is None:
            await unit.connection.execute(delete(table("paper_words")))
        else:
            await unit.connection.exec_driver_sql("INSERT INTO paper_words(paper_words) VALUES ('delete-all')")
        await unit.settings.put("words", "older")
    async with store.read() as unit:
        assert not (await unit.search.search(parse("diffusion"))).total
    return store


async def version(store):
    async with store.read() as unit:
        return await unit.settings.get("words")


@pytest.mark.whole
async def test_a_run_begins_on_an_old_index_and_renews_it_while_it_serves(tmp_path, database):
    store = await with_old_index(database)
    async with Product(tmp_path, database) as product:

        async def is_renewed():
            answer = await product.get("/api/v1/search?q=diffusion")
            assert answer.status_code == 200
            return answer.json()["total"] == PAPERS

        await product.until(is_renewed)

        async def is_current():
            return await version(store) == str(INDEX_VERSION)

        await product.until(is_current)
        assert (await product.get("/")).status_code == 200
    await store.close()
