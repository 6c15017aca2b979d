"""Every parser on answers that were changed: it reads what is left or refuses it, and what it says can be stored."""

import json
import random
from datetime import UTC, date, datetime
from itertools import islice

import pytest
import structlog
from hostile import SOURCES as HOSTILE
from lxml import etree
from mutation import changed_json, changed_xml
from recorded_answers import recorded

from paperwire.core.days.calendar import NO_CLOSURES
from paperwire.core.days.dates import checked
from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.decision import Decider
from paperwire.core.papers.identity import aliases
from paperwire.core.papers.paper import Event, EventKind
from paperwire.core.text.display import shown
from paperwire.errors import SourceGarbled
from paperwire.pipeline.ingest import keep
from paperwire.ports.sources import Page, SourceState
from paperwire.sources._oai import read_envelope
from paperwire.sources.arxiv.harvest import Harvest, rows
from paperwire.sources.arxiv.oai import parse_answer as parse_oai
from paperwire.sources.biorxiv import BiorxivSource, parse_details
from paperwire.sources.crossref import CrossrefSource, read_list
from paperwire.sources.crossref.record import read_work
from paperwire.sources.europepmc import EuropePmcSource, read_hit, read_results
from paperwire.sources.huggingface import HuggingFaceSource
from paperwire.sources.huggingface.entry import entries_of
from paperwire.sources.jsonl import parse_line
from paperwire.sources.oai import OaiSource
from servers.crossref import dated, work
from servers.europepmc import result
from servers.repository import deposit

NOW = datetime(2026, 1, 5, 8, tzinfo=UTC)
A_SOURCE, ALL, STORED, A_PAGE = 300, 100_000, 5_000, 250
"""Changed answers of a source in the plain tests, in the long ones, and in the long ones that store what they say.

Storing costs several times as much as reading, mostly for the words of real abstracts. `A_PAGE` are stored together.
"""

