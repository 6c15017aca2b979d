"""Every metric that is declared moves in a real run."""

import asyncio
import re
import sqlite3
from datetime import UTC, datetime
from math import isnan

import pytest
from product import Product

from paperwire import observe
from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.database.tables.base import State
from paperwire.store.unit import Store
from servers.telegram import TelegramServer

SAMPLE = re.compile(r"^(\w+?)(?:_total|_count|_sum|_bucket|_info)?(?:\{.*\})? (\S+)$", re.MULTILINE)
ALL = "agents OR attention OR learning OR model OR graph OR robot OR diffusion"


async def prepared(url):
    """A database in which a day is thin and papers are owed to a place, for its weekly digest; the place's number."""
    store = Store.open(url, now=lambda: datetime.now(UTC))
    await store.migrate()
    today = datetime.now(UTC).date()
    papers = [Paper(id=f"2601.0000{number}", title=f"Model {number}", announced=today) for number in range(1, 4)]
    async with store.write() as unit:
        person = await unit.people.ensure(Actor(channel="telegram", user_id="2"), "en")
        place = Place(channel="telegram", address="2", kind="private")
        there = await unit.places.ensure(place, person.number)
        cadence = f"weekly {(datetime.now(UTC)).strftime('%a').lower()} 00:00"
        await unit.subscriptions.subscribe(
            person.number,
            parse("model"),
            name="",
            occasions=frozenset({"arrival"}),
            cadence=cadence,
            destinations=[there.number],
        )
    async with store.write() as unit:
        await unit.papers.record(
            [Event(kind=EventKind.NEW, source="arxiv", day=today, paper=paper) for paper in papers], quiet=False
        )
        low = Doubt(why=Why.LOW, count=3, usual=60, whole=True)
        thin = Batch(source="demo", part="demo", day=today, state=BatchState.UNCONFIRMED, doubts=(low,))
        await unit.sources.save_batches([thin])
    await store.close()
    return there.number


def settled(file, place, states):
    """End deliveries to a place in other ways than by a message."""
    with sqlite3.connect(file) as connection:
        papers = "SELECT paper FROM delivery WHERE destination = ? ORDER BY paper"
        rows = connection.execute(papers, (place,)).fetchall()
        for (paper,), state in zip(rows, states, strict=False):
            connection.execute(
                "UPDATE delivery SET state = ?, settled_at = due_at, due_at = 1 WHERE destination = ? AND paper = ?",
                (state, place, paper),
            )
    connection.close()
    return len(rows)


async def unmatched(product):
    """Whether news waits, in this second or longer."""
    waits = dict(SAMPLE.findall(await product.metrics()))
    return float(waits["paperwire_unmatched_oldest_seconds"]) > 0


def moved(text):
    """The names of the metrics of which some sample is neither 0 nor no number."""
    samples = [(name, float(value)) for name, value in SAMPLE.findall(text) if not name.endswith("_created")]
    return {name for name, value in samples if value and not isnan(value)}


async def run(folder):
    url, file = f"sqlite+aiosqlite:///{folder}/paperwire.db", folder / "paperwire.db"
    place = await prepared(url)
    async with TelegramServer() as telegram:
        telegram.person(1)
        telegram.person(2)
        product = Product(
            folder,
            url,
            sources__demo__enabled="true",
            sources__demo__every="0.5",
            channels__telegram__token=telegram.token,
            channels__telegram__api_url=telegram.url,
            backup__folder=folder / "copies",
        )
        (folder / "copies").mkdir()
        async with product:
            await product.ready()
            await telegram.ask(1, f"/subscribe {ALL}")
            await telegram.wait(1, 3)
            await product.get("/")
            assert await product.stop() == 0
        assert settled(file, place, [State.GIVEN_UP, State.UNKNOWN]) > 2
        async with product:
            await product.ready()
            await telegram.ask(1, "/status")
            await telegram.wait(1, len(telegram.messages(1)) + 1)
            await product.get("/")
            text = await product.metrics()
            assert await product.stop() == 0
        settled(file, place, [State.OWED])
        assert (await product.command("outbox", "--hold"))[0] == 0
        await product.start("--only", "collect")
        await product.until(lambda: unmatched(product))
        text += await product.metrics()
        assert await product.stop() == 0
    return text


@pytest.fixture(scope="module")
def scraped(tmp_path_factory):
    """What a service that did a bit of everything answers Prometheus."""
    return asyncio.run(run(tmp_path_factory.mktemp("metrics")))


@pytest.mark.parametrize(
    "metric", [name for metric in observe.REGISTRY.collect() if (name := metric.name).startswith("paperwire_")]
)
def test_every_declared_metric_moves(scraped, metric):
    assert metric in moved(scraped)
