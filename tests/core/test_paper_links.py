"""The page that people are sent to, and addresses of code."""

from datetime import UTC, datetime

import pytest

from paperwire.core.papers.identity import (
    code_link,
    page_url,
    stated_repositories,
)
from paperwire.core.papers.paper import Paper

DAY = datetime(2025, 10, 1, tzinfo=UTC)


def paper(paper_id="2510.00001", title="Attention over old maps", **fields):
    fields.setdefault("authors", ("Ada Örtel",))
    fields.setdefault("published", DAY)
    return Paper(id=paper_id, title=title, **fields)


@pytest.mark.parametrize(
    ("subject", "url"),
    [
        (paper("2510.00001", url="https://elsewhere.example"), "https://arxiv.org/abs/2510.00001"),
        (paper("hep-th/9901001v2"), "https://arxiv.org/abs/hep-th/9901001"),
        (paper("2510.00001", source="huggingface"), "https://arxiv.org/abs/2510.00001"),
        (paper("10.1101/2025.10.01.111111"), "https://doi.org/10.1101/2025.10.01.111111"),
        (paper("10.1101/2025.10.01.111111", url="https://www.biorxiv.org/x"), "https://www.biorxiv.org/x"),
        (paper("feed-1", doi="10.1000/Y"), "https://doi.org/10.1000/y"),
        (paper("feed-1", doi="10.48550/arXiv.2510.00009"), "https://arxiv.org/abs/2510.00009"),
        (paper("feed-1"), ""),
        (paper("demo.00001", url="http://127.0.0.1:8000/papers/demo.00001"), "http://127.0.0.1:8000/papers/demo.00001"),
    ],
)
def test_the_page_people_are_sent_to(subject, url):
    assert page_url(subject) == url


@pytest.mark.parametrize(
    ("fields", "url"),
    [
        ({"code_url": "https://example.org/r", "comment": "github.com/a/b"}, "https://example.org/r"),
        ({"abstract": "Code: https://github.com/a/b."}, "https://github.com/a/b"),
        ({"abstract": "See gitlab.com/x/y."}, "https://gitlab.com/x/y"),
        ({"abstract": r"at \url{https://github.com/a/b\_c}, see"}, "https://github.com/a/b_c"),
        ({"abstract": r"\href{https://codeberg.org/a/b}{here}"}, "https://codeberg.org/a/b"),
        ({"comment": "Code (https://bitbucket.org/a/b)", "abstract": "github.com/z"}, "https://bitbucket.org/a/b"),
        ({"abstract": "www.GitHub.com/a/b"}, "https://www.GitHub.com/a/b"),
        ({"abstract": "git@github.com/a/b, https://gist.github.com/c"}, "https://github.com/a/b"),
        ({"abstract": "https://gist.github.com/c"}, "https://gist.github.com/c"),
        ({"abstract": "We use github.com and https://a.github.io/b, mygithub.com/c, my-github.com/d, github.com/"}, ""),
        ({"abstract": "We will release code."}, ""),
        # a link in Markdown, brackets, pointers, and what is no address
        ({"abstract": "Code: [github.com/a/b](https://github.com/a/b)."}, "https://github.com/a/b"),
        ({"abstract": "[https://github.com/a/b](https://github.com/a/c)"}, "https://github.com/a/b"),
        ({"abstract": "(see https://github.com/a/b), https://github.com/c"}, "https://github.com/a/b"),
        ({"abstract": "**https://github.com/a/b**"}, "https://github.com/a/b"),
        ({"abstract": "https://github.com/a/b%20c%zz"}, "https://github.com/a/b%20c"),
        ({"abstract": "https://github.com/a/b#readme?"}, "https://github.com/a/b#readme"),
        ({"code_url": "https://x.org/[a]", "abstract": "github.com/a/b"}, "https://github.com/a/b"),
        ({"code_url": "to be announced"}, ""),
        ({"abstract": "see -x.github.com/a"}, ""),
    ],
)
def test_code_links(fields, url):
    assert code_link(paper(**fields)) == url


def test_addresses_of_code_that_a_text_shows():
    text = "See https://github.com/a/b, [x](http://gitlab.com/c/d) and codeberg.org/e."
    found = list(stated_repositories(text))
    assert [(text[start:end], url) for start, end, url in found] == [
        ("https://github.com/a/b", "https://github.com/a/b"),
        ("http://gitlab.com/c/d", "https://gitlab.com/c/d"),
        ("codeberg.org/e", "https://codeberg.org/e"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://github.com/a/lon…",
        "https://evil.example/github.com/a/b",
        "x@github.com/a/b",
        "https://evil.example?u=https://github.com/a/b",
        "https://evil.example/#https://github.com/a/b",
        "evil.example:github.com/a",
        "no address",
    ],
)
def test_cut_or_borrowed_addresses_are_none(text):
    assert list(stated_repositories(text)) == []


@pytest.mark.parametrize(
    ("url", "page"), [("https://x.org/[a]", "https://doi.org/10.1000/a%5Bb%5D"), ("https://x.org/a", "https://x.org/a")]
)
def test_a_page_without_a_valid_address_is_the_dois(url, page):
    assert page_url(paper("feed-1", doi="10.1000/a[b]", url=url)) == page
