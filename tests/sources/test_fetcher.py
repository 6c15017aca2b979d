"""The HTTP client of all sources against a real server on loopback that is slow, rude, broken or hostile."""

import asyncio
import gzip
import socket
from datetime import timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from memory_peak import grown
from paperwire.errors import SourceBusy, SourceError, SourceGarbled, SourceRefused, SourceSlow
from paperwire.sources._http import Fetcher, Validators, user_agent
from servers.arxiv import bomb
from servers.direct import DIRECT
from servers.rude import Rude


@pytest.fixture
async def rude_server():
    async with Rude() as rude_server:
        yield rude_server


def answers(body=b"<a/>", status=200, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.Response(body=body, status=status, headers={"Content-Type": "application/xml", **named})


async def test_it_says_who_we_are_asks_for_gzip_only_and_keeps_no_cookies(fetcher, rude_server):
    rude_server.answer = answers(Set_Cookie="a=b; Path=/")
    for _ in range(2):
        got = await fetcher.get(rude_server.url, service="s")
    assert got.body == b"<a/>"
    for headers in rude_server.headers:
        assert headers["User-Agent"] == "Paperwire/test"
        assert headers["Accept-Encoding"] == "gzip"
        assert "Cookie" not in headers


@pytest.mark.parametrize(
    ("contact", "expected"),
    [
        ("me@example.org", "Paperwire/1.2 (+https://p.example; mailto:me@example.org)"),
        ("https://example.org/me", "Paperwire/1.2 (+https://p.example; https://example.org/me)"),
        ("", "Paperwire/1.2 (+https://p.example)"),
        ("a\r\nX: y", "Paperwire/1.2 (+https://p.example; mailto:aX: y)"),
    ],
)
def test_the_agent_names_version_page_and_contact(contact, expected):
    assert user_agent("1.2", "https://p.example", contact) == expected


def test_the_agent_names_no_address_that_works_here_alone():
    assert user_agent("1.2", "http://127.0.0.1:8000", "me@example.org") == "Paperwire/1.2 (mailto:me@example.org)"
    assert user_agent("1.2", "http://localhost:8000", "") == "Paperwire/1.2"


async def test_validators_go_out_and_a_304_comes_back_without_body(fetcher, rude_server):
    rude_server.answer = answers(ETag='"x"', Last_Modified="Mon, 05 Jan 2026 05:00:00 GMT")
    first = await fetcher.get(rude_server.url, service="s")
    assert first.validators == Validators('"x"', "Mon, 05 Jan 2026 05:00:00 GMT")
    rude_server.answer = lambda _: web.Response(status=304)
    again = await fetcher.get(rude_server.url, service="s", validators=first.validators)
    assert again.not_modified
    assert again.validators == first.validators
    assert rude_server.headers[-1]["If-None-Match"] == '"x"'
    assert rude_server.headers[-1]["If-Modified-Since"] == "Mon, 05 Jan 2026 05:00:00 GMT"


async def test_a_304_that_nobody_asked_for_is_no_answer(fetcher, rude_server):
    rude_server.answer = lambda _: web.Response(status=304)
    with pytest.raises(SourceGarbled):
        await fetcher.get(rude_server.url, service="s")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
async def test_a_refusal_is_not_tried_again(fetcher, rude_server, status):
    rude_server.faults.extend([status])
    with pytest.raises(SourceRefused, match=str(status)):
        await fetcher.get(rude_server.url, service="s")
    assert len(rude_server.requests) == 1


@pytest.mark.parametrize("fault", [500, 502, "reset", "cut"])
async def test_passing_trouble_is_tried_again_and_lasting_trouble_is_an_error(fetcher, rude_server, fault):
    rude_server.faults.extend([fault, fault])
    assert (await fetcher.get(rude_server.url, service="s")).body == b"<a/>"
    rude_server.faults.extend([fault] * 3)
    with pytest.raises(SourceError) as caught:
        await fetcher.get(rude_server.url, service="s")
    assert not isinstance(caught.value, SourceRefused | SourceBusy | SourceGarbled)
    assert len(rude_server.requests) == 6


async def test_no_server_is_an_error_that_names_the_host_only(fetcher, rude_server):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(SourceError, match=r"127\.0\.0\.1 can.t be reached") as caught:
        await fetcher.get(f"http://127.0.0.1:{port}/?key=secret", service="s")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        ("0", 60),
        ("1", 60),
        ("date", 90),
        ("past", 60),
        ("soon", 60),
        ("-5", 60),
        ("", 60),
        ("9" * 12, 86_400),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_retry_after_in_any_form_is_reported_and_never_shortens_our_patience(
    fetcher, rude_server, clock, header, seconds, status
):
    dates = {"date": 90, "past": -90}
    value = format_datetime(clock() + timedelta(seconds=dates[header]), usegmt=True) if header in dates else header
    rude_server.answer = answers(status=status, Retry_After=value)
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(rude_server.url, service="s")
    assert caught.value.after == seconds
    assert len(rude_server.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_a_server_error_that_names_a_time_is_obeyed(fetcher, rude_server, status):
    rude_server.answer = answers(status=status, Retry_After="120")
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(rude_server.url, service="s")
    assert (caught.value.after, caught.value.named, len(rude_server.requests)) == (120, True, 1)


@pytest.mark.parametrize(("interval", "seconds"), [(3.0, 60), (0.05, 1), (0.0, 60)])
async def test_patience_without_retry_after_goes_by_the_usual_interval(fetcher, rude_server, interval, seconds):
    rude_server.answer = answers(status=503)
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(rude_server.url, service="s", interval=interval)
    assert caught.value.after == seconds


async def test_a_service_that_wants_rest_is_not_asked_until_then_and_others_are(fetcher, rude_server, clock):
    rude_server.answer = answers(status=429, Retry_After="120")
    with pytest.raises(SourceBusy):
        await fetcher.get(rude_server.url, service="s")
    rude_server.answer = answers()
    clock.advance(seconds=119)
    with pytest.raises(SourceBusy) as caught:
        await fetcher.get(rude_server.url, service="s")
    assert caught.value.after == 1
    await fetcher.get(rude_server.url, service="other")
    assert len(rude_server.requests) == 2
    clock.advance(seconds=1)
    assert (await fetcher.get(rude_server.url, service="s")).body == b"<a/>"


async def test_one_request_at_a_time_for_a_service_each_with_its_turn(fetcher, rude_server, pace):
    async def slowly(_):
        await asyncio.sleep(0.02)
        return web.Response(text="x")

    rude_server.answer = slowly
    await asyncio.gather(*(fetcher.get(f"{rude_server.url}/{n}", service="s", interval=0.0) for n in range(4)))
    assert rude_server.together == 1
    assert pace.waits == [("s", 0.0)] * 4


async def test_each_try_takes_its_turn_too(fetcher, rude_server, pace):
    rude_server.faults.extend([500, 500])
    await fetcher.get(rude_server.url, service="s", interval=0.01)
    assert len(pace.waits) == 3


async def test_a_plain_body_over_the_cap_is_given_up(fetcher, rude_server):
    rude_server.answer = answers(b"x" * 10_001)
    with pytest.raises(SourceGarbled, match=r"more than 0\.01 MB"):
        await fetcher.get(rude_server.url, service="s", max_bytes=10_000)
    rude_server.answer = answers(b"x" * 10_000)
    assert len((await fetcher.get(rude_server.url, service="s", max_bytes=10_000)).body) == 10_000


async def test_a_gzip_bomb_never_unfolds(fetcher, rude_server):
    rude_server.answer = answers(bomb(), Content_Encoding="gzip")
    with grown(64 * 1024), pytest.raises(SourceGarbled, match="more than 10 MB"):
        await fetcher.get(rude_server.url, service="s")


async def test_gzip_is_read_in_one_or_several_members(fetcher, rude_server):
    text = b"<a>" + bytes(range(32, 127)) * 5_000 + b"</a>"
    for body in (gzip.compress(text), gzip.compress(text[:999]) + gzip.compress(text[999:])):
        rude_server.answer = answers(body, Content_Encoding="gzip")
        assert (await fetcher.get(rude_server.url, service="s")).body == text


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "gzip"),
        (b"plain", "gzip"),
        (b"", "gzip"),
        (b"x", "br"),
        (b"x", "gzip, gzip"),
    ],
)
async def test_damaged_or_unasked_compression_is_refused(fetcher, rude_server, body, coding):
    rude_server.answer = answers(body, Content_Encoding=coding)
    with pytest.raises(SourceGarbled):
        await fetcher.get(rude_server.url, service="s")


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
async def test_an_answer_of_another_kind_is_refused(fetcher, rude_server, kind, content_type, body, fine):
    rude_server.answer = lambda _: web.Response(body=body, headers={"Content-Type": content_type})
    if fine:
        assert (await fetcher.get(rude_server.url, service="s", kind=kind)).body == body
    else:
        with pytest.raises(SourceGarbled):
            await fetcher.get(rude_server.url, service="s", kind=kind)


