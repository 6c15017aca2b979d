"""Zotero's web API, over a loopback server."""

import pytest
from pydantic import ValidationError

from paperwire.errors import LibraryError, LibraryRefused
from paperwire.libraries.zotero import Options, Zotero
from servers.direct import DIRECT
from servers.zotero import KEY, USER, ZoteroServer

OWN = f"users/{USER}"


@pytest.fixture
async def zotero_server():
    async with ZoteroServer() as running:
        yield running


@pytest.fixture
def pauses():
    return []


@pytest.fixture
async def zotero(zotero_server, pauses):
    async def pause(seconds):
        pauses.append(seconds)

    client = Zotero(f"{zotero_server.url}/", network=DIRECT, agent="Paperwire/test", pause=pause)
    yield client
    await client.close()


def entry(number):
    return {"title": f"Paper {number}", "DOI": f"10.1000/{number}"}


async def test_a_key_says_whose_it_is(zotero_server, zotero):
    assert await zotero.owner(KEY) == OWN
    assert zotero_server.seen_keys == [KEY]
    assert zotero_server.agents == {"Paperwire/test"}
    with pytest.raises(LibraryRefused, match="refused the key"):
        await zotero.owner("x" * 24)


async def test_all_pages_are_read_and_then_only_what_changed(zotero_server, zotero):
    zotero_server.add(*(entry(n) for n in range(5)), "no entry", {"id": "untitled"})
    first = await zotero.changes(OWN, KEY, 0)
    assert [one.title for one in first.references] == [f"Paper {n}" for n in range(5)]
    assert first.version == 7
    asked = len(zotero_server.requests)
    assert await zotero.changes(OWN, KEY, 7) == type(first)((), 7)
    assert len(zotero_server.requests) == asked + 1
    zotero_server.add(entry(8))
    later = await zotero.changes(OWN, KEY, 7)
    assert [one.ids for one in later.references] == [("10.1000/8",)]
    assert later.version == 8


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5", "groups/5"),
        ("https://www.zotero.org/groups/5/my-lab/library", "groups/5"),
        ("groups/5", "groups/5"),
        (KEY, None),
        ("https://example.org/groups/5", None),
    ],
)
def test_a_group_is_named_by_number_or_address(zotero, text, name):
    assert zotero.group(text) == name


async def test_a_group_s_library_needs_a_key_that_opens_it(zotero_server, zotero):
    zotero_server.add(entry(1), library="groups/5")
    await zotero.check("groups/5", KEY)
    assert len((await zotero.changes("groups/5", KEY, 0)).references) == 1
    with pytest.raises(LibraryRefused):
        await zotero.check("groups/6", KEY)


async def test_it_waits_as_long_as_it_is_asked(zotero_server, zotero, pauses):
    zotero_server.add(*(entry(n) for n in range(3)))
    zotero_server.backoff = 7
    await zotero.changes(OWN, KEY, 0)
    assert pauses == [7.0, 7.0]
    zotero_server.backoff = None
    zotero_server.faults.append(429)
    zotero_server.retry_after = 20
    await zotero.changes(OWN, KEY, 0)
    assert pauses == [7.0, 7.0, 20.0]


async def test_what_is_to_wait_long_is_left_for_another_time(zotero_server, zotero, pauses):
    zotero_server.faults.append(503)
    zotero_server.retry_after = 4000
    with pytest.raises(LibraryError) as wait:
        await zotero.changes(OWN, KEY, 0)
    assert wait.value.after == 4000
    zotero_server.faults.extend([429, 429])
    zotero_server.retry_after = 1
    with pytest.raises(LibraryError, match="asks to wait"):
        await zotero.changes(OWN, KEY, 0)
    zotero_server.faults.append(429)
    zotero_server.retry_after = None
    with pytest.raises(LibraryError, match="asks to wait"):
        await zotero.changes(OWN, KEY, 0)
    assert pauses == [1.0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [("html", "did not answer with a list"), ("garbage", "did not answer with a list"), (500, "HTTP 500"),
     ("reset", "can't be reached"), ("cut", "can't be reached")],
)  # fmt: skip
async def test_what_goes_wrong_is_said(zotero_server, zotero, fault, words):
    zotero_server.add(entry(1))
    zotero_server.faults.append(fault)
    with pytest.raises(LibraryError, match=words):
        await zotero.changes(OWN, KEY, 0)


async def test_a_key_page_without_a_user_is_an_error(zotero_server, zotero):
    zotero_server.faults.append("html")
    with pytest.raises(LibraryError, match="did not say whose key"):
        await zotero.owner(KEY)


async def test_no_other_machine_is_shown_the_key(zotero_server, zotero):
    zotero_server.add(*(entry(n) for n in range(3)))
    zotero_server.next_page = "https://elsewhere.example.org/items"
    with pytest.raises(LibraryError, match="another machine"):
        await zotero.changes(OWN, KEY, 0)


async def test_endless_answers_and_silence_are_given_up(zotero_server, zotero, monkeypatch):
    zotero_server.add(entry(1))
    monkeypatch.setattr("paperwire.libraries.zotero._LONGEST_ANSWER", 10)
    with pytest.raises(LibraryError, match="more than 10 bytes"):
        await zotero.changes(OWN, KEY, 0)
    monkeypatch.setattr("paperwire.libraries.zotero._TIMEOUT", 0.0)
    with pytest.raises(LibraryError, match="did not answer within"):
        await zotero.changes(OWN, KEY, 0)


@pytest.mark.parametrize("url", ["zotero.org", "ftp://api.zotero.org", "https://"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(ValidationError, match="must be an http or https address"):
        Options(zotero_url=url)


def test_the_slash_at_the_end_of_an_address_is_dropped():
    assert Options(zotero_url="https://api.zotero.org/").zotero_url == Options().zotero_url
