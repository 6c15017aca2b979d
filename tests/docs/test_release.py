"""What is published speaks of one version, names what it is made of, and leads into the repository from anywhere."""

import importlib.util
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
URL = "https://forge.example/lab/paperwire"
VERSIONS = re.findall(r"^## \[(\d[^\]]*)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def files(tmp_path):
    """A copy of the files that a release reads, as they stand at the tag."""
    for name in ("CHANGELOG.md", "CITATION.cff", "README.md", "pyproject.toml"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    releases = tmp_path / "tests" / "e2e" / "releases"
    releases.mkdir(parents=True)
    for kind in ("sqlite", "postgresql"):
        (releases / f"{VERSIONS[0]}.{kind}.sql.gz").touch()
    settings = (tmp_path / "pyproject.toml").read_text()
    at_tag = re.sub(r'(?<=^fallback_version = ")[^"]+', f"{VERSIONS[0]}.dev0", settings, flags=re.MULTILINE)
    (tmp_path / "pyproject.toml").write_text(at_tag)
    return tmp_path


def test_the_latest_version_is_one_everywhere():
    assert sorted(VERSIONS, key=Version, reverse=True) == VERSIONS
    assert f"\nversion: {VERSIONS[0]}\n" in (ROOT / "CITATION.cff").read_text()
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    counted = Version(settings["tool"]["setuptools_scm"]["fallback_version"])
    assert counted.dev == 0
    assert Version(counted.base_version) >= Version(VERSIONS[0])


def test_a_release_of_another_version_than_the_tag_is_refused(release, files):
    assert release.problems(VERSIONS[0], files) == []
    assert [problem.partition(" ")[0] for problem in release.problems("9.9.9", files)] == [
        "CHANGELOG.md",
        "CITATION.cff",
        "fallback_version",
        "tests/e2e/releases",
        "tests/e2e/releases",
    ]
    with pytest.raises(SystemExit, match="no dated part"):
        release.prepare("9.9.9", URL, files)


@pytest.mark.parametrize(
    "url", ["", "http://forge.example/lab/paperwire", "https://forge.example", 'https://a/b"\nx="']
)
def test_an_address_that_is_no_repository_is_refused(release, files, url):
    with pytest.raises(SystemExit, match="not the address of a repository"):
        release.prepare(VERSIONS[0], url, files)


def test_the_addresses_of_the_project_are_those_of_its_publisher(release, files):
    release.prepare(VERSIONS[0], URL, files)
    project = tomllib.loads((files / "pyproject.toml").read_text())["project"]
    assert project["urls"]["Source"] == URL
    assert project["urls"].keys() == {"Homepage", "Documentation", "Changelog", "Issues", "Source"}
    assert project["scripts"] == {"paperwire": "paperwire.cli:main"}
    page = (files / "README.md").read_text()
    assert f"({URL}/raw/v{VERSIONS[0]}/docs/images/moving-telegram.svg)" in page
    assert f"({URL}/blob/v{VERSIONS[0]}/docs/running.md)" in page
    assert re.findall(r"\]\((?!https?:)[^)]*\)", page) == []


def test_constraints_are_the_versions_of_the_lock(release):
    lock = (ROOT / "requirements.lock").read_text()
    lines = [line for line in release.constraints(lock).splitlines() if not line.strip().startswith("#")]
    assert len(lines) == len(re.findall(r"^\S+==", lock, re.MULTILINE)) > 50
    assert all(re.fullmatch(r"==[\w.]+", str(Requirement(line).specifier)) for line in lines)


def test_the_notes_of_a_release_are_its_part_of_the_changelog(release):
    parts = ("# Log", "## [Unreleased]", "- d", "## [0.2.0] - 2027-01-02", "### Added", "- c", "## [0.1.0] - a", "- b")
    changelog = "\n\n".join(parts) + "\n"
    assert release.notes(changelog, "0.2.0") == "### Added\n\n- c\n"
    assert release.notes(changelog, "0.1.0") == "- b\n"


def test_every_package_of_the_lock_has_its_licence_in_the_notices():
    packages = (ROOT / "NOTICE.md").read_text().partition("| licence | packages |")[2]
    named = {word for row in packages.splitlines() for word in re.split(r"[ ,|]+", re.sub(r"\([^)]*\)", "", row))}
    locked = set(re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==", (ROOT / "requirements.lock").read_text(), re.MULTILINE))
    assert locked - named == set()


def test_every_data_file_of_the_package_has_its_origin_in_the_notices():
    own = {"config.example.toml", "style.css", "visits.js", "page.js", "favicon.svg", "icon-full.png", "py.typed"}
    data = {
        file.relative_to(ROOT / "src" / "paperwire")
        for file in (ROOT / "src" / "paperwire").rglob("*.*")
        if file.suffix not in {".py", ".pyc", ".html"} and file.name not in own
    }
    data = {"locale/" if file.parts[0] == "locale" else file for file in data}
    notices = (ROOT / "NOTICE.md").read_text()
    assert {str(file) for file in data if f"`{file}`" not in notices} == set()
