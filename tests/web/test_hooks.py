"""Where platforms post what people say."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from paperwire.ports.channels import Hook
from paperwire.web.app import create_app
from web_scene import SITE, serving


@pytest.fixture
def taken():
    return []


@pytest.fixture
async def hooked(deps, taken):
    async def take(body):
        taken.append(body)
        return body == b"{}"

    app = create_app(replace(deps, hooks=[Hook("/hooks/made-up", "X-Secret", "right".__eq__, take)]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        yield client


async def test_a_post_with_the_secret_is_taken(hooked, taken):
    answer = await hooked.post("/hooks/made-up", content=b"{}", headers={"X-Secret": "right"})
    assert (answer.status_code, taken) == (200, [b"{}"])


async def test_a_post_reaches_a_site_below_a_path(deps, taken):
    async def take(body):
        taken.append(body)
        return True

    hook = Hook("/hooks/made-up", "X-Secret", "".__eq__, take)
    app = create_app(replace(deps, context=replace(deps.context, public_url=f"{SITE}/read"), hooks=[hook]))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=SITE) as client:
        assert (await client.post("/read/hooks/made-up", content=b"{}")).status_code == 200
    assert taken == [b"{}"]


async def test_what_is_no_message_of_the_platform_is_refused(hooked):
    answer = await hooked.post("/hooks/made-up", content=b"[]", headers={"X-Secret": "right"})
    assert answer.status_code == 403


class Body:
    """A body in pieces of 100 kB; `sent` is how many bytes of it were read."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.sent = 0

    async def __aiter__(self):
        for _ in range(self.pieces):
            self.sent += 100_000
            yield b"x" * 100_000


@pytest.mark.parametrize("headers", [{}, {"X-Secret": "wrong"}])
async def test_without_the_secret_nothing_is_read(hooked, taken, headers):
    body = Body(4000)
    answer = await hooked.post("/hooks/made-up", content=body, headers=headers)
    assert (answer.status_code, body.sent, taken) == (403, 0, [])


async def test_too_much_of_it_is_refused_unread(hooked, taken):
    body = Body(4000)
    headers = {"X-Secret": "right", "Content-Length": "400000000"}
    answer = await hooked.post("/hooks/made-up", content=body, headers=headers)
    assert (answer.status_code, body.sent, taken) == (413, 0, [])


async def test_too_much_of_an_unknown_length_is_read_no_further(hooked, taken):
    body = Body(4000)
    answer = await hooked.post("/hooks/made-up", content=body, headers={"X-Secret": "right"})
    assert (answer.status_code, body.sent, taken) == (413, 1_100_000, [])


@pytest.mark.parametrize(("secret", "status"), [(b"wrong", b"403"), (b"right", b"413")])
async def test_over_the_wire_it_is_refused_before_any_of_it_is_sent(deps, taken, secret, status):
    async def take(body):
        taken.append(body)
        return True

    app = create_app(replace(deps, hooks=[Hook("/hooks/made-up", "X-Secret", "right".__eq__, take)]))
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        host = SITE.removeprefix("https://").encode()
        head = b"POST /hooks/made-up HTTP/1.1\r\nHost: %s\r\nX-Secret: %s\r\nContent-Length: 400000000\r\n\r\n"
        writer.write(head % (host, secret))
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()
    assert (answer.split()[1], taken) == (status, [])


async def test_a_look_is_not_a_post(hooked, taken):
    assert (await hooked.get("/hooks/made-up")).status_code == 405
    assert taken == []
