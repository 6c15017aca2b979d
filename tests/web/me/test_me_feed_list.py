"""A person's private feeds as a file, which is theirs alone."""

from urllib.parse import urlsplit

import pytest

from paperwire.sources._xml import parse_xml


@pytest.fixture
async def ann(my_pages):
    return await my_pages.signed_in()


async def test_feeds_as_a_file_that_feed_readers_import(my_pages, ann):
    await my_pages.bot.says('/subscribe "state <space>" name:S&S')
    await ann.open("/me/feeds")
    assert "All my feeds as OPML" in ann.words
    answer = await ann.open("/me/feeds.opml")
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == 'attachment; filename="feeds.opml"'
    assert answer.headers["content-type"].startswith("text/x-opml")
    root = parse_xml(answer.content)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    outlines = root.findall("body/outline/outline")
    assert [outline.get("text") for outline in outlines] == ["All my subscriptions", "S&S"]
    for outline in outlines:
        feed = await my_pages.browser().open(urlsplit(outline.get("xmlUrl")).path)
        assert feed.headers["content-type"].startswith("application/atom+xml")
    assert (await ann.open("/me/feeds.opml")).content == answer.content


async def test_who_is_not_signed_in_gets_no_file(my_pages):
    answer = await my_pages.browser().open("/me/feeds.opml")
    assert answer.status_code == 403
    assert "xmlUrl" not in answer.text


async def test_after_a_reset_the_file_has_the_new_address(my_pages, ann):
    await my_pages.bot.says("/subscribe diffusion")
    before = parse_xml((await ann.open("/me/feeds.opml")).content)[1][0][0].get("xmlUrl")
    await ann.open("/me/feeds")
    await ann.do("/me/feeds", "reset", of="all")
    after = parse_xml((await ann.open("/me/feeds.opml")).content)[1][0][0].get("xmlUrl")
    assert before != after
