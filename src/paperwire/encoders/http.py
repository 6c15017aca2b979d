"""Vectors from a server that speaks OpenAI's `/embeddings` (https://platform.openai.com/docs/api-reference/embeddings)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from typing import Any

import httpx
import numpy as np
from pydantic import BaseModel, Field, SecretStr

from paperwire.core.meaning.vectors import Floats, checked
from paperwire.errors import ConfigError, EncoderError
from paperwire.network import Network, capped, why
from paperwire.ports.options import AccessToken, MaybeWebAddress

_BATCH, _TIMEOUT, _LONGEST_ANSWER = 64, 60.0, 32_000_000  # texts in a request, seconds for one, and bytes of an answer
_WIDEST = 65_536  # numbers of a vector: more than any model gives, and few enough for memory


class Options(BaseModel):
    """`[meaning]` for this encoder: `url` without `/embeddings`, the name of a `model`, the width of its vectors."""

    url: MaybeWebAddress = ""
    model: str = ""
    dimensions: int = Field(default=0, ge=0, le=_WIDEST)
    key: AccessToken = SecretStr("")


def build(options: Options, *, network: Network) -> HttpEncoder:
    """The encoder for these settings; raises ConfigError if one is missing."""
    for name in ("url", "model", "dimensions"):
        if not getattr(options, name):
            raise ConfigError(f'setting meaning.{name} is needed with encoder = "http"')
    return HttpEncoder(options, network)


class HttpEncoder:
    """Implements `ports.Encoder` by requests to a server."""

    instant = False

    def __init__(self, options: Options, network: Network) -> None:
        key = options.key.get_secret_value().strip()
        self.width = options.dimensions
        self.version = f"http-{hashlib.sha256(f'{options.url} {options.model}'.encode()).hexdigest()[:12]}"
        self._model = options.model
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, **network.client_options())
        self._url = f"{options.url.rstrip('/')}/embeddings"
        self._host = httpx.URL(self._url).host

    async def encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        batches = [await self._ask(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, self.width), np.float32)

    async def _ask(self, texts: Sequence[tuple[str, str]]) -> Floats:
        body = {"model": self._model, "input": ["\n".join(filter(None, text)) for text in texts]}
        try:
            async with asyncio.timeout(_TIMEOUT), self._client.stream("POST", self._url, json=body) as response:
                if not response.is_success:
                    raise self._refusal(response.status_code)
                answer = await capped(response.aiter_bytes(), _LONGEST_ANSWER)
        except (TimeoutError, httpx.TimeoutException):
            raise EncoderError(f"{self._host} did not answer within {_TIMEOUT:.0f} seconds") from None
        except httpx.HTTPError as error:
            raise EncoderError(f"{self._host} can't be reached ({why(error)})") from None
        if answer is None:
            raise EncoderError(f"{self._host} answered with more than {_LONGEST_ANSWER:,} bytes")
        return checked(self._vectors(answer), (len(texts), self.width), self._host)

    def _refusal(self, status: int) -> EncoderError:
        match status:
            case 401 | 403:
                return EncoderError(f"{self._host} refused the key (HTTP {status}): check meaning.key")
            case 429:
                return EncoderError(f"{self._host} asked to slow down (HTTP 429)")
            case _:
                return EncoderError(f"{self._host} returned HTTP {status}")

    def _vectors(self, answer: bytes) -> Floats:
        try:
            data: list[dict[str, Any]] = httpx.Response(200, content=answer).json()["data"]
            ordered = sorted(data, key=lambda row: int(row["index"]))
            return np.array([row["embedding"] for row in ordered], np.float32)
        except (ValueError, KeyError, TypeError):
            raise EncoderError(f"{self._host} did not answer with embeddings") from None

    async def close(self) -> None:
        await self._client.aclose()
