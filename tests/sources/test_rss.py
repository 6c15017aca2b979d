"""Any RSS or Atom feed: a loopback feed with validators, hostile and odd bytes, and the recorded feeds."""

import re
import socket
from datetime import UTC, date, datetime

import pytest
from aiohttp import web
from pydantic import ValidationError

from paperwire.core.papers.identity import canonical_id, page_url
from paperwire.core.papers.paper import EventKind
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.ports.sources import Archive, Directory
from paperwire.sources._markup import text_of
from paperwire.sources.rss import Options, RssSource
from paperwire.sources.rss.entries import read_feed
from paperwire.sources.rss.recognition import recognised
from servers.loopback import Loopback

TODAY = date(2026, 1, 5)
ADDRESS = "https://blog.example/feed"


NAMESPACES = 'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"'


def rss(*items):
    return f'<rss version="2.0" {NAMESPACES}><channel><title>F</title>{"".join(items)}</channel></rss>'.encode()


def item(number, text="words", **fields):
    named = {"title": f"Entry {number}", "guid": f"tag:blog.example,2026:{number}", "description": text, **fields}
    tags = {name.replace("_", ":"): value for name, value in named.items()}
    return f"<item>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in tags.items())}</item>"


def atom(entry):
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title>{entry}</feed>'.encode()


def papers_of(body, address=ADDRESS):
    return [paper for paper, _ in recognised(read_feed(body, address), {}).values()]


class FeedServer(Loopback):
    """A feed with an ETag that is its version."""

    def __init__(self):
        super().__init__()
        self.body = rss()
        self.version = 1
        self.to = None

    def put(self, body):
        self.body = body
        self.version += 1

    def routes(self):
        return [("/feed", self._feed)]

    async def _feed(self, request):
        if self.to:
            return web.Response(status=302, headers={"Location": self.to})
        etag = f'"{self.version}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304)
        return web.Response(body=self.body, content_type="application/xml", headers={"ETag": etag})


@pytest.fixture
async def feed_server():
    async with FeedServer() as feed_server:
        yield feed_server


@pytest.fixture
def part(feed_server):
    return f"{feed_server.url}/feed"


@pytest.fixture
def source(part, fetcher, clock):
    return RssSource(fetcher, urls=[part], now=clock, min_interval=0)


async def poll(source, cursor=""):
    return [page async for page in source.fetch(source.parts()[0], cursor)]


async def test_the_first_look_is_quiet_and_later_ones_bring_what_is_new(source, feed_server, part, clock):
    feed_server.put(rss(item(1)))
    (first,) = await poll(source)
    (listing,) = first.listings
    assert (first.quiet, listing.part, listing.day, len(first.events)) == (True, part, TODAY, 1)
    assert listing.new == {first.events[0].paper.id}
    assert await poll(source, first.cursor) == []

    clock.advance(days=1)
    feed_server.put(rss(item(2), item(1)))
    (second,) = await poll(source, first.cursor)
    (event,) = second.events
    assert not second.quiet
    assert (event.kind, event.source, event.paper.title) == (EventKind.NEW, "rss", "Entry 2")
    assert event.day == event.paper.announced == date(2026, 1, 6)
    assert event.paper.id != first.events[0].paper.id


async def test_an_empty_first_look_ends_the_first_run(source, feed_server):
    (first,) = await poll(source)
    assert first.events == ()
    feed_server.put(rss(item(1)))
    (second,) = await poll(source, first.cursor)
    assert (second.quiet, len(second.events)) == (False, 1)


