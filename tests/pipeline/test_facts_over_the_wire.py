"""Later facts as services on loopback state them: GitHub in trouble, a slow Hugging Face, a retraction stated twice."""

import asyncio
from datetime import timedelta

import pytest
import stamina
from pipeline_world import ada

from paperwire.pipeline.details import DetailReader
from paperwire.pipeline.ingest import Collector
from paperwire.pipeline.promises import PromiseReader
from paperwire.sources._http import Fetcher
from paperwire.sources.crossref import CrossrefSource
from paperwire.sources.github import GitHubSource
from paperwire.sources.huggingface import HuggingFaceSource
from paperwire.store.pace import StorePace
from servers.crossref import CrossrefServer, notice
from servers.direct import DIRECT
from servers.github import GitHubServer
from servers.huggingface import HuggingFaceServer, entry
from servers.loopback import PATIENCE

DOI = "10.5555/maps.1"
REPOSITORY = "ada/maps"
OTHERS_NUMBER = 666


@pytest.fixture(autouse=True)
def quick_retries():
    with stamina.set_testing(True, attempts=2, cap=True):
        yield


@pytest.fixture
async def fetcher(store, clock):
    async def sleep(seconds):
        clock.advance(seconds=seconds)
        await asyncio.sleep(0)

    pace = StorePace(store.write, owner="me", sleep=sleep)
    fetcher = Fetcher(network=DIRECT, user_agent="Paperwire/test", pace=pace, now=clock)
    yield fetcher
    await fetcher.close()


async def go_on(stages):
    await stages.matching.run()
    await stages.deliver()


async def save(stages, place, title):
    async with stages.store.write() as unit:
        paper = await unit.papers.get(stages.page(title).events[0].paper.id)
        await unit.people.save_paper((await unit.places.get(place)).owner, paper.number)


def lines_of(message):
    return "\n".join("".join(span.text for span in line) for item in message.items for line in item.lines)


async def test_code_that_was_promised_is_told_once_after_all_that_happens_to_a_repository(stages, fetcher):
    """Down, at its limit, not there, a README alone, a squatter's, gone, renamed; then the code of who promised it."""
    place = await ada(stages, "nothing")
    await stages.announce("Maps", comment=f"Code will be released at https://github.com/{REPOSITORY}")
    await save(stages, place, "Maps")
    async with GitHubServer() as server:
        source = GitHubSource(fetcher, url=server.url)
        reader = PromiseReader(
            Collector(source, stages.store, every=timedelta(minutes=1), now=stages.clock),
            stages.store,
            now=stages.clock,
        )

        async def a_day(files=None, *, owner=7, renamed=None, left=None, faults=()):
            stages.clock.advance(days=1)
            server.repositories = {} if files is None else {renamed or REPOSITORY: files}
            server.renamed = {REPOSITORY: renamed} if renamed else {}
            server.owners, server.left = {"ada": owner}, left
            server.reset = int(stages.clock().timestamp()) + 3000
            server.faults.extend(faults)
            await reader.run()
            await go_on(stages)

        code = ["README.md", "train.py"]
        await a_day(faults=[500, 500])
        await a_day(left=0)
        await a_day()
        await a_day(["README.md"])
        await a_day(code, owner=OTHERS_NUMBER)
        await a_day()
        await a_day(code, renamed="ada/atlas")
        await a_day(code, left=1)  # the limit lies between the repository and its files
        assert not stages.post.arrived["1"]
        for _ in range(3):
            await a_day(code)
        await a_day(code, owner=OTHERS_NUMBER)
    (message,) = stages.post.arrived["1"]
    assert "code available" in lines_of(message)


async def test_lists_go_on_and_are_told_on_a_day_when_no_papers_page_answers(stages, fetcher):
    """Each look ends unanswered; the next day brings what the pages say."""
    await stages.subscribe("1", "maps")
    await stages.subscribe("2", "has:model")
    clock = stages.clock
    async with HuggingFaceServer(clock().date()) as server:
        source = HuggingFaceSource(fetcher, url=server.api, window_days=1, now=clock)
        lists = Collector(source, stages.store, every=timedelta(minutes=30), now=clock)
        pages = DetailReader(lists)
        await lists.poll()
        await pages.run()  # the first round, which is quiet
        server.slow = asyncio.Event()
        for number in range(1, 5):
            clock.advance(hours=3)
            server.put(server.today, entry(f"2601.0000{number}", f"Maps {number}"))
            server.waiting.clear()
            look = asyncio.ensure_future(pages.run())
            async with asyncio.timeout(PATIENCE):
                await server.waiting.wait()
            await lists.poll()
            await go_on(stages)
            assert len(stages.post.arrived["1"]) == number
            look.cancel()
            await asyncio.wait([look])
        assert not stages.post.arrived["2"]
        server.slow.set()
        server.pages = {"2601.00003": {"linkedModels": [{"id": "ada/map-7b"}], "numTotalModels": 1}}
        clock.advance(days=1)
        server.today = clock().date()
        for _ in range(2):
            await pages.run()
            await go_on(stages)
            clock.advance(minutes=31)
    assert stages.post.titles("2") == [["Maps 3"]]


@pytest.mark.parametrize("second", ["retraction-watch", "publisher"])
async def test_a_retraction_that_is_stated_twice_is_told_once(stages, fetcher, second):
    """By another database, or in another notice, on another day; a rerun of the whole question changes nothing."""
    place = await ada(stages, "nothing")
    await stages.subscribe("2", "maps")
    await stages.announce("Maps", doi=DOI)
    await stages.deliver()
    await save(stages, place, "Maps")
    clock = stages.clock
    async with CrossrefServer(page_size=2) as server:

        def collector():
            source = CrossrefSource(fetcher, url=server.url, issn=(), updates=True, min_interval=0, now=clock)
            return Collector(source, stages.store, every=timedelta(hours=1), now=clock)

        async def a_day(*records):
            clock.advance(days=1)
            server.works += [record(clock().date()) for record in records]
            await collector().poll(early=True)
            await go_on(stages)

        def retraction(doi, source="publisher", kind="retraction"):
            return lambda day: notice(doi, DOI.upper(), kind, indexed=day, source=source)

        await a_day()  # the first look
        await a_day(retraction("10.5555/n.0", kind="expression_of_concern"))
        assert (len(stages.post.arrived["1"]), len(stages.post.arrived["2"])) == (0, 1)
        others = [
            lambda day, n=n: notice(f"10.5555/o.{n}", f"10.5555/w.{n}", "retraction", indexed=day) for n in range(3)
        ]
        await a_day(*others, retraction("10.5555/n.1"))
        await a_day(retraction("10.5555/n.1" if second == "retraction-watch" else "10.5555/n.2", second))
        await a_day()
        await a_day(retraction("10.5555/n.3", kind="correction"))
    for address, before in (("1", 0), ("2", 1)):
        told = stages.post.arrived[address][before:]
        assert len(told) == 1
        assert "Retracted" in lines_of(told[0])
