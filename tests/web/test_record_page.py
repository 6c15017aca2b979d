"""What a paper's page shows of its record, whatever its authors, its submitter and Hugging Face write there."""

import re
from dataclasses import replace

import httpx
import pytest
from aiohttp import web as host_web
from test_pages import page

from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.paper import EventKind
from paperwire.web.app import create_app
from paperwire.web.http import PAGE_POLICY
from paperwire.web.picture_cache import Pictures
from paperwire.web.picture_files import PictureFolder
from servers.direct import DIRECT
from servers.hook import Network
from servers.rude import Rude
from web_scene import SITE, a_paper

PNG = b"\x89PNG\r\n\x1a\nrest"
HUB = HubEntry(
    organisation="Institute of Maps",
    organisation_handle="maps",
    submitter="Ada Örtel",
    submitter_handle="ada",
    project_url="https://maps.example.org/folding/",
    keywords=("map folding", "paper"),
    media=("https://cdn.example.org/up/1.mp4",),
    thumbnail="http://93.184.216.34/2601.00001.png",
    comment_count=3,
    models=("maps/folder-7b",),
    datasets=("maps/folds", "maps/creases"),
    demos=("ada/fold-it",),
    model_count=12,
    dataset_count=2,
    demo_count=1,
)
FULL = {
    "comment": "Accepted at NeurIPS 2025 (spotlight). 12 pages, 3 figures",
    "journal_ref": "Phys. Rev. B 112, 1 (2025)",
    "doi": "10.1103/abcd-1234",
    "report_number": "MAP-2026-01",
    "code_url": "https://github.com/maps/fold",
    "hub": HUB,
}


@pytest.fixture
async def picture_host():
    async with Rude() as server:
        server.answer = lambda _request: host_web.Response(body=PNG, content_type="text/html")
        yield server


@pytest.fixture
async def with_pictures(deps, picture_host, tmp_path, clock):
    """A client of an instance whose operator switched pictures on."""
    pictures = Pictures(
        PictureFolder(tmp_path / "pictures", clock),
        network=DIRECT,
        agent="Paperwire",
        now=clock,
        transport=Network(int(picture_host.url.rpartition(":")[2])),
    )
    transport = httpx.ASGITransport(create_app(replace(deps, pictures=pictures)))
    async with httpx.AsyncClient(transport=transport, base_url=SITE, headers={"accept-encoding": "gzip"}) as client:
        yield client
    await pictures.close()


async def listed(site_data, **changes):
    await site_data.papers(a_paper(**changes), kind=EventKind.LISTED, score=5)


async def test_the_page_shows_all_of_the_record(web, site_data):
    await listed(site_data, **FULL)
    seen = await page(web, "/papers/2601.00001")
    for name, value in (
        ("Published", "Physical Review B 2025"),
        ("Journal", "Phys. Rev. B 112, 1 (2025)"),
        ("Code", "github.com/maps/fold"),
        ("Project page", "maps.example.org/folding"),
        ("Report number", "MAP-2026-01"),
        ("Organisation", "Institute of Maps"),
        ("Submitted on Hugging Face by", "Ada Örtel"),
        ("Discussion", "3 comments"),
        ("Models", "maps/folder-7b, 11 more"),
        ("Datasets", "maps/folds, maps/creases"),
        ("Demos", "ada/fold-it"),
        ("Media", "1.mp4"),
        ("Keywords", "map folding, paper (by Hugging Face's model)"),
        ("Comment", "Accepted at NeurIPS 2025 (spotlight). 12 pages, 3 figures"),
        ("DOI", "10.1103/abcd-1234"),
    ):
        assert f"{name}{value}" in seen.words
    assert {
        "https://huggingface.co/maps",
        "https://huggingface.co/ada",
        "https://huggingface.co/maps/folder-7b",
        "https://huggingface.co/datasets/maps/folds",
        "https://huggingface.co/spaces/ada/fold-it",
        "https://cdn.example.org/up/1.mp4",
    } <= set(seen.links)


async def test_an_acceptance_is_shown_with_the_words_that_say_so(web, site_data):
    await listed(site_data, comment="12 pages. Accepted at NeurIPS 2025 (spotlight)")
    text = (await web.get("/papers/2601.00001")).text
    assert "<dt>Accepted</dt><dd>NeurIPS 2025" in text
    assert '<q class="quiet">Accepted at NeurIPS 2025' in text


async def test_a_record_with_nothing_has_no_rows(web, site_data):
    await site_data.papers(a_paper())
    seen = await page(web, "/papers/2601.00001")
    for name in ("Organisation", "Models", "Keywords", "Project page", "Report number", "Accepted", "Discussion"):
        assert name not in seen.words


