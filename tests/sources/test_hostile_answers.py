"""The memory that an answer takes which was made to take much."""

import subprocess
import sys
from pathlib import Path

import pytest
from hostile import SOURCES, TITLES

pytestmark = pytest.mark.whole  # what is traced takes memory of its own

LIMIT = 64
SCRIPT = Path(__file__).with_name("hostile.py")


def growth(source, body):
    """By how many MB a process grows that reads the answer."""
    done = subprocess.run(
        [sys.executable, SCRIPT, source],
        input=body,
        capture_output=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.parametrize("source", SOURCES)
def test_a_title_of_8_mb(source):
    text, count = TITLES["spaces"]
    assert growth(source, SOURCES[source][0](text * count)) < LIMIT


@pytest.mark.slow
@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("source", SOURCES)
def test_a_title_of_8_mb_of_every_kind(source, title):
    text, count = TITLES[title]
    assert growth(source, SOURCES[source][0](text * count)) < LIMIT


CROWDS = {
    "arxiv feed": b"<rss><channel>%s</channel></rss>" % (b"<item/>" * 390_000),
    "arxiv oai": b"<OAI-PMH><ListRecords>%s</ListRecords></OAI-PMH>" % (b"<record/>" * 390_000),
    "arxiv list": b"<h3>listings for Monday, 5 January 2026</h3><h3>New submissions (showing 1 of 1</h3>%s"
    % (b"<dt><a href='/abs/2601.00001'>" * 149_000),
    "rss": b"<rss version='2.0'><channel>%s</channel></rss>" % (b"<item><title>a</title></item>" * 90_000),
    "huggingface": b"[%s{}]" % (b"{}," * 240_000),
    "biorxiv": b'{"messages": [{"total": 1}], "collection": [%s{"doi": ""}]}' % (b"{}," * 240_000),
    "crossref": b'{"message": {"total-results": 1, "items": [%s{"DOI": ""}]}}' % (b"{}," * 240_000),
    "jsonl": b'{"id": "1", "title": [%s[]]}' % (b"[]," * 330_000),
}


@pytest.mark.parametrize("source", CROWDS)
def test_as_many_bad_items_as_are_read(source):
    assert growth(source, CROWDS[source]) < LIMIT
