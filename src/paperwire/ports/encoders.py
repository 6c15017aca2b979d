"""What makes vectors of texts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from paperwire.core.meaning.vectors import Share

if TYPE_CHECKING:  # nothing here needs the library at run time
    import numpy as np
    from numpy.typing import NDArray


class Encoder(Protocol):
    """Makes vectors of texts. Vectors of two versions can't be compared.

    One that is `instant` never fails, and is so fast that new papers may wait for it before they are matched.
    """

    version: str
    width: int
    instant: bool

    async def encode(self, texts: Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """One row of length 1 for each text (title and abstract, or words and nothing); raises EncoderError.

        A row is of zeros where the encoder knows no word of the text.
        """

    async def close(self) -> None:
        """Give back connections."""


@runtime_checkable
class Spelling(Protocol):
    """What an encoder adds that has a list of words."""

    def knows(self, word: str) -> bool:
        """Whether a folded word is on it."""


@runtime_checkable
class Explaining(Protocol):
    """What an encoder adds whose score is a sum over words."""

    def shares(self, text: tuple[str, str], query: NDArray[np.float32]) -> list[Share]:
        """Which words bring a text close to a query vector."""
