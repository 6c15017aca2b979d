"""The search page: matched words marked, and how the matches of the last days spread over them."""

from datetime import date

import pytest
from sqlalchemy import Engine, event

from paperwire.web.pages.plots import line_of_counts
from web_page import Checked
from web_scene import a_paper

DAYS = [date(2026, 1, day) for day in (2, 3, 5)]


@pytest.fixture
async def searched(web, site_data):
    await site_data.papers(
        *(
            a_paper(number, announced=day, title=f"On $x_1$ and diffusion <models> {number}", abstract="Big snakes.")
            for number, day in enumerate(DAYS, 1)
        )
    )
    return web


async def test_matched_words_are_marked_in_title_and_abstract(searched):
    text = (await searched.get('/search?q="diffusion model" OR snake')).text
    assert "<mark>diffusion</mark>" not in text
    assert "and <mark>diffusion &lt;models</mark>&gt; 1" in text
    assert "Big <mark>snakes</mark>." in text
    assert "<mark>" not in (await searched.get("/search?q=cat:cs.CV -lora")).text


@pytest.mark.parametrize("path", ["/search?q=snake", "/search/count?q=snake"])
async def test_how_many_papers_of_the_last_days_match_and_on_which(searched, path):
    answer = await searched.get(path)
    words = Checked(answer.text).words
    assert "3 matches in the last 4 days" in words
    assert "Papers with “snake” in title or abstract." in words
    assert f'points="{line_of_counts([1, 1, 0, 1])}"' in answer.text
    assert "noindex" in answer.headers["x-robots-tag"]


async def test_the_query_stands_in_words(searched):
    assert "Papers with “zebra” in title or abstract." in Checked((await searched.get("/search?q=zebra")).text).words
    text = (await searched.get('/search?q="<b>x"')).text
    assert "“&lt;b&gt;x”" in text
    assert "Papers with" in (await searched.get("/search?q=snake&page=2")).text  # where no count is


async def test_papers_are_read_for_what_is_shown_of_them_alone(searched):
    statements = []

    def note(*told):
        statements.append(told[2])

    event.listen(Engine, "before_cursor_execute", note)
    await searched.get("/search?q=snake")
    of_search = len(statements)
    await searched.get("/papers/2601.00001")
    of_both = len(statements)
    await searched.get("/papers/2601.00001")
    event.remove(Engine, "before_cursor_execute", note)
    read = [statement for statement in statements[:of_search] if "paper.abstract" in statement]
    assert len(read) == 2  # the page, and the samples of the count: none for the line of the days
    assert not [statement for statement in statements[of_both:] if "paper.abstract" in statement]  # it is kept
    begun = [statement for statement in statements[:of_both] if statement.startswith("BEGIN")]
    assert len(begun) <= 6  # four for the search, one for the page of a paper, and one for what has changed


async def test_the_count_says_what_is_wrong_with_a_query(searched):
    for typed, words in (
        ("(", "The closing ) is missing"),
        ('like:"big snakes"', "Search by meaning is off"),
        ("", ""),
    ):
        answer = await searched.get("/search/count", params={"q": typed})
        assert answer.status_code == 200
        assert words in Checked(answer.text).words
    nothing = await searched.get("/search/count?q=zebra")
    assert "No match in the last 4 days" in Checked(nothing.text).words
    assert "<svg" not in nothing.text


def test_a_line_needs_two_days_and_a_match():
    assert line_of_counts([3]) == line_of_counts([0, 0]) == line_of_counts([]) == ""
    assert line_of_counts([0, 2]) == "2.0,38.0 238.0,2.0"
