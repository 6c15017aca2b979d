"""Gzip with a hole: a compressed body made once, in which a few bytes are filled in at each answer."""

from __future__ import annotations

import zlib

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no name, no time: equal bodies give equal bytes
_RAW = -15  # no header or checksum of zlib's own
_LEVEL = 6
_POLYNOMIAL = 0xEDB88320  # of CRC-32, bits reversed


class GzipHole:
    """`before` + fill + `after` as one gzip member, where only the fill (at most 65,535 bytes) differs by answer.

    A private feed's body holds the reader's token in one place. So that what waits in memory holds no token and yet
    needs no compressing per request, the fill goes into a stored block between two compressed halves.
    """

    def __init__(self, before: bytes, after: bytes) -> None:
        deflate = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
        # A full flush ends at a whole byte, and nothing behind it refers to anything before it.
        self._head = _HEADER + deflate.compress(before) + deflate.flush(zlib.Z_FULL_FLUSH)
        self._tail = deflate.compress(after) + deflate.flush()
        self._length = len(before) + len(after)
        self._before = zlib.crc32(before)
        self._after = zlib.crc32(after)
        self._columns = _columns(zlib.crc32(after, 1 << 31) ^ self._after)

    def __len__(self) -> int:
        return len(self._head) + len(self._tail)

    def filled(self, fill: bytes) -> bytes:
        size = len(fill)
        stored = b"\x00" + size.to_bytes(2, "little") + (size ^ 0xFFFF).to_bytes(2, "little") + fill
        start, checksum = zlib.crc32(fill, self._before), self._after
        for bit, column in enumerate(self._columns):
            if start >> bit & 1:
                checksum ^= column
        end = checksum.to_bytes(4, "little") + ((self._length + size) & 0xFFFFFFFF).to_bytes(4, "little")
        return b"".join((self._head, stored, self._tail, end))


def _columns(column: int) -> list[int]:
    """What each bit of a checksum so far adds to the checksum after the rest, given the highest bit's share.

    CRC-32 is affine in the checksum it starts from, so 32 numbers spare reading the rest again; in its reversed
    notation each bit is the one above it times x.
    """
    found = []
    for _ in range(32):
        found.append(column)
        column = column >> 1 ^ (_POLYNOMIAL if column & 1 else 0)
    return found[::-1]
