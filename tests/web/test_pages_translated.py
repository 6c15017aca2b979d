"""Pages and feeds in a made-up language, in which each text of ours stands in brackets."""

import json
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import pytest

from catalogues import LANGUAGES
from english_left import english_left
from paperwire.languages import served, tag_of
from paperwire.texts import texts_in
from paperwire.web.app import create_app
from pseudo_locale import LOCALE, Page, install, serve_from, untranslated
from web_scene import SITE, a_paper

EXAMPLES = ("diffusion -survey", '"world model" -survey')
DATA = (
    "Zzzz",
    "Qq",
    "Computer Vision and Pattern Recognition",
    "cs.CV",
    "snakes",
    "https://arxiv.org/abs",
    "arxiv.org",
    "github.com/zz/zz",
)
STATUS = (
    "cannot reach <huggingface.co>",
    "connected",
    "reconnecting since 2026-01-05 07:59 UTC",
    "match",
    "Discord",
    "Telegram",
    "e-mail",
)


KNOWN = (
    "nothing",
    "Plain JSON over GET, no key needed. Queries are written as in the search.",
    *EXAMPLES,
    *DATA,
    *STATUS,
)
PATHS = [
    *("/", "/?q=snakes", "/?q=nothing", "/daily/2026-01-03", "/trending", "/trending?window=day", "/search"),
    *("/search?q=snakes", "/search?q=nothing", "/papers/2601.00001", "/papers/2601.00002", "/papers/2601.00009"),
    *("/status", "/nothing", "/feeds/nothing.atom", "/api"),
]


@pytest.fixture
async def translated(served_papers, deps, tmp_path, monkeypatch):
    """A client that prefers the made-up language."""
    install(tmp_path, monkeypatch)
    async with preferring(LOCALE, deps) as client:
        yield client
    texts_in.cache_clear()


@asynccontextmanager
async def preferring(locale, deps):
    """A client that prefers a language, of a site as it begins now."""
    headers = {"accept-encoding": "identity", "accept-language": f"{locale}, en;q=0.5"}
    transport = httpx.ASGITransport(create_app(deps))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers=headers) as client:
        yield client


@pytest.fixture
async def served_papers(site_data):
    """One paper that has all there is to show, and one that has little."""
    paper = a_paper(
        title="Zzzz",
        abstract="Zzzz snakes",
        authors=("Qq",) * 200,
        categories=("cs.CV",),
        comment="Zzzz",
        journal_ref="Zzzz",
        doi="10.1000/1",
        licence="Zzzz",
        code_url="https://github.com/zz/zz",
        version=2,
        withdrawn=True,
        summary="Zzzz",
    )
    await site_data.papers(paper)
    await site_data.papers(
        a_paper(
            2, title="Zzzz", abstract="", authors=("Qq",), categories=(), announced=paper.announced - timedelta(days=1)
        )
    )
    await site_data.scored(paper, 50)
    site_data.in_trouble()


@pytest.mark.parametrize("path", PATHS)
async def test_a_page_shows_no_text_of_ours_untranslated(translated, path):
    answer = await translated.get(path)
    # How to write a query and the description of the API have texts of their own.
    page = Page(answer.text, left_out=("help", "call"))
    assert untranslated(str(page), *KNOWN) == []
    assert f'<html lang="{LOCALE}">' in answer.text
    assert "accept-language" in answer.headers["vary"]


@pytest.mark.whole
@pytest.mark.usefixtures("served_papers")
@pytest.mark.parametrize("language", LANGUAGES)
async def test_no_page_is_left_in_english(deps, language):
    found = {}
    async with preferring(tag_of(language), deps) as client:
        for path in PATHS:
            answer = await client.get(path)
            assert f'<html lang="{tag_of(language)}">' in answer.text
            page = Page(answer.text, left_out=("help", "call"))
            if words := english_left(str(page), language, *KNOWN, *served().values()):
                found[path] = words
    assert found == {}


