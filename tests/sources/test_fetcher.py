"""The HTTP client of all sources against a real server on loopback that is slow, rude, broken or hostile."""

import asyncio
import gzip
import resource
import socket
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused
from paperwire.sources._http import Fetcher, Validators, user_agent
from servers.arxiv import bomb
from servers.loopback import Loopback


class Rude(Loopback):
    """Answers `/` with whatever `answer` makes; remembers the headers it got and how many asked at the same time."""

    def __init__(self):
        super().__init__()
        self.answer = lambda request: web.Response(text="<a/>", content_type="application/xml")
        self.headers = []
        self.together = 0
        self._open = 0

    def routes(self):
        return [("/{path:.*}", self._handle)]

    async def _handle(self, request):
        self.headers.append(request.headers)
        self._open += 1
        self.together = max(self.together, self._open)
        try:
            answer = self.answer(request)
            return await answer if asyncio.iscoroutine(answer) else answer
        finally:
            self._open -= 1


@pytest.fixture
async def server():
    async with Rude() as server:
        yield server


def answers(body=b"<a/>", status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(body=body, status=status, headers={"Content-Type": "application/xml", **named})


async def test_it_says_who_we_are_asks_for_gzip_only_and_keeps_no_cookies(fetcher, server):
    server.answer = answers(Set_Cookie="a=b; Path=/")
    for _ in range(2):
        got = await fetcher.get(server.url, service="s")
    assert got.body == b"<a/>"
    assert got.content_type == "application/xml"
    for headers in server.headers:
        assert headers["User-Agent"] == "Paperwire/test"
        assert headers["Accept-Encoding"] == "gzip"
        assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("me@example.org", "Paperwire/1.2 (+https://p.example; mailto:me@example.org)"),
        ("", "Paperwire/1.2 (+https://p.example)"),
        ("a\r\nX: y", "Paperwire/1.2 (+https://p.example; mailto:aX: y)"),
    ],
)
def test_the_agent_names_version_page_and_contact(contact, expected):
    assert user_agent("1.2", "https://p.example", contact) == expected


async def test_validators_go_out_and_a_304_comes_back_without_body(fetcher, server):
    server.answer = answers(ETag='"x"', Last_Modified="Mon, 05 Jan 2026 05:00:00 GMT")
    first = await fetcher.get(server.url, service="s")
    assert first.validators == Validators('"x"', "Mon, 05 Jan 2026 05:00:00 GMT")
    server.answer = lambda _: web.Response(status=304)
    again = await fetcher.get(server.url, service="s", validators=first.validators)
    assert again.not_modified
    assert again.validators == first.validators
    assert server.headers[-1]["If-None-Match"] == '"x"'
    assert server.headers[-1]["If-Modified-Since"] == "Mon, 05 Jan 2026 05:00:00 GMT"


async def test_a_304_that_nobody_asked_for_is_no_answer(fetcher, server):
    server.answer = lambda _: web.Response(status=304)
    with pytest.raises(SourceGarbled):
        await fetcher.get(server.url, service="s")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_refusal_is_not_tried_again(fetcher, server, status):
    server.faults.extend([status])
    with pytest.raises(SourceRefused, match=str(status)):
        await fetcher.get(server.url, service="s")
    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", [500, 502, "reset", "cut"])
async def test_passing_trouble_is_tried_again_and_lasting_trouble_is_an_error(fetcher, server, fault):
    server.faults.extend([fault, fault])
    assert (await fetcher.get(server.url, service="s")).body == b"<a/>"
    server.faults.extend([fault] * 3)
    with pytest.raises(SourceError) as caught:
        await fetcher.get(server.url, service="s")
    assert not isinstance(caught.value, SourceRefused | SourceBusy | SourceGarbled)
    assert len(server.requests) == 6


async def test_no_server_is_an_error_that_names_the_host_only(fetcher, server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 cannot be reached") as caught:
        await fetcher.get(f"http://127.0.0.1:{port}/?key=secret", service="s")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("120", 120), ("0", 0), ("date", 90), ("soon", 60), ("-5", 60), ("", 60), ("999999999999", 86_400)],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_in_any_form_is_reported(fetcher, server, clock, header, seconds, status):
    value = format_datetime(clock() + timedelta(seconds=90), usegmt=True) if header == "date" else header
    server.answer = answers(status=status, Retry_After=value)
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(server.url, service="s")
    assert caught.value.after == seconds
    assert len(server.requests) == 1


