"""The front page: what matters today, its budgets, and the site as an app."""

import asyncio
import re

import httpx

from outlets import outlets
from paperwire.core.days.batch import BatchState
from paperwire.core.days.completeness import Day, Unproven
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.health import Health
from paperwire.core.papers.paper import EventKind
from paperwire.web.app import create_app
from paperwire.web.days import Days
from paperwire.web.pages.front import Front
from web_page import Checked
from web_scene import DAY, SITE, Scene, a_paper

TEN_SECONDS = 35
"""Words that are read in ten seconds, at 210 a minute."""


async def shown(web, path):
    answer = await web.get(path)
    assert answer.status_code == 200, answer.text
    return Checked(answer.text)


def section(text, title):
    """The words under a heading of what is seen at a glance."""
    return next((part.partition("More")[0] for part in text.split(title)[1:] if "More" in part), "")


async def test_a_stranger_reads_in_ten_seconds_what_this_is_and_how_to_get_papers(store, clock):
    async with outlets(store, clock, SITE) as lab:
        await Scene(store, clock).papers(a_paper(1))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(lab.deps)), base_url=SITE) as web:
            text = (await web.get("/")).text
            lead = re.search(r'<p class="lead">(.*?)</p>', text, re.DOTALL)[1]
            assert "each new paper that matches your keywords" in lead
            ways = dict(re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', lead))
            names = {name: href for href, name in ways.items()}
            assert names["Telegram"].startswith("https://t.me/")
            assert names["Mail"] == "/subscribe?to=email"
            assert names["Feed"] == "/feeds/daily.atom"
            assert {"Discord", "ntfy"} <= names.keys()
            assert len(re.sub(r"<[^>]*>", "", lead).split()) <= TEN_SECONDS
            assert text.index('class="lead"') < text.index("<h1>")  # it is what they see first
            assert 'class="lead"' not in (await web.get("/?order=score")).text


async def test_the_front_page_says_what_matters_today(web, site_data):
    earlier = [a_paper(n, title=f"Earlier {n}", announced=a_paper().announced.replace(day=4)) for n in (1, 2, 3)]
    await site_data.papers(*earlier)
    await site_data.papers(
        a_paper(4, title="Plain"), a_paper(5, title="Born accepted", comment="Accepted at ICLR 2026")
    )
    await site_data.papers(a_paper(6, title="Born with code", comment="Code: https://github.com/a/b"))
    await site_data.scored(a_paper(4, title="Plain"), 42)
    for number, upvotes in ((1, 7), (2, 5)):
        await site_data.scored(earlier[number - 1], upvotes)
    changed = a_paper(3, title="Earlier 3", comment="Accepted at NeurIPS 2025")
    await site_data.papers(changed, kind=EventKind.CHANGED)
    words = (await shown(web, "/")).words
    assert "Plain ▲ 42" in section(words, "Most upvoted today")
    assert "Earlier 1 ▲ 7" in section(words, "Trending this week")
    assert "Plain" not in section(words, "Trending this week")  # it stands above
    accepted = section(words, " Accepted ")
    assert accepted.index("Earlier 3 Accepted: NeurIPS 2025") < accepted.index("Born accepted Accepted: ICLR 2026")
    assert "Born with code" in section(words, "Code available")
    assert "Most upvoted today" not in (await shown(web, "/?page=2")).words
    assert "Most upvoted today" not in (await shown(web, "/daily/2026-01-05")).words


async def test_a_day_is_narrowed_to_what_was_stated_of_its_papers(web, site_data):
    await site_data.papers(a_paper(1, title="Of before", announced=a_paper().announced.replace(day=2)))
    await site_data.papers(a_paper(2, title="Brand new"))
    await site_data.papers(a_paper(3, title="Brought over"), kind=EventKind.CROSS)
    await site_data.papers(a_paper(1, title="Of before", announced=DAY, version=2), kind=EventKind.REPLACED)
    day = (await shown(web, "/daily/2026-01-05")).words
    assert "New 1Cross-listed 1Replaced 1Accepted" in day
    for kind, title in (("new", "Brand new"), ("cross", "Brought over"), ("replaced", "Of before")):
        page = await shown(web, f"/daily/2026-01-05?kind={kind}")
        titles = [one for one in ("Brand new", "Brought over", "Of before") if one in page.words]
        assert titles == [title]
        assert "1 paper" in page.words
        assert "/daily/2026-01-05" in page.links  # the chosen filter leads back
        assert {"type": "hidden", "name": "kind", "value": kind} in page.inputs
    assert "No match" in (await shown(web, "/daily/2026-01-05?kind=replaced&q=owls")).words
    assert "2 papers" in (await shown(web, "/daily/2026-01-05?kind=nonsense")).words


async def test_a_days_groups_lead_to_their_categories(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, categories=("eess.SY", "cs.SY")), a_paper(3, categories=("math.OC",)))
    words = (await shown(web, "/daily/2026-01-05")).words
    assert re.search(
        r"cs Computer Science 2 .*eess Electrical Engineering and Systems Science 1 .*math Mathematics 1", words
    )
    chosen = await shown(web, "/daily/2026-01-05?q=cat%3Acs")
    assert "2 of 3 papers" in chosen.words
    assert "/daily/2026-01-05?q=cat%3Acs.CV" in chosen.links
    assert "cs.SY Systems and Control 1" in chosen.words
    assert "math.OC" not in chosen.words  # the groups lead to it
    assert "/daily/2026-01-05?q=cat%3Amath" in chosen.links


