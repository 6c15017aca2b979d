"""The word table: a text's vector is the sum of its words' rows, weighted by tf-idf. Offline, numpy alone.

The tf is sublinear (1 + ln n) and a title counts twice. A table is one `.npz` file: `words` (UTF-8, one a line),
`rows` (int8, one a word), `scales` (what a word's row is multiplied by, its idf included) and `card` (JSON: how it was
made), and `version`, the digest of the first three. It holds numbers and text only, and is read without pickle. Rows
of the table in this package stay in its file until they are used, and processes share them in memory.
"""

from __future__ import annotations

import hashlib
import json
import struct
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from importlib.resources import as_file, files
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from paperwire.core.meaning.vectors import Floats, Share, unit
from paperwire.core.text.topical import topical_words
from paperwire.core.text.words import chunks_of, remembered, spans_of, spellings
from paperwire.errors import ConfigError
from paperwire.network import Network
from paperwire.ports.options import FilePath

Integers = NDArray[np.intp]


class Options(BaseModel):
    """`[meaning]` for this encoder: the file of a `table`, by default the one that comes with Paperwire."""

    table: FilePath | None = None


def build(options: Options, *, network: Network) -> WordTable:  # noqa: ARG001 -- every encoder is built alike
    """The encoder for these settings; raises ConfigError if the file is no table."""
    return WordTable.load(options.table)


_FILE = "table.npz"
_BATCH = 256  # texts encoded at once: their words' rows take some 40 MB as floats


class WordTable:
    """Implements `ports.Encoder` by a table of words."""

    instant = True

    def __init__(
        self, words: Sequence[str], rows: NDArray[np.int8], scales: Floats, card: dict[str, Any], version: str = ""
    ) -> None:
        """`rows` has one row a word, `scales` one number; the version is made of them where it isn't given."""
        self.words = words if isinstance(words, Vocabulary) else Vocabulary("\n".join(words).encode())
        self.card = card
        self.width = rows.shape[1]
        self.version = version or _version(self.words, rows, scales)
        self._rows = rows
        self._scales = scales.astype(np.float32)
        self._numbers_in = remembered(self._numbers_of_chunk)  # never stale: words and rows of a table never change

    @classmethod
    def load(cls, path: Path | None = None) -> WordTable:
        """Read a table, by default the one that comes with Paperwire.

        Raises:
            ConfigError: the file cannot be read or is no word table.
        """
        if path is not None:
            return cls._read(path)
        with as_file(files("paperwire.encoders").joinpath(_FILE)) as own:
            return cls._read(own, mapped=True)

    @classmethod
    def _read(cls, path: Path, *, mapped: bool = False) -> WordTable:
        """With `mapped` the rows stay in the file, which then must never be overwritten in its place."""
        try:
            with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
                words = Vocabulary(file["words"].tobytes())
                rows, scales = _rows_in(path) if mapped else file["rows"], file["scales"]
                card = json.loads(file["card"].tobytes().decode())
                version = file["version"].tobytes().decode() if mapped else ""
        except OSError as error:
            raise ConfigError(f"cannot read the word table {path}: {error.strerror or 'it is cut off'}") from None
        except (ValueError, KeyError, zipfile.BadZipFile):
            raise ConfigError(f"{path} is no word table; `paperwire meaning train --out FILE` makes one") from None
        if rows.dtype != np.int8 or rows.ndim != 2 or scales.shape != (len(words),) or len(rows) != len(words):
            raise ConfigError(f"{path} is no word table: its words, rows and scales do not fit together")
        return cls(words, rows, scales, card, version)

    def save(self, path: Path) -> None:
        """Write the table, the same bytes for the same table."""
        with path.open("wb") as file:
            np.savez(
                file,
                words=np.frombuffer(self.words.joined, np.uint8),
                rows=self._rows,
                scales=self._scales,
                card=np.frombuffer(json.dumps(self.card, sort_keys=True).encode(), np.uint8),
                version=np.frombuffer(self.version.encode(), np.uint8),
            )

    async def encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        batches = [self._encode(texts[start : start + _BATCH]) for start in range(0, len(texts), _BATCH)]
        return np.concatenate(batches) if batches else np.zeros((0, self.width), np.float32)

    def _encode(self, texts: Sequence[tuple[str, str]]) -> Floats:
        counts = [self._counts(text) for text in texts]
        words = np.fromiter(chain.from_iterable(counts), np.intp)
        times = np.fromiter(chain.from_iterable(count.values() for count in counts), np.float32)
        vectors = np.zeros((len(texts), self.width), np.float32)
        starts = np.cumsum([0, *map(len, counts)])
        weights = self._weights(words, times)
        for place, (start, end) in enumerate(pairwise(starts)):
            vectors[place] = weights[start:end] @ self._rows[words[start:end]].astype(np.float32)
        return unit(vectors)

    def _counts(self, text: tuple[str, str]) -> Counter[int]:
        title, body = text
        counts = Counter(self._numbers(title))
        counts.update(counts.copy())
        counts.update(self._numbers(body))
        return counts

    def _numbers(self, text: str) -> Iterable[int]:
        return chain.from_iterable(map(self._numbers_in, chunks_of(text)))

    def _numbers_of_chunk(self, chunk: str) -> tuple[int, ...]:
        numbers = map(self.words.number, words_of_chunk(chunk))
        return tuple(number for number in numbers if number is not None)

    def _weights(self, words: Integers, times: Floats) -> Floats:
        return (1 + np.log(times)) * self._scales[words]

    def knows(self, word: str) -> bool:
        """See `ports.Spelling`."""
        return self.words.number(word) is not None

    async def close(self) -> None:
        """See `ports.Encoder`."""

    def shares(self, text: tuple[str, str], query: Floats, most: int = 3, least: float = 0.1) -> list[Share]:
        """Which words that name topics bring `text` close to a query vector: at most `most`, each `least` or more.

        The score is a sum over the words of the text, so the parts are exact: they are of what words that name topics
        add to it. What some words subtract is left aside. A word joined of others counts with them: `graph-level` with
        `graph`.
        """
        counts = self._counts(text)
        words = np.fromiter(counts, np.intp)
        times = np.fromiter(counts.values(), np.float32)
        adds = self._weights(words, times) * (self._rows[words].astype(np.float32) @ query)
        if adds.sum() <= 0:
            return []
        added = {self.words[word]: float(add) for word, add in zip(words, adds, strict=True) if add > 0}
        sums = _joined(added, topical_words(*text))
        whole = sum(sums.values())
        shares = [Share(word, add / whole) for word, add in sums.items() if add >= least * whole]
        return sorted(shares, key=lambda share: -share.part)[:most]


