"""One address for each page: which hosts are ours, a site below a path, slashes, other writings, canonical links."""

import json
import re
from dataclasses import replace

import httpx
import pytest
from prometheus_client import CollectorRegistry

from paperwire.web.app import create_app
from paperwire.web.ops import create_ops_app
from paperwire.web.site import Site
from web_page import Checked
from web_scene import DAY, a_paper

BASE = "/read/papers"
BELOW = f"https://papers.example.org{BASE}"


@pytest.fixture
async def below(deps):
    """The site below a path of its host."""
    transport = httpx.ASGITransport(create_app(replace(deps, context=replace(deps.context, public_url=BELOW))))
    async with httpx.AsyncClient(transport=transport, base_url="https://papers.example.org") as client:
        yield client


# --- hosts --------------------------------------------------------------------------------------------------------


def scope(host=None, path="/"):
    return {"path": path, "headers": [] if host is None else [(b"host", host.encode("latin-1"))]}


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("papers.example.org", True),
        ("Papers.Example.ORG.", True),
        ("papers.example.org:8443", True),
        ("localhost", True),
        ("localhost:8000", True),
        ("127.0.0.1:8000", True),
        ("127.9.8.7", True),
        ("[::1]:8000", True),
        (None, True),
        ("evil.example", False),
        ("papers.example.org.evil.example", False),
        ("evil.example@papers.example.org.evil", False),
        ("10.0.0.7:8000", False),
        ("[2001:db8::1]", False),
        ("[::1", False),
        ("[::1:8000", False),
        ("127.0.0.1:18210.evil.example", False),
        ("127.0.0.1/evil.example", False),
        ("localhost:8000@evil.example", False),
        (":8000", False),
    ],
)
def test_our_host_and_this_machine_are_answered_at_any_port(host, ours):
    assert Site.of("https://papers.example.org/x").answers(scope(host), "/") is ours


def test_a_site_that_is_an_address_is_known_by_it():
    assert Site.of("http://[2001:db8::1]:8000").answers(scope("[2001:DB8::1]:8000"), "/")
    assert not Site.of("http://10.0.0.7").answers(scope("10.0.0.8"), "/")


@pytest.mark.parametrize("path", ["/status/", "/status", "/", "/feeds/daily.atom", "/f/x.atom", "/daily/20260105"])
async def test_a_foreign_host_is_told_the_address_and_led_nowhere(web, path):
    answer = await web.get(path, headers={"host": "evil.example"})
    assert answer.status_code == 421
    assert "evil.example" not in answer.text + str(answer.headers)
    assert "This site is at https://papers.example.org." in Checked(answer.text).words
    assert "https://papers.example.org/" in Checked(answer.text).links


