"""What is measured on: a day of papers, and subscriptions made of real queries and real phrases, the same each time."""

from __future__ import annotations

import gzip
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain, islice
from pathlib import Path

from benchmarks.frame import Context, spent

from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.errors import QueryError

_SEED = 20251001
_DAY = date(2025, 10, 1)
_POPULAR = 20_000
_OWN = 0.56  # of the subscriptions ask for something new
_TITLES = 20_000
_FILE = "queries.db"
_CORPUS, _ONE_DAY = "arxiv_2025-09_2026-03.jsonl.gz", "one_day_2025-10-01.jsonl.gz"
_ONE_WEEK, _WEEK = "one_week_2025-09-29_10-03.jsonl.gz", 4_344
_DULL = frozenset(
    """a an the of for in on with and or to from by via is are at as its their be can do how what when not using towards
    toward under between based through into over beyond we it this that than without within new""".split()  # noqa: SIM905 -- words
)
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9]+(?:-[A-Za-z0-9]+)*")


# --- papers --------------------------------------------------------------------------------------------------------


def has_real_papers(shared: Path) -> bool:
    """Whether recorded papers and queries are there; otherwise all is made up."""
    return (shared / "arxiv_corpus" / _ONE_DAY).exists()


def one_day(shared: Path) -> list[Paper]:
    if not has_real_papers(shared):
        return list(_made_up(random.Random(_SEED + 1), 1_100))
    return list(_read(shared / "arxiv_corpus" / _ONE_DAY))


def days_before(shared: Path) -> list[Paper]:
    return [paper for paper in corpus(shared, _WEEK) if paper.announced != _DAY][:2_000]


