"""What entries hold in the feeds of publishers, and which are the same as at the last look."""

import pytest
from pydantic import ValidationError
from test_rss import ADDRESS, FeedServer, atom, item, papers_of, rss

from paperwire.sources.rss import Options, RssSource, build
from paperwire.sources.rss.entries import read_feed
from paperwire.sources.rss.publishers import described, doi_of_address


def channel(items, site="https://blog.example/site/"):
    return rss(f"<link>{site}</link>{items}")


def plain(title, link="", day="", text="words", guid=""):
    """An entry with what is given, and no guid unless one is."""
    fields = {"title": title, "link": link, "pubDate": day, "guid": guid, "description": text}
    return f"<item>{''.join(f'<{tag}>{value}</{tag}>' for tag, value in fields.items() if value)}</item>"


@pytest.mark.parametrize(
    ("body", "url"),
    [
        (channel(plain("A", "/posts/1")), "https://blog.example/posts/1"),
        (channel(plain("A", "posts/1")), "https://blog.example/site/posts/1"),
        (rss(plain("A", "posts/1")), "https://blog.example/posts/1"),
        (rss(plain("A", "//other.example/1")), "https://other.example/1"),
        (atom("<entry><title>A</title><id>a:1</id><link href='p/1'/></entry>"), "https://blog.example/p/1"),
        (
            atom("<entry xml:base='https://x.example/y/'><title>A</title><id>a:1</id><link href='1'/></entry>"),
            "https://x.example/y/1",
        ),
        (rss(plain("A", "http://[no")), ""),
        (rss(plain("A")), ""),
    ],
)
def test_a_relative_link_is_one_of_the_site_or_of_the_feed(body, url):
    (paper,) = papers_of(body)
    assert paper.url == url


@pytest.mark.parametrize(
    ("url", "doi"),
    [
        ("https://onlinelibrary.wiley.com/doi/10.1002/ANIE.202600001?af=R", "10.1002/anie.202600001"),
        ("https://onlinelibrary.wiley.com/doi/full/10.1002/anie.202600001", "10.1002/anie.202600001"),
        ("https://pubs.acs.org/doi/abs/10.1021/acs.jpca.6c00001?ai=1", "10.1021/acs.jpca.6c00001"),
        ("https://dl.acm.org/doi/10.1145/3700000.3700001", "10.1145/3700000.3700001"),
        ("http://link.aps.org/doi/10.1103/PhysRevA.107.012345", "10.1103/physreva.107.012345"),
        ("https://journals.aps.org/prl/abstract/10.1103/abcd-1234", "10.1103/abcd-1234"),
        ("https://link.springer.com/article/10.1007/s11263-026-00001-1", "10.1007/s11263-026-00001-1"),
        ("https://link.springer.com/content/pdf/10.1007/s11263-026-00001-1.pdf", "10.1007/s11263-026-00001-1"),
        ("https://www.frontiersin.org/articles/10.3389/fpsyg.2026.00001/full", "10.3389/fpsyg.2026.00001"),
        ("https://iopscience.iop.org/article/10.1088/1361-6633/aa0001/meta", "10.1088/1361-6633/aa0001"),
        ("https://academic.oup.com/mnras/advance-article/doi/10.1093/mnras/stag001/8000001", "10.1093/mnras/stag001"),
        ("https://journals.plos.org/plosone/article?id=10.1371/journal.pone.0300001", "10.1371/journal.pone.0300001"),
        ("https://royalsocietypublishing.org/doi/10.1098%2Frspa.2026.0001", "10.1098/rspa.2026.0001"),
        ("https://www.sciencedirect.com/science/article/pii/S0000000026000001?dgcid=rss_sd_all", ""),
        ("https://blog.example/notes-on-10.1002/abc", ""),
        ("https://blog.example/?id=5", ""),
        ("", ""),
    ],
)
def test_the_doi_in_a_publishers_link(url, doi):
    assert doi_of_address(url) == doi
    if doi:
        (paper,) = papers_of(rss(plain("A", url.replace("&", "&amp;"))))
        assert (paper.id, paper.doi) == (doi, doi)


def test_an_entry_of_sciencedirect():
    text = (
        "<![CDATA[<p>Publication date: March 2026</p><p><b>Source:</b> Energy, Volume 300</p>"
        "<p>Author(s): Ada B. Roe, J. Poe</p>]]>"
    )
    (paper,) = papers_of(rss(plain("Heat", "https://www.sciencedirect.com/science/article/pii/S1", text=text)))
    assert (paper.authors, paper.journal_ref) == (("Ada B. Roe", "J. Poe"), "Energy, Volume 300")
    assert paper.abstract == ""


