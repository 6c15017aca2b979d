"""Hostile answers, read in a process of their own: `hostile.py SOURCE` says by how many MB its input makes it grow."""

import contextlib
import json
import re
import sys
from pathlib import Path

import structlog

from paperwire.core.papers.paper import Paper
from paperwire.core.text.display import shown
from paperwire.errors import SourceGarbled
from paperwire.sources.arxiv.api import parse_answer as parse_api
from paperwire.sources.arxiv.feed import parse_feed
from paperwire.sources.arxiv.listing import parse_listing
from paperwire.sources.arxiv.oai import parse_answer as parse_oai
from paperwire.sources.biorxiv import _paper as biorxiv_paper
from paperwire.sources.biorxiv import parse_details
from paperwire.sources.crossref import read_list
from paperwire.sources.crossref.record import read_work
from paperwire.sources.huggingface.entry import entries_of
from paperwire.sources.huggingface.entry import paper_of as daily_paper
from paperwire.sources.jsonl import parse_line
from paperwire.sources.rss.entries import read_feed

TITLES = {
    "spaces": ("a ", 4_000_000),
    "tex": ("$x$ ", 2_000_000),
    "accents": ("\\'o", 2_666_666),
    "markup": ("&lt;b&gt;x", 800_000),
    "brackets": ("(", 8_000_000),
    "wide": ("\U0001f600", 1_400_000),
}
"""About 8 MB each (5.6 MB where a letter takes four bytes): a text and how many times it stands there."""


def feed(title):
    paper = "<guid>oai:arXiv.org:2601.00001v1</guid><announce_type>new</announce_type><category>cs.CL</category>"
    item = f"<item>{paper}<title>{title}</title><description>{title[:9]}</description></item>"
    return f"<rss version='2.0'><channel><title>x</title>{item}</channel></rss>".encode()


def oai(title):
    header = "<header><identifier>oai:arXiv.org:2601.00001</identifier><datestamp>2026-01-07</datestamp></header>"
    said = f"<arXivRaw><title>{title}</title></arXivRaw>"
    record = f"<record>{header}<metadata>{said}</metadata></record>"
    return f"<OAI-PMH><ListRecords>{record}</ListRecords></OAI-PMH>".encode()


def api(title):
    names = "xmlns='http://www.w3.org/2005/Atom' xmlns:o='http://a9.com/-/spec/opensearch/1.1/'"
    entry = f"<entry><id>http://arxiv.org/abs/2601.00001v3</id><title>{title}</title></entry>"
    return f"<feed {names}><o:totalResults>1</o:totalResults>{entry}</feed>".encode()


def listing(title):
    heading = (
        "<h3>Showing new listings for Monday, 5 January 2026</h3><h3>New submissions (showing 1 of 1 entries)</h3>"
    )
    entry = f'<dt><a href="/abs/2601.00001" title="Abstract">arXiv:2601.00001</a></dt><dd><p>{title}</p></dd>'
    return f"<!DOCTYPE html><html><body>{heading}<dl>{entry}</dl></body></html>".encode()


def listed(body):
    """The ids of a list as papers."""
    return [Paper(id=paper_id, title=paper_id) for paper_id in parse_listing(body, "cs.CL").arrivals]


def daily(title):
    return json.dumps([{"title": title, "paper": {"id": "2601.00001"}}], ensure_ascii=False).encode()


def biorxiv(title):
    row = {"doi": "10.1101/2026.01.01.000001", "title": title}
    return json.dumps({"collection": [row], "messages": [{"total": 1}]}, ensure_ascii=False).encode()


def crossref(title):
    record = {"DOI": "10.5555/a", "title": [title], "abstract": title}
    message = {"items": [record], "total-results": 1}
    return json.dumps({"message": message}, ensure_ascii=False).encode()


def articles(body):
    """The works of a list as papers."""
    return [work.paper for record in read_list(body)[0] if (work := read_work(record))]


def line(title):
    return json.dumps({"id": "2601.00001", "title": title}, ensure_ascii=False).encode()


SOURCES = {
    "arxiv feed": (feed, lambda body: [item.paper for item in parse_feed(body).items.values()]),
    "arxiv oai": (oai, lambda body: [record.paper for record in parse_oai(body).records]),
    "arxiv api": (api, parse_api),
    "arxiv list": (listing, listed),
    "rss": (feed, lambda body: [entry.paper for entry in read_feed(body, "x")]),
    "huggingface": (daily, lambda body: [daily_paper(row, None) for row in entries_of(body)[0]]),
    "biorxiv": (biorxiv, lambda body: [biorxiv_paper(row) for row in parse_details(body)[0]]),
    "crossref": (crossref, articles),
    "jsonl": (line, lambda body: [parse_line(body).paper]),
}


def peak():
    """The most memory that this process ever had, in kB; what `resource` tells begins with that of its parent."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="ascii"))[1])


def main(source):
    """Read a harmless answer, so that everything is loaded, then the one on standard input."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    make, read = SOURCES[source]
    for paper in read(make("$x$ small")):
        shown(paper.title)
    body = sys.stdin.buffer.read()
    before = peak()
    with contextlib.suppress(SourceGarbled, ValueError):  # refused is as good as read
        for paper in filter(None, read(body)):
            shown(paper.title)
    sys.stdout.write(str((peak() - before) // 1024))


if __name__ == "__main__":
    main(sys.argv[1])