async def test_another_machine_is_told_that_the_site_is_for_its_own_alone(deps):
    transport = httpx.ASGITransport(
        create_app(replace(deps, context=replace(deps.context, public_url="http://127.0.0.1:8000")))
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://192.168.1.5:8000") as client:
        answer = await client.get("/")
    assert answer.status_code == 421
    assert "only be opened on the machine where it runs" in Checked(answer.text).words
    assert "sets public_url to the address" in Checked(answer.text).words


async def test_a_foreign_host_is_refused_for_programs_too(web):
    answer = await web.get("/api/v1/search?q=snakes", headers={"host": "evil.example"})
    assert (answer.status_code, answer.headers["content-type"]) == (421, "application/problem+json")
    assert answer.json()["title"] == "Misdirected Request"


async def test_probes_and_the_style_sheet_are_answered_to_anybody(web, site_data):
    site_data.ready = True
    foreign = {"host": "10.1.2.3:8000"}
    for path in ("/healthz", "/readyz", "/static/style.css"):
        assert (await web.get(path, headers=foreign)).status_code == 200
    assert (await web.get("/healthz", headers={"host": "localhost:8000"})).status_code == 200


async def test_the_port_for_machines_answers_by_any_address(site_data):
    async def measured():
        """Nothing to measure."""

    app = create_ops_app(site_data.unready, measured, CollectorRegistry())
    site_data.ready = True
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://10.244.1.7:8001") as client:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert (await client.get(path)).status_code == 200


# --- below a path -------------------------------------------------------------------------------------------------


@pytest.mark.whole
async def test_every_address_of_a_site_below_a_path_is_below_it(below, site_data):
    site_data.in_trouble()
    await site_data.papers(*(a_paper(n) for n in range(1, 60)), a_paper(99, announced=DAY.replace(day=2)))
    await site_data.scored(a_paper(1), 3)
    seen, waiting = set(), [f"{BASE}{path}" for path in ("/", "/papers/2601.00001", "/search?q=snakes", "/api")]
    while waiting:
        path = waiting.pop().removeprefix("https://papers.example.org")
        if path in seen or not path.startswith("/") or ("/papers/2601" in path and path != f"{BASE}/papers/2601.00001"):
            continue
        if "lang=" in path and path.partition("?")[0] != f"{BASE}/":  # each page in each language would be the same
            continue
        assert path.startswith(f"{BASE}/"), path
        seen.add(path)
        site_data.clock.advance(seconds=1)  # no faster than one client may search
        answer = await below.get(path)
        assert answer.status_code == 200, path
        if "html" in answer.headers["content-type"]:
            checked = Checked(answer.text, base=BASE)
            waiting += checked.links
            assert all(form["action"].startswith(f"{BASE}/") for form in checked.forms)
    assert len(seen) > 25


async def test_redirects_feeds_and_the_description_stay_below_the_path(below, site_data):
    await site_data.papers(a_paper(1))
    for asked, location in {
        f"{BASE}": f"{BASE}/",
        f"{BASE}/status/": f"{BASE}/status",
        f"{BASE}/feeds/daily.atom/": f"{BASE}/feeds/daily.atom",
        f"{BASE}/feeds/search.rss/?q=%22two%20snakes%22": f"{BASE}/feeds/search.rss?q=%22two%20snakes%22",
        f"{BASE}/daily/20260105?q=snakes": f"{BASE}/daily/2026-01-05?q=snakes",
        f"{BASE}/papers/2601.00001v2": f"{BASE}/papers/2601.00001",
        f"{BASE}/openapi.json": f"{BASE}/api/v1/openapi.json",
    }.items():
        answer = await below.get(asked)
        assert (answer.status_code, answer.headers["location"]) == (308, location)
    icon = await below.get(f"{BASE}/favicon.ico")
    assert icon.headers["location"].startswith(f"{BASE}/static/")
    feed = (await below.get(f"{BASE}/feeds/daily.json")).json()
    assert feed["feed_url"] == f"{BELOW}/feeds/daily.json"
    assert feed["home_page_url"] == f"{BELOW}/"
    assert feed["items"][0]["id"] == "tag:papers.example.org,2026-01-01:daily/2601.00001"
    assert (await below.get(f"{BASE}/api/v1/openapi.json")).json()["servers"] == [{"url": BASE}]
    assert (await below.get(f"{BASE}/robots.txt")).text == f"User-agent: *\nDisallow: {BASE}/f/\n"
    token = await site_data.feed()
    assert f"{BELOW}/f/{token}.atom" in (await below.get(f"{BASE}/f/{token}.atom")).text


async def test_a_proxy_may_take_the_path_off_and_probes_need_none(below, site_data):
    await site_data.papers(a_paper(1))
    page = await below.get("/daily/2026-01-05")
    assert f'href="{BASE}/search' in page.text
    assert re.search(r'rel="canonical" href="([^"]+)"', page.text)[1] == f"{BELOW}/daily/2026-01-05"
    for path in ("/healthz", f"{BASE}/healthz"):
        assert (await below.get(path)).text == "alive\n"
    assert (await below.get(f"{BASE}s/status")).status_code == 404
    assert (await below.get("/status/")).headers["location"] == f"{BASE}/status"


async def test_errors_below_a_path_lead_back_to_it(below):
    answer = await below.get(f"{BASE}/nothing")
    assert answer.status_code == 404
    assert f"{BASE}/" in Checked(answer.text, base=BASE).links
    problem = await below.get(f"{BASE}/api/v1/nothing")
    assert problem.headers["content-type"] == "application/problem+json"


# --- one address a page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "location"),
    [
        ("/status/", "/status"),
        ("/status//", "/status"),
        ("/search/?q=a+b&page=2", "/search?q=a+b&page=2"),
        ("/trending/", "/trending"),
        ("/api/", "/api"),
        ("/daily/2026-01-05/", "/daily/2026-01-05"),
        ("/daily/20260105", "/daily/2026-01-05"),
        ("/daily/2026-W02-1", "/daily/2026-01-05"),
        ("/papers/2601.00001/", "/papers/2601.00001"),
        ("/api/v1/days/2026-01-05/", "/api/v1/days/2026-01-05"),
    ],
)
async def test_another_writing_of_an_address_leads_to_the_one(web, site_data, asked, location):
    await site_data.papers(a_paper(1))
    answer = await web.get(asked)
    assert (answer.status_code, answer.headers["location"]) == (308, location)
    assert (await web.get(location)).status_code == 200


