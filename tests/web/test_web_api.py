"""The JSON API."""

from datetime import timedelta

import pytest

from ended import CHAIN, ends_after
from paperwire.core.days.batch import Batch, BatchState
from paperwire.core.days.completeness import days_of
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.health import Health
from paperwire.core.papers.hub import HubEntry
from web_scene import DAY, a_paper


async def test_search_answers_with_papers_and_an_honest_count(web, site_data):
    await site_data.papers(
        a_paper(1, comment="code: https://github.com/glide/snakes"), a_paper(2, title="River", abstract="")
    )
    await site_data.scored(a_paper(1), 9)
    answer = await web.get("/api/v1/search", params={"q": "snakes", "order": "date"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "query": "snakes",
        "total": 1,
        "at_least": False,
        "resume": None,
        "hints": [],
        "suggestion": None,
        "unknown": [],
        "papers": [
            {
                "id": "2601.00001",
                "title": "Gliding snakes, part 1",
                "authors": ["Ada Łukasiewicz", "Kaiming He"],
                "categories": ["cs.CV", "cs.LG"],
                "abstract": "We watched snakes glide 1 times.",
                "published": "2026-01-02T18:00:00Z",
                "updated": None,
                "announced": "2026-01-05",
                "version": 1,
                "url": "https://arxiv.org/abs/2601.00001",
                "code": "https://github.com/glide/snakes",
                "doi": "",
                "comment": "code: https://github.com/glide/snakes",
                "journal_ref": "",
                "report_number": "",
                "source": "arxiv",
                "feed": "",
                "withdrawn": False,
                "retracted": False,
                "notices": [],
                "upvotes": 9,
                "acceptance": None,
                "code_status": "there",
                "hugging_face": None,
            }
        ],
    }


async def test_a_paper_says_what_its_record_and_hugging_face_say(web, site_data):
    hub = HubEntry(
        organisation="Institute of Snakes",
        organisation_handle="snakes",
        keywords=("glide",),
        comment_count=0,
        models=("ada/glide",),
        model_count=9,
    )
    await site_data.papers(
        a_paper(1, journal_ref="J. Snakes 1", report_number="SNAKE-1", hub=hub, summary="Snakes glide."),
        a_paper(2, summary="Rivers flow."),
    )
    told = (await web.get("/api/v1/papers/2601.00001")).json()
    assert (told["journal_ref"], told["report_number"]) == ("J. Snakes 1", "SNAKE-1")
    assert told["hugging_face"] == {
        "organisation": "Institute of Snakes",
        "organisation_handle": "snakes",
        "submitter": "",
        "submitter_handle": "",
        "project_url": "",
        "summary": "Snakes glide.",
        "keywords": ["glide"],
        "media": [],
        "thumbnail": "",
        "comment_count": 0,
        "models": ["ada/glide"],
        "datasets": [],
        "demos": [],
        "model_count": 9,
        "dataset_count": None,
        "demo_count": None,
    }
    assert (await web.get("/api/v1/papers/2601.00002")).json()["hugging_face"]["summary"] == "Rivers flow."
    schema = (await web.get("/api/v1/openapi.json")).json()["components"]["schemas"]
    assert set(schema["HuggingFaceOut"]["properties"]) == set(told["hugging_face"])
    assert set(schema["PaperOut"]["properties"]) == set(told)


async def test_limit_and_offset_walk_through_everything_once(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 31)))
    pages = [
        (await web.get("/api/v1/search", params={"q": "snakes", "order": "date", "limit": 12, "offset": start})).json()
        for start in (0, 12, 24)
    ]
    assert {one["total"] for one in pages} == {30}
    assert [len(one["papers"]) for one in pages] == [12, 12, 6]
    assert len({paper["id"] for one in pages for paper in one["papers"]}) == 30


@pytest.mark.parametrize(
    ("params", "column"), [({"q": "foo:bar"}, 1), ({"q": "snakes (rain"}, 8), ({"q": ""}, 1), ({"q": "-a"}, 1)]
)
async def test_a_wrong_query_is_400_with_its_column(web, params, column):
    answer = await web.get("/api/v1/search", params=params)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["title"], told["status"], told["column"]) == ("about:blank", "Bad Request", 400, column)
    assert told["hint"] in told["detail"]


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/api/v1/search", "q"),
        ("/api/v1/search?q=a&limit=0", "limit"),
        ("/api/v1/search?q=a&limit=1001", "limit"),
        ("/api/v1/search?q=a&offset=-1", "offset"),
        ("/api/v1/search?q=a&order=size", "order"),
        ("/api/v1/days/yesterday", "day"),
    ],
)
async def test_wrong_parameters_are_named(web, path, named):
    answer = await web.get(path)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"].startswith(f"{named}: ")
    assert [error["parameter"] for error in answer.json()["errors"]] == [named]