async def test_a_day_as_titles_alone(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 61)))
    titles = await shown(web, "/daily/2026-01-05?view=titles")
    assert "part 60" in titles.words
    assert "part 1 " in titles.words
    assert "We watched" not in titles.words


async def test_who_is_not_signed_in_gets_the_same_bytes_until_something_changes(web, site_data):
    await site_data.papers(a_paper(1))
    first = await web.get("/", headers={"accept-encoding": "gzip"})
    again = await web.get("/", headers={"accept-encoding": "gzip", "cookie": "other=1", "user-agent": "another"})
    assert (first.content, first.headers["etag"]) == (again.content, again.headers["etag"])
    assert (
        await web.get("/", headers={"if-none-match": first.headers["etag"], "accept-encoding": "gzip"})
    ).status_code == 304
    await site_data.papers(a_paper(2, title="Another"))
    assert "Another" in (await web.get("/")).text


async def test_a_hundred_readers_at_once_have_a_page_made_once_for_each_change(web, site_data, monkeypatch):
    await site_data.papers(a_paper(1))
    made, highlights = [], Front.highlights

    async def counted(front, day, texts):
        made.append(day.day)
        return await highlights(front, day, texts)

    monkeypatch.setattr(Front, "highlights", counted)
    for changes in (1, 2):
        answers = await asyncio.gather(*(web.get("/") for _ in range(100)))
        assert (len({answer.content for answer in answers}), len(made)) == (1, changes)
        assert ("Another" in answers[0].text) == (changes == 2)
        await site_data.papers(a_paper(2, title="Another"))


async def test_a_page_made_while_papers_arrive_is_not_kept_without_them(web, site_data, monkeypatch):
    await site_data.papers(a_paper(1))
    get = Days.get

    async def arriving(days, day):
        papers = await get(days, day)
        await site_data.papers(a_paper(2, title="Another"))
        return papers

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(Days, "get", arriving)
        assert "Another" not in (await web.get("/")).text
    assert "Another" in (await web.get("/")).text


async def test_a_day_may_be_ordered_by_heat(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2))
    await site_data.scored(a_paper(1), 5)
    hot = await shown(web, "/?order=hot")
    assert hot.words.index("part 1") < hot.words.index("part 2")


async def test_readers_see_which_days_are_complete_and_what_is_late(web, site_data):
    late = (Doubt(why=Why.LOW, count=3, usual=250.0),)
    days = (
        a_day("arxiv", 5, BatchState.UNCONFIRMED, Unproven(part="cs.CL", doubts=late)),
        a_day("arxiv", 4, BatchState.COMPLETE),
        a_day("arxiv", 3, BatchState.HOLIDAY),
        a_day("biorxiv", 5, BatchState.EXPECTED),
    )
    site_data.health = Health(days=days, owed=7)
    answer = await web.get("/status")
    words = Checked(answer.text).words
    calendar = re.search(r'<table class="calendar">.*?</table>', answer.text, re.DOTALL)[0]
    assert re.findall(r'aria-hidden="true">(.?)</span>', calendar) == ["–", "✓", "!", "", "", "…"]
    assert "arXiv, 5 Jan 2026: unconfirmed" in words.partition("What is late and why")[2]
    assert "unusually few papers, 3 instead of about 250" in words
    assert "bioRxiv, 5 Jan 2026: expected, nothing seen yet." in words
    assert words.index("Are the days complete?") < words.index("Sources") < words.index("In numbers")


def a_day(source, day, state, *unproven):
    counts = {"new": 3, "crossed": 0, "replaced": 0, "late": 0}
    return Day(source=source, day=DAY.replace(day=day), state=state, parts={state: 1}, unproven=unproven, **counts)


async def test_the_site_can_be_installed_as_an_app(web):
    front = await web.get("/status")
    manifest = await web.get(re.search(r'rel="manifest" href="([^"]+)"', front.text)[1])
    assert manifest.headers["content-type"] == "application/manifest+json"
    stated = manifest.json()
    assert (stated["start_url"], stated["display"]) == ("/", "minimal-ui")
    for icon in stated["icons"]:
        assert (await web.get(icon["src"])).headers["content-type"] == icon["type"]
    for shortcut in stated["shortcuts"]:
        assert (await web.get(shortcut["url"])).status_code == 200
