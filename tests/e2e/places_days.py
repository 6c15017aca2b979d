"""Days of papers for the replays, recorded or made up, as a loopback arXiv shows them one after the other."""

import gzip
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

from test_replay import read, real_queries

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from servers.arxiv_archive import Archive
from servers.arxiv_pages import rss

WORDS = ("graphs", "retrieval", "diffusion", "robots", "proteins", "speech", "quantum", "vision", "privacy", "markets")
QUERIES = (
    "graph",
    "retrieval OR speech",
    "diffusion OR markets -robots",
    "protein",
    "vision -privacy",
    "quantum OR privac*",
    'ti:"robots"',
    "market",
    "cat:cs.CL speech",
    "abs:graph OR abs:quantum",
)


@dataclass
class Days:
    """The feed of each day, and the papers that it announces for the first time.

    The first day is history: all is set up at `start`, on that day.
    """

    category: str
    start: datetime
    feeds: list
    papers: list
    queries: list

    @cached_property
    def matches(self):
        """The ids of all papers that a query matches, by its key: plain evaluation, one by one, once."""
        docs = [(paper.id, Doc.of(paper)) for day in self.papers for paper in day]
        return {query.key: {number for number, doc in docs if query.matches(doc)} for query in self.queries}

    def expected(self, queries, last, first=1):
        """The papers of the days from `first` to `last` that one of the queries matches, as they were announced."""
        wanted = set().union(*(self.matches[query.key] for query in queries))
        return [paper.id for day in self.papers[first : last + 1] for paper in day if paper.id in wanted]


def recorded(shared_data, days):
    """The last `days` recorded days of cs.CV, after one of history."""
    folder = shared_data / "arxiv_rss" / "serializer_generated"
    names = sorted(path.name for path in folder.glob("rss_cs.CV_*_true_types.xml.gz"))[-days - 1 :]
    feeds = [gzip.decompress((folder / name).read_bytes()) for name in names]
    assert len(feeds) == days + 1
    seen, papers = set(), []
    for number, feed in enumerate(feeds):
        rows = list(read(feed))
        papers.append([p for kind, p in rows if p.id not in seen and (kind in {"new", "cross"} or not number)])
        seen |= {paper.id for _, paper in rows}
    start = datetime.fromisoformat(f"{names[0].split('_')[2]}T12:00:00Z")
    return Days(
        "cs.CV", start, feeds, papers, real_queries(shared_data, [paper for day in papers[1:] for paper in day])
    )


def made_up(days, each, seed=11):
    """`days` days of `each` made-up papers, after one of history; each has three of `WORDS`."""
    chance, archive = random.Random(seed), Archive()
    feeds, papers = [], []
    midnight = datetime(2026, 4, 20, 4, 0, 11, tzinfo=UTC)
    for number in range(days + 1):
        rendered = midnight + timedelta(days=number)
        for row in range(each):
            title, abstract = ", ".join(chance.sample(WORDS, 2)), f"On {chance.choice(WORDS)}, made up."
            name = f"Study {number}.{row} of {title}"
            archive.add(f"2604.{10_000 + number * each + row}", rendered.date(), title=name, abstract=abstract)
        rows = archive.batch(rendered.date(), ["cs.CL"])
        feeds.append(rss(["cs.CL"], rows, rendered))
        papers.append([_paper(entry) for entry, _, _ in rows])
    return Days("cs.CL", midnight + timedelta(hours=8), feeds, papers, [parse(text) for text in QUERIES])


def _paper(entry):
    last = entry.versions[-1]
    return Paper(id=entry.id, title=last.title, abstract=last.abstract, categories=tuple(entry.categories))