@pytest.mark.parametrize("path", ["//", "//status", "//evil.example/", "/nothing/", "/daily/", "/STATUS", "/api/v1/"])
async def test_what_leads_nowhere_is_not_redirected(web, path):
    answer = await web.get(httpx.URL("https://papers.example.org").copy_with(raw_path=path.encode()))
    assert answer.status_code == 404
    assert "location" not in answer.headers


async def test_a_post_is_not_redirected(web):
    assert (await web.post("/status/")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("/", "/"),
        ("/?page=1&order=new&utm=x", "/"),
        ("/?page=2&q=snakes", "/?q=snakes&page=2"),
        ("/daily/2026-01-05?order=score", "/daily/2026-01-05?order=score"),
        ("/trending?window=week", "/trending"),
        ("/trending?window=day", "/trending?window=day"),
        ("/search?order=relevance&q=%22snakes%22", "/search?q=%22snakes%22"),
        ("/search", "/search"),
        ("/papers/2601.00001?x=1", "/papers/2601.00001"),
        ("/status", "/status"),
        ("/api", "/api"),
    ],
)
async def test_a_page_names_its_one_address(web, site_data, asked, canonical):
    await site_data.papers(*(a_paper(n) for n in range(1, 70)))
    answer = await web.get(asked)
    links = re.findall(r'<link rel="canonical" href="([^"]+)">', answer.text)
    assert [link.replace("&amp;", "&") for link in links] == [f"https://papers.example.org{canonical}"]


async def test_an_error_names_no_address_of_its_own(web):
    for path in ("/nothing", "/search?q=foo%3Abar"):
        assert "canonical" not in (await web.get(path)).text


# --- a query over the limit ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/search",
        "/search/",
        "/daily/2026-01-05",
        "/daily/20260105",
        "/feeds/search.atom",
        "/api/v1/search",
        "/status",
    ],
)
async def test_a_query_over_the_limit_is_refused_before_it_is_echoed(web, site_data, path):
    await site_data.papers(a_paper(1))
    typed = "wörterbuchwörterbuch " * 100
    assert (await web.get(path, params={"q": typed[:2000]})).status_code in {200, 308}
    answer = await web.get(path, params={"q": typed})
    assert answer.status_code == 400
    assert "rter" not in answer.text + json.dumps(dict(answer.headers))
    assert "A query has at most 2000 characters" in answer.text
    if path.startswith("/api"):
        assert answer.json()["column"] == 2001
