"""Negotiation, validators and bodies with a hole."""

import gzip
from datetime import UTC, datetime, timedelta, timezone

import pytest

from paperwire.web.http import Payload, Ready, header_of, takes_gzip, unchanged

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
    ("accepted", "packed"),
    [
        ("", False),
        ("gzip", True),
        ("gzip, deflate, br", True),
        ("br;q=0, gzip;q=0.5", True),
        ("gzip;q=0", False),
        ("gzip;q=0, *", False),
        ("*;q=0", False),
        ("*", True),
        ("br;q=0.9, gzip;q=0.1", True),
        ("identity, gzip;q=0.5", False),
        ("identity;q=0.5, gzip", True),
        ("GZIP ; Q=1.0", True),
        ("gzip;q=nonsense", False),
        ("gzip;level=9;q=0.3", True),
        ("zstd, deflate, br", False),
        (",,;,gzip", True),
        ("gzip;q=7", True),
        ("x" * 100_000 + ",gzip", False),
    ],
)
def test_answers_are_packed_for_who_takes_gzip_no_less_than_plain_bytes(accepted, packed):
    assert takes_gzip(accepted) is packed


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
    assert unchanged(scope(if_none_match=none_match), '"abc"', AT) is same


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
    assert unchanged(scope(if_modified_since=since), '"abc"', AT.replace(microsecond=0)) is same


def test_a_tag_beats_a_date_and_without_a_date_nothing_is_unchanged():
    since = "Mon, 05 Jan 2026 08:00:00 GMT"
    assert not unchanged(scope(if_none_match='"other"', if_modified_since=since), '"abc"', AT.replace(microsecond=0))
    assert not unchanged(scope(if_modified_since=since), '"abc"', None)


def test_headers_in_several_lines_are_one_list():
    told = [(b"accept-encoding", b"gzip;q=0"), (b"host", b"x"), (b"accept-encoding", b"br")]
    assert header_of({"headers": told}, b"accept-encoding") == "gzip;q=0,br"
    assert not header_of({"headers": told}, b"if-none-match")


def test_each_coding_has_its_bytes_and_its_tag():
    body = Payload(LONG, "text/plain", updated=AT)
    assert gzip.decompress(body.filled(packed=True)) == body.filled() == LONG
    assert body.filled(packed=True) is body.filled(packed=True)
    tags = {dict(body.seal.decide(scope(accept_encoding=coding))[1])[b"etag"] for coding in ("gzip", "identity")}
    assert len(tags) == 2


def test_a_hole_is_filled_in_both_codings_and_never_kept():
    body = Payload(LONG + b"\x01HOLE\x01" + LONG, "text/plain", hole=b"\x01HOLE\x01")
    for secret in (b"first-secret", b"second-secret-that-is-longer"):
        assert gzip.decompress(body.filled(secret, packed=True)) == body.filled(secret) == LONG + secret + LONG
    assert b"secret" not in body._before + body._after + gzip.decompress(body.filled(packed=True))
    assert b"secret" not in body._packed._head + body._packed._tail


def test_small_bodies_are_not_packed():
    assert Payload(b"short", "text/plain").seal.decide(scope(accept_encoding="gzip"))[0] is False


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
