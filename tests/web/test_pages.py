"""Pages: what they show, where they lead, and that hostile papers stay text."""

import re
from dataclasses import replace

import pytest
from prometheus_client import generate_latest

from paperwire import observe
from paperwire.core.papers.paper import EventKind
from paperwire.services.papers.trending import trending
from web_page import PAGE_POLICY, Checked
from web_scene import DAY, a_paper

A_DAY = "/daily/2026-01-05"


async def page(web, path, status=200):
    answer = await web.get(path)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"] == PAGE_POLICY
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "set-cookie" not in answer.headers
    return Checked(answer.text)


async def test_without_papers_the_front_page_says_how_the_first_run_stands(web, site_data):
    site_data.in_trouble()
    seen = await page(web, "/")
    assert "No papers yet" in seen.words
    assert "failing cannot reach <huggingface.co>" in seen.words
    assert "5 Jan 2026, 07:59 UTC" in seen.words


async def test_the_front_page_shows_the_latest_day(web, site_data):
    older = a_paper(1, announced=DAY.replace(day=2), title="An older one")
    await site_data.papers(older, a_paper(2), a_paper(3, withdrawn=True))
    seen = await page(web, "/")
    assert "Monday, 5 January 2026" in seen.words
    assert "2 papers" in seen.words
    assert "Gliding snakes, part 2" in seen.words
    assert "An older one" not in seen.words
    assert "Ada Łukasiewicz, Kaiming He" in seen.words
    assert "Withdrawn" in seen.words
    for link in ("https://arxiv.org/abs/2601.00002", "https://arxiv.org/pdf/2601.00002", "/papers/2601.00002"):
        assert link in seen.links
    assert "/daily/2026-01-02" in seen.links
    assert {"/feeds/daily.atom", "/feeds/daily.rss", "/feeds/daily.json"} <= set(seen.links)
    assert "Thank you to arXiv for use of its open access interoperability." in seen.words


async def test_a_day_has_its_own_address_and_neighbours(web, site_data):
    await site_data.papers(*(a_paper(day, announced=DAY.replace(day=day)) for day in (2, 5, 6)))
    seen = await page(web, "/daily/2026-01-05")
    assert "1 paper" in seen.words
    assert {"/daily/2026-01-02", "/daily/2026-01-06"} <= set(seen.links)
    assert "No papers are stored for this day" in (await page(web, "/daily/2026-01-04")).words
    for nonsense in ("2026-13-01", "yesterday", "20260105x"):
        await page(web, f"/daily/{nonsense}", 404)


async def test_a_day_is_filtered_by_the_query_language(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, title="On rivers", abstract="Water.", categories=("math.CO",)))
    seen = await page(web, "/?q=snake+-river")
    assert "1 of 2 papers" in seen.words
    assert "On rivers" not in seen.words
    assert seen.inputs[0]["value"] == "snake -river"
    assert "No match." in (await page(web, "/?q=quantum")).words
    wrong = await page(web, "/daily/2026-01-05?q=foo%3Abar")
    assert "(column 1)" in wrong.words
    assert "Gliding" not in wrong.words


async def test_classes_are_counted_and_lead_to_a_filter(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, categories=("eess.SY", "cs.SY", "cs.LG", "68T05, 62H22", "I.2.7")))
    seen = await page(web, "/")
    assert re.search(r"cs\.LG Machine Learning 2\b", seen.words)
    assert re.search(r"cs\.SY Systems and Control 1\b", seen.words)
    assert "eess.SY Systems" not in seen.words
    assert "68T05" not in seen.words  # an MSC term is no class
    assert "I.2.7" not in seen.words
    assert "/?q=cat%3Acs.LG" in seen.links
    assert "2 of 2 papers" in (await page(web, "/?q=cat%3Acs.LG")).words


async def test_a_papers_own_page_shows_what_hugging_face_says_of_it(web, site_data):
    await site_data.papers(a_paper(1, summary="Snakes <glide> by $\\alpha_1$."), a_paper(2))
    shown = await web.get("/papers/2601.00001")
    assert "TL;DR (Hugging Face) Snakes <glide> by" in Checked(shown.text).words
    assert "<msub>" in shown.text.partition("TL;DR")[2].partition("</p>")[0]
    assert "TL;DR" not in (await page(web, "/papers/2601.00002")).words


