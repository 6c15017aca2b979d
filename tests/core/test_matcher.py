"""The index of all queries against trying each, and that no order of edits changes what it finds."""

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from querygen import papers, queries

from paperwire.core.matching import sequences
from paperwire.core.matching.matcher import Matcher
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.plan import Plan
from paperwire.core.query.prepared import Doc
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


def edited(chance, edits, pool, docs, most=sequences.MOST_REMEMBERED):
    """A matcher after that many random edits, with some papers matched in between; and what it should hold."""
    matcher, wanted = Matcher(most), {}
    for step in range(edits):
        number = chance.randrange(2_000)
        if number in wanted and chance.random() < 0.4:
            matcher.remove(number)
            del wanted[number]
        else:
            wanted[number] = chance.choice(pool)
            matcher.add(number, wanted[number])
        if step % (edits // 10) == 0:
            matcher.match_many(docs[: 10 * step // edits])
    return matcher, wanted


@pytest.mark.whole
@pytest.mark.parametrize("edits", [500, pytest.param(10_000, marks=pytest.mark.slow)])
def test_edits_leave_what_a_new_index_would_have(edits):
    chance = random.Random(20261125)
    pool = understood(made_up(chance) for _ in range(3_000))
    docs = list(map(Doc.of, made_up_papers(chance, 130)))
    matcher, wanted = edited(chance, edits, pool, docs)
    fresh = Matcher()
    for number, query in wanted.items():
        fresh.add(number, query)
    assert matcher.match_many(docs) == fresh.match_many(docs) == plainly(wanted, docs)
    for number in list(wanted):
        matcher.remove(number)
    assert len(matcher) == 0
    assert matcher.match_many(docs) == [[] for _ in docs]


@pytest.mark.parametrize("most", [1, 2, 7, 10])
def test_matcher_that_remembers_little_forgets_nothing_of_queries(most):
    chance = random.Random(3)
    texts = ["deep model", "mod*", "=LLMs", '="Mod*"', "ti:robust", "α-divergence OR x2"]
    pool = understood(texts * 20 + [made_up(chance) for _ in range(300)])
    docs = list(map(Doc.of, made_up_papers(chance, 130)))
    matcher, wanted = edited(chance, 400, pool, docs, most)
    for start in range(0, 130, 13):
        strange = [
            Doc.of(Paper(id=f"2510.{n:05}", title=f"Strange{n} deep model", abstract=f"models{n} LLMs"))
            for n in range(start, start + 13)
        ]
        some = docs[start : start + 13] + strange
        assert matcher.match_many(some) == plainly(wanted, some)


@pytest.mark.parametrize("most", [30, sequences.MOST_REMEMBERED])
def test_query_added_after_many_texts_were_read_finds_its_papers(most):
    """The other papers have as many words as bring those of `docs` into the older half of what is remembered."""
    docs = list(map(Doc.of, made_up_papers(random.Random(4), 20)))
    words = [f"w{number}" for number in range(most // 2)]
    others = [
        Doc.of(Paper(id="2510.99999", title="", abstract=" ".join(words[start : start + 2_000])))
        for start in range(0, len(words), 2_000)
    ]
    matcher, wanted = Matcher(most), {}
    for number, text in enumerate(["deep", "model", '"robust model"', "learning", "gpt", "vision -deep"]):
        matcher.match_many([*docs, *others])
        wanted[number] = parse(text)
        matcher.add(number, wanted[number])
        assert matcher.match_many(docs) == plainly(wanted, docs)


def test_a_beginning_that_is_asked_for_late_finds_words_met_before():
    docs = [
        Doc.of(Paper(id=f"2510.{n:05}", title=title, abstract=""))
        for n, title in enumerate(["Diffusion-Models", "- diffuse", "Diffraction", "Model", "diffusions"])
    ]
    matcher, wanted = Matcher(), {}
    for number, text in enumerate(["model", "diffus*", "dif* model", '="Diffus*"', "=diffuse"]):
        wanted[number] = parse(text)
        matcher.add(number, wanted[number])
        assert matcher.match_many(docs) == plainly(wanted, docs)
    assert matcher.match_many(docs) == [[0, 1, 2, 3], [1, 4], [], [0], [1]]


def test_a_beginning_of_one_letter_after_a_joint_finds_what_the_evaluator_finds():
    titles = ["GPT-4o", "Of GPT 4-turbo", "GPT4", "gpt-3.5 and 4", "4o"]
    docs = [Doc.of(Paper(id="2510.00001", title=title, abstract="")) for title in titles]
    matcher, wanted = Matcher(), dict(enumerate(map(parse, ["GPT-4*", '"of GPT-4*"', "=GPT-4*", "ti:gpt-4o*"])))
    for number, query in wanted.items():
        matcher.add(number, query)
    assert matcher.match_many(docs) == plainly(wanted, docs) == [[0, 2, 3], [0, 1, 2], [0, 2], [], []]


def test_words_that_only_the_evaluator_can_tell():
    chain = "a-b-c-d-e-f-g-h-i-j-k-l"
    texts = [chain, f"ti:{chain}", f"lora -{chain}", f"lora OR {chain}"]
    wanted = dict(enumerate(map(parse, texts)))
    matcher = Matcher()
    for number, query in wanted.items():
        matcher.add(number, query)
    titles = [chain, "abc-defg-hijkl", "a b c d e f g h i j k l", "lora", f"lora {chain}", "a-b-c-d-e-f-g-h-i-j-k"]
    docs = [Doc.of(Paper(id="2510.00001", title=title, abstract="")) for title in titles]
    found = matcher.match_many(docs)
    assert found == plainly(wanted, docs)
    assert [len(numbers) for numbers in found[:5]] == [3, 3, 3, 2, 3]
    assert matcher.match(docs[-1]) == []
    for number in wanted:
        matcher.remove(number)
    assert matcher.match_many(docs) == [[] for _ in docs]


@pytest.mark.whole
def test_thousands_of_labels_and_pairs_come_and_go():
    chance = random.Random(9)
    words = [f"w{n}" for n in range(60)]
    texts = {n: f'"{" ".join(chance.choices(words, k=chance.randint(1, 5)))}"' for n in range(3_000)}
    wanted = {n: parse(text) for n, text in texts.items()}
    docs = [Doc.of(Paper(id="2510.00001", title=" ".join(chance.choices(words, k=90)), abstract="")) for _ in range(70)]
    matcher = Matcher()
    for number, query in wanted.items():
        matcher.add(number, query)
    assert matcher.match_many(docs) == plainly(wanted, docs)
    for number in range(0, 3_000, 2):
        matcher.remove(number)
        del wanted[number]
    assert matcher.match_many(docs) == plainly(wanted, docs)
    for number in range(0, 3_000, 2):
        wanted[number] = parse(texts[2_999 - number] + " -w1")
        matcher.add(number, wanted[number])
    assert matcher.match_many(docs) == plainly(wanted, docs)


def test_queries_that_are_too_many_ways_at_once():
    letters = "abcdefgh"
    texts = [
        " ".join(f"({letter}1 OR ({letter}2 {letter}3))" for letter in letters),
        " ".join(f"({letter}1 OR ({letter}2 -{letter}3))" for letter in letters),
        " OR ".join(
            f"({letter}1 ({letter}2 OR -{letter}3) ({letter}4 OR ({letter}5 {letter}6)))" for letter in letters
        ),
        "(a1 OR (a2 a3)) -(" + " ".join(f"({letter}1 OR ({letter}2 {letter}3))" for letter in letters) + ")",
        " ".join(f"{letter}1" for letter in letters),
    ]
    wanted = dict(enumerate(map(parse, texts)))
    matcher = Matcher()
    for number, query in wanted.items():
        matcher.add(number, query)
    chance = random.Random(4)
    titles = [
        " ".join(f"{letter}{n}" for letter in letters for n in range(1, 7) if chance.random() < share)
        for share in (0.1, 0.5, 0.7, 0.8, 0.9, 0.95, 1)
        for _ in range(12)
    ]
    docs = [Doc.of(Paper(id="2510.00001", title=title, abstract="")) for title in titles]
    found = matcher.match_many(docs)
    assert found == plainly(wanted, docs)
    assert {number for numbers in found for number in numbers} == set(wanted)


def test_where_a_paper_is_from_its_id_and_its_code():
    some = [
        Paper(id="2510.00001", title="Nets", abstract="See https://github.com/a/b for code", categories=("cs.CV",)),
        Paper(id="2510.00002", title="Nets", abstract="", categories=("q-bio.NC",), source="biorxiv"),
    ]
    docs = list(map(Doc.of, some))
    matcher, wanted = Matcher(), {}
    for number, text in enumerate(["source:arxiv nets", "id:2510.00001", "has:code nets", "-has:code nets", "cat:cs"]):
        wanted[number] = parse(text)
        matcher.add(number, wanted[number])
    assert matcher.match_many(docs) == plainly(wanted, docs)
    assert [len(numbers) for numbers in matcher.match_many(docs)] == [4, 1]
    for number in wanted:
        matcher.remove(number)
    assert matcher.match_many(docs) == [[], []]