async def test_success_without_content_is_refused(fetcher, rude_server):
    rude_server.answer = lambda _: web.Response(status=204)
    with pytest.raises(SourceGarbled, match="204"):
        await fetcher.get(rude_server.url, service="s")


async def test_an_answer_that_trickles_is_cut_off(fetcher, rude_server):
    async def trickle(request):
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x")
            await asyncio.sleep(0.02)

    rude_server.answer = trickle
    with pytest.raises(SourceError, match="did not finish"):
        await fetcher.get(rude_server.url, service="s", deadline=0.2)


async def test_slowness_is_not_tried_again_while_others_wait(fetcher, rude_server):
    rude_server.answer = never
    with pytest.raises(SourceSlow, match=r"127\.0\.0\.1 sent nothing for 0 s"):
        await fetcher.get(rude_server.url, service="s", silence=0.1)
    assert len(rude_server.requests) == 1


async def test_how_long_a_first_byte_may_take_is_said_for_each_request(pace, clock, rude_server):
    async def slowly(_):
        await asyncio.sleep(0.6)
        return web.Response(text="<a/>")

    rude_server.answer = slowly
    fetcher = Fetcher(network=DIRECT, user_agent="Paperwire/test", pace=pace, now=clock, timeout=0.2)
    try:
        with pytest.raises(SourceError, match="sent nothing"):
            await fetcher.get(rude_server.url, service="s")
        assert (await fetcher.get(rude_server.url, service="s", silence=60.0)).body == b"<a/>"
    finally:
        await fetcher.close()


