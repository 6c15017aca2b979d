"""Processes that stop, die, stand still or wait for their database: nothing is lost, and hardly anything repeated."""

import asyncio
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import pytest
from product import Product, papers_of
from sqlalchemy import make_url
from test_trouble import lines, prepared

from paperwire.store.unit import Store
from servers.loopback import PATIENCE, free_port
from servers.telegram import TelegramServer

PEOPLE, PAPERS = 4, 3


class Slow(TelegramServer):
    """Takes a message at once and says so `lag` seconds later."""

    lag = 0.0

    async def _on_send_message(self, values):
        sent = await super()._on_send_message(values)
        self._notify()
        await asyncio.sleep(self.lag)
        return sent


@asynccontextmanager
async def telegram_of(people):
    async with Slow() as telegram:
        for number in range(1, people + 1):
            telegram.chat(number, "private", "Ann")
        yield telegram


def told(telegram, people=PEOPLE):
    """The papers that arrived in each chat, in order."""
    return [
        [found for message in telegram.messages(number) for found in papers_of(message)]
        for number in range(1, people + 1)
    ]


def wanted(papers=PAPERS):
    return [f"2601.{paper:05}" for paper in range(1, papers + 1)]


@pytest.mark.slow_on_postgresql
async def test_what_is_being_sent_at_a_stop_is_let_finish_and_not_sent_twice(tmp_path, database):
    await prepared(database, 1, 2)
    async with telegram_of(1) as telegram:
        telegram.lag = 6
        product = Product(
            tmp_path, database, channels__telegram__token=telegram.token, channels__telegram__api_url=telegram.url
        )
        await product.start()
        await telegram.wait(1)
        assert await product.stop() == 0
        assert told(telegram, 1) == [wanted(1)]
        telegram.lag = 0
        await product.start()
        await telegram.wait(1, 2)
        assert await product.stop() == 0
        assert told(telegram, 1) == [wanted(2)]


@pytest.mark.slow_on_postgresql
async def test_what_a_single_pass_is_sending_at_a_stop_is_let_finish_too(tmp_path, database):
    await prepared(database, 1, 2)
    async with telegram_of(1) as telegram:
        telegram.lag = 3
        product = Product(
            tmp_path, database, channels__telegram__token=telegram.token, channels__telegram__api_url=telegram.url
        )
        await product.begin("--once")
        await telegram.wait(1)
        assert await product.stop() == 1
        assert lines(product, "stopped before the pass was over") == 1
        assert told(telegram, 1) == [wanted(1)]
        telegram.lag = 0
        assert (await product.command("run", "--once"))[0] == 0
        assert told(telegram, 1) == [wanted(2)]


# --- several processes on PostgreSQL -------------------------------------------------------------------------------


class Watchful(Product):
    """A process that cannot see which others of its machine live, beats faster and writes to a chat more seldom."""

    main = f"""
from pathlib import Path
from paperwire.channels.telegram import pace
from paperwire.pipeline import claim
from paperwire.worker import owner, presence
owner._BOOT = Path("/nowhere")
presence.BEAT, presence.DEAD_AFTER, claim.TRUSTED, pace.SPACING = 0.2, 12.0, 1.0, 3.0
{Product.main}
"""

    def send(self, sign):
        os.kill(self.pid, sign)


@pytest.fixture
def postgres(database):
    if database.startswith("sqlite"):
        pytest.skip("several processes need PostgreSQL")
    return database


async def sender(database):
    """The number of the process that sends, once both are there."""
    store = Store.open(database, now=lambda: datetime.now(UTC))
    try:
        while True:
            async with store.read() as unit:
                holder = await unit.leases.holder("deliver telegram")
                if holder is not None and len(await unit.leases.heartbeats()) == 2:
                    return int(holder.split()[0])
            await asyncio.sleep(0.1)
    finally:
        await store.close()


@asynccontextmanager
async def pair(folder, database, telegram):
    """Two processes that deliver, the one that sends first."""
    await prepared(database, PEOPLE, PAPERS)
    channel = {"channels__telegram__token": telegram.token, "channels__telegram__api_url": telegram.url}
    async with AsyncExitStack() as stack:
        both = []
        for name in ("one", "two"):
            (folder / name).mkdir()
            product = Watchful(folder / name, database, **channel)
            await product.start("--only", "deliver")
            stack.push_async_exit(product.__aexit__)
            both.append(product)
        async with asyncio.timeout(PATIENCE):
            number = await sender(database)
        both.sort(key=lambda product: product.pid != number)
        yield both