async def test_a_changed_entry_is_told_again_under_its_id(source, feed_server):
    feed_server.put(rss(item(1), item(2)))
    (first,) = await poll(source)
    feed_server.put(rss(item(1, "better words"), item(2)))
    (second,) = await poll(source, first.cursor)
    assert [event.paper.abstract for event in second.events] == ["better words"]
    assert second.events[0].paper.id == first.events[0].paper.id


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("html", SourceGarbled),
        ("garbage", SourceGarbled),
        ("cut", SourceError),
        (410, SourceRefused),
        (503, SourceBusy),
    ],
)
async def test_bad_answers_fail_the_look(source, feed_server, fault, error):
    feed_server.put(rss(*(item(n) for n in range(50))))
    feed_server.faults.extend([fault] * 3)
    with pytest.raises(error):
        await poll(source)


async def test_a_feed_over_the_cap_is_refused(source, feed_server):
    feed_server.put(rss(item(1, "x" * 5_000_001)))
    with pytest.raises(SourceGarbled, match="5 MB"):
        await poll(source)


@pytest.mark.parametrize(
    "url", ["http://localhost:80/feed", "http://127.1/feed", "http://0x7f.1/", "http://2130706433/"]
)
async def test_a_name_or_odd_number_that_leads_into_the_house_is_refused(fetcher, clock, url):
    source = RssSource(fetcher, urls=[url], now=clock, min_interval=0)
    with pytest.raises(SourceRefused):
        await poll(source)


async def test_a_host_of_the_operators_own_is_asked_though_it_is_private(feed_server, fetcher, clock):
    url = f"{feed_server.url}/feed".replace("127.0.0.1", "localhost")
    feed_server.put(rss(item(1)))
    hosts = Options(urls=[url], private_hosts=["LocalHost"]).private_hosts
    source = RssSource(fetcher, urls=[url], private_hosts=hosts, now=clock, min_interval=0)
    (page,) = await poll(source)
    assert len(page.events) == 1
    feed_server.to = f"{feed_server.url}/feed"
    with pytest.raises(SourceRefused):
        await poll(source)
    with pytest.raises(ValidationError, match="is not the name of a host"):
        Options(private_hosts=["http://localhost/"])


@pytest.mark.parametrize("to", ["http://127.0.0.2/feed", "file:///etc/passwd", "http://169.254.169.254/latest"])
async def test_a_redirect_into_the_house_is_refused(source, feed_server, to):
    feed_server.to = to
    with pytest.raises(SourceRefused):
        await poll(source)


async def test_a_redirect_to_another_port_of_the_named_machine_is_refused(source, feed_server):
    async with FeedServer() as other:
        feed_server.to = f"{other.url}/feed"
        with pytest.raises(SourceRefused):
            await poll(source)
        assert other.requests == []


async def test_one_dead_host_is_its_own_trouble(source, feed_server, fetcher, clock, part):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{closed.getsockname()[1]}/feed"
    both = RssSource(fetcher, urls=[dead, part], now=clock, min_interval=0)
    with pytest.raises(SourceError):
        _ = [page async for page in both.fetch(dead, "")]
    assert len([page async for page in both.fetch(part, "")]) == 1


def test_a_feed_is_no_archive(source):
    assert not isinstance(source, Archive | Directory)


def test_an_entry_as_a_paper():
    body = rss(
        item(
            1,
            "&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
            link="https://blog.example/1",
            dc_creator="J&#246;rg A (Here), Ada B and C. Dee",
            category="maps",
            pubDate="Mon, 05 Jan 2026 08:00:00 +0100",
        )
    )
    (paper,) = papers_of(body, ADDRESS)
    assert (paper.title, paper.abstract, paper.source) == ("Entry 1", "One & two. Three", "rss")
    assert paper.authors == ("Jörg A", "Ada B", "C. Dee")
    assert (paper.categories, paper.url) == (("maps",), "https://blog.example/1")
    assert paper.published == datetime(2026, 1, 5, 7, tzinfo=UTC)
    assert page_url(paper) == "https://blog.example/1"


