"""What hostile queries cost a matcher, counted in rows that are tried: never more than they have."""

from importlib.resources import files

import pytest
from test_matcher import plainly, understood

from paperwire.core.matching import rows
from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.words import Words
from paperwire.errors import Mistake, QueryError

COMMON = [
    line.split("\t")[0] for line in files("paperwire.core.query").joinpath("common_words.tsv").read_text().splitlines()
]
COMMON = [word for word in COMMON[1:] if word not in {"and", "or", "not"}][:50]
TEXT = "We show that the diffusion model of a state-of-the-art framework is based on data, and in this method " * 3


@pytest.fixture
def tried(monkeypatch):
    """How many rows were tried since the test began: one number in a list."""
    count = [0]
    ranges = rows._ranges

    def counting(starts, counts):
        count[0] += int(counts.sum())
        return ranges(starts, counts)

    monkeypatch.setattr(rows, "_ranges", counting)
    return count


def docs(count):
    return [
        Doc.of(Paper(id=f"2510.{n:05}", title=f"Diffusion {n}", abstract=TEXT, categories=("cs.LG",)))
        for n in range(count)
    ]


def costs(texts, tried, papers=1):
    queries = dict(enumerate(understood(texts)))
    assert len(queries) == len(texts)
    matcher = Matcher()
    for number, query in queries.items():
        matcher.add(number, query)
    some = docs(papers)
    tried[0] = 0
    assert matcher.match_many(some) == plainly(queries, some)
    return tried[0]


def test_fifty_commonest_words_are_one_row(tried):
    assert costs([" ".join(COMMON)], tried) <= 1


def test_an_or_of_two_hundred_terms_is_tried_term_by_term(tried):
    assert costs([" OR ".join(f"w{n}" for n in range(199)) + " OR model"], tried) == 1
    assert costs([" OR ".join(COMMON)], tried) <= len(COMMON)
    assert costs([" OR ".join(COMMON)], tried, papers=5) <= 5 * len(COMMON)


def test_short_beginnings_are_single_facts(tried):
    assert costs([f"{start}*" for start in ("sta", "mod", "dif", "the", "bas", "fra", "met")], tried) == 7


@pytest.mark.whole
def test_queries_with_one_anchor_are_tried_once_each(tried):
    texts = [f"model cat:math.{a}{b}" for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    texts += [f"diffusion other{n}" for n in range(2_000)]
    assert costs(texts, tried) <= len(texts)


@pytest.mark.whole
def test_a_query_is_filed_where_few_papers_look(tried):
    assert costs([f"model rare{n}" for n in range(2_000)], tried) == 0
    assert costs([f"cat:cs.LG rare{n}" for n in range(2_000)], tried) == 0


def test_classes_alone_are_one_row_each(tried):
    assert costs(["cat:cs", "cat:cs.*x".removesuffix("x"), "cat:cs.LG", "cat:math", "cat:hep-th"], tried) == 3


def test_negations_are_one_row(tried):
    negated = " ".join(f"-word{n}" for n in range(199))
    assert costs([f"diffusion {negated}", f"absent {negated}"], tried) == 1


def test_words_that_only_the_evaluator_can_tell_wait_for_their_beginning(tried, monkeypatch):
    chain = "-".join("abcdefghijklmnopqrstuvwxyz")
    asked = []
    holds = Words.holds
    monkeypatch.setattr(Words, "holds", lambda term, doc: asked.append(doc) or holds(term, doc))
    matcher = Matcher()
    matcher.add(1, understood([chain])[0])
    assert matcher.match_many(docs(64)) == [[] for _ in range(64)]
    assert asked == []
    with_it = Doc.of(Paper(id="2510.1", title=f"On {chain} and more", abstract="", categories=()))
    only_begun = Doc.of(Paper(id="2510.2", title="On a-b-c-d-e-f-g-h-i-j-k", abstract="", categories=()))
    assert matcher.match_many([*docs(3), with_it, only_begun]) == [[], [], [], [1], []]
    assert len(asked) == 2
    matcher.remove(1)
    assert matcher.match_many([with_it]) == [[]]


def test_more_than_eight_long_chains_are_refused():
    chains = [f"in-this-paper-we-show-how-to-do-x{n}" for n in range(9)]
    assert understood([" OR ".join(chains[:8])])
    with pytest.raises(QueryError) as refused:
        parse("  " + " OR ".join(chains))
    assert (refused.value.kind, refused.value.column) == (Mistake.TOO_MANY_CHAINS, 3)
    assert parse(" OR ".join(f"state-of-the-art-x{n}" for n in range(80)))
    assert parse(" OR ".join(f'"{chain.replace("-", " ")}"' for chain in chains))


def test_words_with_a_star_are_counted_in_quotes_too():
    assert parse("abc* " * 31 + "ti:abc*")
    for typed, column in (("abc* " * 32 + "ti:abc*", 161), (f'lora "{"abc* " * 33}"', 6)):
        with pytest.raises(QueryError) as refused:
            parse(typed)
        assert (refused.value.kind, refused.value.column) == (Mistake.TOO_MANY_BEGINNINGS, column)