async def test_the_places_of_a_process_that_was_killed_are_served_by_another_that_runs(tmp_path, postgres):
    async with telegram_of(PEOPLE) as telegram, pair(tmp_path, postgres, telegram) as (one, two):
        telegram.lag = 1
        assert (await two.command("run", "--once", "--only", "match"))[0] == 0
        await telegram.until(lambda: any(told(telegram)))
        await one.kill()
        await telegram.until(lambda: all(set(papers) == set(wanted()) for papers in told(telegram)))
        assert lines(two, "took over from a process that died") == 1
        for papers in told(telegram):
            assert sum(Counter(papers).values()) <= PAPERS + 1  # what was on its way may come again


async def stood_still(one, two, telegram):
    """Let a process stand still until another has done its work, then go on until it has noticed."""
    one.send(signal.SIGSTOP)

    async def has_taken_over():
        return lines(two, "took over from a process that died") > 0

    await two.until(has_taken_over)
    await telegram.until(lambda: all(set(papers) == set(wanted()) for papers in told(telegram)))
    arrived = told(telegram)
    one.send(signal.SIGCONT)

    async def has_noticed():
        return lines(one, "taken for dead after a long silence") > 0

    await one.until(has_noticed)
    await asyncio.sleep(2)
    return arrived


@pytest.mark.slow
async def test_a_process_that_stood_still_while_it_sent_goes_on_with_nothing_else(tmp_path, postgres):
    async with telegram_of(PEOPLE) as telegram, pair(tmp_path, postgres, telegram) as (one, two):
        telegram.lag = 1
        assert (await two.command("run", "--once", "--only", "match"))[0] == 0
        await telegram.until(lambda: any(told(telegram)))
        await stood_still(one, two, telegram)
        for papers in told(telegram):
            assert len(papers) <= PAPERS + 1


@pytest.mark.slow
async def test_a_process_that_stood_still_while_it_waited_sends_nothing(tmp_path, postgres):
    async with telegram_of(PEOPLE) as telegram, pair(tmp_path, postgres, telegram) as (one, two):
        assert (await two.command("run", "--once", "--only", "match"))[0] == 0
        await telegram.until(lambda: all(told(telegram)))
        await asyncio.sleep(1)  # now each chat waits for its next message
        assert await stood_still(one, two, telegram) == told(telegram) == [wanted()] * PEOPLE


class Gate:
    """A way to PostgreSQL that can be closed and opened."""

    def __init__(self, url):
        self._target = make_url(url)
        self.port = free_port()
        self.url = self._target.set(host="127.0.0.1", port=self.port).render_as_string(hide_password=False)
        self._server = None
        self._open = set()

    async def open(self):
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self):
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader, writer):
        self._open.add(asyncio.current_task())
        theirs, ours = await asyncio.open_connection(self._target.host, self._target.port)
        try:
            await asyncio.gather(_pump(reader, ours), _pump(theirs, writer))
        finally:
            self._open.discard(asyncio.current_task())
            for end in (writer, ours):
                end.transport.abort()


async def _pump(reader, writer):
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


async def test_run_waits_for_its_database_and_outlives_its_absence(tmp_path, postgres):
    gate = Gate(postgres)
    product = Product(tmp_path, gate.url)
    starting = asyncio.create_task(product.start())

    async def is_waiting():
        return product.log.exists() and lines(product, "waiting for the database") == 1

    await product.until(is_waiting)
    await asyncio.sleep(2)  # it looks again, and does not say so again
    await gate.open()
    await starting
    await product.ready()
    assert lines(product, "waiting for the database") == lines(product, "the database answers") == 1
    await gate.close()

    async def has_failed():
        return lines(product, "stage failed") > 0

    await product.until(has_failed)
    assert (await product.get("/healthz")).status_code == 200
    await gate.open()

    async def works_again():
        return (await product.get("/status")).status_code == 200 and lines(product, "stage works again") > 0

    await product.until(works_again)
    assert await product.stop() == 0
    await gate.close()


async def test_run_stops_while_it_waits_for_its_database(tmp_path, postgres):
    product = Product(tmp_path, Gate(postgres).url)
    starting = asyncio.create_task(product.start("--only", "match"))

    async def is_waiting():
        return product.log.exists() and lines(product, "waiting for the database") == 1

    await product.until(is_waiting)
    starting.cancel()
    await asyncio.gather(starting, return_exceptions=True)
    assert await product.stop() == 0
    assert "Traceback" not in product.log.read_text()


async def test_a_database_that_refuses_is_not_waited_for(tmp_path, postgres):
    url = make_url(postgres).set(database="paperwire_no_such_database").render_as_string(hide_password=False)
    code, _, errors = await Product(tmp_path, url).command("run")
    assert code == 1
    assert "does not exist" in errors
