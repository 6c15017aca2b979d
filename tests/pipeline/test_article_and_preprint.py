"""An article and its preprint are one paper, whichever a source tells of first."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from paperwire.core.papers.paper import Event, EventKind, Paper

DAY = date(2026, 1, 5)
PREPRINT = Paper(
    id="2510.00001",
    title="Mapping maps",
    abstract="We map.",
    authors=("Ada Örtel",),
    categories=("cs.CL",),
    published=datetime(2024, 10, 1, tzinfo=UTC),
    announced=date(2024, 10, 2),
)
ARTICLE = Paper(
    id="10.5555/maps.1",
    title="A map of maps",  # journals change titles, and take longer than 400 days
    authors=("A. Örtel",),
    source="crossref",
    feed="Annals of Maps",
    doi="10.5555/maps.1",
    published=datetime(2026, 1, 5, tzinfo=UTC),
    announced=DAY,
)
SERVER_COPY = replace(PREPRINT, id="10.21203/rs.3.rs-1/v1", source="crossref", categories=(), title="Maps")


def statement(paper, *same_as):
    return Event(kind=EventKind.NEW, paper=paper, source=paper.source, day=DAY, same_as=same_as)


FROM_ARXIV = statement(PREPRINT)
FROM_JOURNAL = statement(ARTICLE, "https://doi.org/10.48550/ARXIV.2510.00001", "10.21203/rs.3.rs-1/v1")
FROM_SERVER = statement(replace(SERVER_COPY, doi="10.5555/MAPS.1"), "10.5555/maps.1")
ORDERS = {
    "article last": (FROM_ARXIV, FROM_JOURNAL),
    "article first": (FROM_JOURNAL, FROM_ARXIV),
    "three records": (FROM_JOURNAL, FROM_SERVER, FROM_ARXIV),
    "the link last": (FROM_ARXIV, FROM_SERVER, FROM_JOURNAL),
}


async def kinds_of(store, number):
    async with store.read() as unit:
        return [(event.kind, event.source, event.matched) for event in await unit.papers.events_of(number)]


async def record(store, *events):
    for event in events:
        async with store.write() as unit:
            await unit.papers.record((event,), quiet=False)


@pytest.mark.parametrize("order", ORDERS)
async def test_they_are_one_paper_under_every_id(store, order):
    await record(store, *ORDERS[order])
    async with store.read() as unit:
        papers = [await unit.papers.get(name) for name in ("2510.00001", "10.5555/MAPS.1")]
    assert papers[0] == papers[1]
    assert (papers[0].id, papers[0].doi.lower(), papers[0].feed) == ("2510.00001", "10.5555/maps.1", "Annals of Maps")
    assert papers[0].title == "Mapping maps"


async def test_pubmeds_number_makes_them_one_too(store):
    of_pubmed = replace(ARTICLE, id="pmid:7", doi="", source="europepmc", title="Of maps")
    await record(store, statement(of_pubmed), FROM_ARXIV, statement(ARTICLE, "pmid:7", PREPRINT.id))
    async with store.read() as unit:
        numbers = {(await unit.papers.get(name)).number for name in ("pmid:7", PREPRINT.id, ARTICLE.id)}
        assert len(numbers) == (await unit.papers.counts()).papers == 1


async def test_the_second_version_of_a_preprint_is_no_second_arrival(store):
    second = replace(SERVER_COPY, id="10.21203/rs.3.rs-1/v2", source="europepmc")
    await record(store, statement(replace(SERVER_COPY, source="europepmc")), statement(second))
    async with store.read() as unit:
        papers = [await unit.papers.get(f"10.21203/rs.3.rs-1/v{version}") for version in (1, 2)]
        assert (await unit.papers.counts()).papers == 1
    assert papers[0] == papers[1]
    assert await kinds_of(store, papers[0].number) == [("new", "europepmc", False)]


async def test_an_article_that_comes_later_is_no_second_arrival_but_published(store):
    await record(store, FROM_ARXIV, FROM_JOURNAL, FROM_JOURNAL)
    async with store.read() as unit:
        number = (await unit.papers.get("2510.00001")).number
    assert await kinds_of(store, number) == [
        ("new", "arxiv", False),
        ("new", "crossref", True),  # known to the matcher already
        ("published", "crossref", False),
    ]


async def test_a_preprint_that_comes_after_its_article_does_not_publish_it(store):
    await record(store, FROM_JOURNAL, FROM_ARXIV)
    async with store.read() as unit:
        number = (await unit.papers.get("2510.00001")).number
    assert [kind for kind, _, _ in await kinds_of(store, number)] == ["new", "new"]


async def test_two_articles_that_name_one_preprint_are_two_papers(store):
    other = replace(ARTICLE, id="10.5555/maps.2", doi="10.5555/maps.2", title="Another map")
    await record(store, FROM_ARXIV, FROM_JOURNAL, statement(other, "2510.00001"))
    async with store.read() as unit:
        papers = [await unit.papers.get(name) for name in ("10.5555/maps.1", "10.5555/maps.2")]
    assert papers[0].id == "2510.00001"
    assert papers[1] is not None
