"""Vectors from a folder of static embeddings: a text's vector is the mean of its tokens' rows.

The folder is a model of model2vec (https://github.com/MinishLab/model2vec), such as potion: `tokenizer.json` and
`model.safetensors` with `embeddings` (a row a token, or a row of `mapping`) and perhaps `weights`, one number a token.
Needs tokenizers (`pip install '.[static]'` in a clone); the matrix is read with numpy alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from paperwire.core.meaning.vectors import Floats, unit
from paperwire.errors import ConfigError
from paperwire.network import Network
from paperwire.ports.options import FilePath

_LONGEST = 512  # tokens of a text that are read, as model2vec does
_BATCH = 256
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "<i1"}
"""The number formats of the file that are read, and what numpy calls them."""


class Options(BaseModel):
    """`[meaning]` for this encoder: the `folder` of the model."""

    folder: FilePath | None = None


def build(options: Options, *, network: Network) -> StaticEncoder:  # noqa: ARG001 -- every encoder is built alike
    """The encoder for these settings; raises ConfigError if the folder holds none."""
    if options.folder is None:
        raise ConfigError('setting meaning.folder is needed with encoder = "static"')
    return StaticEncoder(options.folder)


class StaticEncoder:
    """Implements `ports.Encoder` by a matrix of tokens."""

    instant = True

    def __init__(self, folder: Path) -> None:
        try:
            from tokenizers import Tokenizer  # noqa: PLC0415 -- an extra
        except ImportError:
            raise ConfigError(
                "this encoder needs tokenizers: run pip install '.[static]' in a clone of Paperwire"
            ) from None
        matrix, words = folder / "model.safetensors", folder / "tokenizer.json"
        for path in (matrix, words):
            if not path.is_file():
                raise ConfigError(f"setting meaning.folder: there is no {path}")
        try:
            self._tokenizer = Tokenizer.from_file(str(words))
        except Exception as error:  # noqa: BLE001 -- the library raises bare Exception
            raise ConfigError(f"setting meaning.folder: cannot load {words} ({error})") from None
        self._rows = _rows_of(matrix, self._tokenizer.get_vocab_size())
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.no_padding()
        unknown = json.loads(words.read_text(encoding="utf-8"))["model"].get("unk_token")
        self._unknown = None if unknown is None else self._tokenizer.token_to_id(unknown)
        self.width = self._rows.shape[1]
        self.version = f"static-{hashlib.sha256(matrix.read_bytes() + words.read_bytes()).hexdigest()[:12]}"

    async def encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        batches = [self._encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, self.width), np.float32)

    def _encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        joined = ["\n".join(filter(None, text)) for text in texts]
        vectors = np.zeros((len(texts), self.width), np.float32)
        for place, encoding in enumerate(self._tokenizer.encode_batch(joined, add_special_tokens=False)):
            tokens = [token for token in encoding.ids if token != self._unknown]
            if tokens:
                vectors[place] = self._rows[tokens].mean(axis=0)
        return unit(vectors)

    async def close(self) -> None:
        """See `ports.Encoder`."""


def _rows_of(path: Path, tokens: int) -> Floats:
    """The weighted row of each of this many tokens; raises ConfigError where the file has none."""
    try:
        tensors = _tensors(path)
        embeddings = tensors["embeddings"].astype(np.float32)
        rows = embeddings[tensors["mapping"]] if "mapping" in tensors else embeddings
        if "weights" in tensors:
            rows = rows * tensors["weights"].astype(np.float32)[:, np.newaxis]
    except (ValueError, KeyError, IndexError, TypeError, OSError) as error:
        raise ConfigError(f"setting meaning.folder: {path} holds no model2vec matrix ({error!r})") from None
    if rows.ndim != 2 or len(rows) < tokens or not np.isfinite(rows).all():
        raise ConfigError(f"setting meaning.folder: {path} has no usable row for each of {tokens:,} tokens")
    return rows


def _tensors(path: Path) -> dict[str, NDArray[Any]]:
    """The matrices of a safetensors file (https://huggingface.co/docs/safetensors): a length, a header, the numbers."""
    content = path.read_bytes()
    begin = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:begin])
    tensors = {}
    for name, about in header.items():
        if name != "__metadata__":
            start, end = about["data_offsets"]
            numbers = np.frombuffer(content[begin + start : begin + end], _TYPES[about["dtype"]])
            tensors[name] = numbers.reshape(about["shape"])
    return tensors
