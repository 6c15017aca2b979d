"""An announcement goes out and commands are answered while thousands of clients hold half-open connections."""

import asyncio
import resource

import httpx
import pytest
from test_product import ADA, World

from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store
from servers.loopback import PATIENCE
from servers.proxies import HOST, PROXIES, SITE, proxy

PEOPLE = range(10_001, 10_501)
HALF_OPEN = 2_000
FILES = 1_024
"""What the product may have open, connections and all."""
LATEST = 60.0
"""Seconds by which the last message may be later than without the half-open connections."""
MOST_LOG = 300_000
"""Bytes."""
_HEAD = f"GET /paperwire/ HTTP/1.1\r\nHost: {HOST}\r\n".encode()


class Flood:
    """Half-open connections to these ports in turn, each opened again when it is closed, until it is over."""

    def __init__(self, *ports):
        self.ports = ports
        self.transports = set()
        self.opened = 0
        self.full = asyncio.Event()
        self.is_over = False
        self._again = set()

    async def __aenter__(self):
        for number in range(HALF_OPEN):
            self._open(number)
        await asyncio.wait_for(self.full.wait(), PATIENCE)
        return self

    async def __aexit__(self, *_):
        self.is_over = True
        for transport in list(self.transports):
            transport.abort()
        await asyncio.gather(*self._again, return_exceptions=True)

    def _open(self, number):
        task = asyncio.create_task(self._connect(number))
        self._again.add(task)
        task.add_done_callback(self._again.discard)

    async def _connect(self, number):
        flood = self

        class Half(asyncio.Protocol):
            def connection_made(self, transport):
                self.transport = transport
                flood.transports.add(transport)
                flood.opened += 1
                if flood.opened >= HALF_OPEN:
                    flood.full.set()
                transport.write(_HEAD)

            def connection_lost(self, _error):
                flood.transports.discard(self.transport)
                if not flood.is_over:
                    flood._open(number)

        loop, port = asyncio.get_running_loop(), self.ports[number % len(self.ports)]
        while not self.is_over:
            await asyncio.sleep(1)
            try:
                await loop.create_connection(Half, "127.0.0.1", port)
            except OSError:
                continue
            return


async def subscribe_all(database, clock):
    store = Store.open(database, now=clock)
    async with store.write() as unit:
        for number in PEOPLE:
            person = await unit.people.ensure(Actor(channel="telegram", user_id=str(number)), "en")
            there = await unit.places.ensure(
                Place(channel="telegram", address=str(number), kind="private"), person.number
            )
            await unit.subscriptions.subscribe(
                person.number,
                parse("diffusion"),
                name="",
                occasions=frozenset({"arrival"}),
                cadence="",
                destinations=[there.number],
            )
    await store.close()


@pytest.fixture
async def deployment(tmp_path, database, clock):
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 3 * HALF_OPEN:
        pytest.skip(f"the test needs {3 * HALF_OPEN} open files (ulimit -n)")
    deployment = World(tmp_path, database, clock)
    deployment.product.main = (
        f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({FILES}, {FILES})); {deployment.product.main}"
    )
    deployment.product.settings |= {"public_url": SITE, "web__trusted_proxies": '["127.0.0.1"]'}
    for number in PEOPLE:
        deployment.telegram.person(number)
        deployment.telegram.chat(number, "private", "Ann")
    await subscribe_all(database, clock)
    return deployment


async def announced(deployment, paper, day):
    """arXiv announces a paper to all; how many seconds until the last of them has it."""
    loop, waiting = asyncio.get_running_loop(), list(PEOPLE)
    began = loop.time()
    deployment.arxiv.archive.add(paper, day, title="Diffusion for many")
    deployment.day(day)

    def is_over():
        while waiting and paper in deployment.got(waiting[-1]):
            waiting.pop()
        return not waiting

    await deployment.telegram.until(is_over, timeout=4 * PATIENCE)
    return loop.time() - began


@pytest.mark.slow
@pytest.mark.parametrize("kind", PROXIES)
async def test_half_open_connections_delay_nothing(deployment, kind, tmp_path):
    product = deployment.product
    async with (
        deployment.running(),
        proxy(kind, tmp_path, product.port) as port,
        httpx.AsyncClient(trust_env=False, timeout=PATIENCE) as reader,
    ):
        usual = await announced(deployment, "2601.00002", "2026-01-06")
        async with Flood(port, product.port):
            arriving = asyncio.create_task(announced(deployment, "2601.00003", "2026-01-07"))
            while not arriving.done():
                assert "diffusion" in (await deployment.ask(ADA, "/search diffusion")).text.lower()
                page = await reader.get(f"http://127.0.0.1:{port}/paperwire/search", headers={"Host": HOST})
                assert page.status_code == 200
                assert (await product.get(f"{product.ops}/healthz")).status_code == 200
                await asyncio.wait({arriving}, timeout=1)
        assert await arriving < usual + LATEST
        assert [deployment.got(number) for number in PEOPLE] == [["2601.00002", "2601.00003"]] * len(PEOPLE)
    assert product.log.stat().st_size < MOST_LOG
