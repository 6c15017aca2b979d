"""How many papers a message tells of, and what is news of them."""

import pytest

from paperwire.core.messages.facts import paper_count
from paperwire.texts import texts_in


@pytest.mark.parametrize(
    ("count", "facts", "text"),
    [
        (0, {}, "No new papers"),
        (1, {}, "1 new paper"),
        (5, {"accepted": 2}, "3 new papers, 2 accepted"),
        (5, {"published": 2, "code": 1, "model": 1}, "1 new paper, 2 published, 1 with code now, 1 with other news"),
        (2, {"accepted": 2}, "2 papers accepted"),
        (1, {"published": 1}, "1 paper published"),
        (1, {"code": 1}, "1 paper with code now"),
        (2, {"accepted": 1, "code": 1}, "2 papers with news"),
        (1, {"comment": 1}, "1 paper with news"),
        (25, {"": 1}, "25 papers"),
        (25, {"": 25}, "25 papers with news"),
    ],
)  # fmt: skip
def test_papers_are_counted_by_what_is_news_of_them(count, facts, text):
    assert paper_count(count, texts_in("en"), facts) == text