def test_an_atom_entry_as_a_paper():
    entry = (
        "<entry><title>If x&lt;y and z</title><id>urn:1</id><updated>2026-01-04T00:00:00Z</updated>"
        "<author><name>Family, Given</name></author><author><name>Ada B</name></author>"
        "<summary>short</summary><content type='html'>a &lt;b&gt;longer&lt;/b&gt; text</content></entry>"
    )
    (paper,) = papers_of(atom(entry), ADDRESS)
    assert (paper.title, paper.abstract) == ("If x<y and z", "a longer text")
    assert paper.authors == ("Given Family", "Ada B")
    assert paper.published == datetime(2026, 1, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "paper_id"),
    [
        ({"link": "http://arxiv.org/abs/2510.00001v2"}, "2510.00001"),
        ({"link": "https://doi.org/10.1101/2026.01.01.123456v1"}, "10.1101/2026.01.01.123456"),
        ({"link": "https://blog.example/1", "prism_doi": "10.1000/X"}, "10.1000/x"),
        ({"dc_identifier": "doi:10.1000/y"}, "10.1000/y"),
    ],
)
def test_an_entry_that_names_a_paper_is_that_paper(fields, paper_id):
    (paper,) = papers_of(rss(item(1, **fields)), ADDRESS)
    assert paper.id == canonical_id(paper.id) == paper_id


def test_ids_of_other_entries_are_stable_and_apart():
    def ids(body, address=ADDRESS):
        return [paper.id for paper in papers_of(body, address)]

    bare = "<item><title>A</title><guid isPermaLink='false'>1</guid></item>"
    assert ids(rss(bare)) == ids(rss(bare.replace(">A<", ">B<")))
    assert ids(rss(bare)) != ids(rss(bare), "https://other.example/feed")
    full = item(1)
    assert ids(rss(full)) == ids(rss(full), "https://other.example/feed")
    assert len(ids(rss(full, full, item(2)))) == 2
    untold = "<item><title>A</title></item>"
    assert ids(rss(untold)) == ids(rss(untold))
    linked = "<item><title>A</title><link>https://blog.example/a</link></item>"
    assert ids(rss(linked)) == ids(rss(linked.replace(">A<", ">B<")))


def test_entries_without_title_are_left_out_and_odd_dates_too():
    body = rss("<item><guid>x</guid></item>", item(1, pubDate="soon"), "<item><title>&lt;img&gt;</title></item>")
    (paper,) = papers_of(body, ADDRESS)
    assert paper.published is None


def test_a_date_no_calendar_has_is_left_out():
    entry = "<entry><title>T</title><id>urn:1</id><updated>9999-12-31T23:59:59-23:59</updated></entry>"
    (paper,) = papers_of(atom(entry), ADDRESS)
    assert paper.published is None


def test_links_that_are_no_web_addresses_are_dropped():
    (paper,) = papers_of(rss(item(1, link="javascript:alert(1)")), ADDRESS)
    assert paper.url == ""


@pytest.mark.whole
def test_only_so_much_is_kept():
    big = item(1, "y " * 50_000, dc_creator=", ".join(f"Author {n}" for n in range(3000)))
    (paper, *_) = papers = papers_of(rss(big, *(item(n) for n in range(2, 2500))), ADDRESS)
    assert len(papers) == 2000
    assert len(paper.abstract) == 20_000
    assert len(paper.authors) == 2000


@pytest.mark.parametrize("name", ["a" * 9_000, "<x/>" + "a" * 9_000], ids=["a text", "after an element"])
def test_a_word_of_a_name_is_cut_before_feedparser_looks_for_an_address_in_it(name):
    (paper,) = papers_of(rss(item(1, dc_creator=f"Ada {name} Roe")), ADDRESS)
    assert paper.authors == (f"Ada {'a' * 100} Roe",)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"plain text",
        b"<html><body>Sorry</body></html>",
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]>" + rss(item(1)),
        rss(item(1))[:-10],
        b"<rss " + b"".join(b'a%d="1" ' % n for n in range(200_000)) + b"/>",
        b"<a>" * 100_000,
        b"<opml version='1.0'><body/></opml>",
    ],
)
def test_what_is_no_safe_feed_is_refused(body):
    with pytest.raises(SourceGarbled):
        papers_of(body, ADDRESS)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("no markup", "no markup"),
        ("a<br>b<p>c</p>d", "a b c d"),
        ("f<sub>esc</sub> &amp; &lt;5", "fesc & <5"),
        ("<style>x</style><img src=x onerror=alert(1)>k", "k"),
        ("x & y", "x & y"),
        ("if x<y and z", "if x<y and z"),
        ("a<!-- b -->c", "ac"),
    ],
)
def test_plain_text(markup, text):
    assert text_of(markup) == text


