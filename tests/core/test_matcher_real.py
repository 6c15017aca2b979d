"""Real queries and real papers: the index finds what trying each finds."""

import json
import random
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_matcher import plainly, understood

from paperwire.core.matching.matcher import Matcher
from paperwire.core.query.language import Query
from paperwire.core.query.prepared import Doc

pytestmark = pytest.mark.shared

FORMS = [
    "{w}", "{p}", "{w} {w}", "cat:{c} {w}", "cat:{c} {p}", "{p} OR {p} OR {w}", "cat:{c} ({w} OR {p})", "{w} {w} -{w}",
    "au:{a}", "au:{a} {w}", "ti:{p}", "abs:({w} OR {p})", "{b}* {w}", "ti:{b}*", "={w}", "={p} -{w}", "{p} -{p}",
    "({w} OR {p}) ({w} OR {p})", "{w} {w} {w} {w} {w} {w}", "{p} has:code", "({w} OR {w} {w}) -({w} cat:{c})",
]  # fmt: skip


@pytest.fixture(scope="module")
def real_queries(shared_data):
    kept = shared_data / "queries"
    texts = [json.loads(line)["query"] for line in (kept / "queries.jsonl").read_text("utf-8").splitlines()]
    groups = [json.loads(line)["any"] for line in (kept / "query_groups.jsonl").read_text("utf-8").splitlines()]
    return understood([*texts, *(" OR ".join(f'"{one}"' for one in group) for group in groups)])


def made_of(paper, chance):
    """A query of words, phrases, classes and authors of a paper."""
    words = re.findall(r"[A-Za-z][\w-]*[a-z]", paper.title + " " + paper.abstract[:600]) or ["model"]
    start = chance.randrange(len(words))

    def fill(found):
        match found[1]:
            case "w":
                return chance.choice(words)
            case "b":
                return (re.sub(r"[\W_]", "", chance.choice(words)) + "ing")[: chance.randint(3, 6)]
            case "p":
                return '"{}"'.format(" ".join(words[start : start + chance.randint(2, 3)]))
            case "c":
                return chance.choice(paper.categories).split(" ")[0]
            case _:
                return '"{}"'.format(chance.choice(paper.authors or ("K. He",)).replace('"', ""))

    return re.sub(r"\{(\w)\}", fill, chance.choice(FORMS))


def agrees(queries, papers):
    """Whether index and evaluator agree, of papers in batches and alone; how many matches there are."""
    wanted = dict(enumerate(queries))
    docs = list(map(Doc.of, papers))
    matcher = Matcher()
    for number, query in wanted.items():
        matcher.add(number, Query.load(query.dump()))
    expected = plainly(wanted, docs)
    assert matcher.match_many(docs) == expected
    assert [matcher.match(Doc.of(paper)) for paper in papers[::7]] == expected[::7]
    return sum(map(len, expected))


def test_real_queries_over_real_papers(real_queries, real_papers):
    assert len(real_queries) > 800
    assert agrees(real_queries, real_papers[::14]) > 500


@pytest.mark.slow
def test_a_million_pairs(real_queries, real_papers):
    chance = random.Random(20261125)
    made = understood(made_of(chance.choice(real_papers), chance) for _ in range(3_000))
    queries = list(dict.fromkeys([*real_queries, *made]))
    papers = real_papers[::2]
    assert len(queries) * len(papers) >= 1_000_000
    assert agrees(queries, papers) > 20_000


@given(chance=st.randoms(use_true_random=False), first=st.integers(0, 1_000), count=st.integers(1, 70))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_queries_over_any_real_papers(real_papers, chance, first, count):
    papers = real_papers[first : first + count]
    agrees(understood(made_of(chance.choice(papers), chance) for _ in range(40)), papers)
