"""The index of all queries against trying each, and that no order of edits changes what it finds."""

import random
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st
from querygen import papers, queries

from paperwire.core.matcher import Matcher
from paperwire.core.paper import Paper
from paperwire.core.plan import Plan
from paperwire.core.query import Query, parse
from paperwire.core.text import Doc
from paperwire.errors import QueryError


def understood(texts):
    found = []
    for text in texts:
        with suppress(QueryError):
            found.append(parse(text))
    return found


def plainly(wanted, docs):
    return [[number for number, query in sorted(wanted.items()) if query.matches(doc)] for doc in docs]


@given(st.lists(queries, max_size=12), st.lists(papers, max_size=5))
def test_index_is_the_evaluator(texts, some):
    wanted = dict(enumerate(understood(texts)))
    matcher = Matcher()
    for number, query in wanted.items():
        matcher.add(number, Query.load(query.dump()) if number % 2 else query)
    docs = list(map(Doc.of, some))
    assert matcher.match_many(docs) == plainly(wanted, docs)
    assert [matcher.match(doc) for doc in docs] == plainly(wanted, docs)
    assert len(matcher) == len(wanted)


@given(st.lists(queries, min_size=1, max_size=8), st.lists(papers, min_size=2, max_size=4), st.randoms())
def test_edits_between_papers(texts, some, chance):
    pool = understood(texts)
    docs = list(map(Doc.of, some))
    matcher, wanted = Matcher(), {}
    for _ in range(12):
        number = chance.randrange(5)
        if pool and chance.random() < 0.6:
            wanted[number] = chance.choice(pool)
            matcher.add(number, wanted[number])
        else:
            wanted.pop(number, None)
            matcher.remove(number)
        assert matcher.match_many(docs) == plainly(wanted, docs)


@given(queries)
def test_plans_are_stored_as_they_are(text):
    for query in understood([text]):
        written = query.plan.written()
        assert (Plan.read(written) if written else query.plan) == query.plan
        assert Query.load(query.dump()).plan == query.plan


WORDS = ["model", "models", "learn-ing", "state-of-the-art", "deep", "C++", "LLMs", "α-divergence", "x2", "the", "of"]
WORDS += ["GPT-3.5", "robust", "vision-language"]
FORMS = ["{}", '"{} {}"', "{} {} {}", "{} OR {}", "{} -{}", "ti:{}", "abs:({} OR {})", "={}", "au:he {}", "cat:cs {}"]
FORMS += [
    "({} OR {}) ({} OR {})",
    "{} {} {} {} {} {}",
    "{} -({} {})",
    '"{} {} {} {} {} {}"',
    "mod* {}",
    "{} OR ({} {})",
]


def made_up(chance):
    form = chance.choice(FORMS)
    return form.format(*(chance.choice(WORDS) for _ in range(form.count("{}"))))


def made_up_papers(chance, count):
    return [
        Paper(
            id=f"2510.{number:05}",
            title=" ".join(chance.choices(WORDS, k=4)),
            abstract=" ".join(chance.choices(WORDS, k=12)),
            authors=(chance.choice(["Kaiming He", "K. He", "Li-Hsiang He", "He Kai"]),),
            categories=(chance.choice(["cs.CV", "math-ph"]),),
        )
        for number in range(count)
    ]


def test_ten_thousand_edits_leave_what_a_new_index_would_have():
    chance = random.Random(20261125)
    pool = understood(made_up(chance) for _ in range(3_000))
    matcher, wanted = Matcher(), {}
    docs = list(map(Doc.of, made_up_papers(chance, 130)))
    for step in range(10_000):
        number = chance.randrange(2_000)
        if number in wanted and chance.random() < 0.4:
            matcher.remove(number)
            del wanted[number]
        else:
            wanted[number] = chance.choice(pool)
            matcher.add(number, wanted[number])
        if step % 1_000 == 0:
            matcher.match_many(docs[: step // 100])
    anew = Matcher()
    for number, query in wanted.items():
        anew.add(number, query)
    assert matcher.match_many(docs) == anew.match_many(docs) == plainly(wanted, docs)
    for number in list(wanted):
        matcher.remove(number)
    assert len(matcher) == 0
    assert matcher.match_many(docs) == [[] for _ in docs]
