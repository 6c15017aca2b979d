"""Vectors from a neural encoder on this machine: a folder with `model.onnx` and `tokenizer.json`.

The usual sentence encoders are exported so (https://huggingface.co/docs/optimum): they take `input_ids`,
`attention_mask` and perhaps `token_type_ids`, and give a vector a token, whose mean is the text's, or one a text.
Needs onnxruntime and tokenizers (`pip install '.[onnx]'` in a clone).
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from paperwire.core.meaning.vectors import Floats, checked
from paperwire.errors import ConfigError, EncoderError
from paperwire.network import Network
from paperwire.ports.options import FilePath

_BATCH, _LONGEST = 32, 256  # texts at once, and tokens of one that are read


class Options(BaseModel):
    """`[meaning]` for this encoder: the `folder` of the model."""

    folder: FilePath | None = None


def build(options: Options, *, network: Network) -> OnnxEncoder:  # noqa: ARG001 -- every encoder is built alike
    """The encoder for these settings; raises ConfigError if the folder holds none."""
    if options.folder is None:
        raise ConfigError('setting meaning.folder is needed with encoder = "onnx"')
    return OnnxEncoder(options.folder)


class OnnxEncoder:
    """Implements `ports.Encoder` by a model on this machine."""

    instant = False

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime  # noqa: PLC0415 -- an extra
            from tokenizers import Tokenizer  # noqa: PLC0415 -- the same
        except ImportError:
            raise ConfigError(
                "this encoder needs onnxruntime and tokenizers: run pip install '.[onnx]' in a clone of Paperwire"
            ) from None
        model, words = folder / "model.onnx", folder / "tokenizer.json"
        for path in (model, words):
            if not path.is_file():
                raise ConfigError(f"setting meaning.folder: there is no {path}")
        try:
            self._session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
            self._tokenizer = Tokenizer.from_file(str(words))
        except Exception as error:  # noqa: BLE001 -- both libraries raise classes of their own, bare Exception included
            raise ConfigError(f"setting meaning.folder: cannot load the model in {folder} ({error})") from None
        self._tokenizer.enable_truncation(_LONGEST)
        self._tokenizer.enable_padding()
        self._inputs = {node.name for node in self._session.get_inputs()}
        self.width = self._width()
        self.version = f"onnx-{hashlib.sha256(model.read_bytes() + words.read_bytes()).hexdigest()[:12]}"

    def _width(self) -> int:
        shape = self._session.get_outputs()[0].shape
        if not isinstance(shape[-1], int):
            raise ConfigError("setting meaning.folder: the model does not say how wide its vectors are")
        return shape[-1]

    async def encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        """See `ports.Encoder`; the model runs in a thread."""
        batches = [
            await asyncio.to_thread(self._encode, texts[start : start + _BATCH])
            for start in range(0, len(texts), _BATCH)
        ]
        return np.concatenate(batches) if batches else np.zeros((0, self.width), np.float32)

    def _encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        encoded = self._tokenizer.encode_batch(["\n".join(filter(None, text)) for text in texts])
        mask = np.array([encoding.attention_mask for encoding in encoded], np.int64)
        given: dict[str, Any] = {
            "input_ids": np.array([encoding.ids for encoding in encoded], np.int64),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        try:
            output = self._session.run(None, {name: given[name] for name in self._inputs})[0]
        except Exception as error:  # noqa: BLE001 -- onnxruntime raises classes of its own without a common base
            raise EncoderError(f"the model failed: {error}") from None
        if output.ndim == 3:  # a vector a token
            output = (output * mask[:, :, None]).sum(axis=1) / np.maximum(mask.sum(axis=1, keepdims=True), 1)
        return checked(np.asarray(output, np.float32), (len(texts), self.width), "the model")

    async def close(self) -> None:
        """See `ports.Encoder`."""
