"""`import`, `search`, `preview`, `why`, `trending`: papers by the command line, for people and for machines."""

import asyncio
import gzip
import json
import re
from datetime import UTC, datetime

import pytest

from ended import CHAIN, ends_after
from meaning_world import small_table
from named_forms import FORMS
from paperwire.cli import data
from paperwire.core.papers.paper import Event, EventKind
from paperwire.pipeline.encode import Encoding
from paperwire.store.unit import Store


def ids(said):
    return [paper["id"] for paper in said.json["papers"]]


def test_import_says_what_it_read(stocked):
    said = stocked("import", "papers.jsonl")
    assert (said.code, said.out) == (0, "papers.jsonl: 3 papers read, 0 of them new\n")


def test_a_broken_line_is_named_and_the_rest_goes_in(stocked):
    stocked.file("more.jsonl", '{"id": "2601.00009"\n' + (stocked.folder / "papers.jsonl").read_text())
    said = stocked("import", "more.jsonl")
    assert said.code == 0
    assert said.err.startswith("more.jsonl: left out line 1, broken: not valid JSON")
    assert said.out == "more.jsonl: 3 papers read, 0 of them new\n"


def test_many_broken_lines_are_one_line_with_the_first_numbers(stocked):
    good = (stocked.folder / "papers.jsonl").read_text()
    stocked.file("bad.jsonl", good + "{}\n" * 2_500)
    said = stocked("import", "bad.jsonl")
    assert said.code == 0
    assert said.err.splitlines() == ["bad.jsonl: left out 2,500 lines (4, 5, 6, 7, 8, ...), broken: no id"]
    said = stocked("import", "bad.jsonl", "missing.jsonl", "--json")
    assert said.code == 1
    bad, missing = said.json["files"]
    assert {name: bad[name] for name in ("file", "papers", "new", "broken", "first_broken", "error")} == {
        "file": "bad.jsonl",
        "papers": 3,
        "new": 0,
        "broken": 2_500,
        "first_broken": [4, 5, 6, 7, 8],
        "error": "",
    }
    assert "cannot read missing.jsonl" in missing["error"]


