"""What a record says only later, and whether it says so still."""

import pytest

from paperwire.core.matching.later import still_holds
from paperwire.core.papers.paper import Paper

ACCEPTED = Paper(id="2601.00001", title="Gliding snakes", comment="Accepted at NeurIPS 2025")


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("venue:neurips", True),
        ("venue:icml", False),
        ("snakes -co:pages", True),
        ("snakes", True),
        ("what an (older grammar", True),
    ],
)
def test_a_fact_is_told_while_the_record_says_so(text, holds):
    assert still_holds(text, ACCEPTED) is holds
