"""The whole service as a process of its own: papers in, alerts and a feed out, through a kill and a stop."""

import re
from contextlib import asynccontextmanager
from datetime import date

import pytest
from lxml import etree
from product import STARTING, Product, papers_of

from servers.arxiv import ArxivServer
from servers.huggingface import HuggingFaceServer, entry
from servers.telegram import TelegramServer

ADA, BOB = 101, 102


class Hasty(Product):
    """What was being asked of arXiv when the process died holds the turn for seconds, not for minutes."""

    main = (
        "from datetime import timedelta; from paperwire.store import pace; pace.SLOT_TIMEOUT = timedelta(seconds=5);"
        f" {Product.main}"
    )


class World:
    """Three services on loopback and the product over them; a day of arXiv's is shown when the test says so."""

    def __init__(self, folder, database, clock):
        self.clock = clock
        clock.set("2026-01-05T05:00:30Z")  # midnight in New York, Monday
        self.arxiv = ArxivServer(clock)
        self.huggingface = HuggingFaceServer(date(2026, 1, 9))
        self.telegram = TelegramServer()
        self.answers = set()
        self.product = Hasty(
            folder,
            database,
            now="2026-01-05T05:00:30Z",
            sources__arxiv__enabled="true",
            sources__arxiv__categories='["cs.CL", "cs.CV"]',
            sources__arxiv__every="0.5",
            sources__arxiv__min_interval="0.05",
            sources__huggingface__enabled="true",
            sources__huggingface__every="0.5",
            sources__huggingface__window_days="2",
        )
        for person in (ADA, BOB):
            self.telegram.person(person)

    @asynccontextmanager
    async def services(self):
        async with self.arxiv, self.huggingface, self.telegram:
            self.product.settings |= {
                "sources__arxiv__rss_url": self.arxiv.rss_url,
                "sources__arxiv__api_url": self.arxiv.api_url,
                "sources__arxiv__oai_url": self.arxiv.oai_url,
                "sources__huggingface__url": self.huggingface.api,
                "channels__telegram__token": self.telegram.token,
                "channels__telegram__api_url": self.telegram.url,
            }
            yield self

    @asynccontextmanager
    async def running(self):
        async with self.services(), self.product:
            await self.product.ready()
            yield self

    def day(self, text):
        """arXiv shows the batch of another day."""
        self.clock.set(f"{text}T05:00:30Z")

    async def ask(self, person, text):
        """A person types a command; the answer."""
        answer = await self.telegram.ask(person, text)
        self.answers.add(answer.id)
        return answer

    def got(self, person):
        """The papers that a person was told of, in order, answers to commands aside."""
        told = [message for message in self.telegram.messages(person) if message.id not in self.answers]
        return [found for message in told for found in papers_of(message)]

    async def hears(self, person, paper):
        await self.telegram.until(lambda: paper in self.got(person))


@pytest.fixture
def deployment(tmp_path, database, clock):
    return World(tmp_path, database, clock)


