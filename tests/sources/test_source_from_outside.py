"""A source of another package: the documented example is installed next to Paperwire and read."""

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from aiohttp import web

from paperwire import config
from paperwire.errors import ConfigError, SourceGarbled
from servers.loopback import Loopback

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "jsonfeed-source"
FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Map Lab",
    "items": [
        {"id": "1", "title": "Maps", "url": "https://arxiv.org/abs/2510.00001v2", "authors": [{"name": "Ada Örtel"}]},
        {"id": "2", "title": "More maps", "date_published": "2026-01-05T08:00:00+02:00", "content_text": "We map."},
        {"id": "3", "date_published": "never"},
        {"id": "4", "title": "Undated", "date_published": "never", "authors": "x"},
    ],
}


class FeedServer(Loopback):
    def routes(self):
        return [("/feed.json", self._feed)]

    async def _feed(self, _request):
        return web.json_response(FEED)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages that Python looks into, for the length of a test."""
    monkeypatch.syspath_prepend(str(tmp_path))
    config.modules.cache_clear()
    yield tmp_path
    config.modules.cache_clear()


def install(site, points, name="added"):
    """What an installer leaves of a package's metadata."""
    about = site / f"{name}-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [f"{point} = {module}" for point, module in points.items()]
    (about / "entry_points.txt").write_text("\n".join(["[paperwire.sources]", *lines]))


@pytest.fixture
def example(site):
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())
    for module in project["tool"]["setuptools"]["py-modules"]:
        shutil.copy(EXAMPLE / f"{module}.py", site)
    install(site, project["project"]["entry-points"]["paperwire.sources"])
    return config.modules("sources")["jsonfeed"]


async def test_the_example_is_installed_switched_on_by_its_section_and_read(example, site, fetcher, clock):
    settings = site / "config.toml"
    async with FeedServer() as server:
        settings.write_text(f'[sources.jsonfeed]\nurls = ["{server.url}/feed.json"]\n')
        options = config.load(settings).enabled("sources")["jsonfeed"]
        source = example.build(options, fetcher=fetcher, now=clock, public_url="")
        (part,) = source.parts()
        (first,) = [page async for page in source.fetch(part, "")]
        (later,) = [page async for page in source.fetch(part, first.cursor)]
        server.faults.append("list")
        with pytest.raises(SourceGarbled):
            [page async for page in source.fetch(part, first.cursor)]
    papers = [event.paper for event in later.events]
    assert [(page.quiet, page.part) for page in (first, later)] == [(True, part), (False, part)]
    assert [paper.id for paper in papers] == ["2510.00001", "jsonfeed-2", "jsonfeed-4"]
    assert (papers[0].authors, papers[0].feed, papers[1].abstract) == (("Ada Örtel",), "Map Lab", "We map.")
    assert str(papers[1].published) == "2026-01-05 06:00:00+00:00"


def test_it_is_off_without_its_section(example, site):
    empty = site / "config.toml"
    empty.write_text("")
    assert "jsonfeed" not in config.load(empty).enabled("sources")
    assert example.Options().missing() == "urls"


@pytest.mark.parametrize(
    ("points", "says"),
    [
        ({"arxiv": "json"}, "'arxiv' of json has the name of another source"),
        ({"nothing": "no_such_module_anywhere"}, "'nothing' (no_such_module_anywhere) can't be loaded"),
        ({"empty": "json"}, "'empty' (json) has no Options or no build"),
    ],
    ids=["taken", "missing", "empty"],
)
def test_one_that_does_not_work_is_named(site, points, says):
    install(site, points)
    with pytest.raises(ConfigError, match=re.escape(says)):
        config.modules("sources")


def test_the_example_is_about_a_hundred_lines():
    assert 80 <= len((EXAMPLE / "paperwire_jsonfeed.py").read_text().splitlines()) <= 120