FEED = b"""<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.CL</title><lastBuildDate>Mon, 05 Jan 2026 05:00:01 +0000</lastBuildDate>
<item><title>On $x$ maps</title><link>https://arxiv.org/abs/2601.00001</link>
<description>arXiv:2601.00001v1 Announce Type: new \nAbstract: We map.</description>
<guid isPermaLink="false">oai:arXiv.org:2601.00001v1</guid><category>cs.CL</category><category>cs.LG</category>
<pubDate>Mon, 05 Jan 2026 00:00:00 -0500</pubDate><arxiv:announce_type>new</arxiv:announce_type>
<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights><dc:creator>Ada Lovelace, Kurt G\\"odel</dc:creator>
</item><item><title>Two</title><link>https://arxiv.org/abs/2512.00001</link><description>Old.</description>
<guid>oai:arXiv.org:2512.00001v2</guid><category>cs.CL</category><pubDate>Mon, 05 Jan 2026 00:00:00 -0500</pubDate>
<arxiv:announce_type>replace</arxiv:announce_type><dc:creator>B. Poe</dc:creator></item></channel></rss>"""
OAI = b"""<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-01-05T03:00:00Z</responseDate>
<ListRecords><record><header><identifier>oai:arXiv.org:2601.00001</identifier><datestamp>2026-01-05</datestamp>
<setSpec>cs:cs:CL</setSpec></header><metadata><arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/"><id>2601.00001</id>
<version version="v1"><date>Fri, 02 Jan 2026 10:00:00 GMT</date><size>9kb</size></version>
<version version="v2"><date>Sun, 04 Jan 2026 10:00:00 GMT</date><size>9kb</size></version>
<title>One</title><authors>LHCb Collaboration: R. Aaij, et al.</authors><categories>cs.CL cs.LG</categories>
<comments>9 pages</comments><doi>10.1/x</doi><abstract>We do.</abstract></arXivRaw></metadata></record>
<record><header><identifier>oai:arXiv.org:2601.00002</identifier><datestamp>2026-01-05</datestamp></header>
<metadata><arXiv xmlns="http://arxiv.org/OAI/arXiv/"><created>2026-01-04</created><authors><author>
<keyname>Roe</keyname><forenames>A.</forenames></author></authors><title>Two</title><categories>cs.CL</categories>
</arXiv></metadata></record><resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"""
API = b"""<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"
xmlns:o="http://a9.com/-/spec/opensearch/1.1/"><o:totalResults>1</o:totalResults><entry>
<id>http://arxiv.org/abs/2601.00001v2</id><title>One</title><published>2026-01-02T10:00:00Z</published>
<updated>2026-01-04T10:00:00Z</updated><summary>We do.</summary><author><name>A. Roe</name></author>
<arxiv:comment>9 pages</arxiv:comment><arxiv:primary_category term="cs.CL"/><category term="cs.CL"/></entry></feed>"""
LIST = b"""<html><body><h1>Computation and Language</h1><h3>Showing new listings for Monday, 5 January 2026</h3>
<div class="paging">Total of 3 entries</div><dl><h3>New submissions (showing 2 of 2 entries)</h3>
<dt><a name="item1">[1]</a><a href="/abs/2601.00001" title="Abstract">arXiv:2601.00001</a></dt><dd><p>We map.</p></dd>
<dt><a name="item2">[2]</a><a href="/abs/2601.00002" title="Abstract">arXiv:2601.00002</a></dt><dd><p>We do.</p></dd>
</dl><dl><h3>Cross submissions (showing 1 of 1 entries)</h3><dt><a name="item3">[3]</a>
<a href="/abs/2601.00003" title="Abstract">arXiv:2601.00003</a> (cross-list from cs.LG)</dt><dd><p>They.</p></dd>
</dl></body></html>"""
DAILY = [
    {
        "title": "On $x$ maps",
        "publishedAt": "2026-01-04T18:00:00.000Z",
        "paper": {
            "id": "2601.00001",
            "title": "On maps",
            "summary": "We map.",
            "authors": [{"name": "Ada Lovelace", "hidden": False}, {"name": "Kurt G\u00f6del"}],
            "publishedAt": "2026-01-04T18:00:00.000Z",
            "submittedOnDailyAt": "2026-01-05T00:00:00.000Z",
            "upvotes": 9,
            "githubRepo": "https://github.com/a/b",
            "ai_summary": "Maps.",
        },
    },
    {"title": "Two", "paper": {"id": "2601.00002", "upvotes": 0}},
]
PREPRINTS = {
    "messages": [{"status": "ok", "total": "2", "count": 2}],
    "collection": [
        {
            "doi": "10.1101/2026.01.01.000001",
            "title": "Cells",
            "authors": "Roe, A.; Poe, B.",
            "date": "2026-01-05",
            "version": "1",
            "type": "new results",
            "license": "cc_by",
            "category": "cell biology",
            "abstract": "O_ST_ABSAimsC_ST_ABSTo see.",
            "published": "NA",
            "server": "bioRxiv",
        },
        {"doi": "10.1101/2026.01.01.000002", "title": "Two", "version": "2", "date": "2026-01-04"},
    ],
}
WORKS = {
    "message": {
        "total-results": 2,
        "next-cursor": "AoJ",
        "items": [
            work("10.5555/a", created="2026-01-05") | {"relation": {"has-preprint": [{"id": "10.48550/arXiv.2601.1"}]}},
            {"DOI": "10.5555/b", "title": ["Two"], "type": "posted-content", "created": dated("2026-01-04")},
        ],
    }
}
HITS = {
    "hitCount": 2,
    "nextCursorMark": "A",
    "resultList": {"result": [result(1, indexed="2026-01-05"), result(2, indexed="2026-01-04", source="PPR")]},
}
DEPOSITS = (
    f"<OAI-PMH><ListRecords>{deposit(1, changed='2026-01-05', description='Maps.')[1]}</ListRecords></OAI-PMH>".encode()
)
CORPUS = {
    "id": "2601.00001v2",
    "title": "One",
    "authors": ["A. Roe"],
    "categories": ["cs.CL"],
    "primary_category": "cs.CL",
    "published": "2026-01-02T10:00:00Z",
    "updated": "2026-01-04T10:00:00Z",
    "announced": "2026-01-05",
    "version": 2,
}
SNAPSHOT = {
    "id": "2601.00001",
    "title": "One",
    "authors_parsed": [["Roe", "A.", "Jr"]],
    "categories": "cs.CL cs.LG",
    "versions": [{"version": "v1", "created": "Fri, 02 Jan 2026 10:00:00 GMT"}],
    "update_date": "2026-01-04",
}


def as_events(papers):
    return [Event(kind=EventKind.NEW, paper=paper, source="x", day=paper.announced) for paper in papers if paper]


def harvested(body):
    harvest = Harvest(None, url="http://x", categories=tuple(CATEGORIES), now=lambda: NOW, closures=NO_CLOSURES)
    said = [one for record in parse_oai(body).records for one in harvest.statements_of(record, date(1991, 1, 1))]
    return [event for _, event in rows(said)]


def daily(body):
    source = HuggingFaceSource(None, url="http://x", window_days=14, now=lambda: NOW)
    return source._events(NOW.date(), entries_of(body)[0])


def preprints(body):
    source = BiorxivSource(None, url="http://x", servers=["biorxiv"], now=lambda: NOW)
    return source._events(parse_details(body)[0])


def articles(body):
    source = CrossrefSource(None, url="http://x", issn=["2522-5839"], updates=True, now=lambda: NOW)
    records = read_list(body)[0]
    return [event for record in records for event in source._statements(read_work(record), record)]