@pytest.mark.slow_on_postgresql
async def test_from_the_first_run_through_a_kill(deployment):
    arxiv, telegram, product = deployment.arxiv.archive, deployment.telegram, deployment.product
    arxiv.add("2601.00001", "2026-01-05", title="Diffusion before anybody asked")
    async with deployment.running():
        answer = await deployment.ask(ADA, "/subscribe diffusion")
        assert "2601.00001" in papers_of(answer)  # the preview has it, and nothing else ever will
        assert "diffusion" in (await deployment.ask(ADA, "/subscriptions")).text
        await deployment.ask(BOB, "/subscribe diffusion cat:cs.CV")

        # a new paper arrives once where its query fits
        arxiv.add("2601.00002", "2026-01-06", title="Diffusion for many")
        arxiv.add("2601.00003", "2026-01-06", title="Something else")
        deployment.day("2026-01-06")
        await deployment.hears(ADA, "2601.00002")

        async def told_when():  # the message is there a moment before that is written down
            return "sent" in (await deployment.ask(ADA, "/why 2601.00002")).text

        await product.until(told_when)

        # listed by Hugging Face and cross-listed later: told to nobody again but to those it is news to
        deployment.huggingface.put("2026-01-05", entry("2601.00002", "Diffusion for many", upvotes=7))
        arxiv.cross("2601.00002", "2026-01-07", "cs.CV")
        arxiv.add("2601.00004", "2026-01-07", title="Diffusion again")
        deployment.day("2026-01-07")
        await deployment.hears(ADA, "2601.00004")
        await deployment.hears(BOB, "2601.00002")

        # killed between two instructions, and a day that it missed
        await product.kill()
        arxiv.add("2601.00005", "2026-01-08", title="Diffusion while it was away")
        deployment.day("2026-01-08")
        telegram.limits.rest(STARTING)
        await product.start()
        await deployment.hears(ADA, "2601.00005")
        assert list(dict.fromkeys(deployment.got(ADA))) == ["2601.00002", "2601.00004", "2601.00005"]
        assert set(deployment.got(BOB)) == {"2601.00002"}
        assert len(deployment.got(ADA)) <= 4  # a kill may repeat what was not yet written down, one message a place
        assert len(deployment.got(BOB)) <= 2

        # the feed and the pages show the same
        link = next(part for part in (await deployment.ask(ADA, "/feed")).text.split() if part.endswith(".atom"))
        feed = etree.fromstring((await product.get(link)).content)
        shown = {found.text.rsplit("/", 1)[1] for found in feed.iterfind("{*}entry/{*}id")}
        assert shown == {"2601.00001", "2601.00002", "2601.00004", "2601.00005"}
        found = (await product.get("/api/v1/search?q=diffusion")).json()
        assert found["total"] == 4
        assert "Diffusion for many" in (await product.get("/papers/2601.00002")).text
        metrics = await product.metrics()
        assert 'paperwire_deliveries_total{channel="telegram",outcome="sent"}' in metrics
        assert await product.stop() == 0
    assert not telegram.violations
    assert not deployment.arxiv.violations
    log = product.log.read_text()
    assert "Traceback" not in log
    assert telegram.token not in log


@pytest.mark.slow_on_postgresql
async def test_it_is_ready_once_each_source_was_read_well_even_if_it_said_nothing(deployment):
    deployment.arxiv.mood = lambda _path: 503
    async with deployment.services(), deployment.product as product:
        assert (await product.get("/healthz")).status_code == 200

        async def failed():
            return re.search(r"ask(s|ed) us to wait", (await product.get("/status")).text)

        await product.until(failed)
        assert re.search(r"source failed .*source=arxiv", product.log.read_text())
        assert (await product.get("/readyz")).status_code == 503
        await product.kill()
        deployment.arxiv.mood = lambda _path: None
        product.settings["now"] = "2026-01-05T15:00:00Z"  # what backs off is due again
        await product.start()
        await product.ready()

        async def works_again():
            return "source works again" in product.log.read_text()

        await product.until(works_again)


@pytest.mark.slow_on_postgresql
async def test_once_for_a_scheduled_job(deployment):
    deployment.arxiv.archive.add("2601.00001", "2026-01-05", title="Diffusion")
    async with deployment.services():
        code, out, errors = await deployment.product.command("run", "--once")
        assert (code, errors.count("Traceback")) == (0, 0), errors
        assert out == "1 new paper, 1 event\n"
        deployment.arxiv.archive.add("2601.00002", "2026-01-06", title="Diffusion")
        deployment.day("2026-01-06")
        code, out, _ = await deployment.product.command("collect", "--source", "arxiv")
        assert (code, out) == (0, "1 new paper, 1 event\n")
        code, out, _ = await deployment.product.command("collect", "--since", "2025-12-01")
        assert code == 0
        deployment.arxiv.mood = lambda _path: 503
        code, out, errors = await deployment.product.command("run", "--once")
        assert code == 1
        assert "could not be read" in out
        assert "Traceback" not in errors
