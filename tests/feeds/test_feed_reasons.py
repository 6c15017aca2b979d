"""Why a paper is in a feed: the subscriptions that found it, and the words of theirs that it has."""

from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.subscriptions.feeds import FeedEntry, MatchedBy
from paperwire.feeds.entries import Feed
from paperwire.feeds.items import items_of

AT = datetime(2026, 1, 5, tzinfo=UTC)
PAPER = Paper(id="2601.00001", title="Gliding snakes", abstract="When x < y, z glides.")


@pytest.mark.parametrize(
    ("matched", "said"),
    [
        ([MatchedBy("mine", "snakes OR z OR eels")], "mine (snakes, z)"),
        ([MatchedBy('"<fly>"', "snakes"), MatchedBy("z", "z")], '"&lt;fly&gt;" (snakes); z'),
        ([MatchedBy("absent", "eels")], "absent"),
        ([MatchedBy("unreadable", "((")], "unreadable"),
    ],
    ids=["words", "several", "none", "unreadable"],
)
def test_an_entry_says_which_words_of_which_subscription_found_it(matched, said):
    (item,) = items_of(
        Feed(
            authority="papers.example.org",
            minted=date(2025, 12, 1),
            path="f/1",
            title="x",
            description="x",
            address="https://papers.example.org/f/x",
            home="https://papers.example.org/",
            created=AT,
            entries=(FeedEntry(paper=PAPER, at=AT, matched=tuple(matched)),),
        )
    )
    assert f"<p><strong>Matched:</strong> {said}</p>" in item.html
