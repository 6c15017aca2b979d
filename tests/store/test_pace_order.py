"""Who goes first at a service: patient requests after the others, in one process and over several."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from paperwire.errors import SourceBusy
from paperwire.store.pace import LONGEST_YIELD, SLOT_TIMEOUT, StorePace
from paperwire.store.unit import Store
from servers.virtual import VirtualTime


class Paces:
    """Paces of several processes over one database, in virtual time; `went` are names of requests with their times."""

    def __init__(self, clock):
        self.clock = clock
        self.begin = clock()
        self.time = VirtualTime()
        self.time.now = 0.0
        self.went = []
        self.writing = 0

    def of(self, store, owner):
        async def sleep(seconds):
            await self.time.sleep(seconds)
            self.clock.at = max(self.clock(), self.begin + timedelta(seconds=self.time.now))

        @asynccontextmanager
        async def write():
            self.writing += 1
            try:
                async with store.write() as unit:
                    yield unit
            finally:
                self.writing -= 1

        self.sleep = sleep
        return StorePace(write, owner=owner, sleep=sleep)

    async def ask(self, pace, name, *, after=0.0, takes=0.0, patient=False, interval=3.0, endpoint=""):
        await self.sleep(after)
        async with pace.slot("arxiv", interval, endpoint=endpoint, patient=patient):
            self.went.append((name, round((self.clock() - self.begin).total_seconds())))
            await self.sleep(takes)

    async def run(self, *work):
        """Do all this; virtual time passes only while the database, which is real, has nothing to do."""
        tasks = [asyncio.ensure_future(one) for one in work]
        while not all(task.done() for task in tasks):
            await self.settle()
            self.time._wake()
        await asyncio.gather(*tasks)

    async def settle(self):
        """Let everybody go on as far as that takes no time."""
        calm = 0
        while calm < 20:
            await asyncio.sleep(0.001 if self.writing else 0)
            calm = 0 if self.writing else calm + 1


@pytest.fixture
def paces(clock):
    return Paces(clock)


async def test_the_parts_of_an_announcement_go_before_the_pages_of_another_view(paces, store):
    pace = paces.of(store, "me")

    async def announcement():
        for number in range(3):
            await paces.ask(pace, f"feed {number}", after=1.0 if number else 10.0, takes=1.0)

    async def pages():
        for number in range(3):
            await paces.ask(pace, f"page {number}", takes=60.0, patient=True)

    await paces.run(announcement(), pages())
    # One answer is waited for, and none in between although the next part of the announcement is not asked for yet.
    assert [name for name, _ in paces.went] == ["page 0", "feed 0", "feed 1", "feed 2", "page 1", "page 2"]
    assert dict(paces.went)["feed 0"] == 63


async def test_a_patient_request_that_waits_already_lets_others_go_first(paces, store):
    pace = paces.of(store, "me")
    await paces.run(
        paces.ask(pace, "first", takes=10.0),
        paces.ask(pace, "page", after=1.0, patient=True),
        paces.ask(pace, "feed", after=2.0),
        paces.ask(pace, "other feed", after=3.0),
    )
    assert [name for name, _ in paces.went] == ["first", "feed", "other feed", "page"]


async def test_so_it_is_between_processes(paces, store, database, clock):
    other = Store.open(database, now=clock)
    mine, yours = paces.of(store, "me"), paces.of(other, "you")

    async def pages():
        for number in range(3):
            await paces.ask(yours, f"page {number}", takes=20.0, patient=True)

    try:
        await paces.run(
            pages(),
            paces.ask(mine, "feed 0", after=5.0, takes=1.0),
            paces.ask(mine, "feed 1", after=26.0, takes=1.0),
        )
    finally:
        await other.close()
    assert [name for name, _ in paces.went] == ["page 0", "feed 0", "feed 1", "page 1", "page 2"]
    assert dict(paces.went)["feed 0"] <= 20 + 3 + 3


async def test_patience_ends_so_that_neither_view_starves(paces, store):
    pace = paces.of(store, "me")

    async def feeds():
        for number in range(80):
            await paces.ask(pace, f"feed {number}", takes=2.0)

    await paces.run(feeds(), paces.ask(pace, "page", after=1.0, patient=True))
    at = dict(paces.went)["page"]
    assert LONGEST_YIELD <= timedelta(seconds=at) <= LONGEST_YIELD + timedelta(minutes=1)


async def test_a_turn_around_a_patient_one_is_kept_until_that_is_over(paces, store):
    mine, yours = paces.of(store, "me"), paces.of(store, "you")

    async def feeds():
        for number in range(58):
            await paces.ask(mine, f"feed {number}", takes=2.0)

    async def listing(pace, name):
        async with pace.slot("arxiv.org", 15.0, around=True):
            await paces.ask(pace, name, takes=20.0, patient=True)

    await paces.run(feeds(), listing(mine, "list"), listing(yours, "other list"))
    at = dict(paces.went)
    first, second = sorted((at["list"], at["other list"]))  # either process may be first
    assert timedelta(seconds=first) > SLOT_TIMEOUT
    assert second >= first + 20 + 15


async def test_without_an_interval_the_order_is_the_same_and_nothing_is_kept(paces, store):
    pace = paces.of(store, "me")
    await paces.run(
        paces.ask(pace, "first", takes=10.0, interval=0.0),
        paces.ask(pace, "page", after=1.0, patient=True, interval=0.0),
        paces.ask(pace, "feed", after=2.0, interval=0.0),
    )
    assert [name for name, _ in paces.went] == ["first", "feed", "page"]


async def test_a_rest_is_one_endpoints_and_the_pace_is_the_whole_services(paces, store, clock):
    pace = paces.of(store, "me")
    await pace.rest("oai", clock() + timedelta(hours=1))
    with pytest.raises(SourceBusy) as caught:
        await paces.run(paces.ask(pace, "oai", endpoint="oai", patient=True))
    assert (caught.value.after, caught.value.sent) == (3600, False)
    await paces.run(paces.ask(pace, "feed", endpoint="rss"), paces.ask(pace, "look-up", endpoint="api"))
    assert sorted(at for _, at in paces.went) == [0, 3]


async def test_a_cancelled_wait_leaves_the_line(paces, store):
    pace = paces.of(store, "me")
    async with pace.slot("arxiv", 3.0):
        waiting = asyncio.ensure_future(paces.ask(pace, "never", patient=True))
        await paces.settle()
        paces.time._wake()
        await paces.settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await paces.run(paces.ask(pace, "feed"))
    assert [name for name, _ in paces.went] == ["feed"]


@pytest.mark.whole
@pytest.mark.parametrize("processes", [1, 2])
async def test_feeds_that_are_asked_without_end_leave_a_page_its_turn(paces, store, database, clock, processes):
    """Five feeds each second left OAI-PMH without an answer for a week."""
    other = Store.open(database, now=clock)
    mine, yours = paces.of(store, "me"), paces.of(other if processes == 2 else store, "you")
    answered = asyncio.Event()
    moment = timedelta(minutes=1)

    async def feed(number):
        while not answered.is_set():
            await paces.ask(mine, f"feed {number}", after=1.0, takes=1.0)

    async def page(name):
        await paces.ask(yours if processes == 2 else mine, name, after=2.0, takes=20.0, patient=True)

    async def pages():
        await page("page")
        await page("next page")
        answered.set()

    try:
        await paces.run(*(feed(number) for number in range(5)), pages())
    finally:
        await other.close()
    at = dict(paces.went)
    assert LONGEST_YIELD <= timedelta(seconds=at["page"]) <= LONGEST_YIELD + moment
    assert timedelta(seconds=at["next page"] - at["page"]) <= LONGEST_YIELD + moment
