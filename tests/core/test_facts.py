"""How many papers a message tells of, and what is news of them."""

import pytest

from paperwire.core.messages.facts import facts_of, paper_count
from paperwire.core.papers.paper import ACCEPTED, ARRIVAL, CODE, RETRACTED, Occasion
from paperwire.texts import texts_in


@pytest.mark.parametrize(
    ("count", "facts", "text"),
    [
        (0, {}, "No new papers"),
        (1, {}, "1 new paper"),
        (5, {"accepted": 2}, "3 new papers, 2 accepted"),
        (5, {"published": 2, "code": 1, "other": 1}, "1 new paper, 2 published, 1 with code now, 1 with other news"),
        (2, {"accepted": 2}, "2 papers accepted"),
        (1, {"published": 1}, "1 paper published"),
        (1, {"code": 1}, "1 paper with code now"),
        (2, {"accepted": 1, "code": 1}, "2 papers with news"),
        (1, {"other": 1}, "1 paper with news"),
        (3, {"version": 1}, "2 new papers, 1 updated"),
        (2, {"version": 2}, "2 updated papers"),
        (25, {"": 1}, "25 papers"),
        (25, {"": 25}, "25 papers with news"),
    ],
)  # fmt: skip
def test_papers_are_counted_by_what_is_news_of_them(count, facts, text):
    assert paper_count(count, texts_in("en"), facts) == text


def test_a_paper_counts_once_by_the_best_that_is_news_of_it():
    version = Occasion.version(2)
    entries = [[CODE, ACCEPTED], [CODE], [CODE, version], [version], [RETRACTED], [Occasion.comment("12 pages")]]
    new = [[ARRIVAL], [ARRIVAL, ACCEPTED], [Occasion.upvotes(50)]]
    assert facts_of(entries + new) == {"accepted": 1, "code": 2, "version": 1, "other": 2}