def test_an_entry_of_aps():
    text = (
        "Author(s): Ada Roe, Bo Poe, and C. Dee&lt;br /&gt;&lt;p&gt;We cool it. It cools.&lt;/p&gt;&lt;br /&gt;"
        "[[Phys. Rev. A 107, 012345] Published Mon Jan 05, 2026"
    )
    (paper,) = papers_of(rss(item(1, text, prism_doi="10.1103/PhysRevA.107.012345")))
    assert paper.authors == ("Ada Roe", "Bo Poe", "C. Dee")
    assert (paper.abstract, paper.journal_ref) == ("We cool it. It cools.", "Phys. Rev. A 107, 012345")


def test_an_entry_of_pubmed():
    text = (
        "<![CDATA[<p>J Maps. 2026 Jan 5. doi: 10.1000/m. Online ahead of print.</p><p><b>ABSTRACT</b></p><p>We map.</p>"
        "<p>PMID:<a href='x'>41000001</a> | PMC:PMC1 | DOI:<a href='y'>10.1000/m</a></p>]]>"
    )
    named = "".join(f"<dc:identifier>{name}</dc:identifier>" for name in ("pmid:41000001", "pmc:PMC1", "doi:10.1000/M"))
    guid = '<guid isPermaLink="false">pubmed:41000001</guid>'
    link = "<link>https://pubmed.ncbi.nlm.nih.gov/41000001/?utm_source=x</link>"
    entry = f"<item><title>Maps</title>{guid}{link}<description>{text}</description>"
    for more in (named, ""):
        (paper,) = papers_of(rss(f"{entry}{more}</item>"))
        assert (paper.id, paper.abstract) == ("10.1000/m", "We map.")
    two = {papers_of(rss(plain("Maps", guid="pubmed:41000001")), feed)[0].id for feed in (ADDRESS, f"{ADDRESS}/2")}
    assert len(two) == 1


def test_a_description_that_only_looks_like_a_publishers():
    assert described("Source: the river. PMID: none").text == "Source: the river. PMID: none"
    assert described("<p>Source: the river</p><p>More</p>").text == "Source: the river More"
    assert described("") == described("<br/>")


def test_an_entry_without_title_is_called_by_its_first_words():
    (short, long) = papers_of(rss(plain("", guid="a:1", text="A short note."), plain("", text="word " * 30)))
    assert (short.title, long.title) == ("A short note.", "word " * 15 + "word…")


@pytest.mark.parametrize(
    ("body", "given", "name"),
    [
        (rss(plain("A")), "", "F"),
        (rss(plain("A")), "Annals  of Maps", "Annals of Maps"),
        (atom("<entry><title>A</title><id>a:1</id></entry>"), "", "F"),
        (rss("<prism:publicationName>Maps</prism:publicationName>", plain("A")).replace(b">F<", b"><"), "", "Maps"),
        (rss(plain("A")).replace(b"<title>F", b"<title>&lt;b&gt;A &amp;amp; B&lt;/b&gt;"), "", "A & B"),
        (rss(plain("A")).replace(b"<title>F</title>", b""), "", ""),
        (rss(plain("A")).replace(b"<title>F", b"<title>" + b"ab " * 99), "", ("ab " * 34)[:100]),
    ],
)
def test_a_feed_has_a_name(body, given, name):
    assert [entry.paper.feed for entry in read_feed(body, ADDRESS, name=given)] == [name]


async def test_a_name_from_the_settings_is_the_feeds(feed_server, fetcher, clock):
    url = f"{feed_server.url}/feed"
    feed_server.put(rss(plain("A")))
    options = Options(urls=[url], names={url: "Annals of Maps"})
    source = build(options, fetcher=fetcher, now=clock, public_url="")
    (page,) = [page async for page in source.fetch(url, "")]
    assert [event.paper.feed for event in page.events] == ["Annals of Maps"]
    with pytest.raises(ValidationError, match="is none of the addresses in urls"):
        Options(urls=[url], names={"https://other.example/": "Other"})


