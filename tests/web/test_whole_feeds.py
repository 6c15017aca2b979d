"""Public feeds hold whole days and say so, and what is updated has changed."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree

from ended import CHAIN, ends_after
from paperwire.core import seconds
from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.completeness import days_of
from paperwire.core.papers.paper import EventKind
from paperwire.store.subscriptions import feeds
from paperwire.texts import ENGLISH
from paperwire.web.data import contents
from paperwire.wording.days import day_state
from web_scene import DAY, a_paper

ATOM = "{http://www.w3.org/2005/Atom}"
KINDS = ("atom", "rss", "json")
_READ_TWICE = 500_000  # bytes; feedparser takes seconds for more


class Entries(dict):
    """The entries of a feed by id: title, published, updated (RSS says none) and all else that is said."""

    def __init__(self, answer, kind):
        super().__init__(_json(answer) if kind == "json" else _xml(answer, kind))
        self.titles = [entry["title"] for entry in self.values()]
        self.updates = [entry["updated"] for entry in self.values() if entry["updated"]]


def _json(answer):
    told = answer.json()["items"]
    assert len({item["id"] for item in told}) == len(told)
    return {
        item["id"]: {"title": item["title"], "updated": item["date_modified"], "all": json.dumps(item)} for item in told
    }


def _xml(answer, kind):
    assert len(answer.content) > _READ_TWICE or not feedparser.parse(answer.content).bozo
    root = etree.fromstring(answer.content)
    found = root.findall(f"{ATOM}entry" if kind == "atom" else "channel/item")
    told = {}
    for entry in found:
        names = (f"{ATOM}id", f"{ATOM}title", f"{ATOM}updated") if kind == "atom" else ("guid", "title", "none")
        key, title, updated = (entry.findtext(name) for name in names)
        told[key] = {"title": title, "updated": updated, "all": etree.tostring(entry)}
    assert len(told) == len(found)
    return told


async def entries(web, path):
    answer = await web.get(path)
    assert answer.status_code == 200, answer.text
    kind = path.partition("?")[0].rpartition(".")[2]
    made = Entries(answer, kind)
    assert len(set(made.updates)) == len(made.updates)
    assert made.updates == sorted(made.updates, reverse=True)
    return made


async def description(web, path="/feeds/daily.json"):
    return (await web.get(path)).json()["description"]


async def a_day(site_data, count, *, first=1, day=DAY, **changes):
    papers = [a_paper(first + n, announced=day, **changes) for n in range(count)]
    for start in range(0, count, 300):
        await site_data.papers(*papers[start : start + 300])
    return papers


# --- whole days ---------------------------------------------------------------------------------------------------


@pytest.mark.whole
async def test_the_latest_day_is_there_whole_however_many_papers_it_has(web, site_data):
    await a_day(site_data, 20, day=DAY - timedelta(days=1))
    await a_day(site_data, 520, first=100)
    for feed in ("daily.{}", "search.{}?q=snakes"):
        for kind in KINDS:
            made = await entries(web, f"/feeds/{feed.format(kind)}")
            assert len(made) == 520
            assert all(f"/2601.{n:05d}" in "".join(made) for n in (100, 619))


async def test_a_search_holds_its_latest_day_alone_among_others(web, site_data):
    await a_day(site_data, 130)
    await a_day(site_data, 5, first=500, title="On rivers", abstract="Water.")
    made = await entries(web, "/feeds/search.json?q=snakes")
    assert len(made) == 130
    assert await description(web, "/feeds/search.json?q=snakes") == (
        "All 130 matches of 5 Jan 2026. It is not known whether the day is complete."
        " The newest papers that match: snakes"
    )


async def test_earlier_days_are_there_whole_or_not_at_all(web, site_data):
    for back, count in enumerate((10, 200, 280, 20, 5)):
        await a_day(site_data, count, first=1000 * back + 1, day=DAY - timedelta(days=back))
    made = await entries(web, "/feeds/daily.json")
    assert len(made) == 510
    assert "All 10 papers of 5 Jan 2026, and those of earlier days back to 2 Jan 2026." in await description(web)
    found = await entries(web, "/feeds/search.json?q=snakes")
    assert len(found) == 210  # all of the day of which a part is among the newest hundred
    few = await entries(web, "/feeds/search.json?q=glide+title:part+id:2601.00001")
    assert len(few) == 1


async def test_a_day_that_begins_takes_no_paper_of_the_day_before_away(web, site_data):
    await a_day(site_data, 520, day=DAY - timedelta(days=1))
    feeds = ("/feeds/daily.json", "/feeds/search.json?q=snakes")
    before = [set(await entries(web, feed)) for feed in feeds]
    site_data.clock.advance(minutes=1)
    await a_day(site_data, 1, first=1000)
    for feed, ids in zip(feeds, before, strict=True):
        after = set(await entries(web, feed))
        assert len(after) == 521
        assert ids < after


async def test_a_search_with_few_matches_reaches_back_over_days(web, site_data):
    await a_day(site_data, 1)
    await a_day(site_data, 2, first=10, day=DAY - timedelta(days=3))
    assert len(await entries(web, "/feeds/search.atom?q=snakes")) == 3
    assert "The only paper of 5 Jan 2026, and those" in await description(web)
    told = await description(web, "/feeds/search.json?q=snakes")
    assert "The only match of 5 Jan 2026, and those of earlier days back to 2 Jan 2026." in told


async def test_what_is_known_of_the_days_completeness_is_said_and_followed(web, site_data):
    await a_day(site_data, 2)
    first = await web.get("/feeds/daily.json")
    assert "It is not known whether the day is complete." in first.json()["description"]
    batch = Batch(source="arxiv", part="cs.CL", day=DAY, state=BatchState.COMPLETE, new=2, ids_known=False)
    for state in (BatchState.EXPECTED, BatchState.COMPLETE):
        site_data.clock.advance(minutes=1)
        known = [replace(batch, state=state), replace(batch, day=DAY + timedelta(days=1))]
        async with site_data.store.write() as unit:
            await unit.sources.save_batches(known)
        (judged,) = [day for day in days_of(known) if day.day == DAY]
        for path in ("/feeds/daily.json", "/feeds/search.json?q=snakes"):
            assert f" arXiv: {day_state(judged, ENGLISH)}." in await description(web, path)
    again = await web.get("/feeds/daily.json", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 200
    assert [item["date_modified"] for item in again.json()["items"]] == [
        item["date_modified"] for item in first.json()["items"]
    ]


async def test_nothing_is_claimed_of_days_of_long_ago(web, site_data):
    await a_day(site_data, 1)
    batch = Batch(source="arxiv", part="cs.CL", day=DAY, state=BatchState.COMPLETE)
    async with site_data.store.write() as unit:
        await unit.sources.save_batches([batch])
    assert "arXiv" in await description(web)
    site_data.clock.advance(days=9)
    await a_day(site_data, 1, first=2)
    assert "arXiv" not in await description(web)


async def test_a_feed_without_papers_says_so(web):
    assert await description(web) == "There are no papers yet."
    assert await description(web, "/feeds/search.json?q=snakes") == "The newest papers that match: snakes"


@pytest.mark.parametrize(("evaluated", "matches"), [(2, 0), (4, 3)])
async def test_a_search_that_ended_early_says_so_and_has_its_whole_latest_day(
    web, site_data, monkeypatch, evaluated, matches
):
    await site_data.papers(*(a_paper(n, title="abcdefgh" if n < 3 else "x") for n in range(6)))
    ends_after(monkeypatch, evaluated)
    text = await description(web, f"/feeds/search.json?q={CHAIN}")
    assert text.startswith("Searched back to Monday, 5 January 2026.")
    assert ("All 3 matches of 5 Jan 2026." in text) is bool(matches)
    assert len((await web.get(f"/feeds/search.json?q={CHAIN}")).json()["items"]) == matches


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def small_pages(monkeypatch):
    monkeypatch.setattr(contents, "ENTRIES_A_PAGE", 10)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("feed", ["daily.{}", "search.{}?q=snakes"])
async def test_what_a_page_has_no_room_for_is_on_the_next(web, site_data, small_pages, feed, kind):
    await a_day(site_data, 25)
    path, seen, notices = f"/feeds/{feed.format(kind)}", [], 0
    while path:
        answer = await web.get(path)
        made = await entries(web, path)
        notices += made.titles.count("More papers on further pages")
        seen += [one for one in made if "/pages/" not in one]
        if kind == "json":
            path = answer.json().get("next_url")
        else:
            links = etree.fromstring(answer.content).iter(f"{ATOM}link")
            path = next((link.get("href") for link in links if link.get("rel") == "next"), None)
        path = path and path.removeprefix("https://papers.example.org")
    assert len(seen) == len(set(seen)) == 25
    assert notices == 1


async def test_pages_that_are_not_there_are_no_feeds(web, site_data, small_pages):
    await a_day(site_data, 11)
    assert (await web.get("/feeds/daily.atom?page=2")).status_code == 200
    for page in ("3", "0", "-1", "01", "02", "x", "²", "99999", ""):
        status = (await web.get("/feeds/daily.atom", params={"page": page})).status_code
        assert status == (200 if page == "" else 404), page
    first = await web.get("/feeds/daily.atom")
    assert (await web.get("/feeds/daily.atom?page=1")).content == first.content


# --- updated ------------------------------------------------------------------------------------------------------


def changed(before, after):
    """The entries that are in both and say something else."""
    return {key for key in before.keys() & after.keys() if before[key] != after[key]}


async def test_another_announcement_changes_no_entry_of_a_public_feed(web, site_data):
    for n, day in enumerate((2, 4, 5)):
        await a_day(site_data, 30, first=100 * n + 1, day=DAY.replace(day=day))
    for n in (1, 2, 101, 102, 201, 202):
        await site_data.scored(a_paper(n, announced=DAY.replace(day=(2, 4, 5)[n // 100])), 5)
    paths = [f"/feeds/{name}.{kind}" for name in ("daily", "trending") for kind in KINDS]
    before = {path: await entries(web, path) for path in paths}
    await a_day(site_data, 40, first=900)  # more of the same day
    await a_day(site_data, 15, first=950, day=DAY + timedelta(days=1))
    for n in (903, 951):
        await site_data.scored(a_paper(n, announced=DAY + timedelta(days=n > 950)), 5)
    for path in paths:
        after = await entries(web, path)
        assert len(after) > len(before[path])
        assert before[path].items() <= after.items()


async def test_another_announcement_changes_no_entry_of_a_search(web, site_data):
    await a_day(site_data, 50, day=DAY - timedelta(days=1))
    before = {kind: await entries(web, f"/feeds/search.{kind}?q=snakes") for kind in KINDS}
    await a_day(site_data, 45, first=700)
    for kind in KINDS:
        after = await entries(web, f"/feeds/search.{kind}?q=snakes")
        assert (len(before[kind]), len(after)) == (50, 95)
        assert before[kind].items() <= after.items()


async def test_announcements_and_the_window_change_no_entry_of_a_private_feed(web, site_data):
    await a_day(site_data, 60)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(1, 61)))
    token = await site_data.feed()
    seen = {kind: await entries(web, f"/f/{token}.{kind}") for kind in KINDS}
    assert {len(made) for made in seen.values()} == {60}
    for batch in range(1, 5):
        site_data.clock.advance(days=5)
        await a_day(site_data, 15, first=1000 * batch, day=DAY + timedelta(days=5 * batch))
        await site_data.match("snakes", *(f"2601.{1000 * batch + n:05d}" for n in range(15)))
        for kind in KINDS:
            after = await entries(web, f"/f/{token}.{kind}")
            assert changed(seen[kind], after) == set()
            assert {key[-4] for key in after.keys() - seen[kind].keys()} == {str(batch)}
            seen[kind] = after
    assert {len(made) for made in seen.values()} == {50}  # of the first day there were five left, then none


async def test_what_matches_in_the_same_second_changes_no_entry(web, site_data):
    await site_data.subscribe("snakes")
    await a_day(site_data, 20)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(1, 21)))
    token = await site_data.feed()
    before = await entries(web, f"/f/{token}.json")
    await a_day(site_data, 20, first=21)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(21, 41)))
    after = await entries(web, f"/f/{token}.json")
    assert (len(before), len(after)) == (20, 40)
    assert before.items() <= after.items()


async def test_what_is_not_read_any_more_moves_nobody_even_where_seconds_are_scarce(web, site_data, monkeypatch):
    monkeypatch.setattr(seconds, "SPREAD", 2)
    monkeypatch.setattr(feeds, "_MOST_A_QUERY", 6)
    await site_data.subscribe("snakes")
    await a_day(site_data, 6)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(1, 7)))
    token = await site_data.feed()
    before = await entries(web, f"/f/{token}.json")
    site_data.clock.advance(minutes=5)
    await a_day(site_data, 4, first=7)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(7, 11)))
    after = await entries(web, f"/f/{token}.json")
    assert len(before.keys() & after.keys()) == 2
    assert changed(before, after) == set()


@pytest.mark.parametrize("kind", ["atom", "json"])
async def test_a_new_version_updates_its_entry_alone(web, site_data, kind):
    await a_day(site_data, 50)
    before = await entries(web, f"/feeds/daily.{kind}")
    later = site_data.clock() + timedelta(hours=3)
    await site_data.papers(a_paper(7, version=2, updated=later, title="Gliding eels"), kind=EventKind.REPLACED)
    after = await entries(web, f"/feeds/daily.{kind}")
    (revised,) = changed(before, after)
    assert revised.endswith("2601.00007")
    assert after[revised]["updated"] > before[revised]["updated"]


async def test_a_title_that_changes_alone_updates_its_entry_alone(web, site_data):
    await a_day(site_data, 50)
    await site_data.match("snakes", *(f"2601.{n:05d}" for n in range(1, 51)))
    token = await site_data.feed()
    paths = ("/feeds/daily.atom", "/feeds/search.json?q=snakes", f"/f/{token}.atom")
    before = {path: await entries(web, path) for path in paths}
    site_data.clock.advance(hours=30)
    await site_data.papers(a_paper(7), a_paper(8, licence="CC0"))  # nothing that is shown
    assert before == {path: await entries(web, path) for path in paths}
    for title in ("Snakes that glide", "Snakes that fly"):
        site_data.clock.advance(hours=1)
        await site_data.papers(a_paper(7, title=title))
        for path in paths:
            after = await entries(web, path)
            (reworded,) = changed(before[path], after)
            assert reworded.endswith("2601.00007")
            assert after[reworded]["updated"] > before[path][reworded]["updated"]
            before[path] = after


# --- while others wait --------------------------------------------------------------------------------------------


async def test_a_large_feed_is_rendered_and_packed_next_to_other_work(web, site_data, monkeypatch):
    await a_day(site_data, 300)
    aside = []
    real = asyncio.to_thread

    async def to_thread(work, *given, **named):
        aside.append(work.__name__)
        return await real(work, *given, **named)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    asked = {"accept-encoding": "gzip"}
    answers = await asyncio.gather(*(web.get("/feeds/daily.atom", headers=asked) for _ in range(5)))
    assert {answer.headers["content-encoding"] for answer in answers} == {"gzip"}
    assert aside.count("make") == 1
    assert "filled" in aside
    before = len(aside)
    await web.get("/feeds/daily.atom", headers=asked)
    assert len(aside) == before


# --- a real day ---------------------------------------------------------------------------------------------------


@pytest.fixture
async def real_day(site_data, real_papers):
    """A real day of arXiv except for fifty papers, and those fifty as the next day."""
    papers = [replace(one, announced=DAY) for one in real_papers]
    for start in range(0, len(papers) - 50, 300):
        await site_data.papers(*papers[start : min(start + 300, len(papers) - 50)])
    return len(papers) - 50, [replace(one, announced=DAY + timedelta(days=1)) for one in papers[-50:]]


@pytest.mark.shared
@pytest.mark.parametrize("feed", ["daily", "search"])
async def test_a_real_day_is_whole_and_valid_and_moves_with_nothing_but_changes(
    web, site_data, real_day, shared_data, feed, monkeypatch
):
    count, next_day = real_day
    monkeypatch.setattr(contents, "_DAILY", 2_000)  # so that the day is compared with itself after the next
    monkeypatch.setattr(contents, "_SEARCHED", 2_000)
    asked = {"daily": "", "search": "?q=the+OR+a+OR+we+OR+of"}[feed]
    before = {kind: await entries(web, f"/feeds/{feed}.{kind}{asked}") for kind in KINDS}
    assert {len(made) for made in before.values()} == {count}
    assert before["atom"].keys() == before["rss"].keys() == before["json"].keys()
    schema = etree.RelaxNG(etree.parse(shared_data / "specs" / "atom.rng"))
    schema.assertValid(etree.fromstring((await web.get(f"/feeds/{feed}.atom{asked}")).content))
    await site_data.papers(*next_day)
    for kind in KINDS:
        after = await entries(web, f"/feeds/{feed}.{kind}{asked}")
        assert len(after) == count + 50
        assert before[kind].items() <= after.items()
