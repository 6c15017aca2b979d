"""What papers hold of addresses and formulas, in feeds."""

import json
import re
from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.feeds import FeedEntry
from paperwire.feeds.entries import Feed
from paperwire.feeds.render import render

# RFC 3986, appendix B and the characters of section 2, for what follows the scheme.
URI = re.compile(r"https?://(?:[A-Za-z0-9._~!$&'()*+,;=:/?#@-]|%[0-9A-Fa-f]{2})+")
AT = datetime(2026, 1, 5, 1, 2, 3, tzinfo=UTC)


def rendered(kind, **changes):
    told = {"id": "2601.00001", "number": 1, "title": "T", "abstract": "A"}
    feed = Feed(
        authority="papers.example.org",
        minted=date(2026, 1, 1),
        path="daily",
        title="Latest",
        description="All",
        address="https://papers.example.org/feeds/daily",
        home="https://papers.example.org/",
        created=AT,
        entries=(FeedEntry(paper=Paper(**{**told, **changes}), at=AT),),
    )
    return render(feed, kind).decode()


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
@pytest.mark.parametrize(
    "changes",
    [
        {"abstract": "Code: [https://github.com/a/b](https://github.com/a/b)"},
        {"comment": "[code](https://github.com/a/b)"},
        {"code_url": "https://github.com/x](y", "abstract": "https://github.com/a/b"},
    ],
)
def test_a_link_in_markdown_is_one_valid_address(kind, changes):
    body = rendered(kind, **changes)
    html = json.loads(body)["items"][0]["content_html"] if kind == "json" else body
    addresses = re.findall(r"""(?:href|url)=(?:"|')([^"']*)|href=&quot;(.*?)&quot;""", html)
    assert "https://github.com/a/b" in {one or other for one, other in addresses}
    assert [one or other for one, other in addresses if not URI.fullmatch(one or other)] == []


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
def test_formulas_in_a_feed_are_text_that_keeps_its_grouping(kind):
    body = rendered(kind, title="$n^{2/3}$", abstract=r"$\frac{a+b}{c}$", comment=r"$x_{2q}$")
    for text in ("n^(2/3)", "(a+b)/c", "x_(2q)"):
        assert text in body
