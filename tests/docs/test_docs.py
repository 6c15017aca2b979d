"""The docs are true: every setting, command and subcommand stands in them, and every link leads somewhere."""

import ast
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from typer.main import get_command

from paperwire import config
from paperwire.cli.app import app
from paperwire.commands.table import SPECS
from paperwire.core.days.batch import BatchState
from paperwire.core.days.calendar import NO_CLOSURES, outlook
from paperwire.core.days.completeness import Day, Unproven
from paperwire.core.days.doubt import Doubt, Why
from paperwire.core.query.language import parse
from paperwire.ports.options import BackupOptions, ListOptions
from paperwire.texts import ENGLISH
from paperwire.wording.days import day_line, outlook_line

ROOT = Path(__file__).resolve().parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]+)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_page_is_in_the_index():
    docs = ROOT / "docs"
    listed = set(LINK.findall((docs / "README.md").read_text()))
    assert {page.name for page in docs.glob("*.md")} - {"README.md"} <= listed


def settings():
    encoders = config.modules("encoders").values()
    yield "backup", set(BackupOptions.model_fields)
    yield "lists", set(ListOptions.model_fields)
    yield "meaning", {"encoder", *(key for module in encoders for key in module.Options.model_fields)}
    for room in ("sources", "channels"):
        for name, module in config.modules(room).items():
            yield f"{room}.{name}", set(module.Options.model_fields)


