"""A process that dies at every point of the pipeline in turn: run as a script, it prints one JSON line a death.

Each round is a child with a database of its own. It kills itself (SIGKILL) at point N, then a second child finishes
the work. A point is: before a transaction, before its commit, after its commit, before a send, after a send.
"""

import asyncio
import json
import os
import shutil
import signal
import sys
import traceback
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import make_url

from emptying import empty
from paperwire import observe
from paperwire.core.papers.paper import Event, EventKind, Paper
from paperwire.core.query.language import parse
from paperwire.pipeline.deliver import Delivery
from paperwire.pipeline.hold import Hold
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.match import Matching
from paperwire.ports.callers import Actor, Place
from paperwire.ports.channels import Receipt
from paperwire.ports.sources import Page
from paperwire.store.unit import Store

PAPERS, CHATS, PAGES = 6, 4, 3


def now():
    return datetime.now(UTC)


class Death:
    """Counts the points and ends the process at the one it was told."""

    def __init__(self, at):
        self.left = at
        self.passed = 0

    def point(self):
        self.passed += 1
        if self.passed == self.left:
            os.kill(os.getpid(), signal.SIGKILL)


class Papers:
    """A source of six papers on three pages."""

    name = "arxiv"

    def parts(self):
        return ("all",)

    async def fetch(self, part, cursor):
        for page in range(int(cursor or 0), PAGES):
            rows = range(page * PAPERS // PAGES, (page + 1) * PAPERS // PAGES)
            events = tuple(
                Event(
                    kind=EventKind.NEW,
                    source="arxiv",
                    day=now().date(),
                    paper=Paper(id=f"2601.0000{row}", title=f"On killing, part {row}", announced=now().date()),
                )
                for row in rows
            )
            yield Page(part=part, events=events, cursor=str(page + 1))


class Chats:
    """A channel that appends to a file: what stands there has arrived. With `nonces` an equal key arrives once.

    All chats have a message on its way at once, and each goes through the steps of its own.
    """

    kind = "telegram"
    singleton = True
    shared_service = True
    label = "fake"
    naming = "managed"
    greets = False
    digest_size = 10
    in_flight = 32

    def __init__(self, path, death, *, nonces):
        self.path = path
        self.death = death
        self.nonces = nonces

    def per_minute(self, _kind):
        return 600

    async def wait_for_slot(self, _to):
        pass

    async def probe(self):
        pass

    async def send(self, to, message):
        await asyncio.sleep(0)  # other places come in between here
        self.death.point()
        arrived = self.path.read_text().splitlines() if self.path.exists() else []
        if not (self.nonces and any(json.loads(line)["key"] == message.key for line in arrived)):
            with self.path.open("a") as file:
                file.write(
                    json.dumps({"to": to, "key": message.key, "papers": [item.title for item in message.items]}) + "\n"
                )
        self.death.point()
        await asyncio.sleep(0)  # and here, where a message has arrived and its place does not know yet
        self.death.point()
        return Receipt("1")


def deadly(store, death):
    """`store` whose transactions pass three points each."""
    write = store.write

    @asynccontextmanager
    async def writing():
        death.point()
        async with write() as unit:
            yield unit
            death.point()
        death.point()

    store.write = writing
    return store


async def prepare(url):
    store = Store.open(url, now=now)
    await store.migrate()
    async with store.write() as unit:
        for chat in range(1, CHATS + 1):
            person = await unit.people.ensure(Actor(channel="telegram", user_id=str(chat)), "en")
            place = Place(channel="telegram", address=str(chat), kind="private")
            there = await unit.places.ensure(place, person.number)
            await unit.subscriptions.subscribe(
                person.number,
                parse("killing"),
                name="",
                occasions=frozenset({"arrival"}),
                cadence="instant",
                destinations=[there.number],
            )
            await unit.places.update(there.number, style="cards" if chat % 2 else "list")
    await store.close()


async def work(url, arrived, death, *, nonces, later=timedelta(0)):
    """One pass over the pipeline, as a worker does it, until nothing is left to do; `later` outlives old leases."""

    def now():
        return datetime.now(UTC) + later

    store = deadly(Store.open(url, now=now), death)
    channel = Chats(arrived, death, nonces=nonces)
    collector = Collector(Papers(), store, every=timedelta(0), now=now)
    matching = Matching(store, now=now, next_slot=lambda *_: None)
    delivery = Delivery(store, {"telegram": channel}, owner=f"worker {os.getpid()}", now=now, hold=Hold(store))
    await collector.poll(early=True)
    await matching.run()
    await delivery.run("telegram")
    await store.close()


def child(coroutine):
    """Run `coroutine` in a process of its own; returns the signal that ended it, 0 for none."""
    number = os.fork()
    if not number:
        try:
            asyncio.run(coroutine)
            os._exit(0)
        except BaseException:  # noqa: BLE001 -- told here, as what is above is the parent's to do
            traceback.print_exc()
        os._exit(1)
    coroutine.close()
    _, status = os.waitpid(number, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status):
        raise SystemExit("a child failed")
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def rounds(folder, fresh, *, nonces):
    """Die at point 1, 2, 3, ... until a whole pass survives."""
    for at in range(1, 1000):
        url, arrived = fresh(at), folder / f"{at}.jsonl"
        died = child(work(url, arrived, Death(at), nonces=nonces))
        child(work(url, arrived, Death(0), nonces=nonces, later=timedelta(hours=1)))
        lines = [json.loads(line) for line in arrived.read_text().splitlines()]
        sys.stdout.write(json.dumps({"at": at, "died": died == signal.SIGKILL, "arrived": lines}) + "\n")
        if not died:
            return


def freshly_begun(url, folder):
    """A function that gives the URL of a database like the one at `url`, as it is now, before anybody died."""
    if url.startswith("sqlite"):
        template = make_url(url).database
        return lambda at: f"sqlite+aiosqlite:///{shutil.copy(template, folder / f'{at}.db')}"

    def fresh(_at):
        empty(url)
        child(prepare(url))
        return url

    return fresh


def main():
    folder, url, nonces = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "nonces"
    child(prepare(url))
    rounds(folder, freshly_begun(url, folder), nonces=nonces)


if __name__ == "__main__":
    observe.set_up((), level="ERROR")  # standard output is for what it found
    main()
