"""The recorded week: its whole days as arXiv announces them, and recorded queries that fit some of its papers."""

import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from paperwire.core.papers.categories import CATEGORIES
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.errors import QueryError
from servers.arxiv_archive import Archive
from servers.arxiv_pages import rss

DAYS = [date(2025, 9, 29) + timedelta(days=number) for number in range(5)]
HISTORY = DAYS[0] - timedelta(days=3)
"""The day whose batch, one made-up paper, arXiv shows when the service starts."""
START = datetime(2025, 10, 3, 14, tzinfo=UTC)
"""The time by the service's clock when it first starts."""
FEWEST, MOST = 3, 150
"""How many papers of the week a recorded query fits to be taken."""
EDGES = (
    'ti:"language models"',
    "abs:reinforc*",
    "cat:cs.CV -diffusion -transformer* -segmentation -generat* -language -learning",
    '"large language model" AND NOT (benchmark OR evaluation OR reasoning OR agent* OR training)',
    "au:zhang ti:graph",
    "cat:astro-ph.GA abs:dust",
)
"""Forms that few recorded queries have."""


@dataclass
class Days:
    """`papers[n]` are announced on day n + 1 by `feeds[n + 1]`; `feeds[0]` shows what was there before anybody came."""

    categories: list
    feeds: list
    papers: list

    @cached_property
    def _docs(self):
        return [[(paper.id, Doc.of(paper)) for paper in day] for day in self.papers]

    def fits(self, text):
        """The ids that plain evaluation of a query finds, a list a day."""
        query = parse(text)
        return [[number for number, doc in day if query.matches(doc)] for day in self._docs]


def recorded_week(shared_data):
    """All papers of the five days, none left out."""
    with gzip.open(shared_data / "arxiv_corpus" / "one_week_2025-09-29_10-03.jsonl.gz", "rt") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:  # the corpus has MSC and ACM classes among them
        row["categories"] = [name for name in row["categories"] if name in CATEGORIES]
    archive = Archive.of_corpus(rows)
    archive.add("2509.00001", HISTORY, ["cs.CL"])
    categories = sorted({name.partition(".")[0] for row in rows for name in row["categories"]})
    feeds, papers = [], []
    for day in (HISTORY, *DAYS):
        batch = archive.batch(day, categories)
        feeds.append(rss(categories, batch, datetime(day.year, day.month, day.day, 4, 0, 11, tzinfo=UTC)))
        papers.append([_paper(entry) for entry, _, _ in batch])
    return Days(categories, feeds, papers[1:])


def _paper(entry):
    last = entry.versions[-1]
    return Paper(
        id=entry.id,
        title=last.title,
        abstract=last.abstract,
        authors=tuple(entry.authors),
        categories=tuple(entry.categories),
    )


def chosen_queries(shared_data, days, count, seed=20250929):
    """`count` queries: the edge ones, and recorded ones that fit some papers of the week, but not many."""
    lines = (shared_data / "queries" / "queries.jsonl").read_text().splitlines()
    random.Random(seed).shuffle(lines)
    chosen = list(EDGES)
    for line in lines:
        text = json.loads(line)["query"]
        is_other = text not in chosen and _is_plain(text)
        if is_other and FEWEST <= sum(map(len, days.fits(text))) <= MOST:
            chosen.append(text)
        if len(chosen) == count:
            return chosen
    raise AssertionError("the recorded queries do not fit the recorded week")


def _is_plain(text):
    """Whether a command takes the text as it is, and every paper's words alone decide."""
    try:
        query = parse(text)
    except QueryError:
        return False
    return not query.upvotes and "\n" not in text and len(text) < 300 and not text.isdigit()
