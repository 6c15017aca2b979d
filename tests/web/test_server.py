"""The web server itself, over a real socket."""

import asyncio
import socket
from contextlib import suppress

from paperwire.web.server import bind, serve


async def test_what_is_no_request_is_refused_with_the_headers_of_all_answers():
    async def app(scope, _receive, _send):
        raise AssertionError(scope["path"])

    listening = bind("127.0.0.1", 0)
    serving = asyncio.create_task(serve(app, listening))
    try:
        reader, writer = await asyncio.open_connection(*listening.getsockname())
        writer.write(b"GET /" + b"x" * 200_000 + b" HTTP/1.1\r\n\r\n")
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        writer.close()
    finally:
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving
    assert head[0] == "HTTP/1.1 400 Bad Request"
    assert "x-content-type-options: nosniff" in head
    assert "referrer-policy: no-referrer" in head
    assert "content-security-policy: default-src 'none'; sandbox" in head


async def test_an_answer_waits_for_no_acknowledgement_of_the_write_before():
    without_delay = asyncio.Queue()

    async def accepted(_reader, writer):
        without_delay.put_nowait(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        writer.close()

    listening = bind("127.0.0.1", 0)
    async with await asyncio.start_server(accepted, sock=listening):
        _, writer = await asyncio.open_connection(*listening.getsockname())
        assert await without_delay.get() != 0
        writer.close()