async def test_a_long_day_is_leafed_through(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 121)))
    first, last = await page(web, f"{A_DAY}"), await page(web, f"{A_DAY}?page=3")
    assert "1–50 of 120" in first.words
    assert f"{A_DAY}?page=2" in first.links
    assert "101–120 of 120" in last.words
    assert "Gliding snakes, part 120 " in first.words
    assert "Gliding snakes, part 1 " in last.words
    shown = [link for n in (1, 2, 3) for link in (await page(web, f"{A_DAY}?page={n}")).links if "/abs/" in link]
    assert len(shown) == len(set(shown)) == 120
    for nonsense in ("0", "x", "-1", "99999999", "²", ""):
        assert "1–50 of 120" in (await page(web, f"{A_DAY}?page={nonsense}")).words
    assert "q=snakes&page=2" in "".join((await page(web, f"{A_DAY}?q=snakes")).links)
    assert "1–25 of 120" in (await page(web, "/")).words


async def test_the_most_upvoted_come_first_when_asked(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2))
    assert "Most upvoted" not in (await page(web, "/")).words
    await site_data.scored(a_paper(1), 42)
    seen = await page(web, "/?order=score")
    assert seen.words.index("part 1") < seen.words.index("part 2")
    assert "▲ 42" in seen.words
    newest = await page(web, f"{A_DAY}?order=nonsense")
    assert newest.words.index("part 2") < newest.words.index("part 1")
    assert "1 of 2 papers" in (await page(web, "/?q=snakes+upvotes%3E%3D40")).words


async def test_what_trends_is_shown_by_window(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, announced=DAY.replace(day=1)))
    assert "No papers with upvotes" in (await page(web, "/trending")).words
    await site_data.scored(a_paper(1), 5)
    await site_data.scored(a_paper(2, announced=DAY.replace(day=1)), 50)
    site_data.clock.advance(days=2)
    await site_data.scored(a_paper(1), 9)
    week = await page(web, "/trending?window=week")
    assert week.words.index("part 2") < week.words.index("part 1")
    assert "+50 in this period" in week.words
    day = await page(web, "/trending?window=day")
    assert "part 2" not in day.words
    assert "+4 in this period" in day.words
    assert "/feeds/trending.atom?window=month" in (await page(web, "/trending?window=month")).links
    assert "part 2" in (await page(web, "/trending?window=nonsense")).words


async def test_one_paper_tells_everything(web, site_data):
    told = a_paper(
        1,
        comment="12 pages, code at https://github.com/glide/snakes",
        doi="10.1000/xyz123",
        journal_ref="Snake Letters 1 (2026)",
        version=2,
        licence="CC BY 4.0",
    )
    await site_data.papers(told)
    await site_data.scored(told, 7)
    seen = await page(web, "/papers/2601.00001")
    for text in ("12 pages", "10.1000/xyz123", "Snake Letters 1 (2026)", "CC BY 4.0", "Read at arxiv.org", "▲ 7"):
        assert text in seen.words
    assert "Submitted2 Jan 2026, 18:00 UTC" in seen.words.replace(" ", "", 0).replace("Submitted ", "Submitted")
    assert "https://huggingface.co/papers/2601.00001" in seen.links
    assert "arXiv: announced" in seen.words
    assert "Hugging Face" in seen.words
    for link in (
        "/search?q=au%3A%22Kaiming+He%22",
        "https://doi.org/10.1000/xyz123",
        "https://github.com/glide/snakes",
        "/daily/2026-01-05",
    ):
        assert link in seen.links


@pytest.mark.parametrize(
    ("stored", "asked", "canonical"),
    [
        ("2601.00001", "2601.00001v3", "/papers/2601.00001"),
        ("2601.00001", "arXiv:2601.00001", "/papers/2601.00001"),
        ("2601.00001", "https://arxiv.org/abs/2601.00001", "/papers/2601.00001"),
        ("hep-th/9901001", "hep-th/9901001v2", "/papers/hep-th/9901001"),
        ("10.1101/2025.01.02.000003", "10.1101/2025.01.02.000003v1", "/papers/10.1101/2025.01.02.000003"),
    ],
)
async def test_any_writing_of_an_id_leads_to_one_page(web, site_data, stored, asked, canonical):
    await site_data.papers(a_paper(1, id=stored))
    answer = await web.get(f"/papers/{asked}")
    assert (answer.status_code, answer.headers["location"]) == (308, canonical)
    await page(web, canonical)


async def test_a_paper_that_is_not_held_is_pointed_to(web, site_data):
    seen = await page(web, "/papers/2512.99999", 404)
    assert "https://arxiv.org/abs/2512.99999" in seen.links
    assert "Look at its source" not in (await page(web, "/papers/nonsense", 404)).words


