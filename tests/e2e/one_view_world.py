"""One view of a loopback arXiv is slow or down while the other works; time is the test's."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

from fortnight_world import Recorder, Service

from chats import chat_of
from paperwire.services.running.health import health
from paperwire.store.pace import _Line
from processes import process_of
from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive
from servers.virtual import VirtualTime

DAY = date(2026, 1, 7)
"""A Wednesday, announced on Tuesday evening; in the feeds from 05:00 UTC on."""
NOON = datetime(2026, 1, 6, 17, tzinfo=UTC)
"""Tuesday noon in New York."""
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG", "math.CO")


class World:
    """A service over a loopback arXiv whose feeds have one paper of Tuesday in each category."""

    def __init__(self, clock, store, server):
        self.clock = clock
        self.store = store
        self.server = server
        self.channel = Recorder()
        self.service = Service(server, store, clock, CATEGORIES, self.channel)

    async def restart(self, categories):
        """Stop the service and start it with these categories."""
        await self.service.fetcher.close()
        self.service = Service(self.server, self.store, self.clock, categories, self.channel)

    async def go_on(self, *times):
        """What is due at each of these times, `HH:MM` of the same or the next day in UTC."""
        for text in times:
            at = datetime.combine(self.clock().date(), time.fromisoformat(text), UTC)
            self.clock.at = at if at >= self.clock() else at + timedelta(days=1)
            await self.service.collector.read_back(timedelta(days=30))
            await self.service.round()

    def announce(self, *numbers, day=DAY, category="cs.CL"):
        for number in numbers:
            self.server.archive.add(f"2601.{number:05}", day, [category], f"A made-up paper {number}")

    def got(self, address):
        """The numbers of the papers that arrived at an address, each as often as it did."""
        return sorted(int(paper.partition(".")[2]) for paper in self.channel.told(address).elements())

    def asked(self, prefix):
        """The paths below this one that were asked for."""
        return [path for path, _ in self.server.requests if path.startswith(prefix)]

    async def status(self):
        """What `/status` says of arXiv."""

        async def unknown(_):
            return None

        context = chat_of(
            store=self.store,
            secret_key=b"",
            public_url="",
            followed=CATEGORIES,
            channels={},
            lookup=unknown,
            lookup_many=unknown,
            now=self.clock,
            sources={"arxiv": timedelta(minutes=15)},
        )
        (arxiv,) = (await health(context, process_of())).sources
        return arxiv


@asynccontextmanager
async def world(clock, store, *, interval=3.0, page=2_500):
    """The world on Tuesday noon."""
    clock.at = NOON
    archive = Archive()
    for number, name in enumerate(CATEGORIES):
        archive.add(f"2601.0900{number}", NOON.date(), [name])
    async with ArxivServer(clock, archive, interval=interval, page=page) as server:
        made = World(clock, store, server)
        try:
            yield made
        finally:
            await made.service.fetcher.close()


class InParallel(VirtualTime):
    """Lets works go on in parallel; time passes only when each of them waits for time or for another one."""

    def __init__(self, clock, monkeypatch):
        super().__init__()
        self.now = 0.0
        self.clock = clock
        self.begin = clock()
        self.lined = 0
        enter = _Line.enter

        async def counted(line, *, patient):
            self.lined += 1
            try:
                await enter(line, patient=patient)
            finally:
                self.lined -= 1

        monkeypatch.setattr(_Line, "enter", counted)

    async def run(self, *work):
        tasks = [asyncio.ensure_future(one) for one in work]
        while live := sum(not task.done() for task in tasks):
            await asyncio.sleep(0.001)
            if len(self._waiting) + self.lined >= live:
                self._wake()
                self.clock.at = max(self.clock(), self.begin + timedelta(seconds=self.now))
        return await asyncio.gather(*tasks)
