"""Slow and many clients over real sockets: what keeps the server waiting ends, what it works at does not."""

import asyncio
import errno
import ipaddress
import socket
from contextlib import asynccontextmanager, suppress

import pytest
from structlog.testing import capture_logs

from paperwire.web import server
from paperwire.web.server import LEAST_READ, ConnectionLimits, Connections, Protocol, bind, serve
from paperwire.web.site import Proxies

LONG = 600.0
PATIENT = {"head": LONG, "body": LONG, "idle": LONG, "reading": LONG}
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\n"


class App:
    """Answers `/` at once, reads the body for `/read`, waits for `go` at `/busy`, and sends `/much` that is `size`."""

    def __init__(self):
        self.go = asyncio.Event()
        self.busy = asyncio.Event()
        self.both_busy = asyncio.Event()
        self.ended = asyncio.Event()
        self.size = 30_000_000
        self.said = []

    async def __call__(self, scope, receive, send):
        if scope["path"] == "/read":
            while (message := await receive()).get("more_body"):
                pass
            self.said.append(message["type"])
        if scope["path"] == "/busy":
            (self.both_busy if self.busy.is_set() else self.busy).set()
            await self.go.wait()
        size = self.size if scope["path"] == "/much" else 2
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
        for more in (True, False):
            await send({"type": "http.response.body", "body": b"x" * (size // 2), "more_body": more})
        self.ended.set()


@asynccontextmanager
async def served(app, **limits):
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]
    serving = asyncio.create_task(serve(app, listening, ConnectionLimits(**{**PATIENT, **limits})))
    try:
        yield port
    finally:
        app.go.set()
        serving.cancel()
        with suppress(asyncio.CancelledError):
            await serving


async def connected(port, sent=b""):
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    return reader, writer


async def all_of(reader):
    """What comes until the connection ends, however it ends."""
    got = b""
    with suppress(ConnectionResetError):
        while piece := await reader.read(100_000):
            got += piece
    return got


async def answer(port, path="/"):
    reader, writer = await connected(port, HEAD.replace(b"/ ", path.encode() + b" ", 1) + b"Connection: close\r\n\r\n")
    got = await all_of(reader)
    writer.close()
    return got


# --- time-outs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (b"", b""),
        (HEAD, b"HTTP/1.1 408 Request Timeout"),
        (HEAD.replace(b"GET", b"POST").replace(b"/", b"/read", 1) + b"Content-Length: 5\r\n\r\nab", b"HTTP/1.1 408"),
        (b"POST /read HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", b"HTTP/1.1 408"),
    ],
    ids=["nothing", "half a head", "half a body", "half a chunk"],
)
async def test_a_request_that_does_not_come_ends_its_connection(sent, expected):
    app = App()
    async with served(app, head=0.05, body=0.05) as port:
        reader, writer = await connected(port, sent)
        got = await all_of(reader)
        writer.close()
        assert got[: len(expected)] == expected
        assert bool(got) is bool(expected)
        assert b"x-content-type-options: nosniff" in got or not got
        assert (await answer(port)).endswith(b"xx")
    assert app.said in ([], ["http.disconnect"])


