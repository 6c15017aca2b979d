"""Feeds in every encoding and shape are read whole, and what is refused is called what it is."""

import pytest
from aiohttp import web
from odd_feeds import FEEDS, REFUSED, atom, rss

from paperwire.errors import SourceGarbled
from paperwire.sources.rss import RssSource
from paperwire.sources.rss.entries import read_feed
from servers.loopback import Loopback

ADDRESS = "https://blog.example/feed"


@pytest.mark.parametrize("name", FEEDS)
def test_a_feed_of_this_encoding_or_shape_is_read_whole(name):
    body, title = FEEDS[name]
    (entry,) = read_feed(body, ADDRESS)
    assert entry.paper.title == title or title is None
    assert entry.paper.abstract in {"Words.", "a?b=1&c=2©=3", "a?b=1&c=2&copy=3"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_feed_is_called_what_it_is(name):
    body, why = REFUSED[name]
    with pytest.raises(SourceGarbled, match=why):
        read_feed(body, ADDRESS)


def test_data_is_read_as_each_format_means_it():
    data = "<![CDATA[Salt &amp; <b>water</b>]]>"
    assert [read_feed(form(data).encode(), ADDRESS)[0].paper.title for form in (rss, atom)] == [
        "Salt & water",
        "Salt &amp; <b>water</b>",
    ]


@pytest.mark.parametrize(
    ("header", "declared"), [("windows-1251", ""), ("utf-8", "windows-1251"), ("x-none", "koi8-r")]
)
async def test_the_header_says_the_encoding_where_the_feed_does_not(fetcher, clock, header, declared):
    text = rss("Обзор", f'<?xml version="1.0" encoding="{declared}"?>' if declared else "")

    class Server(Loopback):
        def routes(self):
            return [("/feed", self._feed)]

        async def _feed(self, _request):
            kind = {"Content-Type": f"application/rss+xml; charset={header}"}
            return web.Response(body=text.encode(declared or header), headers=kind)

    async with Server() as server:
        source = RssSource(fetcher, urls=[f"{server.url}/feed"], now=clock, min_interval=0)
        (page,) = [page async for page in source.fetch(source.parts()[0], "")]
    assert [event.paper.title for event in page.events] == ["Обзор"]
