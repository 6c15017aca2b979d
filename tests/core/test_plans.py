"""Plans: stored ones are read as they were made, they never change unnoticed, and they say no more than the query."""

import hashlib

import pytest
from hypothesis import given
from querygen import queries
from test_matcher import understood
from test_query_examples import rows

from paperwire.core.query.language import Query, parse
from paperwire.core.query.plan import MOST_CLAIMS, MOST_READINGS, PLAN_VERSION, Plan

PLANS = 4, "749bcfe79cb3e0df"
"""`PLAN_VERSION` and what the plans of all examples come to; both change together, or stored plans would mislead."""

MORE = [
    "a-b-c-d-e-f-g-h-i-j-k",
    "deep learning -survey -review",
    '(graph OR "knowledge graph" OR node OR edge) (learning OR training OR model) (fast OR cheap OR small)',
    " OR ".join(f'"state-of-the-art model{number}"' for number in range(40)),
    "the of and to in for model",
    'au:"pin-yu chen" cat:cs.LG source:arxiv id:2510.00001 has:code',
    '=RAG ="Depth Anything" diffus* ="Dif*"',
]


def examples():
    return [row[0] for name in ("query_examples.tsv", "query_rules.tsv") for _, row in rows(name)]


def size(program):
    return 0 if program is None else 1 if isinstance(program, str) else sum(map(size, program[1:]))


def test_plans_come_out_as_those_that_are_stored():
    plans = [query.plan.written() for query in understood(examples() + MORE)]
    assert len(plans) > 150
    digest = hashlib.sha256("\n".join(plans).encode()).hexdigest()[:16]
    assert (PLAN_VERSION, digest) == PLANS, "stored plans are others: PLAN_VERSION must grow, and PLANS with it"


def test_a_plan_of_another_version_is_made_again():
    query = parse("diffusion -survey")
    dumped = query.dump()
    told = dumped.replace(b":diffusion", b":transformer")
    assert Query.load(told).plan.rows == [[":transformer", "-:survey"]]
    assert dumped[32:].startswith(str(PLAN_VERSION).encode())
    assert Query.load(told[:32] + b"0" + told[33:]).plan == query.plan
    assert Plan.read("") is None


def test_a_plan_whose_claims_have_signs_of_their_own_is_not_stored():
    odd = Plan([[":a\x1fb", ":c"]], None)
    assert odd.written() == ""
    assert Plan.read(Plan([[":a", ":b"]], None).written()) == Plan([[":a", ":b"]], None)


@given(queries)
def test_no_plan_outgrows_its_query(text):
    for query in understood([text]):
        plan = query.plan
        assert 1 <= len(plan.rows) <= MOST_READINGS
        for row in plan.rows:
            assert 1 <= len(row) <= MOST_CLAIMS
            assert row[0][0] != "-"


@pytest.mark.parametrize(
    ("text", "most_rows", "most_claims"),
    [
        (" ".join(f"w{number}" for number in range(200)), 1, 4 + 200),
        (" OR ".join(f"w{number}" for number in range(200)), 200, 200),
        (" OR ".join(f"({a}a {a}b)" for a in "abcdefghijklmnopqrstuvwxyz"), 26, 52),
        (" ".join(f"({a}a OR {a}b OR {a}c)" for a in "abcdefghijklmnopqrstuvwxyz"), 3, 3 + 78),
        (" ".join(f"({a}a OR ({a}b {a}c))" for a in "abcdefghijklmnopqrstuvwxyz"), 2, 81),
        ("anchor " + " ".join(f"-word{number}" for number in range(199)), 1, 4 + 200),
        ("anchor -(" + " ".join(f"word{number}" for number in range(199)) + ")", 199, 400),
        (" OR ".join(f'"a{n}-b-c-d-e"' for n in range(90)), 1_440, 1_440),
        ("-".join("abcdefghijklmnopqrstuvwxyz"), 32, 32 + 1),
    ],
)
def test_the_worst_a_query_can_cost(text, most_rows, most_claims):
    plan = parse(text).plan
    assert 0 < len(plan.rows) <= most_rows
    assert sum(map(len, plan.rows)) + size(plan.program) <= most_claims
