"""Negotiation, validators and bodies with a hole."""

import gzip
from datetime import UTC, datetime, timedelta, timezone

import brotli
import pytest

from paperwire.web.http import READIEST, SMALLEST, Asked, Payload, Ready, choose, unchanged

LONG = b"papers, papers and papers. " * 40
AT = datetime(2026, 1, 5, 8, 0, 0, 999, tzinfo=UTC)


def scope(method="GET", **headers):
    told = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "headers": told}


class Told(list):
    """What was sent."""

    async def __call__(self, message):
        self.append(message)

    @property
    def headers(self):
        return {name.decode(): value.decode() for name, value in self[0]["headers"]}

    @property
    def status(self):
        return self[0]["status"]

    @property
    def body(self):
        return b"".join(message["body"] for message in self[1:])


@pytest.mark.parametrize(
    ("accepted", "preferred", "chosen"),
    [
        ("", SMALLEST, ""),
        ("gzip", SMALLEST, "gzip"),
        ("gzip, deflate, br", SMALLEST, "br"),
        ("gzip, deflate, br", READIEST, "gzip"),
        ("br;q=0, gzip;q=0.5", SMALLEST, "gzip"),
        ("gzip;q=0", SMALLEST, ""),
        ("gzip;q=0, br;q=0", READIEST, ""),
        ("gzip;q=0, *", READIEST, "br"),
        ("*;q=0", SMALLEST, ""),
        ("*", READIEST, "gzip"),
        ("br;q=0.1, gzip;q=0.9", SMALLEST, "gzip"),
        ("identity, gzip;q=0.5", SMALLEST, ""),
        ("identity;q=0.5, gzip", SMALLEST, "gzip"),
        ("GZIP ; Q=1.0", SMALLEST, "gzip"),
        ("gzip;q=nonsense", SMALLEST, ""),
        ("gzip;level=9;q=0.3", SMALLEST, "gzip"),
        ("zstd, deflate", SMALLEST, ""),
        (",,;,gzip", SMALLEST, "gzip"),
        ("gzip;q=7", SMALLEST, "gzip"),
        ("x" * 100_000 + ",gzip", SMALLEST, ""),
    ],
)
def test_the_coding_is_the_preferred_of_those_weighed_highest(accepted, preferred, chosen):
    assert choose(accepted, preferred) == chosen


@pytest.mark.parametrize(
    ("none_match", "same"),
    [
        ('"abc"', True),
        ('W/"abc"', True),
        ('"x", "abc"', True),
        ('"x",W/"abc" ', True),
        ("*", True),
        ('"abcd"', False),
        ('"ABC"', False),
        ("abc", False),
        ('"abc-gzip"', False),
    ],
)
def test_tags_are_compared_weakly_and_in_lists(none_match, same):
    assert unchanged(Asked("", none_match, ""), '"abc"', AT) is same


@pytest.mark.parametrize(
    ("since", "same"),
    [
        ("Mon, 05 Jan 2026 08:00:00 GMT", True),
        ("Mon, 05 Jan 2026 07:59:59 GMT", False),
        ("Mon, 05 Jan 2026 09:00:00 +0100", True),
        ("Mon, 05 Jan 2026 08:00:00 -0000", True),
        ("tomorrow", False),
        ("Mon, 99 Jan 2026 08:00:00 GMT", False),
    ],
)
def test_dates_count_where_no_tag_was_sent(since, same):
    assert unchanged(Asked("", "", since), '"abc"', AT.replace(microsecond=0)) is same


def test_a_tag_beats_a_date_and_without_a_date_nothing_is_unchanged():
    since = "Mon, 05 Jan 2026 08:00:00 GMT"
    assert not unchanged(Asked("", '"other"', since), '"abc"', AT.replace(microsecond=0))
    assert not unchanged(Asked("", "", since), '"abc"', None)


def test_headers_in_several_lines_are_one_list():
    told = [(b"accept-encoding", b"gzip;q=0"), (b"accept-encoding", b"br"), (b"if-none-match", b'"a"')]
    told += [(b"if-none-match", b'"b"'), (b"host", b"x")]
    assert Asked.of({"headers": told}) == Asked("gzip;q=0,br", '"a","b"', "")


def test_each_coding_has_its_bytes_and_its_tag():
    body = Payload(LONG, "text/plain", updated=AT)
    assert gzip.decompress(body.filled("gzip")) == brotli.decompress(body.filled("br")) == body.filled("") == LONG
    assert body.filled("gzip") is body.filled("gzip")
    tags = {dict(body.seal.decide(scope(accept_encoding=one))[1])[b"etag"] for one in ("gzip", "br", "identity")}
    assert len(tags) == 3


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
def test_a_hole_is_filled_in_every_coding_and_never_kept(coding):
    body = Payload(LONG + b"\x01HOLE\x01" + LONG, "text/plain", hole=b"\x01HOLE\x01")
    unpack = {"": bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding]
    for secret in (b"first-secret", b"second-secret-that-is-longer"):
        assert unpack(body.filled(coding, secret)) == LONG + secret + LONG
    kept = b"".join(part for part in (body._before, body._after))
    kept += b"".join(bytes(one._head) + bytes(one._tail) for one in body._packed.values())
    assert b"secret" not in kept


def test_small_bodies_are_not_packed():
    assert Payload(b"short", "text/plain").seal.decide(scope(accept_encoding="gzip"))[0] == ""


async def test_an_answer_has_everything_a_cache_needs():
    body = Payload(LONG, "text/plain", cache="private, max-age=300", updated=AT)
    told = Told()
    await Ready(body)(scope(accept_encoding="gzip"), None, told)
    assert told.status == 200
    assert told.headers == {
        "etag": f'"{body.seal.digest}-gzip"',
        "vary": "accept-encoding",
        "cache-control": "private, max-age=300",
        "content-type": "text/plain",
        "last-modified": "Mon, 05 Jan 2026 08:00:00 GMT",
        "content-length": str(len(told.body)),
        "content-encoding": "gzip",
    }
    assert gzip.decompress(told.body) == LONG


async def test_304_has_no_body_and_only_the_headers_that_update_a_cache():
    body = Payload(LONG, "text/plain", updated=AT.astimezone(timezone(timedelta(hours=5))))
    told = Told()
    await Ready(body)(scope(if_none_match=f'"{body.seal.digest}"'), None, told)
    assert (told.status, told.body) == (304, b"")
    assert set(told.headers) == {"etag", "vary", "cache-control"}


async def test_an_error_page_is_never_304():
    told = Told()
    await Ready(Payload(b"gone", "text/plain"), 404, [(b"allow", b"GET")])(scope(if_none_match="*"), None, told)
    assert (told.status, told.body, told.headers["allow"]) == (404, b"gone", "GET")


def test_tags_are_made_of_the_bytes_alone():
    # SHA-256 of the content: the same in every process and at every start.
    assert Payload(b"abc", "text/plain", updated=AT).seal.digest == "ba7816bf8f01cfea414140de5dae2223"