async def test_a_reader_of_another_language_gets_english(translated):
    for accepted in ("fr", "en, eo;q=0.9", "eo;q=0", "*", ""):
        answer = await translated.get("/", headers={"accept-language": accepted})
        assert '<html lang="en">' in answer.text


@pytest.fixture
def _english_alone(tmp_path, monkeypatch):
    serve_from(tmp_path, monkeypatch)
    yield
    texts_in.cache_clear()


@pytest.mark.usefixtures("_english_alone")
async def test_pages_of_one_language_vary_by_nothing_more(web):
    answer = await web.get("/", headers={"accept-language": LOCALE})
    assert '<html lang="en">' in answer.text
    assert answer.headers["vary"] == "accept-encoding"


async def test_a_private_feed_is_in_the_language_of_its_owner(translated, site_data):
    site_data.locale = LOCALE
    await site_data.match("snakes", "2601.00001")
    feed = json.loads((await translated.get(f"/f/{await site_data.feed()}.json")).content)
    (item,) = feed["items"]
    assert feed["language"] == LOCALE
    html = str(Page(item["content_html"]))
    assert untranslated("\n".join([feed["title"], feed["description"], item["title"], html]), *DATA) == []


async def test_a_public_feed_is_in_english_or_in_the_language_of_its_address(translated):
    feed = json.loads((await translated.get("/feeds/daily.json")).content)
    assert (feed["language"], feed["title"]) == ("en", "Paperwire: new papers")
    other = json.loads((await translated.get(f"/feeds/daily.json?lang={LOCALE}")).content)
    assert (other["language"], other["title"]) == (LOCALE, "⟦Paperwire: new papers⟧")
    assert other["feed_url"].endswith(f"/feeds/daily.json?lang={LOCALE}")
    assert [entry["id"] for entry in other["items"]] == [entry["id"] for entry in feed["items"]]
    unknown = json.loads((await translated.get("/feeds/daily.json?lang=xx")).content)
    assert unknown == feed


async def test_a_menu_chooses_a_language_without_account_and_script(translated):
    english = {"accept-language": "en"}
    before = await translated.get("/search?q=snakes", headers=english)
    assert f'<a href="{SITE}/search?q=snakes&amp;lang={LOCALE}" lang="{LOCALE}" hreflang="{LOCALE}"' in before.text
    assert "set-cookie" not in before.headers
    chosen = await translated.get(f"/search?q=snakes&lang={LOCALE}", headers=english)
    assert f'<html lang="{LOCALE}">' in chosen.text
    assert f'<link rel="canonical" href="{SITE}/search?q=snakes">' in chosen.text
    assert f'hreflang="{LOCALE}" href="{SITE}/search?q=snakes&amp;lang={LOCALE}"' in chosen.text
    assert chosen.headers["set-cookie"] == f"lang={LOCALE}; Path=/; Max-Age=31536000; SameSite=Lax"
    assert {"accept-language", "cookie"} <= {name.strip() for name in chosen.headers["vary"].lower().split(",")}
    remembered = await translated.get("/trending", headers={**english, "cookie": f"a=b; lang={LOCALE}"})
    assert f'<html lang="{LOCALE}">' in remembered.text
    back = await translated.get("/trending?lang=en", headers={"cookie": f"lang={LOCALE}"})
    assert '<html lang="en">' in back.text
    assert back.headers["set-cookie"].startswith("lang=en;")


async def test_a_language_that_is_not_served_is_not_remembered(translated):
    answer = await translated.get("/?lang=de", headers={"accept-language": "en", "cookie": "lang=de"})
    assert '<html lang="en">' in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.usefixtures("_english_alone")
async def test_english_alone_has_no_menu(web):
    answer = await web.get("/?lang=eo")
    assert "hreflang" not in answer.text
    assert "set-cookie" not in answer.headers