class Vocabulary(Sequence[str]):
    """Words by their numbers, and numbers by their words, which are read when the first word is looked up."""

    def __init__(self, joined: bytes) -> None:
        """`joined` has the words in UTF-8, one a line."""
        self.joined = joined
        self._words = np.array(joined.split(b"\n"))

    def __len__(self) -> int:
        return len(self._words)

    def __getitem__(self, number: Any) -> Any:
        return self._words[number].decode()

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.joined.decode().split("\n"))}

    def number(self, word: str) -> int | None:
        """The number of a word; None for one that isn't among them."""
        return self._numbers.get(word)


def _version(words: Vocabulary, rows: NDArray[np.int8], scales: Floats) -> str:
    digest = hashlib.sha256(words.joined)
    digest.update(np.ascontiguousarray(rows).tobytes() + scales.astype(np.float32).tobytes())
    return f"table-{digest.hexdigest()[:12]}"


def _rows_in(path: Path) -> NDArray[np.int8]:
    """The rows where they lie in the file of a table: an entry of a zip file, stored as it is.

    https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3.7, says what stands before it.
    """
    with zipfile.ZipFile(path) as archive, archive.open("rows.npy") as member:
        np.lib.format.read_magic(member)
        shape, _, dtype = np.lib.format.read_array_header_1_0(member)
        header, begin = member.tell(), archive.getinfo("rows.npy").header_offset
    with path.open("rb") as opened:
        opened.seek(begin + 26)
        name, extra = struct.unpack("<HH", opened.read(4))
    return np.asarray(np.memmap(path, dtype, "r", begin + 30 + name + extra + header, shape))


def _joined(added: dict[str, float], written: dict[str, str]) -> dict[str, float]:
    """What topical words add, as a text writes them; a joined word and its pieces count as the one that adds most."""
    sums = {word: added[word] for word in written if word in added}
    for word in sorted(sums, key=len, reverse=True):
        pieces = [piece for piece in (spellings(part)[1] for part in written[word].split("-")) if piece in sums]
        if word in sums and word not in pieces:
            best = max([word, *pieces], key=lambda each: sums[each])
            sums[best] = sum(sums.pop(each) for each in {word, *pieces})
    by_writing: dict[str, float] = {}
    for word, add in sums.items():
        by_writing[written[word]] = by_writing.get(written[word], 0) + add
    return by_writing


def words_of_chunk(chunk: str) -> tuple[str, ...]:
    """The folded words of a text without spaces, joined ones too: `few-shot` gives `few`, `fewshot` and `shot`."""
    return tuple(span.folded for spans_there in spans_of(chunk) for span in spans_there)