@pytest.mark.parametrize(
    ("section", "keys"), list(settings()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_setting_is_documented(section, keys):
    page = (ROOT / "docs" / "settings.md").read_text()
    example = (ROOT / "config.example.toml").read_text()
    assert f"## `[{section}]`" in page
    assert f"[{section}]" in example
    part = page.partition(f"## `[{section}]`")[2].partition("\n## ")[0]
    section_of_example = example.partition(f"[{section}]")[2].partition("\n[")[0]
    for key in keys - {"enabled"}:
        assert f"`{key}`" in part, f"{section}.{key} is missing in docs/settings.md"
        assert re.search(rf"^(# )?{key}(_file)? = ", section_of_example, re.MULTILINE), f"{key} in config.example.toml"


def test_top_level_settings_are_documented():
    page = (ROOT / "docs" / "settings.md").read_text()
    sections = ("web.host", "web.port", "web.authority", "web.trusted_proxies", "ops.host", "ops.port")
    for key in ("public_url", "contact", "secret_key", "database.url", *sections):
        assert f"`{key}`" in page


def test_the_example_is_valid(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert config.load(ROOT / "config.example.toml").enabled("sources").keys() == {"arxiv", "huggingface"}


def test_every_command_of_the_bots_is_documented():
    page = (ROOT / "docs" / "commands.md").read_text()
    assert {spec.name for spec in SPECS} == set(re.findall(r"^\| `/([a-z]+)", page, re.MULTILINE))


def test_help_has_two_examples_of_each_command_and_says_what_its_words_are():
    assert {spec.name: len(spec.examples) for spec in SPECS if len(spec.examples) != 2} == {}
    assert [spec.name for spec in SPECS if any(": " not in argument.help for argument in spec.args)] == []


def test_every_subcommand_is_named_in_some_page():
    pages = "".join(page.read_text() for page in PAGES)
    for name in get_command(app).commands:
        assert f"paperwire {name}" in pages, f"no page says `paperwire {name}`"


def test_example_queries_can_be_read():
    rows = re.findall(r"^\| `([^`]+)` \|", (ROOT / "docs" / "query-language.md").read_text(), re.MULTILINE)
    assert len(rows) >= 10
    for query in rows:
        parse(query)


def test_what_status_says_of_a_day_is_what_the_page_shows():
    page = (ROOT / "docs" / "completeness.md").read_text()
    shown = page.split("```")[1].strip().splitlines()
    stale, low = Doubt(why=Why.STALE, views=("rss",)), Doubt(why=Why.LOW, count=311, usual=1640, whole=True)
    many = {BatchState.COMPLETE: 154, BatchState.UNCONFIRMED: 1}
    about = {"replaced": 0, "late": 0, "source": "arxiv", "state": BatchState.UNCONFIRMED}
    days = [
        Day(**{**about, "state": BatchState.COMPLETE}, day=date(2026, 11, 26), parts={}, new=1214, crossed=377),
        Day(
            **about,
            day=date(2026, 11, 25),
            parts=many,
            new=1190,
            crossed=0,
            unproven=(Unproven(part="cs.CV", doubts=(stale,)),),
        ),
        Day(
            **about,
            day=date(2026, 11, 24),
            parts={BatchState.UNCONFIRMED: 1},
            new=240,
            crossed=71,
            unproven=(Unproven(part="cs.CL", doubts=(low,)),),
        ),
        Day(
            **{**about, "source": "huggingface"},
            day=date(2026, 11, 26),
            parts={BatchState.UNCONFIRMED: 1},
            new=48,
            crossed=0,
            unproven=(Unproven(part="daily", doubts=(Doubt(why=Why.ALONE),)),),
        ),
    ]
    assert shown == [
        outlook_line(outlook(datetime(2026, 11, 26, 15, tzinfo=UTC), NO_CLOSURES), ENGLISH),
        *(day_line(day, ENGLISH) for day in days),
    ]


def test_every_state_of_a_batch_is_explained():
    page = (ROOT / "docs" / "completeness.md").read_text()
    assert {state.value for state in BatchState} == set(re.findall(r"^\| `([a-z]+)`", page, re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_of_the_code_that_a_page_names_are_there(page):
    for file in re.findall(r"`([\w./]+\.py)\b[^`]*`", page.read_text()):
        assert any((place / file).is_file() for place in (ROOT, ROOT / "src" / "paperwire", ROOT / "benchmarks")), file


def test_the_life_of_a_paper_names_what_its_files_hold():
    life = (ROOT / "docs" / "architecture.md").read_text().partition("## The life of a paper")[2].partition("\n## ")[0]
    named = re.findall(r"`([\w.]+)`(?:\s+and\s+`([\w.]+)`)?\s+(?:in|of)\s+`([\w./]+\.py)`", life)
    assert len(named) >= 15
    for *names, file in named:
        tree = ast.parse((ROOT / "src" / "paperwire" / file).read_text())
        held = {
            f"{node.name}.{inner.name}" if inner is not node else node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            for inner in [node, *node.body]
            if hasattr(inner, "name")
        }
        assert set(filter(None, names)) <= held, file


def classes():
    """The name of each class with its file; migrations keep theirs."""
    for file in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ClassDef) and "versions" not in file.parts:
                yield node.name, f"{file.relative_to(ROOT)}:{node.lineno}"


SHARED = {
    "Options": "the settings of each source and channel",
    "Answerer": "a part of each channel that people talk to",
    "Listener": "the same",
    "Rights": "the same",
    "Sender": "the same",
    "_Cursor": "how far each source is read",
}
"""The names that more than one class has, and what they stand for."""


def test_two_classes_have_one_name_only_where_that_is_said():
    homes = {}
    for name, place in classes():
        homes.setdefault(name, []).append(place)
    twice = {name: places for name, places in homes.items() if len(places) > 1}
    assert {name: places for name, places in twice.items() if name not in SHARED} == {}
    assert SHARED.keys() <= twice.keys(), "is one by now"


def test_each_word_of_the_glossary_belongs_to_one_class():
    words = re.findall(r"^\| ([a-z ]+) \|", (ROOT / "docs" / "glossary.md").read_text(), re.MULTILINE)[1:]
    named = {word.title().replace(" ", "") for word in words}
    assert {"Paper", "Feed", "Bundle", "Category"} <= named
    homes = {}
    for name, place in classes():
        homes.setdefault(name, []).append(place)
    assert {name: homes[name] for name in named & set(homes) if len(homes[name]) > 1} == {}


def test_the_site_has_every_page():
    named = re.findall(r"^ +- ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(page.name for page in (ROOT / "docs").glob("*.md"))