async def test_hostile_papers_stay_text(web, site_data):
    evil = '"><svg onload=alert(1)><script>x</script>'
    hostile = a_paper(
        1,
        id="x-1",
        source="rss",
        title=f"\u202eT{evil}",
        abstract=evil,
        authors=(evil,),
        categories=(evil,),
        comment=evil,
        doi=evil,
        journal_ref=evil,
        licence=evil,
        url="javascript:alert(1)",
        code_url="data:text/html,x",
    )
    await site_data.papers(hostile)
    await site_data.scored(hostile, 3)
    for path in ("/", "/papers/x-1", "/trending", "/?q=svg"):
        seen = await page(web, path)
        assert evil in seen.words
        assert "\u202e" not in seen.words
        assert not [link for link in seen.links if link.startswith(("javascript", "data"))]
    typed = await page(web, "/?q=%22%3E%3Cscript%3E")
    assert typed.inputs[0]["value"] == '"><script>'


async def test_search_starts_with_help_and_marks_what_is_wrong(web):
    start = await page(web, "/search")
    assert "How to write a query" in start.words
    wrong = await web.get("/search", params={"q": '"world model" foo:bar au:he'})
    assert wrong.status_code == 400
    assert "<pre>&#34;world model&#34; <mark>foo:bar</mark> au:he</pre>" in wrong.text
    seen = Checked(wrong.text)
    assert "(column 15)" in seen.words
    assert not [link for link in seen.links if "/feeds/search" in link]


async def test_search_finds_over_all_days_and_can_be_followed(web, site_data):
    await site_data.papers(
        a_paper(1), a_paper(2, announced=DAY.replace(day=2)), a_paper(3, title="River", abstract="Wet.")
    )
    seen = await page(web, "/search?q=snakes&order=date")
    assert "2 papers" in seen.words
    assert seen.words.index("part 1") < seen.words.index("part 2")
    assert "/feeds/search.atom?q=snakes" in seen.links
    assert "River" not in seen.words
    assert "No match." in (await page(web, "/search?q=quantum")).words


async def test_search_names_a_conference_as_a_venue(web):
    seen = await page(web, "/search?q=NeurIPS+2025")
    assert 'venue:"NeurIPS 2025" – accepted or published there' in seen.words
    assert "/search?q=venue%3A%22NeurIPS+2025%22" in seen.links


async def test_search_is_leafed_through(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 61)))
    pages = [await page(web, f"/search?q=snakes&order=date&page={n}") for n in (1, 2, 3)]
    shown = [link for one in pages for link in one.links if "/abs/" in link]
    assert len(shown) == len(set(shown)) == 60
    assert "51–60 of 60" in pages[2].words


async def test_status_tells_sources_and_channels(web, site_data):
    site_data.in_trouble()
    seen = await page(web, "/status")
    for text in (
        "Papers3",
        "Telegram connected",
        "arXiv ok",
        "bioRxiv first run in progress never",
        "waiting7",
        "Given up2",
        "May have arrived1",
        "feed overdue not tried since",
        "Discord not running",
        "match has been failing since",
        "The database can't be used at the moment.",
        "e-mail reconnecting since 2026-01-05 07:59 UTC",
    ):
        assert text.replace(" ", "") in seen.words.replace(" ", "")
    for secret in ("disk is full", "paperwire.db", "relay.internal", "587"):  # of our own servers
        assert secret not in seen.words
    assert "No chat channel" not in seen.words
    site_data.health = replace(site_data.health, given_up=0, unknown=0)
    assert "Given up" not in (await page(web, "/status")).words
    site_data.health = type(site_data.health)()
    assert "No chat channel" in (await page(web, "/status")).words


async def test_pages_are_answered_304_until_something_changes(web, site_data):
    await site_data.papers(a_paper(1))
    first = await web.get("/")
    again = {"if-none-match": first.headers["etag"]}
    assert first.headers["cache-control"] == "no-cache"
    assert (await web.get("/", headers=again)).status_code == 304
    await site_data.papers(a_paper(2))
    assert (await web.get("/", headers=again)).status_code == 200


async def test_head_works_on_pages_and_has_no_body(web, site_data):
    await site_data.papers(a_paper(1))
    for path in ("/", "/status", "/search", "/api/v1/openapi.json", "/healthz", "/api/v1/papers/2601.00001"):
        got, headed = await web.get(path), await web.head(path)
        assert (headed.status_code, headed.content) == (200, b"")
        assert headed.headers == got.headers