MONDAY, TUESDAY = "Mon, 05 Jan 2026 08:00:00 GMT", "Tue, 06 Jan 2026 08:00:00 GMT"
SAME = {
    "a link that changes": (plain("A", "https://x.example/s1/a", MONDAY), plain("A", "https://x.example/s2/a", MONDAY)),
    "a query that changes": (plain("A", "https://x.example/a?s=1"), plain("A", "https://x.example/a?s=2")),
    "a fragment that changes": (
        plain("A", "https://x.example/a#1", MONDAY),
        plain("A", "https://x.example/a#2", MONDAY),
    ),
    "a guid whose query changes": (
        plain("A", guid="https://x.example/a?s=1", day=MONDAY),
        plain("A", guid="https://x.example/a?s=2", day=MONDAY),
    ),
    "a text that changes too": (
        plain("A", "https://x.example/a?s=1", MONDAY, "one"),
        plain("A", "https://x.example/a?s=2", MONDAY, "two"),
    ),
    "a title that changes": (plain("A", guid="a:1"), plain("B", guid="a:1")),
    "one without a day": (plain("A", "https://x.example/s1/a"), plain("A", "https://x.example/s2/a")),
}
OTHER = {
    "another day": (plain("A", "https://x.example/a?p=1", MONDAY), plain("A", "https://x.example/a?p=2", TUESDAY)),
    "another title": (plain("A", "https://x.example/a?p=1", MONDAY), plain("B", "https://x.example/a?p=2", MONDAY)),
    "the same link": (plain("A", "https://x.example/", MONDAY), plain("B", "https://x.example/", TUESDAY)),
    "another guid": (plain("A", guid="a:1", day=MONDAY), plain("A", guid="a:2", day=MONDAY)),
    "a guid of another page": (
        plain("A", guid="https://x.example/a", day=MONDAY),
        plain("A", guid="https://x.example/b", day=MONDAY),
    ),
    "another text and no day": (plain("A", "https://x.example/1"), plain("A", "https://x.example/2", text="more")),
    "another DOI": (
        plain("A", "https://x.example/doi/10.1000/a", MONDAY),
        plain("A", "https://x.example/doi/10.1000/b", MONDAY),
    ),
}


@pytest.fixture
async def feed_server():
    async with FeedServer() as feed_server:
        yield feed_server


@pytest.fixture
def look(feed_server, fetcher, clock):
    """A function that reads the feed as these entries and gives the ids of those that are there, news first."""
    source = RssSource(fetcher, urls=[f"{feed_server.url}/feed"], now=clock, min_interval=0)
    cursor = ""

    async def look(*entries):
        nonlocal cursor
        feed_server.put(rss(*entries))
        (page,) = [page async for page in source.fetch(source.parts()[0], cursor)]
        cursor = page.cursor
        return [event.paper.id for event in page.events]

    return look


@pytest.mark.parametrize("name", SAME)
async def test_an_entry_that_changes_its_address_is_the_same(look, name):
    before, after = SAME[name]
    (paper_id,) = await look(before)
    assert set(await look(after)) <= {paper_id}
    assert await look(after) == []
    assert set(await look(before)) <= {paper_id}


@pytest.mark.parametrize("name", [*OTHER])
async def test_an_entry_of_another_kind_is_another(look, name):
    before, after = OTHER[name]
    (first,) = await look(before)
    (second,) = await look(after)
    assert first != second


@pytest.mark.parametrize("name", [*OTHER, *SAME])
async def test_two_entries_of_one_look_are_two(look, name):
    pair = {**OTHER, **SAME}[name]
    ids = await look(*pair)
    assert len(set(ids)) == 2
    assert await look(*pair) == []
    assert await look(pair[1]) == []
    assert set(await look(*pair)) <= set(ids)


async def test_entries_that_share_a_link_stay_apart_as_they_come_and_go(look):
    a, b, c = (plain(title, "https://x.example/", MONDAY) for title in "ABC")
    first, second = await look(a, b)
    assert first != second
    assert await look(b) == []
    (third,) = await look(c, b)
    assert third not in {first, second}
    assert await look(c) == []
    assert await look(a, b, c) == []


async def test_a_feed_that_was_empty_once_has_nothing_new(look):
    ids = await look(*(plain(f"T{n}", f"https://x.example/s1/{n}", MONDAY) for n in range(50)))
    assert await look() == []
    assert await look(*(plain(f"T{n}", f"https://x.example/s2/{n}", MONDAY) for n in range(50))) == []
    assert len(set(ids)) == 50


async def test_of_equal_titles_one_more_is_new(look):
    ids = await look(*(plain("Comment", f"https://x.example/s1/{n}", MONDAY, f"{n}") for n in range(3)))
    news = await look(*(plain("Comment", f"https://x.example/s2/{n}", MONDAY, f"{n}") for n in range(4)))
    assert len(set(ids)) == 3
    assert len(set(news) - set(ids)) == 1


async def test_a_cursor_of_before_and_an_entry_whose_doi_was_not_read(feed_server, fetcher, clock):
    entry = plain("A", "https://x.example/doi/10.1000/a")
    (known,) = read_feed(rss(entry), f"{feed_server.url}/feed")
    feed_server.put(rss(entry))
    source = RssSource(fetcher, urls=[f"{feed_server.url}/feed"], now=clock, min_interval=0)
    cursor = f'{{"etag": "", "modified": "", "marks": {{"{known.own_id}": "00"}}}}'
    (page,) = [page async for page in source.fetch(source.parts()[0], cursor)]
    assert [(event.paper.id, event.paper.doi) for event in page.events] == [(known.own_id, "10.1000/a")]
    assert not page.quiet