@pytest.mark.parametrize("begun", [HEAD, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n"])
async def test_a_byte_now_and_then_gains_no_time(begun):
    async with served(App(), head=0.3, body=0.3) as port:
        reader, writer = await connected(port, begun)
        ended = asyncio.create_task(all_of(reader))
        while not ended.done():
            writer.write(b"a")
            await asyncio.wait({ended}, timeout=0.02)
        writer.close()


async def test_between_requests_a_connection_may_rest_but_not_forever():
    async with served(App(), idle=0.2) as port:
        reader, writer = await connected(port)
        for _ in range(3):
            writer.write(HEAD + b"\r\n")
            assert (await reader.readuntil(b"xx")).startswith(b"HTTP/1.1 200")
        assert await all_of(reader) == b""  # without an answer to no request
        writer.close()


async def test_requests_that_come_together_are_all_answered():
    async with served(App()) as port:
        reader, writer = await connected(port, (HEAD + b"\r\n") * 20 + HEAD + b"Connection: close\r\n\r\n")
        assert (await all_of(reader)).count(b"HTTP/1.1 200 OK") == 21
        writer.close()


async def test_an_answer_that_takes_long_is_not_cut_off():
    app = App()
    async with served(app, head=0.05, body=0.05, idle=0.05, reading=0.05) as port:
        slow = asyncio.create_task(answer(port, "/busy"))
        await app.busy.wait()
        for _ in range(3):
            reader, writer = await connected(port)
            assert await all_of(reader) == b""  # all of these times have passed
            writer.close()
        app.go.set()
        assert (await slow).endswith(b"xx")


async def test_an_answer_that_is_not_read_is_given_up():
    app = App()
    async with served(app, reading=0.05) as port:
        _, writer = await connected(port, HEAD.replace(b"/", b"/much", 1) + b"\r\n")
        await app.ended.wait()
        assert (await answer(port)).endswith(b"xx")
        writer.close()


class Unread:
    """A transport of which a test says how much is unread."""

    def __init__(self, size):
        self.size = size
        self.aborted = False

    def get_write_buffer_size(self):
        return self.size

    def get_extra_info(self, _name):
        return None

    def is_closing(self):
        return self.aborted

    def abort(self):
        self.aborted = True


def unread_by_one(connections, size, crowds=None):
    config = server.uvicorn.Config(App(), http=server.H11Protocol, ws="none", log_config=None, lifespan="off")
    protocol = Protocol(config, server.uvicorn.server.ServerState(), connections, crowds or connections.admit("::1"))
    protocol.connection_made(Unread(size))
    return protocol


@pytest.mark.parametrize(("left", "is_over"), [(100_000, True), (100_001 - LEAST_READ, True), (0, False)])
async def test_an_answer_that_is_read_too_slowly_is_given_up(left, is_over):
    reader = unread_by_one(Connections(ConnectionLimits()), 100_000)
    reader.transport.size = left
    reader._late("reading")
    assert reader.transport.aborted is is_over
    reader.leave()


async def test_an_answer_that_is_read_steadily_is_sent_to_its_end():
    reader = unread_by_one(Connections(ConnectionLimits()), 200_000)
    for _ in range(10):
        reader.transport.size -= LEAST_READ
        reader._late("reading")
        reader.resume_writing()
    assert not reader.transport.aborted
    reader.leave()


async def test_what_is_unread_is_bounded_in_all():
    connections = Connections(ConnectionLimits(unread=250_000))
    readers = [unread_by_one(connections, 100_000) for _ in range(4)]
    assert [one.transport.aborted for one in readers] == [True, True, False, False]
    for one in readers:
        one.leave()
    assert len(connections) == 0


# --- bounds ------------------------------------------------------------------------------------------------------


async def test_the_one_that_keeps_us_waiting_longest_makes_room():
    async with served(App(), most=3) as port:
        waiting = [await connected(port, HEAD) for _ in range(3)]
        assert (await answer(port)).endswith(b"xx")
        assert await all_of(waiting[0][0]) == b""
        waiting[2][1].write(b"\r\n")
        assert (await waiting[2][0].readuntil(b"xx")).startswith(b"HTTP/1.1 200")
        for _, writer in waiting:
            writer.close()


async def test_what_is_worked_at_is_never_closed_to_make_room():
    app = App()
    async with served(app, most=2) as port:
        busy = [asyncio.create_task(answer(port, "/busy")) for _ in range(2)]
        await app.both_busy.wait()
        refused = await asyncio.gather(*(answer(port) for _ in range(5)))
        app.go.set()
        answered = await asyncio.gather(*busy)
        assert (refused[-1], [one[-2:] for one in answered]) == (b"", [b"xx", b"xx"])


def entered(connections, host):
    crowds = connections.admit(host)
    return crowds and unread_by_one(connections, 0, crowds)


async def test_one_address_has_a_bound_of_its_own():
    connections = Connections(ConnectionLimits(most=100, each=2))
    for host in ("203.0.113.7", "2001:db8:1:2::7"):
        first, second, third = (entered(connections, host) for _ in range(3))
        assert [one.transport.aborted for one in (first, second, third)] == [True, False, False]
    assert not entered(connections, "2001:db8:1:3::7").transport.aborted
    fourth = entered(connections, "2001:db8:1:2::8")  # of the same customer
    assert not fourth.transport.aborted
    assert len(connections) == 5


async def test_a_busy_address_is_refused_and_no_other():
    connections = Connections(ConnectionLimits(most=100, each=2))
    for _ in range(2):
        entered(connections, "203.0.113.7")._wait_no_more()
    assert entered(connections, "203.0.113.7") is None
    assert entered(connections, "::ffff:203.0.113.7") is None
    assert entered(connections, "203.0.113.8") is not None


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.7"])
async def test_this_machine_and_trusted_proxies_have_only_the_bound_in_all(host):
    proxies = Proxies([ipaddress.ip_network("10.0.0.0/8")])
    connections = Connections(ConnectionLimits(most=5, each=1, proxies=proxies))
    many = [entered(connections, host) for _ in range(6)]
    assert [one.transport.aborted for one in many] == [True] + [False] * 5


async def test_an_address_that_left_is_forgotten():
    connections = Connections(ConnectionLimits())
    one = entered(connections, "203.0.113.7")
    one.leave()
    assert len(connections._by_client) == len(connections) == 0


# --- when the system has nothing left ----------------------------------------------------------------------------


async def test_without_files_it_gives_some_back_and_goes_on(monkeypatch):
    monkeypatch.setattr(server, "ACCEPT_AGAIN", 0.0)
    loop = asyncio.get_running_loop()
    accept, left = loop.sock_accept, [0]

    async def sometimes(listening):
        if left[0]:
            left[0] -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return await accept(listening)

    with capture_logs() as logs:
        async with served(App()) as port:
            waiting = [await connected(port, HEAD) for _ in range(4)]
            assert (await answer(port)).endswith(b"xx")
            monkeypatch.setattr(loop, "sock_accept", sometimes)
            left[0] = 1
            assert (await answer(port)).endswith(b"xx")  # accepted by the call that waited; the next one fails
            assert [await all_of(reader) for reader, _ in waiting[:2]] == [b"", b""]
            waiting[3][1].write(b"\r\n")
            assert (await waiting[3][0].readuntil(b"xx")).startswith(b"HTTP/1.1 200")
            for _, writer in waiting:
                writer.close()
    assert [entry["event"] for entry in logs] == ["connections can't be accepted"]


async def test_a_client_that_left_before_it_was_accepted_is_nothing(monkeypatch):
    loop = asyncio.get_running_loop()
    accept, left = loop.sock_accept, [3]

    async def sometimes(listening):
        if left[0]:
            left[0] -= 1
            raise ConnectionAbortedError
        return await accept(listening)

    monkeypatch.setattr(loop, "sock_accept", sometimes)
    with capture_logs() as logs:
        async with served(App()) as port:
            assert (await answer(port)).endswith(b"xx")
    assert logs == []


async def test_a_connection_that_cannot_begin_stops_no_other(monkeypatch):
    loop = asyncio.get_running_loop()
    begin, left = loop.connect_accepted_socket, [1]

    async def sometimes(factory, connection):
        if left[0]:
            left[0] -= 1
            factory()
            raise OSError(errno.ENOSPC, "No space left on device")
        return await begin(factory, connection)

    monkeypatch.setattr(loop, "connect_accepted_socket", sometimes)
    with capture_logs() as logs:
        async with served(App(), most=1) as port:
            assert await answer(port) == b""
            assert (await answer(port)).endswith(b"xx")
    assert [entry["event"] for entry in logs] == ["a connection can't begin"]


async def test_a_stop_closes_what_is_half_open():
    async with served(App()) as port:
        waiting = [await connected(port, HEAD), await connected(port)]
    assert [await all_of(reader) for reader, _ in waiting] == [b"", b""]
    with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.1", port)):
        pass
    for _, writer in waiting:
        writer.close()