def deposits(body):
    source = OaiSource(None, url="http://x", subset="", called="x", now=lambda: NOW)
    return source._events(source._deposits(read_envelope(body).elements))


def hits(body):
    source = EuropePmcSource(None, url="http://x", query="x", now=lambda: NOW)
    return source._events([read_hit(row) for row in read_results(body)[0]])


PARSERS = {
    "arxiv feed": (FEED, lambda body: as_events(HOSTILE["arxiv feed"][1](body))),
    "arxiv oai": (OAI, harvested),
    "arxiv api": (API, lambda body: as_events(HOSTILE["arxiv api"][1](body))),
    "arxiv list": (LIST, lambda body: as_events(HOSTILE["arxiv list"][1](body))),
    "rss": (FEED, lambda body: as_events(HOSTILE["rss"][1](body))),
    "huggingface": (DAILY, daily),
    "biorxiv": (PREPRINTS, preprints),
    "crossref": (WORKS, articles),
    "europepmc": (HITS, hits),
    "repository": (DEPOSITS, deposits),
    "jsonl corpus": (CORPUS, lambda body: [parse_line(body)]),
    "jsonl snapshot": (SNAPSHOT, lambda body: [parse_line(body)]),
}


@pytest.fixture(autouse=True)
def silent():
    with structlog.testing.capture_logs():
        yield


def storable(event):
    """Whether both databases take what an event says."""
    event, _ = checked(event, NOW)
    paper = event.paper
    texts = (paper.id, paper.title, paper.abstract, paper.comment, paper.doi, paper.url, shown(paper.title))
    texts += (*paper.authors, *paper.categories, paper.journal_ref, paper.licence, paper.source, paper.code_url)
    for text in texts:
        assert isinstance(text, str)
        assert "\0" not in text
        text.encode()  # without lone surrogates
    assert isinstance(paper.version, int)
    assert paper.version >= 1
    assert event.score is None or 0 <= event.score < 2**31
    assert all(time is None or time.tzinfo is not None for time in (paper.published, paper.updated, event.at))


def changed(originals, rng):
    """One changed answer after the other."""
    while True:
        original = rng.choice(originals)
        yield changed_json(original, rng) if isinstance(original, dict | list) else changed_xml(original, rng)


def made_up(source):
    """The answers of this file as a source's originals."""
    original = PARSERS[source][0]
    return [etree.fromstring(original) if isinstance(original, bytes) else original]


def replay(source, originals, count, seed):
    """What each of `count` changed answers says; only SourceGarbled (ValueError for a line) may come up."""
    read = PARSERS[source][1]
    for body in islice(changed(originals, random.Random(f"{source} {seed}")), count):
        events = []
        try:
            for event in read(body):
                storable(event)
                events.append(event)
        except SourceGarbled:
            pass
        except ValueError:
            if not source.startswith("jsonl"):
                raise
        yield events


@pytest.mark.parametrize("source", PARSERS)
def test_changed_answers(source):
    original, read = PARSERS[source]
    assert list(read(original if isinstance(original, bytes) else json.dumps(original).encode()))
    heard = sum(map(len, replay(source, made_up(source), A_SOURCE, 1)))
    assert heard > A_SOURCE / 10  # most changes leave something to be read


def pages(said):
    """What so many answers at a time say, until there are no more."""
    while some := list(islice(said, A_PAGE)):
        yield [event for events in some for event in events]


async def stored(store, said):
    """Store all that was said, some answers at a time; how many papers that makes."""
    for events in pages(said):
        await keep(store, Page(part="all", events=tuple(events), cursor=""), SourceState(source="import", part="all"))
    async with store.read() as unit:
        return (await unit.papers.counts()).papers


@pytest.mark.whole
@pytest.mark.parametrize("source", PARSERS)
async def test_either_database_takes_what_they_say(store, source):
    assert await stored(store, replay(source, made_up(source), A_SOURCE, 2))


def many(folder, source, count):
    """So many changed answers, from recorded ones where there are some; a failure shows the seed."""
    seed = random.randrange(10**9)
    print("seed", seed)  # noqa: T201 -- shown with a failure
    return replay(source, recorded(folder, source) or made_up(source), count, seed)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("source", PARSERS)
def test_very_many_changed_answers(shared_data, source):
    """Each is read, and decided on with others."""
    papers = 0
    for events in pages(many(shared_data, source, ALL)):
        decider = Decider([], now=NOW, quiet=False)
        for event in events:
            dated, _ = checked(event, NOW)
            decider.take(dated, aliases(dated.paper))
        papers += len(decider.decision().new)
    assert papers > ALL / A_PAGE


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("source", PARSERS)
async def test_either_database_takes_what_very_many_say(store, shared_data, source):
    assert await stored(store, many(shared_data, source, STORED))
