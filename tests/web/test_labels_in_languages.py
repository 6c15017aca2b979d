"""Labels whose English is the same for one paper and for several, in languages where it isn't."""

import pytest

from paperwire.core.messages.record import grade_name
from paperwire.core.papers.acceptance import Acceptance
from paperwire.texts import texts_in
from paperwire.web.pages.filters import filters
from paperwire.web.titles import trending_about, trending_title


@pytest.mark.parametrize(
    ("locale", "paper", "papers"), [("ru", "Принята", "Принятые"), ("es", "Aceptado", "Aceptados")]
)
def test_a_paper_and_a_filter_over_papers_agree_with_what_they_say(locale, paper, papers):
    texts = texts_in(locale)
    assert grade_name(Acceptance("accepted", "", None, ""), texts) == paper
    assert filters("/search", {"q": "lora"}, texts)[0].text == papers


def test_a_period_is_small_within_a_title():
    texts = texts_in("de")
    assert trending_title("week", texts) == "Paperwire, im Trend: diese Woche"
    assert trending_about("day", texts) == "Die Paper mit den meisten Upvotes: heute"
    assert trending_title("week", texts_in("en")) == "Paperwire trending: this week"