async def test_a_service_that_wants_rest_is_not_asked_until_then_and_others_are(fetcher, server, clock):
    server.answer = answers(status=429, Retry_After="120")
    with pytest.raises(SourceBusy):
        await fetcher.get(server.url, service="s")
    server.answer = answers()
    clock.advance(seconds=119)
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(server.url, service="s")
    assert caught.value.after == 1
    await fetcher.get(server.url, service="other")
    assert len(server.requests) == 2
    clock.advance(seconds=1)
    assert (await fetcher.get(server.url, service="s")).body == b"<a/>"


async def test_one_request_at_a_time_for_a_service_each_with_its_turn(fetcher, server, pace):
    async def slowly(_):
        await asyncio.sleep(0.02)
        return web.Response(text="x")

    server.answer = slowly
    await asyncio.gather(*(fetcher.get(f"{server.url}/{n}", service="s", interval=0.0) for n in range(4)))
    assert server.together == 1
    assert pace.waits == [("s", 0.0)] * 4


async def test_the_interval_counts_from_the_end_of_an_answer(fetcher, server, pace):
    moments = []
    loop = asyncio.get_running_loop()

    async def slowly(_):
        moments.append(loop.time())
        await asyncio.sleep(0.05)
        moments.append(loop.time())
        return web.Response(text="x")

    server.answer = slowly
    for _ in range(3):
        await fetcher.get(server.url, service="s", interval=0.1)
    assert all(later - earlier >= 0.1 for earlier, later in zip(moments[1::2], moments[2::2], strict=False))
    assert pace.waits == [("s", 0.1)] * 3


async def test_each_try_takes_its_turn_too(fetcher, server, pace):
    server.faults.extend([500, 500])
    await fetcher.get(server.url, service="s", interval=0.01)
    assert len(pace.waits) == 3


async def test_a_plain_body_over_the_cap_is_given_up(fetcher, server):
    server.answer = answers(b"x" * 10_001)
    with pytest.raises(SourceGarbled, match=r"more than 0\.01 MB"):
        await fetcher.get(server.url, service="s", max_bytes=10_000)
    server.answer = answers(b"x" * 10_000)
    assert len((await fetcher.get(server.url, service="s", max_bytes=10_000)).body) == 10_000


async def test_a_gzip_bomb_never_unfolds(fetcher, server):
    server.answer = answers(bomb(), Content_Encoding="gzip")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(SourceGarbled, match="more than 10 MB"):
        await fetcher.get(server.url, service="s")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


async def test_gzip_is_read_in_one_or_several_members(fetcher, server):
    text = b"<a>" + bytes(range(32, 127)) * 5_000 + b"</a>"
    for body in (gzip.compress(text), gzip.compress(text[:999]) + gzip.compress(text[999:])):
        server.answer = answers(body, Content_Encoding="gzip")
        assert (await fetcher.get(server.url, service="s")).body == text


@pytest.mark.parametrize(
    ("body", "coding"),
    [(gzip.compress(b"x" * 999)[:-9], "gzip"), (b"plain", "gzip"), (b"", "gzip"), (b"x", "br"), (b"x", "gzip, gzip")],
)
async def test_damaged_or_unasked_compression_is_refused(fetcher, server, body, coding):
    server.answer = answers(body, Content_Encoding=coding)
    with pytest.raises(SourceGarbled):
        await fetcher.get(server.url, service="s")


@pytest.mark.parametrize(
    ("kind", "content_type", "body", "fine"),
    [
        ("xml", "application/atom+xml", b"<a/>", True),
        ("xml", "text/plain", b"<a/>", True),
        ("xml", "", b"<a/>", True),
        ("xml", "text/html", b"<a/>", False),
        ("xml", "application/xml", b"\xef\xbb\xbf \n<!DOCTYPE HTML><p>Sorry", False),
        ("xml", "application/xml", b"<html><p>Sorry", False),
        ("xml", "image/png", b"\x89PNG", False),
        ("json", "application/json", b"[]", True),
        ("json", "application/xml", b"<a/>", False),
        ("json", "application/json", b"<p>", False),
        ("any", "text/html", b"<html>", True),
    ],
)
async def test_an_answer_of_another_kind_is_refused(fetcher, server, kind, content_type, body, fine):
    server.answer = lambda _: web.Response(body=body, headers={"Content-Type": content_type})
    if fine:
        assert (await fetcher.get(server.url, service="s", kind=kind)).body == body
    else:
        with pytest.raises(SourceGarbled):
            await fetcher.get(server.url, service="s", kind=kind)


