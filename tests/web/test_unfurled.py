"""What chats, search engines and programs read of a page: previews of links, and the work in schema.org's words."""

import pytest

from paperwire.core.papers.hub import HubEntry
from web_page import Checked
from web_scene import a_paper


async def test_a_papers_page_says_what_a_preview_of_its_link_shows(web, site_data):
    hub = HubEntry(thumbnail="https://cdn.example.org/1.png")
    await site_data.papers(a_paper(1, title="Snakes & $\\alpha$ </script> gliding", doi="10.1000/s.1", hub=hub))
    page = Checked((await web.get("/papers/2601.00001")).text)
    title = "Snakes & α </script> gliding"
    assert page.metas["og:title"] == page.work["headline"] == title
    assert page.metas["og:type"] == "article"
    assert page.metas["twitter:card"] == "summary"
    assert page.metas["og:url"] == page.work["url"]
    assert page.metas["og:url"].endswith("/papers/2601.00001")
    assert page.metas["description"] == page.metas["og:description"] == "We watched snakes glide 1 times."
    assert "og:image" not in page.metas  # other sites hear of readers only if the operator lets ours show pictures
    assert page.work["@type"] == "ScholarlyArticle"
    assert [author["name"] for author in page.work["author"]] == ["Ada Łukasiewicz", "Kaiming He"]
    assert page.work["datePublished"] == "2026-01-02"
    assert page.work["sameAs"] == ["https://arxiv.org/abs/2601.00001", "https://doi.org/10.1000/s.1"]


async def test_nothing_is_said_of_what_is_unknown(web, site_data):
    await site_data.papers(a_paper(1, abstract="", published=None))
    page = Checked((await web.get("/papers/2601.00001")).text)
    assert not {"description", "og:description", "og:image"} & page.metas.keys()
    assert not {"abstract", "datePublished", "dateModified"} & page.work.keys()


async def test_the_front_page_says_what_this_is(web, site_data):
    await site_data.papers(a_paper(1))
    page = Checked((await web.get("/")).text)
    assert page.metas["description"] == page.metas["og:description"]
    assert page.metas["description"].startswith("Paperwire watches arXiv")
    assert Checked((await web.get("/?order=score")).text).metas["description"] == "1 paper"


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("/daily/2026-01-05", "1 paper"),
        ("/trending", "The papers that gained the most upvotes"),
        ("/search", "Type a query"),
        ("/search?q=cat:cs.CV", "Papers in cs.CV (Computer Vision and Pattern Recognition)."),
        ("/search?q=%22%3E%3Cb%3Esnakes%22", "Papers with “"),
        ("/suggest", "Name up to 20 papers"),
        ("/api", "Plain JSON over GET"),
    ],
)
async def test_public_pages_have_a_name_and_what_they_show_in_previews(web, site_data, path, described):
    await site_data.papers(a_paper(1))
    page = Checked((await web.get(path)).text)
    assert page.metas["og:type"] == "website"
    assert page.metas["twitter:card"] == "summary"
    assert page.metas["og:title"]
    assert page.metas["og:url"]
    assert page.metas["description"] == page.metas["og:description"]
    assert page.metas["description"].startswith(described)
    assert page.work == {}


@pytest.mark.parametrize("path", ["/me", "/search?q=(", "/nowhere"])
async def test_pages_of_ones_own_and_refusals_have_no_preview(web, path):
    metas = Checked((await web.get(path)).text).metas
    assert not [name for name in metas if name and name.startswith(("og:", "twitter:", "description"))]
