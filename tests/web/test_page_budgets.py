"""How large pages of papers are as they are sent, with texts as long as real ones."""

import gzip
import random
import re
from importlib import resources
from urllib.parse import urlsplit

import pytest

from paperwire.core.papers.paper import EventKind
from paperwire.core.text.abstracts import beginning, longest
from web_scene import DAY, a_paper

PACKED, PACKED_TITLES = 35 * 1024, 60 * 1024
"""Bytes of a page of 50 papers, and of one of 200 titles."""


@pytest.fixture(scope="session")
def words():
    """Makes texts of common words, as often as abstracts have them: nearly as hard to pack as abstracts."""
    table = resources.files("paperwire.core.query").joinpath("common_words.tsv").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    chance = random.Random(5)

    def made(length):
        drawn = chance.choices([word for word, _ in rows], [int(count) for _, count in rows], k=length // 2)
        text = " ".join(f"{word}. We" if number % 20 == 19 else word for number, word in enumerate(drawn))
        return text[: length - 1] + "."

    return made


def packed(answer):
    assert answer.status_code == 200
    return len(gzip.compress(answer.content, 5))


async def test_a_day_of_long_abstracts_keeps_to_its_budget_and_leads_to_the_rest(web, site_data, words):
    lengths = [600 + 28 * n for n in range(50)]  # up to 1,972 characters, as arXiv allows
    papers = [
        a_paper(n, title=words(90), abstract=words(length), authors=tuple(words(13) for _ in range(6)))
        for n, length in enumerate(lengths, 1)
    ]
    await site_data.papers(*papers)
    answer = await web.get(f"/daily/{DAY}")
    assert packed(answer) <= PACKED
    abstracts = re.findall(r"</summary><p>(.*?)</p>", answer.text)
    shown = {paper.id: text for paper in papers for text in abstracts if text.startswith(paper.abstract[:200])}
    assert shown["2601.00001"] == papers[0].abstract
    rest = shown["2601.00050"].partition(' <a href="')
    assert papers[-1].abstract.startswith(rest[0])
    assert rest[0].endswith(".")
    page = urlsplit(rest[2].partition('"')[0]).path
    assert papers[-1].abstract in (await web.get(page)).text


async def test_trending_papers_keep_to_the_budget_of_a_page(web, site_data, words):
    papers = [
        a_paper(n, title=words(90), abstract=words(1900), authors=tuple(words(13) for _ in range(6)))
        for n in range(1, 51)
    ]
    await site_data.papers(*papers, kind=EventKind.LISTED, score=9)
    answer = await web.get("/trending")
    assert answer.text.count('class="paper"') == 50
    assert packed(answer) <= PACKED


async def test_a_short_list_shows_each_abstract_whole(web, site_data, words):
    papers = [a_paper(n, abstract=words(1900)) for n in range(1, 26)]
    await site_data.papers(*papers)
    text = (await web.get("/")).text
    assert all(paper.abstract in text for paper in papers)


def test_only_the_longest_abstracts_of_a_heavy_page_are_shortened():
    heavy = ["x" * length for length in (500, 1000, 60_000, 61_000)]
    limit = longest(heavy)
    assert 1000 < limit < 60_000
    assert sum(min(len(text), limit) for text in heavy) <= 63_000
    assert all(len(text) <= longest(heavy[:3]) for text in heavy[:3])
    assert longest([]) > 0


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("One. Two. Three.", 16, "One. Two. Three."),
        ("One is. Two is. Three is.", 20, "One is. Two is."),
        ("All of it is one sentence.", 12, "All of it"),
        ("As $a. B$ is. It was so.", 18, "As $a. B$ is."),
    ],
)
def test_what_is_shortened_ends_with_a_sentence_or_a_word(text, most, shown):
    assert beginning(text, most) == shown


@pytest.mark.shared
async def test_pages_of_real_days_keep_to_their_budgets(web, site_data, real_days):
    assert len(real_days) >= 20
    for day, papers in real_days.items():
        await site_data.papers(*papers)
        for path, count, limit in (
            ("/", 25, PACKED),
            (f"/daily/{day}", 50, PACKED),
            (f"/daily/{day}?page=2", 50, PACKED),
            (f"/daily/{day}?view=titles", 200, PACKED_TITLES),
        ):
            answer = await web.get(path)
            assert answer.text.count('class="paper"') == count, path
            assert packed(answer) <= limit, path