async def test_success_without_content_is_refused(fetcher, server):
    server.answer = lambda _: web.Response(status=204)
    with pytest.raises(SourceGarbled, match="204"):
        await fetcher.get(server.url, service="s")


async def test_an_answer_that_trickles_is_cut_off(fetcher, server):
    async def trickle(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(0.02)

    server.answer = trickle
    with pytest.raises(SourceError, match="did not finish"):
        await fetcher.get(server.url, service="s", deadline=0.2)


async def test_parameters_are_added_to_those_in_the_address(fetcher, server):
    await fetcher.get(f"{server.url}/x?a=1", service="s", params={"b": "2 3"})
    assert server.requests == [("/x", {"a": "1", "b": "2 3"})]


# --- redirects and the guard ---------------------------------------------------------------------------------------


def moved(to, status=302):
    return web.Response(status=status, headers={"Location": to})


async def test_redirects_on_the_same_machine_are_followed_and_paced(fetcher, server, pace):
    server.answer = lambda request: moved("/b", 301) if request.path == "/a" else web.Response(text="here")
    got = await fetcher.get(f"{server.url}/a", service="s")
    assert (got.body, got.url) == (b"here", f"{server.url}/b")
    assert len(pace.waits) == 2


async def test_redirects_in_circles_end(fetcher, server):
    server.answer = lambda _: moved("/again")
    with pytest.raises(SourceGarbled, match="circles"):
        await fetcher.get(server.url, service="s")
    assert len(server.requests) == 5


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
async def test_a_redirect_never_leads_into_the_house(fetcher, server, to):
    port = server.url.rpartition(":")[2]
    server.answer = lambda _: moved(to.format(port=port))
    with pytest.raises(SourceError):
        await fetcher.get(server.url, service="s")
    assert len(server.requests) == 1


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
    with pytest.raises(SourceError, match="cannot be reached"):
        await fetcher.get("http://no-such-name.invalid/", service="s", guard=True)


async def test_what_was_checked_is_what_is_dialled(server, pace, clock, names, monkeypatch):
    """A name that resolves to another machine the second time (rebinding) cannot lead astray: it is asked once."""
    port = int(server.url.rpartition(":")[2])
    names["feed.example"] = ["127.0.0.1"]
    monkeypatch.setattr("paperwire.core.address._PORTS", {"http": port})
    fetcher = Fetcher(user_agent="x", pace=pace, now=clock, is_public=lambda ip: ip == "127.0.0.1")
    got = await fetcher.get(f"http://feed.example:{port}/feed", service="s", guard=True)
    await fetcher.close()
    assert got.body == b"<a/>"
    assert server.headers[0]["Host"] == f"feed.example:{port}"
    assert names["feed.example"].count(None) == 1


async def test_the_guard_follows_along_redirects(server, pace, clock, names, monkeypatch):
    port = int(server.url.rpartition(":")[2])
    names["feed.example"] = ["127.0.0.1"]
    names["inside.example"] = ["10.0.0.7"]
    monkeypatch.setattr("paperwire.core.address._PORTS", {"http": port})
    server.answer = lambda _: moved(f"http://inside.example:{port}/")
    fetcher = Fetcher(user_agent="x", pace=pace, now=clock, is_public=lambda ip: ip == "127.0.0.1")
    with pytest.raises(SourceRefused):
        await fetcher.get(f"http://feed.example:{port}/feed", service="s", guard=True)
    await fetcher.close()
    assert len(server.requests) == 1


@pytest.mark.parametrize("url", ["http://①/", "nothing", ""])
async def test_what_is_no_web_address_is_refused(fetcher, url):
    with pytest.raises(SourceRefused):
        await fetcher.get(url, service="s")


async def test_half_an_address_is_an_error_like_others(fetcher):
    with pytest.raises(SourceError):
        await fetcher.get("http://[", service="s")


async def test_a_proxy_in_the_environment_is_not_used(monkeypatch, server, pace, clock):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    fetcher = Fetcher(user_agent="x", pace=pace, now=clock)
    assert (await fetcher.get(server.url, service="s")).body == b"<a/>"
    await fetcher.close()
