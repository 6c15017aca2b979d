"""Public feeds: by day, by score, by search."""

import feedparser
import pytest

from web_scene import DAY, a_paper


async def feed(web, path):
    answer = await web.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert ("x-robots-tag" in answer.headers) == path.startswith("/feeds/search")
    return answer


def titles(answer):
    return [entry.title for entry in feedparser.parse(answer.content).entries]


@pytest.mark.parametrize("kind", ["atom", "rss", "json"])
async def test_daily_is_empty_then_holds_the_latest_days(web, site_data, kind):
    await feed(web, f"/feeds/daily.{kind}")
    await site_data.papers(a_paper(1, announced=DAY.replace(day=2)), a_paper(2))
    answer = await feed(web, f"/feeds/daily.{kind}")
    assert answer.text.index("part 2") < answer.text.index("part 1")
    assert f"https://papers.example.org/feeds/daily.{kind}" in answer.text


async def test_published_is_the_day_of_announcement(web, site_data):
    await site_data.papers(a_paper(1))
    entry = feedparser.parse((await feed(web, "/feeds/daily.atom")).content).entries[0]
    assert entry.published == "2026-01-05T00:00:00+00:00"
    assert entry.id == "tag:papers.example.org,2026-01-01:daily/2601.00001"


async def test_trending_tells_upvotes(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2))
    await site_data.scored(a_paper(1), 12)
    answer = await feed(web, "/feeds/trending.json?window=week")
    assert [item["title"] for item in answer.json()["items"]] == ["Gliding snakes, part 1"]
    assert "12 upvotes" in answer.json()["items"][0]["content_html"]
    assert answer.json()["feed_url"].endswith("/feeds/trending.json?window=week")
    await site_data.scored(a_paper(1), 30)
    assert "30 upvotes" in (await feed(web, "/feeds/trending.json")).text


async def test_a_search_is_a_feed(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, title="On rivers", abstract="Water."))
    answer = await feed(web, "/feeds/search.atom?q=snake+-water")
    assert titles(answer) == ["Gliding snakes, part 1"]
    made = feedparser.parse(answer.content).feed
    assert made.title == "Paperwire search: snake -water"
    assert made.link == "https://papers.example.org/search?q=snake+-water"
    same = await feed(web, "/feeds/search.json?q=-water+SNAKES")
    # One query in another writing has the same ids.
    assert same.json()["items"][0]["id"] == feedparser.parse(answer.content).entries[0].id


async def test_a_query_that_cannot_be_read_is_refused_in_words(web):
    answer = await web.get("/feeds/search.atom?q=foo%3Abar")
    assert answer.status_code == 400
    assert "column 1" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert (await web.get("/feeds/search.atom")).status_code == 400


async def test_a_packed_feed_has_a_tag_of_its_own(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 9)))
    answer = await web.get("/feeds/daily.atom", headers={"accept-encoding": "gzip, br"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(titles(answer)) == 8
    tag = answer.headers["etag"]
    again = await web.get("/feeds/daily.atom", headers={"accept-encoding": "gzip, br", "if-none-match": tag})
    assert again.status_code == 304