async def test_an_endpoint_that_wants_rest_closes_no_other_of_its_service(fetcher, rude_server, clock):
    rude_server.answer = answers(status=503, Retry_After="120")
    with pytest.raises(SourceBusy):
        await fetcher.get(f"{rude_server.url}/oai?x=1", service="s", endpoint=f"{rude_server.url}/oai")
    rude_server.answer = answers()
    with pytest.raises(SourceBusy, match="/oai") as caught:
        await fetcher.get(f"{rude_server.url}/oai?x=2", service="s", endpoint=f"{rude_server.url}/oai")
    assert not caught.value.sent
    await fetcher.get(f"{rude_server.url}/rss/cs.CL", service="s", endpoint=f"{rude_server.url}/rss")
    clock.advance(seconds=120)
    await fetcher.get(f"{rude_server.url}/oai", service="s", endpoint=f"{rude_server.url}/oai")


async def never(_):
    await asyncio.sleep(30)


async def test_parameters_are_added_to_those_in_the_address(fetcher, rude_server):
    await fetcher.get(f"{rude_server.url}/x?a=1", service="s", params={"b": "2 3"})
    assert rude_server.requests == [("/x", {"a": "1", "b": "2 3"})]


async def test_a_post_takes_its_body_and_is_tried_again(fetcher, rude_server, pace):
    bodies = []

    async def answer(request):
        bodies.append((request.method, request.headers["Content-Type"], await request.read()))
        return web.json_response({}, status=500 if len(bodies) == 1 else 200)

    rude_server.answer = answer
    named = {"Content-Type": "application/json"}
    got = await fetcher.get(
        rude_server.url, service="s", interval=1.0, kind="json", headers=named, content=b'{"ids": []}'
    )
    assert got.body == b"{}"
    assert bodies == [("POST", "application/json", b'{"ids": []}')] * 2
    assert pace.waits == [("s", 1.0)] * 2
    assert rude_server.headers[0]["User-Agent"] == "Paperwire/test"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_post_follows_no_redirect(fetcher, rude_server, status):
    rude_server.answer = answers(status=status, Location="/b")
    with pytest.raises(SourceError):
        await fetcher.get(rude_server.url, service="s", content=b"{}")
    assert len(rude_server.headers) == 1
