"""What every source keeps to, for each file in the folder, and that one more file is all a new source takes."""

import inspect
import pkgutil
import textwrap
from pathlib import Path

import pytest

import paperwire.sources
from paperwire import config
from paperwire.ports.options import Options
from paperwire.ports.sources import Archive, CodeHost, Dated, Detailed, Directory, Reconciled, Scheduled, Source

ROOT = Path(__file__).resolve().parents[2]
NAMES = [found.name for found in pkgutil.iter_modules(paperwire.sources.__path__) if not found.name.startswith("_")]
OPTIONAL = (Dated, Reconciled, Archive, Directory, Scheduled, Detailed, CodeHost)

NEW_SOURCE = textwrap.dedent('''
    """The source `postcards`: a made-up one."""

    from paperwire.core.papers.paper import Event, EventKind, Paper
    from paperwire.ports.options import Options as BaseOptions
    from paperwire.ports.sources import Page


    class Options(BaseOptions):
        town: str = "Ghent"


    def build(options, *, fetcher, now, public_url) -> "Source":
        return PostcardSource(options.town, now)


    class PostcardSource:
        name = "postcards"

        def __init__(self, town, now):
            self.town, self.now = town, now

        def parts(self):
            return (self.town,)

        async def fetch(self, part, cursor):
            paper = Paper(id=f"card-{part}", title=f"Greetings from {part}", source=self.name)
            event = Event(kind=EventKind.NEW, paper=paper, source=self.name, day=self.now().date())
            yield Page(part=part, events=(event,), cursor="1", quiet=not cursor)
''')


@pytest.fixture
def added_source(tmp_path, monkeypatch):
    """One more file in the folder, for the length of a test."""
    (tmp_path / "postcards.py").write_text(NEW_SOURCE)
    monkeypatch.setattr(paperwire.sources, "__path__", [*paperwire.sources.__path__, str(tmp_path)])
    config.modules.cache_clear()
    yield "postcards"
    config.modules.cache_clear()


def build(name, fetcher, clock, **options):
    module = config.modules("sources")[name]
    made = module.Options(**options)
    return made, module.build(made, fetcher=fetcher, now=clock, public_url="http://127.0.0.1:8000")


@pytest.fixture(params=[*NAMES, "added"])
def built(request, fetcher, clock):
    name = request.getfixturevalue("added_source") if request.param == "added" else request.param
    return name, *build(name, fetcher, clock)


def test_every_file_in_the_folder_is_a_source():
    assert set(config.modules("sources")) == set(NAMES) >= {"arxiv", "huggingface", "biorxiv", "rss", "jsonl", "demo"}


def test_a_source_bears_its_files_name_and_says_what_it_is(built):
    name, options, source = built
    assert source.name == name
    assert isinstance(options, Options)
    assert f"`{name}`" in inspect.getmodule(type(source)).__doc__


def methods(port):
    return [name for name, _ in inspect.getmembers(port, inspect.isfunction) if not name.startswith("_")]


def test_a_source_has_the_ports_methods_and_those_of_each_optional_part_that_it_has_any_of(built):
    _, _, source = built
    assert set(methods(Source)) == {"parts", "fetch"}
    parts = [port for port in OPTIONAL if any(hasattr(source, name) for name in vars(port) if name[0] != "_")]
    for port in (Source, *parts):
        for method in methods(port):
            ours, theirs = getattr(type(source), method), getattr(port, method)
            assert list(inspect.signature(ours).parameters) == list(inspect.signature(theirs).parameters), method
            assert inspect.iscoroutinefunction(ours) == inspect.iscoroutinefunction(theirs), method
            assert method in {"fetch", "backfill", "details"} or not inspect.isasyncgenfunction(ours)


@pytest.mark.parametrize("name", NAMES)
def test_types_hold_a_module_to_the_port(name):
    assert config.modules("sources")[name].build.__annotations__["return"] == "Source"


def test_what_each_source_adds(built):
    name, _, source = built
    adds = {
        "arxiv": {Dated, Reconciled, Archive, Directory, Scheduled},
        "biorxiv": {Dated, Archive, Directory},
        "crossref": {Archive, Directory},
        "europepmc": {Archive, Directory},
        "github": {CodeHost},
        "oai": {Archive},
        "huggingface": {Dated, Archive, Directory, Detailed},
        "rss": {Dated},
        "demo": {Directory},
    }
    assert {port for port in OPTIONAL if isinstance(source, port)} == adds.get(name, set())


async def test_parts_are_texts_each_once_and_nothing_is_asked_for_them(built, pace):
    _, _, source = built
    parts = source.parts()
    assert all(isinstance(part, str) for part in parts)
    assert len(set(parts)) == len(parts)
    assert list(source.parts()) == list(parts)
    if isinstance(source, Directory):
        assert await source.lookup("what is no id of any paper") is None
    assert pace.waits == []


def test_unknown_settings_are_refused(built):
    _, options, _ = built
    with pytest.raises(ValueError, match="Extra inputs"):
        type(options)(no_such_setting=1)


@pytest.mark.parametrize("name", NAMES)
def test_a_source_and_its_settings_are_in_the_example_and_in_the_docs(name):
    example = (ROOT / "config.example.toml").read_text()
    docs = "".join(page.read_text() for page in sorted((ROOT / "docs").glob("*.md")))
    assert f"[sources.{name}]" in docs
    assert f"[sources.{name}]" in example
    section = example.split(f"[sources.{name}]")[1].split("\n[")[0]
    for key in config.modules("sources")[name].Options.model_fields:
        assert f"{key} = " in section, f"{key} is missing in [sources.{name}]"
        assert f"`{key}`" in docs, f"{key} is not explained in the docs"


async def test_one_file_is_all_a_new_source_takes(added_source, tmp_path, fetcher, clock):
    settings = tmp_path / "config.toml"
    settings.write_text('[sources.postcards]\ntown = "Lund"\n')
    loaded = config.load(settings).enabled("sources")
    assert loaded["postcards"].town == "Lund"
    _, source = build(added_source, fetcher, clock, town="Lund")
    (page,) = [page async for page in source.fetch("Lund", "")]
    assert (page.events[0].paper.title, page.quiet) == ("Greetings from Lund", True)
