"""Which repository a paper promises its code in."""

import pytest

from paperwire.core.papers.code_status import promised_repository
from paperwire.core.papers.paper import Paper


@pytest.mark.parametrize(
    ("comment", "repository"),
    [
        ("Code will be released at https://github.com/ada/maps.", "ada/maps"),
        ("Our code will be available at github.com/Ada/Maps.git", "Ada/Maps"),
        ("Code will be made public at https://www.github.com/ada/maps_2/tree/main soon", "ada/maps_2"),
        ("Code is available at https://github.com/ada/maps", ""),
        ("Code will be released", ""),
        ("Code will be released at https://github.com/ada", ""),
        ("Code will be released at https://github.com/ada/..", ""),
        ("Code will be released at https://gitlab.com/ada/maps", ""),
        ("https://github.com/ada/maps", ""),
        ("", ""),
    ],
)
def test_an_address_on_github_where_code_is_still_to_come(comment, repository):
    assert promised_repository(Paper(id="2601.00001", title="Maps", comment=comment)) == repository


def test_a_source_that_names_a_repository_keeps_the_promise():
    comment = "Code will be released at https://github.com/ada/maps"
    paper = Paper(id="2601.00001", title="Maps", comment=comment, code_url="https://github.com/ada/maps")
    assert not promised_repository(paper)