def test_several_files_gz_and_plain_and_one_that_is_not_there(stocked):
    rows = [
        json.loads(line) | {"id": f"2602.0000{n}"}
        for n, line in enumerate((stocked.folder / "papers.jsonl").read_text().splitlines())
    ]
    with gzip.open(stocked.folder / "other.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    said = stocked("import", "missing.jsonl", "other.jsonl.gz")
    assert said.code == 1
    assert "cannot read missing.jsonl: No such file or directory" in said.err
    assert "other.jsonl.gz: 3 papers read, 3 of them new" in said.out


def test_what_a_cut_gz_file_held_goes_in_and_the_line_is_named(stocked):
    row = json.loads((stocked.folder / "papers.jsonl").read_text().splitlines()[0])
    rows = [json.dumps(row | {"id": f"2602.{n:05}", "title": f"Paper {n * n}"}) + "\n" for n in range(900)]
    (stocked.folder / "cut.jsonl.gz").write_bytes(gzip.compress("".join(rows).encode())[:-500])
    said = stocked("import", "cut.jsonl.gz")
    assert said.code == 1
    last = int(re.search(r"cut\.jsonl\.gz is damaged or cut off after line (\d+)", said.err)[1])
    assert last > 500
    assert stocked("why", "x", f"2602.{last - 1:05}").code == 0


def test_an_undated_paper_is_on_no_day_until_it_gets_one(stocked):
    before = stocked("status", "--json").json
    stocked.file("undated.jsonl", '{"id": "2602.00077", "title": "Undated wonders"}\n')
    assert stocked("import", "undated.jsonl").code == 0
    after = stocked("status", "--json").json
    assert after["papers"] == before["papers"] + 1
    assert [after[name] for name in ("first_day", "last_day")] == [before[name] for name in ("first_day", "last_day")]
    found = stocked("search", "undated wonders", "--json").json["papers"]
    assert [(paper["id"], paper["announced"]) for paper in found] == [("2602.00077", None)]
    stocked.file("dated.jsonl", '{"id": "2602.00077", "title": "Undated wonders", "announced": "2025-12-03"}\n')
    assert stocked("import", "dated.jsonl").code == 0
    found = stocked("search", "undated wonders", "--json").json["papers"]
    assert [paper["announced"] for paper in found] == ["2025-12-03"]


@pytest.mark.parametrize("text", ["", "x\ny\n", "{}\n"])
def test_a_file_without_a_paper_is_a_failure(stocked, text):
    stocked.file("none.jsonl", text)
    said = stocked("import", "none.jsonl", "papers.jsonl")
    assert said.code == 1
    assert "none.jsonl: no line of it is a paper; docs/sources.md says what a line has" in said.err
    assert said.out == "papers.jsonl: 3 papers read, 0 of them new\n"
    said = stocked("import", "none.jsonl", "--json")
    assert (said.code, said.json["files"][0]["papers"]) == (1, 0)


def test_a_long_import_says_how_far_it_is_where_no_bar_is_shown(stocked, monkeypatch):
    monkeypatch.setattr(data, "_STRETCH", 1000)
    stocked.file("long.jsonl", (stocked.folder / "papers.jsonl").read_text() * 1500)
    told = re.findall(r"long\.jsonl: (\d+) % read, ([\d,]+) papers", stocked("import", "long.jsonl").err)
    assert [papers for _, papers in told] == ["1,000", "2,000", "3,000", "4,000"]
    assert 0 < int(told[0][0]) < int(told[2][0]) <= 100


def test_import_goes_on_where_it_was_broken_off(stocked, monkeypatch):
    text = (stocked.folder / "papers.jsonl").read_text()
    stocked.file("long.jsonl", text * 1500)
    real, calls = data.keep, []

    async def broken_off(store, page, state):
        calls.append(page)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return await real(store, page, state)

    with monkeypatch.context() as patched:
        patched.setattr(data, "keep", broken_off)
        assert stocked("import", "long.jsonl").code == 130
    said = stocked("import", "long.jsonl")
    assert said.code == 0
    assert "going on after line" in said.err
    read = int(said.out.split(": ")[1].split()[0])
    assert 0 < read < 4500


def test_search_for_people_and_for_machines(stocked):
    said = stocked("search", "diffusion", "-heat")
    assert said.code == 0
    assert said.out.startswith("1 paper\n")
    assert "https://arxiv.org/abs/2601.00001" in said.out
    said = stocked("search", "diffusion", "--json", "--order", "date")
    assert said.json["query"] == "diffusion"
    assert said.json["total"] == 2
    assert sorted(ids(said)) == ["2601.00001", "2601.00002"]
    assert ids(stocked("search", "diffusion", "--json", "--order", "date", "--limit", "1", "--offset", "1")) == [
        ids(said)[1]
    ]


@pytest.mark.parametrize(
    "command", [["search", "(diffusion"], ["preview", "(diffusion", "--json"], ["why", "(diffusion", "2601.00001"]]
)
def test_a_query_that_is_wrong_is_shown_where(stocked, command):
    said = stocked(*command)
    assert (said.code, said.out) == (2, "")
    assert "column 1" in said.err


def test_preview_for_people_and_for_machines(stocked):
    assert "1" in stocked("preview", "large", "language").out
    said = stocked("preview", "diffusion OR language", "--json")
    assert (said.json["total"], said.json["papers_held"], said.json["at_least"]) == (3, 3, False)
    assert said.json["a_week"] > 0
    assert said.json["uncollected"] == []
    assert sorted(ids(said)) == ["2601.00001", "2601.00002", "2601.00003"]


def test_why_says_which_term_failed(stocked):
    said = stocked("why", "diffusion models", "2601.00002")
    assert said.code == 0
    assert "models" in said.out
    said = stocked("why", "diffusion models", "https://arxiv.org/abs/2601.00002v1", "--json")
    assert said.json["matches"] is False
    assert [(term["term"], term["holds"]) for term in said.json["terms"]] == [("diffusion", True), ("models", False)]


def test_why_of_a_paper_nobody_has(stocked):
    said = stocked("why", "diffusion", "2601.99999")
    assert said.code == 1
    assert "2601.99999" in said.err


def test_trending(stocked):
    said = stocked("trending", "month")
    assert (said.code, said.out.strip()) == (0, "no papers with upvotes in the last month")
    assert stocked("trending", "--json").json == {"window": "week", "papers": []}
    assert stocked("trending", "year").code == 2


def test_trending_shows_as_many_as_asked_for(stocked, database):
    asyncio.run(upvote(database, {"2601.00001": 5, "2601.00002": 50, "2601.00003": 20}))
    assert ids(stocked("trending", "--limit", "2", "--json")) == ["2601.00002", "2601.00003"]
    said = stocked("trending", "--limit", "1")
    assert "1 papers with upvotes in the last week" in said.out
    assert "Diffusion of heat" in said.out
    assert "Large language" not in said.out


async def upvote(database, scores):
    now = datetime(2026, 1, 6, 12, tzinfo=UTC)
    store = Store.open(database, now=lambda: now)
    async with store.write() as unit:
        papers = [await unit.papers.get(name) for name in scores]
        events = [
            Event(kind=EventKind.SCORE, paper=paper, source="huggingface", day=now.date(), at=now, score=score)
            for paper, score in zip(papers, scores.values(), strict=True)
        ]
        await unit.papers.record(events, quiet=True)
    await store.close()


def test_a_search_that_ends_early_says_how_to_go_on(stocked, monkeypatch):
    ends_after(monkeypatch, 2)
    said = stocked("search", CHAIN).out
    assert said.startswith("No match yet")
    assert "Older papers may match too." in said
    resume = said.rstrip().rpartition("--resume ")[2]
    assert stocked("search", CHAIN, "--json").json["resume"] == int(resume)
    rest = stocked("search", CHAIN, "--resume", resume).out
    assert rest.startswith("No papers")


def test_search_preview_and_why_by_meaning(stocked, monkeypatch, database):
    first, second, third = ids(stocked("search", "-zebra", "cat:cs", "--json"))
    monkeypatch.setattr("paperwire.bootstrap.opening.encoder_of", lambda _settings: small_table())
    assert "That isn't indexed by meaning yet (column 1)" in stocked("search", f"like:{first}").err
    asyncio.run(encoded(database))
    said = stocked("search", f"like:{first}", "--json")
    assert (said.code, said.json["total"], sorted(ids(said))) == (0, 2, sorted([second, third]))
    assert stocked("search", f"like:{first}").out.startswith("2 papers")
    assert stocked("preview", f"like:{first}", "--json").json["query"] == f"like:{first}"
    assert stocked("preview", f"like:{first}").code == 0
    why = stocked("why", f"like:{first}", first)
    assert f"✗ like:{first}: it is one of these papers itself" in why.out
    assert stocked("why", f"like:{first}", first, "--json").json["matches"] is False
    refused = stocked("search", "like:saved")
    assert (refused.code, "works only in a private chat (column 1)" in refused.err) == (2, True)


async def encoded(database):
    store = Store.open(database, now=lambda: datetime(2026, 1, 6, 12, tzinfo=UTC))
    try:
        await Encoding(store, small_table()).run()
    finally:
        await store.close()


def test_a_search_that_finds_nothing_says_what_would(stocked):
    other = stocked("search", "diffusion", "zzzz", "--json").json["suggestion"]
    said = stocked("search", "diffusion", "zzzz")
    assert said.out.startswith("No papers\n")
    assert f"\n{other['query']}: " in said.out


@pytest.mark.parametrize("typed", FORMS)
def test_a_paper_that_is_named_is_found(stocked, typed):
    assert ids(stocked("search", typed, "--json")) == ["2601.00001"]
    assert stocked("preview", typed, "--json").json["total"] == 1


def test_a_paper_that_is_named_by_its_journals_doi_is_previewed(stocked):
    row = json.loads((stocked.folder / "papers.jsonl").read_text().splitlines()[0])
    (stocked.folder / "other.jsonl").write_text(json.dumps(row | {"doi": "10.1103/PhysRevD.76.013009"}) + "\n")
    assert stocked("import", "other.jsonl").code == 0
    assert stocked("preview", "10.1103/PhysRevD.76.013009", "--json").json["total"] == 1


def test_what_to_type_is_said_for_what_cannot_be_read_or_has_another_reading(stocked):
    refused = stocked("search", "cat:cs.CL,cs.LG", "lora")
    assert (refused.code, refused.err.splitlines()[-1]) == (2, "You may have meant: (cat:cs.CL OR cat:cs.LG) lora")
    for asked in (("preview", "(lora"), ("trending", "week", "(lora"), ("why", "(lora", "2510.00001")):
        assert "You may have meant: lora" in stocked(*asked).err
    assert "=R: exactly this letter, as a capital" in stocked("search", "R").out
