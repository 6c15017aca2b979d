"""Encodes papers as vectors, newest first, next to matching: keyword alerts never wait for it."""

from __future__ import annotations

import structlog

from paperwire.pipeline.calibration import Calibration
from paperwire.pipeline.nearness import ENCODER, encode_papers
from paperwire.ports.encoders import Encoder
from paperwire.store.unit import Store

PAPERS_PER_TRANSACTION = 500
"""Papers in one transaction."""
_CALIBRATED_AFTER = 20  # batches after which queries by meaning are looked at, while many papers are encoded
_log = structlog.get_logger(__name__)


class Encoding:
    """Makes the vectors of papers that have none; goes on where another process left off.

    From time to time, and at the end, `calibration` gives queries by meaning what they can have by then.
    """

    def __init__(self, store: Store, encoder: Encoder, calibration: Calibration | None = None) -> None:
        self._store = store
        self._encoder = encoder
        self._calibration = calibration
        self._has_dropped = False

    async def run(self) -> int:
        """Encode until nothing is left; the number of papers that were encoded. Raises EncoderError."""
        await self._begin()
        encoded = batches = 0
        while done := await self._batch():
            encoded += done
            batches += 1
            if batches % _CALIBRATED_AFTER == 0:
                await self._calibrate()
        await self._calibrate()
        if encoded or not self._has_dropped:  # a process may have died before it came to this
            async with self._store.write() as unit:
                await unit.vectors.drop_all_but(self._encoder.version)
            self._has_dropped = True
        if encoded:
            _log.info("encoded", papers=encoded, encoder=self._encoder.version)
        return encoded

    async def _begin(self) -> None:
        """Encode all papers again if the encoder has changed."""
        version = self._encoder.version
        async with self._store.read() as unit:
            is_same = await unit.settings.get(ENCODER) == version
        if not is_same:
            async with self._store.write() as unit:
                await unit.vectors.start_over()
                await unit.settings.put(ENCODER, version)

    async def _calibrate(self) -> None:
        if self._calibration is not None:
            await self._calibration.run()

    async def _batch(self) -> int:
        async with self._store.read() as unit:
            papers = await unit.vectors.unencoded(PAPERS_PER_TRANSACTION)
        await encode_papers(self._store, self._encoder, papers)
        return len(papers)
