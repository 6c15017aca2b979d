import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from pydantic import SecretStr, ValidationError

from paperwire.encoders import http
from paperwire.encoders.http import Options, build
from paperwire.errors import ConfigError, EncoderError
from servers.direct import DIRECT


@asynccontextmanager
async def server(answer):
    """An embedding server on loopback; `answer` makes status and body of a request, or never returns."""
    asked, serving = [], set()

    async def serve(reader, writer):
        serving.add(asyncio.current_task())
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = int(head.lower().split("content-length: ")[1].split("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            asked.append((head, body))
            status, text = await answer(body)
            about = f"HTTP/1.1 {status} x\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
            writer.write(f"{about}{text}".encode())
            await writer.drain()
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        encoder = build(
            Options(url=f"http://127.0.0.1:{port}/v1/", model="m", dimensions=2, key=SecretStr("hush")), network=DIRECT
        )
        try:
            yield encoder, asked
        finally:
            await encoder.close()
            for task in serving:
                task.cancel()
            await asyncio.gather(*serving, return_exceptions=True)


def says(status, text):
    async def answer(_body):
        return status, text

    return answer


async def embed(body):
    data = [{"index": place, "embedding": [float(len(text)), 0.0]} for place, text in enumerate(body["input"])]
    return 200, json.dumps({"data": list(reversed(data))})


async def test_texts_are_sent_in_batches_and_vectors_come_back_in_their_order(monkeypatch):
    monkeypatch.setattr(http, "_BATCH", 2)
    async with server(embed) as (encoder, asked):
        vectors = await encoder.encode([("a", "b"), ("c", ""), ("", "d")])
        assert (await encoder.encode([])).shape == (0, 2)
    assert vectors.tolist() == [[1, 0]] * 3
    assert [body["input"] for _, body in asked] == [["a\nb", "c"], ["d"]]
    assert asked[0][1]["model"] == "m"
    assert "authorization: bearer hush" in asked[0][0].lower()
    assert asked[0][0].startswith("POST /v1/embeddings ")


@pytest.mark.parametrize(
    ("status", "text", "sentence"),
    [
        (401, "", r"refused the key \(HTTP 401\): check meaning.key"),
        (429, "", r"asked to slow down \(HTTP 429\)"),
        (500, "", "returned HTTP 500"),
        (200, "<html>", "did not answer with embeddings"),
        (200, '{"data": [{"index": 0}]}', "did not answer with embeddings"),
        (200, '{"data": []}', "numbers for vectors, not 1 x 2"),
        (200, '{"data": [{"index": 0, "embedding": [1, 2, 3]}]}', "gave 1 x 3 numbers"),
        (200, '{"data": [{"index": 0, "embedding": [NaN, 1]}]}', "not finite"),
        (200, '{"data": [{"index": 0, "embedding": [0, 0]}]}', "vector of zeros"),
    ],
)
async def test_each_fault_of_the_server_is_named(status, text, sentence):
    async with server(says(status, text)) as (encoder, _asked):
        with pytest.raises(EncoderError, match=sentence) as caught:
            await encoder.encode([("a", "")])
        assert "hush" not in str(caught.value) + repr(encoder)


async def test_a_server_that_hangs_floods_or_is_not_there_is_named(monkeypatch):
    async def hang(_body):
        await asyncio.Event().wait()

    monkeypatch.setattr(http, "_TIMEOUT", 0.05)
    async with server(hang) as (encoder, _asked):
        with pytest.raises(EncoderError, match="did not answer within 0 seconds"):
            await encoder.encode([("a", "")])
    monkeypatch.setattr(http, "_TIMEOUT", 60.0)
    monkeypatch.setattr(http, "_LONGEST_ANSWER", 10)
    async with server(says(200, "x" * 100)) as (encoder, _asked):
        with pytest.raises(EncoderError, match="answered with more than 10 bytes"):
            await encoder.encode([("a", "")])
    with pytest.raises(EncoderError, match=r"can't be reached \(connection refused\)"):
        await encoder_at_closed_port()


async def encoder_at_closed_port():
    async with await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
    encoder = build(Options(url=f"http://127.0.0.1:{port}", model="m", dimensions=2), network=DIRECT)
    try:
        await encoder.encode([("a", "")])
    finally:
        await encoder.close()


@pytest.mark.parametrize("missing", ["url", "model", "dimensions"])
def test_a_missing_setting_is_named(missing):
    given = {"url": "http://127.0.0.1", "model": "m", "dimensions": 2}
    del given[missing]
    with pytest.raises(ConfigError, match=f"setting meaning.{missing} is needed"):
        build(Options(**given), network=DIRECT)


def test_vectors_wider_than_any_memory_are_refused():
    with pytest.raises(ValidationError, match="65536"):
        Options(dimensions=10**20)
