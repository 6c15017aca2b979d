"""Redirects, and the guard around addresses that people choose: nothing leads into the house."""

import asyncio
import socket

import pytest
from aiohttp import web

from paperwire.errors import SourceError, SourceGarbled, SourceRefused
from paperwire.sources._http import Fetcher, _may_know
from servers.direct import DIRECT
from servers.rude import Rude


@pytest.fixture
async def rude_server():
    async with Rude() as rude_server:
        yield rude_server


def moved(to, status=302):
    return web.Response(status=status, headers={"Location": to})


async def test_redirects_on_the_same_machine_are_followed_and_paced(fetcher, rude_server, pace):
    rude_server.answer = lambda request: moved("/b", 301) if request.path == "/a" else web.Response(text="here")
    got = await fetcher.get(f"{rude_server.url}/a", service="s")
    assert got.body == b"here"
    assert len(pace.waits) == 2


async def test_redirects_in_circles_end(fetcher, rude_server):
    rude_server.answer = lambda _: moved("/again")
    with pytest.raises(SourceGarbled, match="circles"):
        await fetcher.get(rude_server.url, service="s")
    assert len(rude_server.requests) == 5


@pytest.mark.parametrize(
    "to",
    [
        "file:///etc/passwd",
        "ftp://example.org/x",
        "http://127.0.0.2:{port}/x",
        "http://localhost:{port}/x",
        "http://[/x",
        "http://a..b/x",
    ],
)
async def test_a_redirect_never_leads_into_the_house(fetcher, rude_server, to):
    port = rude_server.url.rpartition(":")[2]
    rude_server.answer = lambda _: moved(to.format(port=port))
    with pytest.raises(SourceError):
        await fetcher.get(rude_server.url, service="s")
    assert len(rude_server.requests) == 1


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://017700000001/",
        "http://0/",
        "http://[::]/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://①②⑦.⓪.⓪.①/",
        "http://169.254.169.254/latest/meta-data",
        "http://100.64.0.1/",
        "http://ok@127.0.0.1/",
        "http://localhost/",
        "http://example.org:8080/",
        "file:///etc/passwd",
        "gopher://example.org/",
    ],
)
async def test_a_guarded_address_into_the_house_is_refused_unasked(fetcher, url):
    with pytest.raises(SourceRefused):
        await fetcher.get(url, service="s", guard=True)


@pytest.fixture
async def names(monkeypatch):
    """What names resolve to, in this test only; the ports are ours, as the real ones need rights."""
    known = {}
    real = asyncio.get_running_loop().getaddrinfo

    async def resolve(host, port, **kwargs):
        if host not in known:
            return await real(host, port, **kwargs)
        known[host].append(None)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in known[host] if ip]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve)
    return known


async def test_one_private_address_among_public_ones_spoils_a_name(fetcher, names):
    names["both.example"] = ["93.184.216.34", "10.0.0.1"]
    with pytest.raises(SourceRefused, match="not on the public internet"):
        await fetcher.get("http://both.example/", service="s", guard=True)


async def test_a_name_without_address_is_unreachable(fetcher, names):
    names["none.example"] = []
    with pytest.raises(SourceRefused):
        await fetcher.get("http://none.example/", service="s", guard=True)
    with pytest.raises(SourceError, match="be reached"):
        await fetcher.get("http://no-such-name.invalid/", service="s", guard=True)


async def test_what_was_checked_is_what_is_dialled(rude_server, pace, clock, names, monkeypatch):
    """A name that resolves to another machine the second time (rebinding) cannot lead astray: it is asked once."""
    port = int(rude_server.url.rpartition(":")[2])
    names["feed.example"] = ["127.0.0.1"]
    monkeypatch.setattr("paperwire.core.address._PORTS", {"http": port})
    fetcher = Fetcher(network=DIRECT, user_agent="x", pace=pace, now=clock, is_public=lambda ip: ip == "127.0.0.1")
    got = await fetcher.get(f"http://feed.example:{port}/feed", service="s", guard=True)
    await fetcher.close()
    assert got.body == b"<a/>"
    assert rude_server.headers[0]["Host"] == f"feed.example:{port}"
    assert names["feed.example"].count(None) == 1


async def test_the_guard_follows_along_redirects(rude_server, pace, clock, names, monkeypatch):
    port = int(rude_server.url.rpartition(":")[2])
    names["feed.example"] = ["127.0.0.1"]
    names["inside.example"] = ["10.0.0.7"]
    monkeypatch.setattr("paperwire.core.address._PORTS", {"http": port})
    rude_server.answer = lambda _: moved(f"http://inside.example:{port}/")
    fetcher = Fetcher(network=DIRECT, user_agent="x", pace=pace, now=clock, is_public=lambda ip: ip == "127.0.0.1")
    with pytest.raises(SourceRefused):
        await fetcher.get(f"http://feed.example:{port}/feed", service="s", guard=True)
    await fetcher.close()
    assert len(rude_server.requests) == 1


@pytest.mark.parametrize("url", ["http://①/", "nothing", ""])
async def test_what_is_no_web_address_is_refused(fetcher, url):
    with pytest.raises(SourceRefused):
        await fetcher.get(url, service="s")


async def test_half_an_address_is_an_error_like_others(fetcher):
    with pytest.raises(SourceError):
        await fetcher.get("http://[", service="s")


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch, rude_server, pace, clock):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    fetcher = Fetcher(network=DIRECT, user_agent="x", pace=pace, now=clock)
    assert (await fetcher.get(rude_server.url, service="s")).body == b"<a/>"
    await fetcher.close()


@pytest.mark.parametrize(
    ("url", "asked", "may"),
    [
        ("https://a.org/x", "https://a.org/y", True),
        ("http://a.org/x", "http://a.org/y", True),
        ("https://a.org/x", "http://a.org/y", True),
        ("http://a.org/x", "https://a.org/y", False),
        ("https://b.org/x", "https://a.org/x", False),
        ("https://a.org:8443/x", "https://a.org/x", False),
    ],
)
def test_who_may_know_a_token(url, asked, may):
    assert _may_know(url, asked) is may


async def test_a_token_goes_to_no_other_machine(fetcher, rude_server):
    told = []

    def answer(request):
        told.append(request.headers.get("Authorization"))
        return moved("/b") if request.path == "/a" else web.Response(text="here")

    rude_server.answer = answer
    await fetcher.get(f"{rude_server.url}/a", service="s", token="t")
    await fetcher.get(f"{rude_server.url}/b", service="s")
    assert told == ["Bearer t", "Bearer t", None]


async def test_headers_of_a_key_go_to_no_other_machine_and_are_not_shown(fetcher, rude_server):
    keys = []

    def answer(request):
        keys.append(request.headers.get("x-api-key"))
        return moved("/b") if request.path == "/a" else web.Response(text="here")

    rude_server.answer = answer
    await fetcher.get(f"{rude_server.url}/a", service="s", headers={"x-api-key": "canary"})
    await fetcher.get(f"{rude_server.url}/b", service="s")
    assert keys == ["canary", "canary", None]
    rude_server.answer = lambda request: moved(f"{rude_server.url.replace('127.0.0.1', 'localhost')}/b")
    with pytest.raises(SourceRefused) as caught:  # another machine, and not a public one
        await fetcher.get(f"{rude_server.url}/a", service="s", headers={"x-api-key": "canary"})
    assert "canary" not in str(caught.value)
