"""Whether a paper's code is there or promised; all texts are made up."""

from __future__ import annotations

import pytest

from paperwire.core.papers.code_status import code_status
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
