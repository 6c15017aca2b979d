"""Queries on the command line, as people type them."""

import json
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from paperwire.cli.app import app
from paperwire.errors import QueryError


@pytest.fixture
def ask(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    titles = ("LoRA at scale", "LoRA, a survey")
    day = datetime.now(UTC).date().isoformat()
    rows = [{"id": f"2510.0000{place}", "title": title, "announced": day} for place, title in enumerate(titles, 1)]
    (tmp_path / "papers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = CliRunner().invoke(app, ["import", "papers.jsonl"])
    assert done.exit_code == 0, done.output
    return lambda *words: CliRunner().invoke(app, words)


@pytest.mark.parametrize(
    "words", [("-survey lora", "--json"), ("--json", "-survey lora"), ("--json", "--", "-survey lora")]
)
def test_a_query_may_begin_with_a_dash(ask, words):
    done = ask("search", *words)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert (found["query"], found["total"], [paper["id"] for paper in found["papers"]]) == (
        "-survey lora",
        1,
        ["2510.00001"],
    )
    assert json.loads(ask("preview", "-ti:survey lora", "--json").stdout)["total"] == 1
    assert json.loads(ask("why", "-survey lora", "2510.00002", "--json").stdout)["matches"] is False


def test_a_query_that_is_refused_is_no_option_either(ask):
    assert isinstance(ask("search", "-survey").exception, QueryError)
