"""Any repository with OAI-PMH: a loopback one, and recorded answers in Dublin Core."""

from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree

from paperwire.errors import SourceError, SourceGarbled, SourceRefused
from paperwire.sources._oai import parts_of, read_envelope
from paperwire.sources._paging import TokenDied
from paperwire.sources._xml import parse_xml
from paperwire.sources.oai import OaiSource, Options, read_deposit
from servers.repository import RepositoryServer, deposit

TODAY = date(2026, 1, 5)


@pytest.fixture
async def server():
    async with RepositoryServer() as server:
        yield server


@pytest.fixture
def source(server, fetcher, clock):
    return OaiSource(fetcher, url=f"{server.url}/oai", subset="theses", called="Map Archive", min_interval=0, now=clock)


async def poll(source, cursor=""):
    return [page async for page in source.fetch("records", cursor)]


def titles(pages):
    return [event.paper.title for page in pages for event in page.events]


def read(number=1, **elements):
    record = etree.fromstring(deposit(number, changed=elements.pop("changed", TODAY), **elements)[1])
    return read_deposit(parts_of(record), "Map Archive")


async def test_pages_are_read_by_their_tokens_and_the_next_look_begins_the_day_before(source, server, clock):
    server.records = [deposit(number, changed=TODAY) for number in range(5)]
    first = await poll(source)
    assert titles(first) == [f"Map {number}" for number in range(5)]
    assert all(page.quiet for page in first)
    clock.advance(days=3)
    server.records.append(deposit(9, changed=TODAY + timedelta(days=2)))
    later = await poll(source, first[-1].cursor)
    assert titles(later)[-1] == "Map 9"
    assert not any(page.quiet for page in later)
    queries = [query for _, query in server.requests]
    assert queries[0] == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-01-04", "set": "theses"}
    assert queries[1] == {"verb": "ListRecords", "resumptionToken": "2026-01-04|2"}


async def test_an_expired_token_begins_the_list_again(source, server):
    server.records = [deposit(number, changed=TODAY) for number in range(5)]
    server.dying = 1
    assert set(titles(await poll(source))) == {f"Map {number}" for number in range(5)}
    server.dying = 9
    with pytest.raises(TokenDied, match="It expired"):
        await poll(source)


async def test_no_records_are_no_error_and_other_errors_are(source, server):
    assert titles(await poll(source)) == []
    server.error = "noSetHierarchy"
    with pytest.raises(SourceRefused, match="noSetHierarchy: Made-up & refused"):
        await poll(source)
    server.error = "badResumptionToken"  # though none was sent
    with pytest.raises(SourceRefused):
        await poll(source)


@pytest.mark.parametrize("fault", ["html", "garbage", "cut", "reset", 404, 503])
async def test_an_answer_of_another_kind_is_an_error(source, server, fault):
    server.faults.extend([fault] * 3)
    server.records = [deposit(1, changed=TODAY)]
    with pytest.raises(SourceError):
        await poll(source)


async def test_what_is_no_record_is_garbled(source, server):
    server.records = [(str(TODAY), "<record/>")]
    with pytest.raises(SourceGarbled, match="not a list of records"):
        await poll(source)
    with pytest.raises(SourceGarbled):
        read_envelope(b"<OAI-PMH><Identify/></OAI-PMH>")
    with pytest.raises(SourceGarbled):
        read_envelope(b"<feed/>")


async def test_a_repository_that_touches_all_it_has_notifies_of_what_is_recent(source, server, clock):
    first = await poll(source)
    clock.advance(days=1)
    changed = TODAY + timedelta(days=1)
    server.records = [
        deposit(1, changed=changed, date=["2026-01-06", "2009-05-01"]),
        deposit(2, changed=changed, date="2009"),
        deposit(3, changed=changed, date="2026"),
        deposit(4, changed=changed, date="unknown"),
    ]
    pages = await poll(source, first[-1].cursor)
    assert [(page.quiet, titles([page])) for page in pages] == [
        (True, ["Map 1", "Map 2"]),
        (False, []),
        (False, ["Map 3", "Map 4"]),
    ]
    assert pages[0].cursor == first[-1].cursor  # it moves with the others


async def test_it_is_read_back_quietly(source, server):
    server.records = [deposit(1, changed=date(2025, 12, 20)), deposit(2, changed=TODAY)]
    pages = [page async for page in source.backfill(date(2025, 12, 1), "")]
    assert titles(pages) == ["Map 1", "Map 2"]
    assert {(page.quiet, page.part) for page in pages} == {(True, "backfill")}


def test_dublin_core_becomes_a_paper():
    paper = read(
        7,
        title=["", "Mapping <i>maps</i>"],
        creator=["Örtel, Ada", "Bee, B."],
        description=["Short.", "We map a great deal."],
        subject=["Cartography", "Cartography", "x" * 101],
        date=["2026-01-03", "2026"],
        identifier=["https://repository.example/7", "doi:10.5555/MAPS.7"],
        rights="CC BY",
    ).paper
    assert (paper.id, paper.title, paper.feed, paper.source) == ("10.5555/maps.7", "Mapping maps", "Map Archive", "oai")
    assert (paper.authors, paper.categories) == (("Ada Örtel", "B. Bee"), ("Cartography",))
    assert (paper.abstract, paper.licence) == ("We map a great deal.", "CC BY")
    assert (paper.url, paper.published) == ("https://repository.example/7", datetime(2026, 1, 3, tzinfo=UTC))
    assert paper.announced == TODAY


def test_ids_are_those_of_registries_or_the_repositorys():
    assert read(7).paper.id == "oai:repository.example:7"
    assert read(7, identifier="https://arxiv.org/abs/2510.00001v2").paper.id == "2510.00001"


def test_records_without_a_title_and_deleted_ones_have_no_paper():
    assert read(1, title="").paper is None
    assert read(1, deleted=True).paper is None
    assert read(1, changed="never").stamp is None


@pytest.mark.parametrize(("written", "first"), [("2025-07", date(2025, 7, 1)), ("0000-99-99", date(1, 12, 1))])
def test_a_date_in_part_begins_with_its_first_day(written, first):
    assert read(1, date=written).dated == first


def test_arxivs_machines_keep_their_pace(fetcher, clock):
    made = OaiSource(fetcher, url="https://oaipmh.arxiv.org/oai", subset="", called="", now=clock)
    assert (made._service, made._called) == ("arxiv", "oaipmh.arxiv.org")


def test_an_address_is_needed():
    assert Options().missing() == "url"
    assert Options(url="https://repository.example/oai").missing() == ""
    with pytest.raises(ValueError, match="without \\?"):
        Options(url="https://repository.example/oai?verb=Identify")


@pytest.mark.shared
def test_recorded_dublin_core_is_read(shared_data):
    papers = {}
    for file in sorted((shared_data / "oai_pmh" / "recorded" / "ads").glob("*.xml")):
        for record in parse_xml(file.read_bytes()).iter("{*}record"):
            paper = read_deposit(parts_of(record), "arXiv").paper
            papers[paper.id] = paper
    assert len(papers) == 7
    assert all(paper.authors and paper.abstract and paper.published for paper in papers.values())
    assert not any(paper.id.startswith("oai:") for paper in papers.values())
