"""A paper's id, DOI or address finds it in the box and in the API."""

import pytest

from named_forms import FORMS
from web_page import Checked
from web_scene import a_paper


@pytest.mark.parametrize("typed", FORMS)
async def test_a_paper_that_is_named_is_found(web, site_data, typed):
    await site_data.papers(a_paper(1), a_paper(2))
    page = await web.get("/search", params={"q": f" {typed} "})
    assert (page.status_code, page.headers["location"]) == (302, "/papers/2601.00001")
    answer = (await web.get("/api/v1/search", params={"q": typed})).json()
    assert (answer["query"], answer["total"]) == (typed, 1)
    assert [paper["id"] for paper in answer["papers"]] == ["2601.00001"]


async def test_an_old_id_and_a_journals_doi_name_papers_too(web, site_data):
    await site_data.papers(a_paper(1, doi="10.1038/S41586-021-03819-2"), a_paper(2, id="hep-th/9901001"))
    for typed, paper_id in (("doi:10.1038/s41586-021-03819-2", "2601.00001"), ("hep-th/9901001v2", "hep-th/9901001")):
        assert (await web.get("/search", params={"q": typed})).headers["location"] == f"/papers/{paper_id}"


async def test_a_paper_that_is_not_stored_is_no_mistake_in_a_query(web):
    page = await web.get("/search", params={"q": "https://arxiv.org/abs/2601.00009v2"})
    assert page.status_code == 200
    assert "2601.00009 isn't stored." in Checked(page.text).words
    answer = await web.get("/api/v1/search", params={"q": "https://arxiv.org/abs/2601.00009"})
    assert (answer.status_code, answer.json()["total"]) == (200, 0)