async def test_what_others_write_stays_text(web, site_data):
    evil = "<img src=x onerror=alert(1)>\"'</q></dd>"
    hub = HubEntry(
        organisation=evil,
        organisation_handle="../../settings",
        submitter=evil * 40,
        submitter_handle="a/../b",
        project_url="javascript:alert(1)",
        keywords=(evil, "\u202eright to left"),
        media=("javascript:alert(1)", f"https://cdn.example.org/{'a' * 300}.png"),
        thumbnail="javascript:alert(1)",
        comment_count=1,
        models=(f"{evil}/{evil}", "a/../../../evil"),
        model_count=10**9,
    )
    await listed(site_data, hub=hub, report_number=evil, comment=f"Accepted at NeurIPS 2025 {evil}")
    seen = await page(web, "/papers/2601.00001")  # checked on the way: no tag or attribute of theirs
    assert not [link for link in seen.links if "javascript" in link or ".." in link]
    assert "\u202e" not in seen.words


async def test_lists_show_a_line_of_it(web, site_data):
    await listed(site_data, **FULL)
    seen = await page(web, "/")
    assert "Published: Physical Review B 2025" in seen.words
    assert "Institute of Maps" in seen.words


async def test_without_the_setting_there_is_no_picture(web, site_data):
    await listed(site_data, **FULL)
    assert "teaser" not in (await web.get("/papers/2601.00001")).text
    assert (await web.get("/pictures/2601.00001")).status_code == 404


async def test_the_first_upvoted_papers_of_a_day_have_pictures_where_they_are_on(web, with_pictures, site_data):
    for number in range(1, 6):
        await listed(site_data, id=f"2601.0000{number}", hub=HUB)
    await site_data.papers(a_paper(id="2601.00009", hub=HUB))
    day = f"/daily/{a_paper().announced.isoformat()}"
    images = (await page(with_pictures, day)).images
    assert len(images) == 3
    for image in images:
        assert (image["loading"], image["width"], image["height"]) == ("lazy", "352", "190")
        assert image["src"].startswith("/pictures/2601.0000")
        assert image["alt"]
    assert not (await page(web, day)).images


async def test_without_images_the_page_says_all_and_has_its_mark(with_pictures, site_data):
    """A browser that loads none still shows the way home, and what each picture is of."""
    await listed(site_data, **FULL)
    for path in ("/papers/2601.00001", f"/daily/{a_paper().announced.isoformat()}"):
        text = (await with_pictures.get(path)).text
        images = re.findall(r"<img [^>]*>", text)
        assert images
        assert all(re.search(r' alt="[^"]+"', image) for image in images)
        assert re.search(r'<a class="brand" href="/"><svg aria-hidden="true".*</svg><span>Paperwire</span></a>', text)


async def test_a_picture_comes_from_this_site_alone(with_pictures, site_data, picture_host):
    await listed(site_data, **FULL)
    seen = await page(with_pictures, "/papers/2601.00001")
    (image,) = seen.images
    assert image["src"].startswith("/pictures/2601.00001?v=")
    assert (image["width"], image["height"], image["loading"]) == ("352", "190", "lazy")
    assert image["alt"]
    assert "https://huggingface.co/papers/2601.00001" in seen.links
    assert "93.184.216.34" not in (await with_pictures.get("/papers/2601.00001")).text
    answer = await with_pictures.get(image["src"], headers={"cookie": "a=b", "x-forwarded-for": "203.0.113.9"})
    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (200, PNG, "image/png")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == PAGE_POLICY.decode()
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "public, max-age=604800"
    (sent,) = picture_host.headers
    assert not {"cookie", "x-forwarded-for", "referer"} & {name.lower() for name in sent}


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/2601.00002",
        "/pictures/http://93.184.216.34/2601.00001.png",
        "/pictures/",
        "/pictures/2601.00001/../../x",
        "/pictures/2601.00003",
    ],
)
async def test_it_is_no_open_proxy(with_pictures, site_data, picture_host, path):
    await listed(site_data, **FULL)
    await site_data.papers(a_paper(3, hub=HUB))  # not listed, so not on Hugging Face
    answer = await with_pictures.get(path)
    assert answer.status_code == 404
    assert picture_host.headers == []


async def test_a_picture_that_cannot_be_fetched_is_a_plain_refusal(with_pictures, site_data, picture_host):
    await listed(site_data, **FULL)
    picture_host.answer = lambda _request: host_web.Response(text="<svg/>", content_type="image/png")
    answer = await with_pictures.get("/pictures/2601.00001")
    assert answer.status_code == 404
    assert "93.184.216.34" not in answer.text
