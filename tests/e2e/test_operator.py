"""What an operator does next to a running service, on either database, and that the service notices at once."""

import json
import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime

import pytest
from product import Product, papers_of
from sqlalchemy import make_url

from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.store.unit import Store
from servers.telegram import TelegramServer

ADA, BOB = 101, 102


class World:
    """A running service, a chat of it, and a shell next to it; papers come in from this process, a third writer."""

    def __init__(self, folder, database):
        self.database = database
        self.store = Store.open(database, now=lambda: datetime.now(UTC))
        self.telegram = TelegramServer()
        for person in (ADA, BOB):
            self.telegram.person(person)
        self.product = Product(folder, database)

    @asynccontextmanager
    async def running(self):
        try:
            async with self.telegram:
                self.product.settings |= {
                    "channels__telegram__token": self.telegram.token,
                    "channels__telegram__api_url": self.telegram.url,
                }
                async with self.product:
                    yield self
        finally:
            await self.store.close()

    async def ask(self, text, person=ADA):
        return await self.telegram.ask(person, text)

    def got(self, person=ADA):
        """The papers that a person was notified of; an answer to /subscribe may show some too."""
        told = [one for one in self.telegram.messages(person) if not one.text.startswith("Subscribed:")]
        return [found for message in told for found in papers_of(message)]

    async def does(self, *arguments):
        """A command of the operator's that must work; its output."""
        code, out, errors = await self.product.command(*arguments)
        assert code == 0, errors
        return out

    async def until_outbox(self, **counts):
        async def is_so():
            async with self.store.read() as unit:
                found = await unit.ledger.counts()
            return all(getattr(found, name) == count for name, count in counts.items())

        await self.product.until(is_so)

    async def announce(self, *numbers):
        today = datetime.now(UTC).date()
        papers = [Paper(id=f"2601.{n:05}", title=f"Diffusion {n}", announced=today) for n in numbers]
        events = [Event(kind=EventKind.NEW, source="arxiv", day=today, paper=one) for one in papers]
        async with self.store.write() as unit:
            await unit.papers.record(events, quiet=False)

    def is_whole(self):
        if not self.database.startswith("sqlite"):
            return True
        with closing(sqlite3.connect(make_url(self.database).database)) as connection:
            return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture
def deployment(tmp_path, database):
    return World(tmp_path, database)


@pytest.mark.slow_on_postgresql
async def test_a_hold_and_its_end_are_noticed(deployment):
    async with deployment.running():
        await deployment.ask("/subscribe diffusion")
        assert await deployment.does("outbox", "--hold") == "deliveries are on hold from now on\n"
        await deployment.announce(1)
        await deployment.until_outbox(owed=1)
        assert json.loads(await deployment.does("outbox", "--json"))["held_since"]
        assert deployment.got() == []
        assert "on hold since" in (await deployment.ask("/why 2601.00001")).text
        assert await deployment.does("outbox", "--release") == "deliveries go out again\n"
        await deployment.telegram.until(
            lambda: deployment.got()[1:] == ["2601.00001"]
        )  # the first is the answer to /why
        assert await deployment.product.stop() == 0
    assert deployment.is_whole()


@pytest.mark.slow_on_postgresql
async def test_what_was_refused_is_sent_again_when_the_operator_says_so(deployment):
    async with deployment.running():
        await deployment.ask("/subscribe diffusion")
        deployment.telegram.fail("too_long", ADA)
        await deployment.announce(1)
        await deployment.until_outbox(owed=0, given_up=1)
        assert "essage is too long" in await deployment.does("outbox")
        assert await deployment.does("outbox", "retry") == "1 delivery will be sent again\n"
        await deployment.telegram.until(lambda: deployment.got() == ["2601.00001"])
        await deployment.until_outbox(owed=0, given_up=0)
        await deployment.does("outbox", "--hold")
        await deployment.announce(2)
        await deployment.until_outbox(owed=1)
        assert await deployment.does("outbox", "drop", "--owed") == "1 delivery dropped\n"
        await deployment.does("outbox", "--release")
        await deployment.announce(3)
        await deployment.telegram.until(lambda: "2601.00003" in deployment.got())
        assert deployment.got() == ["2601.00001", "2601.00003"]
        deployment.telegram.fail("too_long", ADA)
        await deployment.announce(4)
        await deployment.until_outbox(owed=0, given_up=1)
        await deployment.announce(5)
        await deployment.telegram.until(lambda: deployment.got()[2:] == ["2601.00005", "2601.00004"])
        assert deployment.telegram.messages(ADA)[-1].text.startswith("1 paper couldn't be sent:\nDiffusion 4")
        assert "dropped by the operator" in (await deployment.ask("/why 2601.00002")).text
        assert await deployment.product.stop() == 0
    assert deployment.is_whole()


@pytest.mark.slow_on_postgresql
async def test_an_import_shows_on_pages_and_in_feeds_and_a_person_who_is_forgotten_in_none(deployment):
    product, imported = deployment.product, "/feeds/search.atom?q=imported"
    row = {"id": "2601.00009", "title": "Imported", "abstract": "", "authors": ["A B"], "categories": ["cs.CL"]}
    (product.folder / "papers.jsonl").write_text(json.dumps(row | {"announced": "2026-01-05"}) + "\n")
    async with deployment.running():
        await deployment.ask("/subscribe diffusion OR imported")
        await deployment.ask("/subscribe diffusion", BOB)
        feed = next(part for part in (await deployment.ask("/feed")).text.split() if part.endswith(".atom"))
        assert (await product.get(feed)).status_code == 200
        assert "2601.00009" not in (await product.get(imported)).text
        assert "1 of them new" in await deployment.does("import", "papers.jsonl")

        async def is_shown():
            return "2601.00009" in (await product.get(imported)).text

        await product.until(is_shown)
        assert "Imported" in (await product.get("/papers/2601.00009")).text
        await deployment.does("forget", f"telegram:{ADA}", "--yes")

        async def is_gone():
            return (await product.get(feed)).status_code in {404, 410}

        await product.until(is_gone)
        await deployment.announce(1)
        await deployment.telegram.until(lambda: deployment.got(BOB) == ["2601.00001"])
        assert deployment.got() == []
        assert "no subscription" in (await deployment.ask("/why 2601.00001")).text  # a stranger again
        assert await product.stop() == 0
    assert deployment.is_whole()
