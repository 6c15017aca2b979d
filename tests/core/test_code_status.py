"""Whether a paper's code is there or promised; all texts are made up."""

from __future__ import annotations

import pytest

from paperwire.core.papers.code_status import code_status
from paperwire.core.papers.hub import HubEntry
from paperwire.core.papers.identity import code_link
from paperwire.core.papers.paper import Paper


@pytest.mark.parametrize(
    ("comment", "status"),
    [
        ("Code: https://github.com/a/b", "there"),
        ("Code is available at https://example.org/x", "there"),
        ("Source code and models are now publicly available", "there"),
        ("Code will be released upon acceptance", "promised"),
        ("Code and data will be made publicly available", "promised"),
        ("We will release the code", "promised"),
        ("Code coming soon", "promised"),
        ("Code will be at https://github.com/a/b", "promised"),
        ("The code will be available at https://github.com/a/b", "promised"),
        ("Code is available upon request. 12 pages", ""),
        ("Project page: https://example.org/x", ""),
        ("Code of conduct", ""),
        ("12 pages", ""),
    ],
)
def test_a_comment_says_whether_the_code_is_there(comment: str, status: str) -> None:
    assert code_status(Paper(id="2510.00001", title="A title", comment=comment)) == status


def test_what_is_there_outweighs_a_promise() -> None:
    paper = Paper(id="2510.00001", title="A title", comment="Code will be released", abstract="The code is available.")
    assert code_status(paper) == "there"
    named = Paper(id="2510.00001", title="A title", comment="Code will be released", code_url="https://github.com/a/b")
    assert code_status(named) == "there"


@pytest.mark.parametrize(
    ("comment", "link"),
    [
        ("https://zenodo.org/records/123, https://github.com/a/b", "https://github.com/a/b"),
        ("Models: https://huggingface.co/a/b-7B.", "https://huggingface.co/a/b-7B"),
        ("https://huggingface.co/spaces/a/b", "https://huggingface.co/spaces/a/b"),
        ("https://huggingface.co/papers/2510.00001", ""),
        ("https://huggingface.co/a", ""),
        ("anonymous.4open.science/r/Some-1234/", "https://anonymous.4open.science/r/Some-1234"),
        ("https://doi.org/10.6084/m9.figshare.123", "https://doi.org/10.6084/m9.figshare.123"),
        ("https://zenodo.org/communities/a", ""),
        ("https://figshare.com/articles/code/a/1", "https://figshare.com/articles/code/a/1"),
        ("https://osf.io/98ye3/", "https://osf.io/98ye3"),
        ("https://osf.io/", ""),
        ("https://zenodo.org:99999/records/1", ""),
    ],
)
def test_where_code_is_deposited_counts_after_repositories(comment: str, link: str) -> None:
    assert code_link(Paper(id="2510.00001", title="A title", comment=comment)) == link


def test_a_project_page_that_is_a_repository_is_code() -> None:
    hub = HubEntry(project_url="https://github.com/a/b")
    assert code_link(Paper(id="2510.00001", title="A title", hub=hub)) == "https://github.com/a/b"
    page = HubEntry(project_url="https://a.github.io/b")
    assert code_link(Paper(id="2510.00001", title="A title", hub=page)) == ""
