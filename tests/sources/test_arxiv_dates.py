"""arXiv's answers with dates of another time: cursors and days never follow them."""

from datetime import date, timedelta

import pytest
from page_parts import day_of
from structlog.testing import capture_logs

from paperwire.core.days.calendar import NO_CLOSURES
from paperwire.sources._http import Fetched
from paperwire.sources.arxiv.announce import Announcements
from paperwire.sources.arxiv.harvest import Harvest, Walk
from paperwire.sources.arxiv.identifiers import Identifiers
from paperwire.sources.arxiv.reconcile import Reconciliation

ITEM = (
    "<item><guid>oai:arXiv.org:2601.0000{0}v1</guid><title>T</title><category>cs.CL</category>"
    "<announce_type>new</announce_type></item>"
)
TODAY = date(2026, 1, 5)


async def nothing(_ids):
    """A store without papers."""
    return frozenset()


def answering(*bodies):
    """A function that gives one body after the other."""
    left = list(bodies)

    async def ask(*_):
        return Fetched(body=left.pop(0).encode())

    return ask


def feed(built, *numbers):
    items = "".join(map(ITEM.format, numbers))
    return f"<rss><channel><lastBuildDate>{built}</lastBuildDate>{items}</channel></rss>"


@pytest.mark.parametrize("built", ["Wed, 01 Jan 2031 05:00:00 +0000", "0001-01-01T00:00:00+05:00"])
async def test_a_feed_built_in_another_time_is_of_today(clock, built):
    announcements = Announcements(answering(feed(built, 1)), url="http://x", now=clock, closures=NO_CLOSURES)
    with capture_logs() as logs:
        (page,) = [page async for page in announcements.poll("cs", ("cs.CL",), "")]
    assert ([event.day for event in page.events], day_of(page)) == ([TODAY], TODAY)
    assert "2031" not in page.cursor
    assert [line["source"] for line in logs] == (["arxiv"] if "2031" in built else [])


def record(number, stamp):
    header = f"<header><identifier>oai:arXiv.org:2601.0000{number}</identifier><datestamp>{stamp}</datestamp></header>"
    return f"<record>{header}</record>"


def oai(at, *records, token=""):
    more = f"<resumptionToken>{token}</resumptionToken>"
    return f"<OAI-PMH><responseDate>{at}</responseDate><ListRecords>{''.join(records)}{more}</ListRecords></OAI-PMH>"


async def test_a_chain_starts_over_at_no_day_to_come(clock):
    ask = answering(oai("2026-01-05T07:00:00Z", record(1, "2026-01-04"), record(2, "2031-01-01"), token="t"))
    harvest = Harvest(ask, url="http://x", categories=("cs.CL",), now=clock, closures=NO_CLOSURES)
    walk, _ = await anext(harvest.answers(Walk.begin(TODAY - timedelta(days=5))))
    assert walk.stamp == TODAY - timedelta(days=1)


@pytest.mark.parametrize("at", ["2031-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"])
async def test_an_answer_of_2031_moves_no_cursor_there(clock, at):
    harvest = Harvest(
        answering(oai(at), oai(at)), url="http://x", categories=("cs.CL",), now=clock, closures=NO_CLOSURES
    )
    identifiers = Identifiers(harvest, lookup_many=None)
    reconciliation = Reconciliation(harvest, identifiers, categories=("cs.CL",), now=clock, closures=NO_CLOSURES)
    (begin,) = [page async for page in reconciliation.run("", unproven=None, stored=None)]
    pages = [page async for page in reconciliation.run(begin.cursor, unproven=None, stored=nothing)]
    assert '"through":"2026-01-05"' in pages[-1].cursor
    assert max((day_of(page) for page in pages if day_of(page)), default=TODAY) <= TODAY
