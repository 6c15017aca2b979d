"""Gzip with a hole: any fill gives what compressing the whole would have given back."""

import gzip
import time
import zlib

from hypothesis import given
from hypothesis import strategies as st

from paperwire.web.http import GzipHole


@given(st.binary(max_size=400), st.binary(max_size=3000), st.binary(max_size=300))
def test_any_fill_unpacks_to_the_whole(before, after, fill):
    packed = GzipHole(before, after).filled(fill)
    assert gzip.decompress(packed) == before + fill + after
    # One member: HTTP clients that stop after the first (httpx does) see all of it.
    one = zlib.decompressobj(31)
    assert one.decompress(packed) == before + fill + after
    assert one.eof
    assert one.unused_data == b""


def test_a_damaged_fill_is_noticed_by_the_checksum():
    packed = bytearray(GzipHole(b"abc" * 50, b"def" * 5000).filled(b"secret"))
    packed[packed.index(b"secret")] ^= 1
    try:
        gzip.decompress(bytes(packed))
    except gzip.BadGzipFile:
        return
    raise AssertionError("the checksum did not cover the fill")


def test_equal_bodies_give_equal_bytes_whatever_the_time(monkeypatch):
    first = GzipHole(b"a" * 99, b"b" * 99).filled(b"c")
    monkeypatch.setattr(time, "time", lambda: 4e9)
    assert GzipHole(b"a" * 99, b"b" * 99).filled(b"c") == first


def test_it_compresses():
    text = b"papers and more papers, " * 1000
    assert len(GzipHole(text, text).filled(b"a token")) < len(text) / 50