def corpus(shared: Path, most: int) -> list[Paper]:
    """Papers of months, or of a week if that is enough; `most` of them, from all of the time."""
    if not has_real_papers(shared):
        return list(_made_up(random.Random(_SEED + 2), min(most, 20_000)))
    every = list(_read(shared / "arxiv_corpus" / (_CORPUS if most > _WEEK else _ONE_WEEK)))
    return every[:: max(1, len(every) // most)][:most]


def months(shared: Path) -> Iterator[Paper]:
    """The papers of months, one after the other, without holding them."""
    if not has_real_papers(shared):
        return _made_up(random.Random(_SEED + 2), 100_000)
    return _read(shared / "arxiv_corpus" / _CORPUS)


def _read(file: Path) -> Iterator[Paper]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield Paper(
                id=row["id"],
                title=row["title"],
                abstract=row["abstract"],
                authors=tuple(row["authors"]),
                categories=tuple(dict.fromkeys([row["primary_category"], *row["categories"]])),
                announced=date.fromisoformat(row["announced"]),
                comment=row.get("comment") or "",
            )


def _made_up(chance: random.Random, count: int) -> Iterator[Paper]:
    """Papers of made-up words, some in far more papers than others, as words are."""
    syllables = [first + second for first in "bdfgklmnprstvz" for second in ("a", "e", "i", "o", "u", "er", "al")]
    spelling = random.Random(_SEED)  # the same words in all of them
    words = ["".join(spelling.choices(syllables, k=spelling.randint(2, 4))) for _ in range(3_000)]
    weights = list(accumulate(1 / (rank + 20) for rank in range(len(words))))
    classes = ["cs.CV", "cs.LG", "cs.CL", "math.AG", "hep-th", "quant-ph", "astro-ph.GA", "stat.ML", "q-bio.NC"]
    for number in range(count):
        spoken = chance.choices(words, cum_weights=weights, k=180)
        yield Paper(
            id=f"2510.{number:05}",
            title=" ".join(spoken[:9]).capitalize(),
            abstract=" ".join(spoken[9:]).capitalize() + ".",
            authors=tuple(f"{chance.choice(words).title()} {chance.choice(words).title()}" for _ in range(4)),
            categories=tuple(dict.fromkeys(chance.choices(classes, k=2))),
            announced=_DAY,
        )


# --- subscriptions -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """The queries of a number of subscriptions: `dumped` by number from 1, and how many subscriptions have each.

    `parsing` is the CPU that reading one query and taking it apart for the index took.
    """

    dumped: Sequence[bytes]
    users: Sequence[int]
    parsing: float

    def loaded(self) -> Iterator[tuple[int, Query]]:
        return enumerate(map(Query.load, self.dumped), 1)

    def index(self) -> Matcher:
        matcher = Matcher()
        for number, query in self.loaded():
            matcher.add(number, query)
        return matcher


def prepare(ctx: Context, most: int) -> None:
    """Make `most` subscriptions and keep them in the folder of the run, for all themes."""
    typed = list(islice(_texts(ctx.shared, _WEEK if ctx.quick else _TITLES), most))
    numbers: dict[str, int] = {}  # by key
    known: dict[str, int] = {}  # by text
    queries: list[tuple[int, str, bytes]] = []
    with spent() as cost:
        for text in dict.fromkeys(typed):
            query = parse(text)
            known[text] = numbers.setdefault(query.key, len(numbers) + 1)
            if known[text] > len(queries):
                queries.append((len(numbers), text, query.dump()))
    with closing(sqlite3.connect(ctx.folder / _FILE)) as database, database:
        database.execute("CREATE TABLE query (number INTEGER PRIMARY KEY, text TEXT, dumped BLOB)")
        database.execute("CREATE TABLE subscription (number INTEGER PRIMARY KEY, query INTEGER)")
        database.execute("CREATE TABLE parsing (seconds REAL)")
        database.executemany("INSERT INTO query VALUES (?, ?, ?)", queries)
        database.executemany("INSERT INTO subscription VALUES (?, ?)", enumerate(map(known.__getitem__, typed), 1))
        database.execute("INSERT INTO parsing VALUES (?)", [cost.cpu / len(queries)])


def wanted(ctx: Context, subscriptions: int) -> Wanted:
    with closing(sqlite3.connect(ctx.folder / _FILE)) as database:
        first = "SELECT query FROM subscription WHERE number <= ?"
        users = Counter(number for (number,) in database.execute(first, [subscriptions]))
        last = max(users)
        rows = database.execute("SELECT dumped FROM query WHERE number <= ? ORDER BY number", [last])
        dumped = [row[0] for row in rows]
        (parsing,) = database.execute("SELECT seconds FROM parsing").fetchone()
    return Wanted(dumped, [users[number] for number in range(1, last + 1)], parsing)


def texts_of(ctx: Context, subscriptions: int) -> list[str]:
    """What each of the first subscribers typed."""
    typed = "SELECT text FROM subscription JOIN query ON query.number = query WHERE subscription.number <= ?"
    with closing(sqlite3.connect(ctx.folder / _FILE)) as database:
        return [text for (text,) in database.execute(typed + " ORDER BY subscription.number", [subscriptions])]


def real_queries(shared: Path) -> list[str]:
    """The recorded queries that can be read, phrases in quotes; without them, words and phrases of made-up papers."""
    if not has_real_papers(shared):
        maker = _Maker(random.Random(_SEED + 3), corpus(shared, 1_000), [])
        return [maker.phrase() if number % 2 else maker.word() for number in range(800)]
    texts: dict[str, None] = {}
    for line in (shared / "queries" / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        text = row["query"]
        if row["kind"] == "phrase" and '"' not in text:
            text = f'"{text}"'
        if row["kind"] != "regex" and _can_be_read(text):
            texts[text] = None
    return list(texts)


_NOTABLE = [
    "=LLM", "=RAG", "=the", "=models", '="State of the Art"', '="state of the art"', '="large language model"',
    '="of the"', '="Depth Anything"', "=GPT-4*", "=Trans*", 'au:"y li"', 'au:"li y"', 'au:"k he"', 'au:"wei zhang"',
    'au:"w zhang"', 'au:"j wang"', 'au:"y j kim"', 'au:"x y z"', 'au:"d manning c"',
]  # fmt: skip


def exact_forms(papers: Sequence[Paper], count: int) -> list[str]:
    """Exact words, phrases and beginnings out of titles, authors by initials; notable ones first.

    They are the same each time.
    """
    chosen = random.Random(_SEED + 4)
    makers = (_exact_word, _exact_phrase, _by_initials)
    forms = dict.fromkeys(_NOTABLE)
    while len(forms) < count:
        form = chosen.choice(makers)(chosen, chosen.choice(papers))
        if form and _can_be_read(form):
            forms[form] = None
    return list(forms)[:count]


def _exact_word(chosen: random.Random, paper: Paper) -> str:
    word = chosen.choice(_WORD.findall(paper.title) or [""])
    return f"={word[:5]}*" if chosen.random() < 0.1 else f"={word}"


def _exact_phrase(chosen: random.Random, paper: Paper) -> str:
    words = _WORD.findall(paper.title)
    start = chosen.randrange(max(1, len(words) - 1))
    return f'="{" ".join(words[start : start + chosen.randint(2, 4)])}"'


def _by_initials(chosen: random.Random, paper: Paper) -> str:
    *given, last = chosen.choice(paper.authors or ("x",)).replace('"', "").split() or [""]
    letters = [name[0] for name in given]
    words = [last, *letters] if chosen.random() < 0.3 else [*letters, last]
    return f'au:"{" ".join(words)}"' if given else ""


def _can_be_read(text: str) -> bool:
    try:
        parse(text)
    except QueryError:
        return False
    return True


def _texts(shared: Path, titles: int) -> Iterator[str]:
    """What one subscriber after the other types, without end: what many want, or something of their own."""
    chance = random.Random(_SEED)
    maker = _Maker(chance, corpus(shared, titles), real_queries(shared))
    popular = maker.popular(_POPULAR)
    weights = list(accumulate(1 / (rank + 5) ** 0.8 for rank in range(len(popular))))
    while True:
        yield maker.own() if chance.random() < _OWN else chance.choices(popular, cum_weights=weights)[0]


class _Maker:
    """Makes queries of what stands in papers and of recorded queries."""

    def __init__(self, chance: random.Random, papers: Sequence[Paper], queries: Sequence[str]) -> None:
        self._chance = chance
        self._runs = [run for paper in papers for run in _runs(paper.title)]
        self._long = [run for run in self._runs if len(run) > 1]
        self._beginnings = [word[:5] for run in self._runs for word in run if word[:5].isalnum() and len(word) > 5]
        self._authors = [author for paper in papers for author in paper.authors[:1] if _can_be_read(f'au:"{author}"')]
        self._classes = [paper.primary_category for paper in papers]
        self._queries = queries or [self.word() for _ in range(800)]
        self._ways: dict[Callable[[], str], int] = {
            self.phrase: 35,
            self.words: 20,
            lambda: f"{self.phrase()} {self.word()}": 10,
            lambda: " OR ".join(self.phrase() for _ in range(chance.randint(2, 5))): 10,
            lambda: f"{self.word()} {self.phrase()}": 5,
            lambda: f"({chance.choice(self._queries)}) {self.phrase()}": 5,
            lambda: f'au:"{chance.choice(self._authors)}"': 5,
            lambda: f"{self.words()} -{self.word()}": 4,
            lambda: f"cat:{chance.choice(self._classes)} ({self.words()} OR {self.phrase()})": 3,
            lambda: f"ti:{self.phrase()}": 2,
            lambda: f"{chance.choice(self._beginnings)}* {self.word()}": 1,
        }

    def word(self) -> str:
        return self._chance.choice(self._chance.choice(self._runs))

    def phrase(self) -> str:
        run = self._chance.choice(self._long)
        begin = self._chance.randrange(len(run) - 1)
        return f'"{" ".join(run[begin : begin + self._chance.randint(2, 3)])}"'

    def words(self) -> str:
        return self.phrase().strip('"')

    def popular(self, count: int) -> list[str]:
        """Recorded queries, alone and in classes, single words, and classes whole."""
        chance = self._chance
        classes = list(dict.fromkeys(self._classes))
        chosen = dict.fromkeys(self._queries)
        while len(chosen) < count:
            way = chance.random()
            query = chance.choice(self._queries) if way < 0.4 else self.phrase() if way < 0.9 else self.word()
            narrowed = chance.random() < 0.4
            chosen[f"({query}) cat:{chance.choice(self._classes)}" if narrowed else query] = None
        # A class whole is rare, and much more in each paper's way than anything else.
        queries = list(chosen)
        for category in chance.sample(classes, min(len(classes), 20)):
            queries.insert(chance.randrange(len(queries) // 20, len(queries)), f"cat:{category}")
        return queries

    def own(self) -> str:
        """Something of one's own, in one of the ways that people type."""
        (way,) = self._chance.choices(list(self._ways), list(self._ways.values()))
        return way()


def _runs(title: str) -> Iterator[list[str]]:
    """The words of a title between the dull ones."""
    run: list[str] = []
    for word in chain(_WORD.findall(title), [""]):
        if word and word.lower() not in _DULL:
            run.append(word)
        elif run:
            yield run
            run = []