def test_addresses_are_checked_with_the_settings():
    assert Options().missing() == "urls"
    assert Options(urls=["https://a.example/f", "https://a.example/f"]).urls == ("https://a.example/f",)
    assert Options(urls=["https://a.example/f"]).missing() == ""
    with pytest.raises(ValidationError, match="is not an http or https address"):
        Options(urls=["file:///etc/passwd"])


RECORDED = {
    "alloevil_AI-Paper-Daily_feed.xml": 51,
    "gbrammer_arxiv-to-rss_author.xml": 200,
    "gbrammer_arxiv-to-rss_feed.xml": 300,
    "huangboming_hf_feed.xml": 30,
    "huangboming_hf_feed_monthly.xml": 105,
    "huangboming_hf_feed_weekly.xml": 6,
    "qhduan_cn-chat-arxiv_cs.CL.xml": 0,
}


@pytest.mark.shared
def test_every_recorded_odd_feed_is_read(shared_data):
    folder = shared_data / "feeds_odd" / "third_party_feeds"
    assert [path.name for path in (shared_data / "feeds_odd").iterdir()] == ["third_party_feeds"]
    assert {path.name for path in folder.iterdir()} == set(RECORDED)
    for name, count in RECORDED.items():
        papers = papers_of((folder / name).read_bytes(), ADDRESS)
        assert len(papers) == count, name
        assert not any(re.search(r"</?[a-z]+>", paper.title + paper.abstract) for paper in papers)
        if "hf_feed" in name or "gbrammer" in name:
            assert all(page_url(paper) == f"https://arxiv.org/abs/{paper.id}" for paper in papers)


# --- arXiv's own feeds -----------------------------------------------------------------------------------------------


class NoFetcher:
    """Keeps how it was asked."""

    def __init__(self):
        self.asked = []

    async def get(self, url, **how):
        self.asked.append((how["service"], how["endpoint"], how["interval"]))
        raise SourceError("not asked in a test")


@pytest.mark.parametrize(
    ("url", "how"),
    [
        ("https://rss.arxiv.org/rss/cs.CL", ("arxiv", "https://rss.arxiv.org/rss", 3.0)),
        ("https://export.ARXIV.org/api/query", ("arxiv", "https://export.ARXIV.org/api", 3.0)),
        ("https://arxiv.org/a/roe_b_1.atom2", ("arxiv", "https://arxiv.org/a", 3.0)),
        ("https://notarxiv.org/feed", ("rss:notarxiv.org", "", 1.0)),
    ],
)
async def test_arxivs_own_feeds_take_turns_with_all_that_is_asked_there(clock, url, how):
    fetcher = NoFetcher()
    source = RssSource(fetcher, urls=[url], now=clock)
    with pytest.raises(SourceError):
        await anext(source.fetch(url, ""))
    assert fetcher.asked == [how]


def test_arxivs_own_feeds_are_not_asked_each_second():
    with pytest.raises(ValidationError, match=r"is arXiv's: every must be at least 60 s\. \[sources\.arxiv\] reads it"):
        Options(enabled=True, urls=("https://rss.arxiv.org/rss/cs.CL",), every="30s")
    assert Options(enabled=True, urls=("https://rss.arxiv.org/rss/cs.CL",), every="60s").urls
    assert Options(enabled=True, urls=(ADDRESS,), every="30s").urls
