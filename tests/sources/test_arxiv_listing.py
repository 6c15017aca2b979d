"""The third view: the page that lists a category's latest batch, and what of it is believed."""

from datetime import date

import pytest

from paperwire.errors import SourceBusy, SourceGarbled
from paperwire.sources.arxiv.listing import parse_listing
from servers import arxiv_pages as pages
from servers.arxiv import ArxivServer
from servers.arxiv_archive import Archive
from servers.arxiv_reader import make

DAY = date(2026, 9, 3)


@pytest.fixture
def archive():
    archive = Archive()
    for number in range(1, 4):
        archive.add(f"2609.0000{number}", DAY)
    archive.add("2609.00004", DAY, ["cs.LG", "cs.CL"], title="A <b>bold</b> title & more")
    archive.add("hep-th/9901001", "2026-08-03")
    archive.replace("hep-th/9901001", DAY)
    return archive


def page(archive, shown=2_000, **more):
    return pages.listing("cs.CL", DAY, archive.batch(DAY, ["cs.CL"])[::-1], shown, **more)


def test_a_page_names_its_day_and_what_came(archive):
    listing = parse_listing(page(archive), "cs.CL")
    assert (listing.part, listing.day, listing.whole, listing.stale) == ("cs.CL", DAY, True, False)
    assert listing.new == {"2609.00001", "2609.00002", "2609.00003"}
    assert listing.crossed == {"2609.00004"}
    assert listing.replaced == frozenset()


def test_the_headings_of_before_2024_are_known_too(archive):
    body = page(archive).replace(b"New submissions (", b"New submissions for Thursday, 3 September 2026 (")
    assert len(parse_listing(body.replace(b" entries)", b" entries )"), "cs.CL").new) == 3


def test_a_day_without_papers_says_so():
    listing = parse_listing(pages.listing("cs.CL", DAY, [], 2_000), "cs.CL")
    assert (listing.day, listing.arrivals, listing.whole) == (DAY, frozenset(), True)


def test_an_abstract_that_looks_like_a_heading_is_none(archive):
    text = "New submissions (showing 9 of 9 entries) & more " * 20
    archive.add("2609.00009", DAY, title="Total of 9 entries", abstract=text)
    archive.add("2609.00010", DAY, title="No updates", abstract=f"Total of 9 entries {text}")
    assert len(parse_listing(page(archive), "cs.CL").new) == 5


def test_a_page_that_shows_a_part_is_not_whole(archive):
    listing = parse_listing(page(archive, shown=2), "cs.CL")
    assert (len(listing.new), listing.crossed, listing.whole) == (2, frozenset(), False)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'href ="/abs/2609.00002"', b'href ="/pdf/2609.00002"'),  # an entry that cannot be read
        (b'href ="/abs/2609.00002"', b'href ="/abs/nonsense"'),
        (b"showing 3 of 3", b"showing 4 of 4"),
        (b"New submissions (showing 3 of 3 entries)", b"New things"),  # a section that is missing
        (b"Total of 5", b"Total of 6"),
        (b"Showing new listings for Thursday, 3 September 2026", b"Showing new listings"),
        (b"3 September 2026", b"31 September 2026"),
        (b"submissions (showing", b"articles (showing"),  # no section at all, and not said to be empty
        (b"<dt>", b"<p>"),
    ],
)
def test_a_page_that_cannot_be_read_is_no_empty_day(archive, old, new):
    body = page(archive)
    assert old in body
    with pytest.raises(SourceGarbled):
        parse_listing(body.replace(old, new), "cs.CL")


@pytest.mark.parametrize(
    "body", [b"", b"<", b"{}", b"\0" * 50, b"<html></html>", b"<rss><channel/></rss>", b"\xff\xfe<"]
)
def test_another_page_is_garbled(body):
    with pytest.raises(SourceGarbled):
        parse_listing(body, "cs.CL")


@pytest.mark.parametrize("odd", [b"<p>" * 300_001, b"<a " + b"x=1 " * 3_000 + b">"])
def test_a_page_made_to_exhaust_is_refused_at_once(archive, odd):
    with pytest.raises(SourceGarbled, match="more elements or attributes"):
        parse_listing(page(archive) + odd, "cs.CL")


def test_a_page_that_is_cut_off_is_garbled(archive):
    body = page(archive)
    for end in range(len(body) // 3, body.index(b"hep-th/9901001"), 97):
        with pytest.raises(SourceGarbled):
            parse_listing(body[:end], "cs.CL")


# --- the view --------------------------------------------------------------------------------------------------------


@pytest.fixture
async def arxiv_server(clock, archive):
    clock.set("2026-09-03T12:00:00Z")
    async with ArxivServer(clock, archive, interval=3.0) as arxiv_server:
        yield arxiv_server


@pytest.fixture
def source(arxiv_server, fetcher, clock):
    return make(arxiv_server, fetcher, clock, ["cs.CL", "cs.LG"])


async def test_each_category_is_one_page_to_judge(arxiv_server, source, pace):
    pace.keeps = True
    found = [page async for page in source.third_view(["cs.CL", "cs.LG"])]
    assert [(one.part, one.view, one.events, one.cursor) for one in found] == [("third", "list", (), "")] * 2
    assert [(one.part, one.day, len(one.new), len(one.crossed)) for page in found for one in page.listings] == [
        ("cs.CL", DAY, 3, 1),
        ("cs.LG", DAY, 1, 0),
    ]
    assert arxiv_server.requests[0] == ("/list/cs.CL/new", {"show": "2000"})


async def test_lists_are_15_seconds_apart_and_one_of_arxivs_requests(arxiv_server, source, pace):
    pace.keeps = True
    [page async for page in source.third_view(["cs.CL", "cs.LG", "cs.CL"])]
    assert arxiv_server.violations == []
    assert pace.waits == [("127.0.0.1", 15.0), ("arxiv", 3.0)] * 3
    await source.lookup("2609.00001")
    assert arxiv_server.violations == []


async def test_before_the_evening_it_lists_the_day_before(arxiv_server, source, clock):
    arxiv_server.archive.add("2609.00009", "2026-09-04")
    for at, day in (("2026-09-03T23:59:00Z", 3), ("2026-09-04T00:01:00Z", 4), ("2026-09-05T12:00:00Z", 4)):
        clock.set(at)
        (found,) = [page async for page in source.third_view(["cs.CL"])]
        assert [one.day.day for one in found.listings] == [day]


async def test_a_list_that_cannot_be_read_spares_the_others(arxiv_server, source):
    arxiv_server.miscounted = {"cs.CL"}
    view = source.third_view(["cs.CL", "cs.LG"])
    assert [one.part for one in (await anext(view)).listings] == ["cs.LG"]
    with pytest.raises(SourceGarbled, match="shows 2 entries under New, where it says 3"):
        await anext(view)


async def test_a_service_that_is_inconsistent_wants_rest(arxiv_server, source, clock):
    arxiv_server.retry_after = 600
    arxiv_server.mood = lambda path: 503 if path.startswith("/list") else None
    with pytest.raises(SourceBusy) as caught:
        [page async for page in source.third_view(["cs.CL"])]
    assert caught.value.after == 600
