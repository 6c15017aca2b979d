"""What may go wrong around the service: no network, a full disk, a stop under load, two processes and one database."""

import asyncio
import re
import resource
import socket
from datetime import UTC, datetime

import pytest
from product import Product, papers_of

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.ports.callers import Actor, Place
from paperwire.store.unit import Store
from servers.loopback import free_port
from servers.telegram import TelegramServer


def nowhere():
    return f"http://127.0.0.1:{free_port()}"


def lines(product, text):
    """How many lines of the log hold a text."""
    return sum(text in line for line in product.log.read_text().splitlines())


@pytest.mark.slow_on_postgresql
async def test_without_a_network_it_serves_and_says_so_and_never_spins(tmp_path, database):
    product = Product(
        tmp_path,
        database,
        sources__arxiv__enabled="true",
        sources__arxiv__rss_url=nowhere(),
        sources__arxiv__api_url=nowhere(),
        sources__arxiv__oai_url=nowhere(),
        sources__arxiv__min_interval="0.01",
        sources__huggingface__enabled="true",
        sources__huggingface__url=nowhere(),
        channels__telegram__token="42:AAcanary",
        channels__telegram__api_url=nowhere(),
    )
    async with product:

        async def both_told():
            return (await product.get("/status")).text.count("be reached (") == 2

        await product.until(both_told)
        next_tries = r"be reached \((?:(?!</tr>).)*<time "
        assert len(re.findall(next_tries, (await product.get("/status")).text, re.DOTALL)) == 2
        for path in ("/", "/search?q=diffusion", "/trending", "/feeds/daily.atom", "/healthz"):
            assert (await product.get(path)).status_code == 200, path
        assert (await product.get("/readyz")).status_code == 503
        metrics = await product.metrics()
        await asyncio.sleep(5)
        failed = r'paperwire_fetches_total{outcome="failed",source="(\w+)"} (\d+)'
        before = {name: float(count) for name, count in re.findall(failed, metrics)}
        after = {name: float(count) for name, count in re.findall(failed, await product.metrics())}
        # each part once in half a minute at most; arXiv's many parts one after another
        assert all(after[name] - before.get(name, 0) <= 8 for name in after), (before, after)
        assert len(product.log.read_text().splitlines()) < 60
        assert await product.stop() == 0
    log = product.log.read_text()
    assert "Traceback" not in log
    assert "canary" not in log


@pytest.mark.slow_on_postgresql
async def test_a_port_that_somebody_has_and_a_database_that_a_service_runs_on(tmp_path, database):
    async with Product(tmp_path, database) as product:
        second = Product(tmp_path, database, web__port=product.port)
        code, out, errors = await second.command("run")
        assert code == 1
        if database.startswith("sqlite"):
            assert re.search(r"another service \(process \d+\) is already running on .*paperwire\.db", errors)
            assert (await second.command("migrate"))[0] == 1
            assert (await second.command("status"))[0] == 0
        else:
            assert f"port {product.port} on 127.0.0.1 is in use" in errors
            assert "web.port" in errors
        assert "Traceback" not in errors + out
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        code, _, errors = await Product(tmp_path, database, web__port=other.getsockname()[1]).command("run")
        assert code == 1
        assert "is in use; stop what listens there" in errors


async def prepared(url, people, papers):
    """A database in which papers are owed to many private chats."""
    store = Store.open(url, now=lambda: datetime.now(UTC))
    await store.migrate()
    async with store.write() as unit:
        for number in range(1, people + 1):
            person = await unit.people.ensure(Actor(channel="telegram", user_id=str(number)), "en")
            place = Place(channel="telegram", address=str(number), kind="private")
            there = await unit.places.ensure(place, person.number)
            await unit.places.update(there.number, style="cards")
            await unit.subscriptions.subscribe(
                person.number,
                parse("diffusion"),
                name="",
                occasions=frozenset({"arrival"}),
                cadence="instant",
                destinations=[there.number],
            )
    today = datetime.now(UTC).date()
    events = [
        Event(
            kind=EventKind.NEW,
            source="arxiv",
            day=today,
            paper=Paper(id=f"2601.{number:05}", title=f"Diffusion {number}", announced=today),
        )
        for number in range(1, papers + 1)
    ]
    async with store.write() as unit:
        await unit.papers.record(events, quiet=False)
    await store.close()


