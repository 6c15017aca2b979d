"""Lists narrowed to what was accepted and what has code: links, feeds and the trending page."""

from urllib.parse import parse_qs, urlsplit

import pytest

from paperwire.texts import ENGLISH
from paperwire.web.pages.filters import filters
from web_page import Checked
from web_scene import a_paper


async def page(web, path):
    return Checked((await web.get(path)).text)


@pytest.mark.parametrize(
    ("typed", "narrowed"),
    [
        ("", "venue:any"),
        ("lora", "lora venue:any"),
        ("lora OR qlora", "(lora OR qlora) venue:any"),
        ("(lora OR qlora) upvotes>=5", "(lora OR qlora) upvotes>=5 venue:any"),
    ],
)
def test_a_filter_is_added_and_taken_away(typed, narrowed):
    (accepted, code) = filters("/search", {"q": typed, "order": "date"}, ENGLISH)
    assert not accepted.is_on
    assert not code.is_on
    on = filters("/search", {"q": narrowed}, ENGLISH)[0]
    assert on.is_on
    assert parse_qs(urlsplit(accepted.href).query) == {"q": [narrowed], "order": ["date"]}
    assert parse_qs(urlsplit(on.href).query).get("q", [""]) == [typed]


@pytest.mark.parametrize(
    "typed",
    ["", "lora", "lora OR qlora", "(lora OR qlora)", "(a OR b) (c OR d)", "(a) OR (b)", "lora OR has:code", "foo:bar"],
)
def test_links_to_filters_lead_to_few_pages(typed):
    """Who follows every link comes to an end."""
    seen, waiting = set(), [typed]
    while waiting and len(seen) < 20:
        query = waiting.pop()
        seen.add(query)
        links = filters("/search", {"q": query}, ENGLISH)
        following = {parse_qs(urlsplit(link.href).query).get("q", [""])[0] for link in links}
        waiting += following - seen
    assert len(seen) <= 5


async def test_pages_show_what_was_accepted_alone(web, site_data):
    await site_data.papers(a_paper(1, comment="Accepted at NeurIPS 2025"), a_paper(2, comment="12 pages"))
    for number in (1, 2):
        await site_data.scored(a_paper(number), number)
    for path in ("/?q=", "/search?q=snakes+", "/trending?q="):
        shown = (await page(web, f"{path}venue:any")).words
        assert "part 1" in shown
        assert "part 2" not in shown
        assert "Accepted" in shown
    feed = (await web.get("/feeds/trending.json", params={"q": "venue:any"})).json()
    assert [item["title"][-1] for item in feed["items"]] == ["1"]
    assert "venue:any" in feed["title"]
    assert "/feeds/trending.atom?window=week&q=venue%3Aany" in (await page(web, "/trending?q=venue:any")).links


async def test_a_wrong_query_of_the_trending_page_is_shown_with_its_mistake(web, site_data):
    await site_data.scored(a_paper(1), 5)
    answer = await web.get("/trending", params={"q": "foo:bar"})
    assert answer.status_code == 400
    assert "foo:" in answer.text
    assert (await web.get("/feeds/trending.atom", params={"q": "foo:bar"})).status_code == 400
    assert (await web.get("/trending", params={"q": "like:2601.00001"})).status_code == 200


async def test_a_filter_that_cannot_be_read_does_not_say_that_nothing_matches(web, site_data):
    await site_data.papers(a_paper(1))
    assert "No match." not in (await web.get("/?q=(")).text
    assert "No match." in (await web.get("/?q=wombat")).text
