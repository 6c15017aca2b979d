"""Public pages as files: links lead from file to file, and nothing of a person or a running service is there."""

import re
from urllib.parse import urldefrag

import pytest

from paperwire.web.exported import file_name


def pages_of(shell, **settings):
    """The files by path, and what was printed."""
    shell.env(public_url="https://ada.github.io/papers", **settings)
    result = shell("pages", "site")
    assert result.code == 0, result.err
    folder = shell.folder / "site"
    return {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}, result


def test_pages_lead_to_each_other_as_files(stocked):
    files, said = pages_of(stocked)
    assert said.out.splitlines()[-1] == f"wrote {len(files)} files to site"
    assert {"index.html", "trending.html", "trending-day.html", "trending-month.html", "static/style.css"} <= set(files)
    assert {f"feeds/daily.{kind}" for kind in ("atom", "rss", "json")} <= set(files)
    assert "feeds/trending-month.atom" in files
    days = [name for name in files if name.startswith("daily/")]
    assert days
    for name, path in files.items():
        if not name.endswith(".html"):
            continue
        text = path.read_text()
        for link in re.findall(r'(?:href|src)="([^"]*)"', text):
            if link.startswith(("https:", "#")):
                continue
            assert (path.parent / urldefrag(link).url).resolve().is_file(), (name, link)
        for gone in ("<form", "/me", "/search", "/status", "/subscribe"):
            assert gone not in text
    assert "<h1>" in files[days[0]].read_text()
    assert "·</p>" not in "".join(files["index.html"].read_text().split())


def test_nothing_of_a_person_is_published(stocked, ada):
    assert ada
    files, _ = pages_of(stocked)
    everything = b"".join(path.read_bytes() for path in files.values())
    assert re.search(rb"Ada(?! Ashe)|telegram", everything) is None  # one of the authors
    assert not [name for name in files if name.startswith(("f/", "me", "digests", "calendar"))]


def test_without_papers_it_says_so(shell, database):
    shell.env(database__url=database, now="2026-01-06T12:00:00Z")
    assert shell("migrate").code == 0
    files, _ = pages_of(shell)
    assert "No papers yet" in files["index.html"].read_text()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/", "index.html"),
        ("/?page=2", "index-page-2.html"),
        ("/daily/2026-01-05?page=3", "daily/2026-01-05-page-3.html"),
        ("/daily/2026-01-05?page=99", ""),
        ("/daily/2026-01-05?q=cat%3Acs.CL", ""),
        ("/trending?window=week", "trending.html"),
        ("/trending?window=../..", ""),
        ("/feeds/trending.atom?window=day", "feeds/trending-day.atom"),
        ("/feeds/search.atom?q=x", ""),
        ("/static/style.css?v=1", "static/style.css"),
        ("/static/..", ""),
        ("/papers/2601.00001", ""),
        ("/f/secret/one.atom", ""),
        ("//elsewhere.example/", ""),
        ("https://elsewhere.example/", ""),
        ("", ""),
    ],
)
def test_which_addresses_have_files(address, name):
    assert file_name(address) == name