@pytest.mark.slow_on_postgresql
async def test_a_stop_under_load_is_quick_and_repeats_nothing(tmp_path, database):
    people, papers = 30, 3
    await prepared(database, people, papers)
    async with TelegramServer() as telegram:
        for number in range(1, people + 1):
            telegram.chat(number, "private", "Ann")
        product = Product(
            tmp_path, database, channels__telegram__token=telegram.token, channels__telegram__api_url=telegram.url
        )

        def sent():
            return [
                found for number in range(1, people + 1) for m in telegram.messages(number) for found in papers_of(m)
            ]

        for share in (0.1, 0.4):
            await product.start()
            await telegram.until(lambda share=share: len(sent()) >= share * people * papers)
            assert await product.stop() == 0
        await product.start()
        await telegram.until(lambda: len(sent()) >= people * papers)
        assert await product.stop() == 0
        for number in range(1, people + 1):
            told = [found for message in telegram.messages(number) for found in papers_of(message)]
            assert told == [f"2601.{paper:05}" for paper in range(1, papers + 1)]
        assert not telegram.violations
    assert "Traceback" not in product.log.read_text()


async def test_a_full_disk_is_told_and_survived(tmp_path, sqlite_template):
    database = f"sqlite+aiosqlite:///{tmp_path}/paperwire.db"
    async with TelegramServer() as telegram:
        telegram.person(1)
        product = Product(
            tmp_path,
            database,
            sources__demo__enabled="true",
            sources__demo__every="0.3",
            channels__telegram__token=telegram.token,
            channels__telegram__api_url=telegram.url,
        )
        async with product:
            await telegram.ask(1, "/subscribe agents OR attention OR learning OR model OR graph")
            await telegram.wait(1, 3)
            before = resource.prlimit(product.pid, resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))

            async def failing():
                return lines(product, "stage failed") >= 2

            await product.until(failing)
            page = await product.get("/status")
            assert page.status_code == 200
            assert "has been failing since" in page.text
            assert "failed: " not in page.text  # the reason is for the operator
            assert (await product.get("/healthz")).status_code == 200
            ready = await product.get(f"{product.ops}/readyz")
            assert ready.status_code == 503
            assert "failed: " in ready.text
            await asyncio.sleep(3)
            assert lines(product, "stage failed") < 40  # seldomer and seldomer, each stage by itself
            resource.prlimit(product.pid, resource.RLIMIT_FSIZE, before)
            count = len(telegram.messages(1))
            await telegram.wait(1, count + 2)
            await product.ready()
            assert await product.stop() == 0
        told = [found for message in telegram.messages(1)[1:] for found in papers_of(message)]
        assert len(told) == len(set(told))
    log = product.log.read_text()
    assert "stage works again" in log
    assert "Traceback" not in log


@pytest.fixture
def postgres(request, database):
    """Only PostgreSQL lets several processes write."""
    if database.startswith("sqlite"):
        pytest.skip("one process writes to SQLite")
    return database


async def test_roles_in_two_processes(tmp_path, postgres):
    async with TelegramServer() as telegram:
        telegram.person(1)
        shared = {"channels__telegram__token": telegram.token, "channels__telegram__api_url": telegram.url}
        demo = {"sources__demo__enabled": "true", "sources__demo__every": "0.5"}
        (tmp_path / "b").mkdir()
        reader = Product(tmp_path, postgres, **shared, **demo)
        sender = Product(tmp_path / "b", postgres, **shared, **demo)
        try:
            await reader.start("--only", "web,collect,match")
            await asyncio.sleep(1)
            assert not telegram.calls  # it neither listens nor sends
            await sender.start("--only", "deliver,telegram")
            answer = await telegram.ask(1, "/subscribe agents OR attention OR learning OR model OR graph")
            assert answer.text
            await telegram.wait(1, 4)
            assert await sender.stop() == 0
            count = len(telegram.messages(1))
            await asyncio.sleep(2)
            assert len(telegram.messages(1)) == count
            await sender.start("--only", "deliver,telegram")
            await telegram.wait(1, count + 1)
            assert (await reader.get("/status")).status_code == 200
        finally:
            for product in (reader, sender):
                if product.pid:
                    await product.stop()
        assert not telegram.violations


async def test_of_two_whole_processes_one_speaks_for_the_bot_and_the_other_follows(tmp_path, postgres):
    async with TelegramServer() as telegram:
        telegram.person(1)
        settings = {
            "channels__telegram__token": telegram.token,
            "channels__telegram__api_url": telegram.url,
            "sources__demo__enabled": "true",
            "sources__demo__every": "0.5",
        }
        (tmp_path / "b").mkdir()
        first, second = Product(tmp_path, postgres, **settings), Product(tmp_path / "b", postgres, **settings)
        async with first, second:
            await telegram.ask(1, "/subscribe agents OR attention OR learning OR model OR graph")
            await telegram.wait(1, 3)
            assert await first.stop() == 0
            answered = len(telegram.messages(1))
            await telegram.wait(1, answered + 2)  # the second sends
            telegram.say(1, "/status")
            await telegram.until(
                lambda: any("papers" in message.text and "Status" in message.text for message in telegram.messages(1)),
            )  # and listens
        told = [found for message in telegram.messages(1)[1:] for found in papers_of(message)]
        assert len(told) == len(set(told))
        assert not telegram.violations
    for product in (first, second):
        assert "Conflict" not in product.log.read_text()