async def test_one_paper_by_any_writing_of_its_id(web, site_data):
    await site_data.papers(a_paper(1), a_paper(2, id="hep-th/9901001"))
    for asked in ("2601.00001", "2601.00001v2", "arXiv:2601.00001"):
        assert (await web.get(f"/api/v1/papers/{asked}")).json()["id"] == "2601.00001"
    assert (await web.get("/api/v1/papers/hep-th/9901001")).json()["id"] == "hep-th/9901001"
    missing = await web.get("/api/v1/papers/2512.00001")
    assert missing.json() == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "This paper is not stored here.",
    }


async def test_one_day(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 6)), a_paper(9, announced=DAY.replace(day=2)))
    answer = (await web.get("/api/v1/days/2026-01-05?limit=2&offset=1")).json()
    assert (answer["day"], answer["total"]) == ("2026-01-05", 5)
    assert [paper["id"] for paper in answer["papers"]] == ["2601.00004", "2601.00003"]
    assert (await web.get("/api/v1/days/2025-01-05")).status_code == 404


async def test_each_day_of_a_source_has_a_row_with_its_state(web, site_data):
    low = Doubt(why=Why.LOW, count=3, usual=60, whole=True)
    lacks = Doubt(why=Why.LACKS, views=("oai",))
    thin = Batch(source="arxiv", part="cs.CL", day=DAY, state=BatchState.UNCONFIRMED, doubts=(lacks, low), new=3)
    whole = Batch(source="arxiv", part="cs.CL", day=DAY - timedelta(days=3), state=BatchState.COMPLETE)
    site_data.health = Health(days=days_of([thin, whole]))
    few = "unusually few papers, 3 instead of about 60"
    first, second = (await web.get("/api/v1/days")).json()["days"]
    assert first == {
        "source": "arxiv",
        "day": "2026-01-05",
        "state": "unconfirmed",
        "said": f"unconfirmed: {few}; not in OAI-PMH yet",
        "new": 0,
        "cross_listed": 0,
        "replaced": 0,
        "found_late": 0,
        "unusually_few": True,
        "unproven": [{"part": "cs.CL", "missing": ["not in OAI-PMH yet", few]}],
    }
    assert (second["day"], second["state"], second["unproven"]) == ("2026-01-02", "complete", [])
    seen = (await web.get("/status")).text
    assert (
        '<span class="state bad">unconfirmed: unusually few papers, 3 instead of about 60; not in OAI-PMH yet</span>'
        in seen
    )
    assert '<span class="state good">complete</span>' in seen


async def test_answers_are_cached_by_tag_and_packed(web, site_data):
    await site_data.papers(*(a_paper(n) for n in range(1, 9)))
    first = await web.get("/api/v1/days/2026-01-05", headers={"accept-encoding": "gzip"})
    assert first.headers["content-encoding"] == "gzip"
    assert first.json()["total"] == 8
    again = {"accept-encoding": "gzip", "if-none-match": first.headers["etag"]}
    assert (await web.get("/api/v1/days/2026-01-05", headers=again)).status_code == 304


async def test_a_search_that_ends_early_goes_on_where_it_ended(web, site_data, monkeypatch):
    ends_after(monkeypatch, 4)
    await site_data.papers(*(a_paper(n, title="abcdefgh" if n < 3 else "x") for n in range(6)))
    first = (await web.get("/api/v1/search", params={"q": CHAIN})).json()
    assert (first["total"], first["at_least"], first["papers"]) == (1, True, first["papers"][:1])
    rest = (await web.get("/api/v1/search", params={"q": CHAIN, "resume": first["resume"]})).json()
    assert (rest["total"], rest["at_least"], rest["resume"]) == (2, False, None)
    assert {one["id"] for one in first["papers"] + rest["papers"]} == {f"2601.0000{n}" for n in range(3)}
    assert (await web.get("/api/v1/search", params={"q": CHAIN, "resume": "x"})).status_code in {400, 422}


async def test_the_description_and_its_page_name_every_call(web):
    schema = (await web.get("/api/v1/openapi.json")).json()
    paths = {"/api/v1/search", "/api/v1/papers/{paper_id}", "/api/v1/days", "/api/v1/days/{day}"}
    assert set(schema["paths"]) == paths
    query = next(each for each in schema["paths"]["/api/v1/search"]["get"]["parameters"] if each["name"] == "q")
    assert (query["required"], query["schema"]["minLength"], query["schema"]["maxLength"]) == (True, 1, 2000)
    assert (await web.get("/api/v1/search?q=")).json()["column"] == 1
    found = schema["components"]["schemas"]["SearchOut"]["properties"]
    assert {"query", "total", "at_least", "resume", "hints", "suggestion", "unknown", "papers"} == set(found)
    assert (await web.get("/openapi.json", follow_redirects=True)).json() == schema
    shown = await web.get("/api")
    for path in schema["paths"]:
        assert path in shown.text
    # Nothing is loaded from elsewhere.
    assert "cdn" not in shown.text
    for path in ("/docs", "/redoc"):
        assert (await web.get(path)).status_code == 404