@pytest.mark.parametrize("path", ["/", "/search", "/papers/x", "/status", "/api/v1/search", "/healthz"])
async def test_other_methods_are_refused_with_what_is_allowed(web, path):
    answer = await web.post(path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert "is read-only" in answer.text


async def test_what_is_not_there_is_a_page_or_json(web):
    assert "There's no page at this address" in (await page(web, "/nothing", 404)).words
    for path in ("/api/v1/nothing", "/api/v2", "/api/x/"):
        answer = await web.get(path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.json()["detail"] == "There's no page at this address."
    await page(web, "/static/nothing.css", 404)


async def test_static_files_are_kept_for_good_under_an_address_of_their_content(web):
    front = await web.get("/status")
    address = re.search(r'rel="stylesheet" href="([^"]+)"', front.text)[1]
    style = await web.get(address, headers={"accept-encoding": "gzip"})
    assert style.headers["content-type"] == "text/css; charset=utf-8"
    assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert style.headers["content-encoding"] == "gzip"
    icon = await web.get("/favicon.ico", follow_redirects=True)
    assert icon.headers["content-type"] == "image/svg+xml"


async def test_machines_get_what_they_ask_for(web, site_data):
    assert (await web.get("/healthz")).text == "alive\n"
    starting = await web.get("/readyz")
    assert (starting.status_code, starting.text) == (503, "not ready\n")
    site_data.ready = True
    ready = await web.get("/readyz")
    assert (ready.status_code, ready.text, ready.headers["cache-control"]) == (200, "ready\n", "no-store")
    robots = await web.get("/robots.txt")
    assert robots.text == "User-agent: *\nDisallow: /f/\n"
    labels = {"route": "/readyz", "method": "GET", "status": "503"}
    assert observe.REGISTRY.get_sample_value("paperwire_http_requests_total", labels)
    assert (await web.get("/metrics")).status_code == 404  # on the port for machines alone


@pytest.mark.whole
async def test_every_link_on_the_pages_leads_somewhere(web, site_data):
    site_data.in_trouble()
    await site_data.papers(*(a_paper(n) for n in range(1, 60)))
    await site_data.scored(a_paper(1), 3)
    seen, waiting = set(), ["/", "/papers/2601.00001", "/search?q=snakes", "/api"]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.startswith("/") or ("/papers/" in path and path != "/papers/2601.00001"):
            continue
        if "lang=" in path and path.partition("?")[0] != "/":  # each page in each language would be the same
            continue
        seen.add(path)
        site_data.clock.advance(seconds=1)  # no faster than one client may search
        answer = await web.get(path, follow_redirects=True)
        assert answer.status_code == 200, path
        if "html" in answer.headers["content-type"]:
            waiting += Checked(answer.text).links
    assert len(seen) > 25


async def test_requests_are_counted_by_the_template_of_their_route(web, site_data):
    await site_data.papers(a_paper(1))
    for path in ("/papers/2601.00001", "/api/v1/papers/2601.00001", "/daily/2026-01-05", "/secret-guess"):
        await web.get(path)
    told = generate_latest(observe.REGISTRY).decode()
    for route in ("/papers/{paper_id:path}", "/api/v1/papers/{paper_id:path}", "/daily/{day}", "unknown"):
        assert f'route="{route}"' in told
    assert "2601.00001" not in told
    assert "secret-guess" not in told


async def test_more_days_than_are_kept_are_read_again(web, site_data):
    days = [DAY.replace(day=day) for day in range(5, 11)]
    await site_data.papers(*(a_paper(day.day, announced=day) for day in days))
    for day in (*days, *days):
        assert f"part {day.day} " in (await page(web, f"/daily/{day.isoformat()}")).words


async def test_a_filter_sees_new_words_of_a_paper_it_has_read_before(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2))
    assert "2 of 2 papers" in (await page(web, "/?q=snakes")).words
    changed = a_paper(1, title="Gliding eels", abstract="Eels.", version=2)
    await site_data.papers(changed, kind=EventKind.REPLACED)
    assert "1 of 2 papers" in (await page(web, "/?q=snakes")).words
    assert "1 of 2 papers" in (await page(web, "/daily/2026-01-05?q=eels")).words


async def test_page_feed_and_command_agree_on_what_trends(web, site_data):
    await site_data.papers(*(a_paper(number) for number in range(1, 5)))
    for number, upvotes in ((1, 5), (2, 50), (3, 20)):
        await site_data.scored(a_paper(number), upvotes)
    command = [trend.paper.title for trend in await trending(site_data.store, "week", site_data.clock(), 50)]
    assert [title[-1] for title in command] == ["2", "3", "1"]
    shown = (await page(web, "/trending")).words
    assert [shown.index(title) for title in command] == sorted(shown.index(title) for title in command)
    items = (await web.get("/feeds/trending.json")).json()["items"]
    assert {item["title"] for item in items} == set(command)
