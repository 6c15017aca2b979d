"""A search that can't be read or finds nothing offers another with its count, on its page and in the API."""

from dataclasses import replace

import pytest

from paperwire.core.query.language import parse
from paperwire.core.search.result import SearchResult
from paperwire.errors import StoreBusy
from paperwire.services.papers.instead import instead
from paperwire.services.papers.search import unknown_values
from web_page import Checked
from web_scene import a_paper

OFFERED = {
    # typed: the other query, why, how many
    "snakes -gliding": ("snakes", "without the exclusions", 2),
    "snakes elephants": ("snakes", "without elephants", 2),
    "snakes cat:math.AG": ("snakes", "without cat:math.AG", 2),
    "snakes cat:csCV": ("snakes cat:cs.CV", "as you may have meant it", 2),
    "(snakes": ("snakes", "as you may have meant it", 2),
    "snakes after:2025": ("snakes", "as you may have meant it", 2),
    "cat:cs.CV,cs.LG snakes": ("(cat:cs.CV OR cat:cs.LG) snakes", "as you may have meant it", 2),
}


@pytest.mark.parametrize("typed", OFFERED)
async def test_another_query_is_offered_on_the_page_and_in_the_api(web, site_data, typed):
    await site_data.papers(a_paper(1), a_paper(2))
    query, why, total = OFFERED[typed]
    page = await web.get("/search", params={"q": typed})
    assert f"{query} – {why}: {total} papers" in Checked(page.text).words
    answer = (await web.get("/api/v1/search", params={"q": typed})).json()
    assert answer["suggestion"] == {"query": query, "why": why, "total": total}


@pytest.mark.parametrize("typed", ["найди статьи о змеях и больших языковых моделях", "关于大语言模型的最新论文"])
async def test_a_sentence_in_another_language_is_offered_in_english(web, site_data, typed):
    await site_data.papers(replace(a_paper(1), title="Large language models"), a_paper(2))
    answer = (await web.get("/api/v1/search", params={"q": typed})).json()
    assert answer["suggestion"] == {"query": '"large language model"', "why": "as you may have meant it", "total": 1}
    page = Checked((await web.get("/search", params={"q": typed})).text).words
    assert '"large language model" – in English' in page


async def test_any_of_the_words_of_a_sentence_is_not_offered(web, site_data):
    await site_data.papers(replace(a_paper(1), title="Hay una y otra"), a_paper(2))
    typed = "busco artículos sobre una y otra red neuronal"
    assert (await web.get("/api/v1/search", params={"q": typed})).json()["suggestion"] is None


@pytest.mark.parametrize("typed", ["elephants", "list:here", "after:2025", "snakes"])
async def test_nothing_is_offered_where_nothing_is_known_or_needed(web, site_data, typed):
    await site_data.papers(a_paper(1), a_paper(2))
    assert (await web.get("/api/v1/search", params={"q": typed})).json()["suggestion"] is None
    assert '<p class="hint"><a' not in (await web.get("/search", params={"q": typed})).text


async def test_while_too_much_is_going_on_nothing_is_offered(store, monkeypatch):
    def busy():
        raise StoreBusy("too many", after=5)

    monkeypatch.setattr(store, "search", busy)
    assert await instead(store, None, "x y", parse("x y"), SearchResult((), 0)) is None


async def test_papers_that_say_only_the_abbreviation_are_offered_besides_those_found(web, site_data):
    await site_data.papers(replace(a_paper(1), title="An LLM"), replace(a_paper(2), title="Large language models"))
    either = 'LLM OR "large language models"'
    page = await web.get("/search", params={"q": "LLM"})
    assert f"{either} – +1 paper says large language models" in Checked(page.text).words
    answer = (await web.get("/api/v1/search", params={"q": "LLM"})).json()
    assert answer["suggestion"] == {"query": either, "why": "with papers that say large language models", "total": 2}
    assert (await web.get("/api/v1/search", params={"q": either})).json()["suggestion"] is None


@pytest.mark.parametrize(("typed", "other"), [("au:Mueller", "au:Müller"), ("au:LeCun snakes", 'au:"Le Cun" snakes')])
async def test_the_other_spelling_of_a_name_is_offered_with_its_count_besides_what_is_found(
    web, site_data, typed, other
):
    names = [("Ada Mueller", "Yann LeCun"), ("Jo Müller", "Yann Le Cun"), ("Lu Müller", "Y. Le Cun")]
    await site_data.papers(*(a_paper(number, authors=authors) for number, authors in enumerate(names, 1)))
    page = await web.get("/search", params={"q": typed})
    assert f"{other} – the name in another spelling: 2 papers" in Checked(page.text).words
    answer = (await web.get("/api/v1/search", params={"q": typed})).json()
    assert answer["total"] == 1
    assert answer["suggestion"] == {"query": other, "why": "the name in another spelling", "total": 2}


@pytest.mark.parametrize(
    ("typed", "unknown"),
    [
        ("snakes source:biorixv", [{"term": "source:biorixv", "nearest": ""}]),
        ("snakes source:PRL", [{"term": "source:PRL", "nearest": "venue:PRL"}]),
        ("snakes cat:nonsense", [{"term": "cat:nonsense", "nearest": ""}]),
        ("elephants", []),
        ("snakes", []),
        ("snakes cat:cs.CV", []),
    ],
)
async def test_the_api_says_what_can_never_match(web, site_data, typed, unknown):
    await site_data.papers(a_paper(1))
    assert (await web.get("/api/v1/search", params={"q": typed})).json()["unknown"] == unknown


async def test_while_too_much_is_going_on_nothing_is_said_to_be_unknown(web, site_data, deps, monkeypatch):
    await site_data.papers(a_paper(1))

    def busy():
        raise StoreBusy("too many", after=5)

    monkeypatch.setattr(deps.context.store, "search", busy)
    assert await unknown_values(deps.context, parse("cat:nonsense"), SearchResult((), 0)) == ()


READ_OTHERWISE = {
    "R": ("=R", "exactly this letter, as a capital"),
    '"graph * network"': ("graph network", "the words anywhere; * in quotes is read as punctuation"),
    "neurips 2025 snakes": ('venue:"neurips 2025" snakes', "accepted or published there"),
}


@pytest.mark.parametrize("typed", READ_OTHERWISE)
async def test_the_api_names_the_readings_that_the_page_names(web, typed):
    query, why = READ_OTHERWISE[typed]
    assert f"{query} – {why}" in Checked((await web.get("/search", params={"q": typed})).text).words
    answer = (await web.get("/api/v1/search", params={"q": typed})).json()
    assert answer["hints"] == [{"query": query, "why": why}]
