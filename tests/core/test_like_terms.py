"""`like:` and `rate:`: how they are read, what they carry, and when a paper is near enough."""

from fractions import Fraction

import numpy as np
import pytest

from paperwire.core.matching.matcher import Matcher
from paperwire.core.meaning.aim import Aim, Direction
from paperwire.core.meaning.vectors import pack
from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import Query, parse
from paperwire.core.query.nodes import And
from paperwire.core.query.prepared import Doc
from paperwire.core.query.terms.like import Like
from paperwire.core.query.terms.rate import USUAL, Rate
from paperwire.core.query.terms.unlike import Unlike
from paperwire.core.query.terms.upvotes import Upvotes
from paperwire.errors import Mistake, QueryError


def packed(*row):
    return pack(np.array([row], np.float32))[0]


def doc(vector=None, *, number=1, title="Lora"):
    return Doc.of(Paper(id="2510.00001", title=title, abstract="", number=number), vector)


@pytest.mark.parametrize(
    ("typed", "shown", "asked"),
    [
        ("like:2510.01234", "like:2510.01234", "2510.01234"),
        ("like:math.GT/0309136v2 lora", "lora like:math.GT/0309136v2", "math/0309136"),
        ("like:doi:10.1101/2025.01", "like:doi:10.1101/2025.01", "10.1101/2025.01"),
        ("like:2510.01234v2,2510.05678", "like:2510.01234v2,2510.05678", "2510.01234 2510.05678"),
        ("like:rss-2ab", "like:rss-2ab", "rss-2ab"),
        ('LIKE:"proofs (by) *"', 'like:"proofs (by) *"', '"proofs (by) *"'),
        ("like:Saved", "like:Saved", "saved"),
        ("like:saved lora* -survey", "lora* -survey like:saved", "saved"),
        ("lora like:2510.01234v1 [cs.CL] 3 Oct 2025", "lora like:2510.01234v1 [cs.CL] 3 Oct 2025", "2510.01234"),
    ],
)
def test_what_papers_are_to_be_like(typed, shown, asked):
    query = parse(typed)
    assert str(query) == shown
    assert parse(shown) == query
    like = query.like
    forms = (" ".join(like.ids), f'"{like.text}"' if like.text else "", "saved" if like.is_saved else "")
    assert list(filter(None, forms)) == [asked]


def test_ids_in_any_order_are_one_query_and_what_they_are_not_to_be_like_is_part_of_it():
    query = parse("like:2510.00001,2510.00002 lora -like:2510.00004,2510.00003 rate:5/week")
    assert str(query) == "lora like:2510.00001,2510.00002 -like:2510.00004,2510.00003 rate:5/week"
    assert query == parse("rate:5/week -like:2510.00003,2510.00004 lora like:2510.00002,2510.00001")
    assert query != parse("like:2510.00001,2510.00002 lora rate:5/week")
    assert Query.load(query.dump()).ids_of_like == ("2510.00001", "2510.00002", "2510.00004", "2510.00003")
    assert query.is_enough(doc()) is False  # before it was aimed


@pytest.mark.parametrize(
    ("typed", "kind", "column"),
    [
        ("lora like:", Like.unknown, 6),
        ("like: saved", Like.unknown, 1),
        ("like:lora", Like.unknown, 6),
        ("like:(saved)", Like.unknown, 6),
        ("like:-saved", Like.unknown, 1),
        ("like:OR", Like.unknown, 1),
        ('like:""', Mistake.NO_WORD_IN_QUOTES, 6),
        ('like:"?!"', Mistake.NO_WORD_IN_QUOTES, 6),
        ('like:"🙂 ∎"', Mistake.NO_WORD_IN_QUOTES, 6),
        ('like:"lora', Mistake.OPEN_QUOTE, 6),
        ("like:=saved", Mistake.EXACT_VALUE, 6),
        ("ti:like:saved", Mistake.NESTED_FIELD, 4),
        ("ti:(like:saved)", Mistake.NESTED_FIELD, 5),
        ("-like:saved", Like.modifier.misplaced, 2),
        ("like:saved -like:2510.00001,lora", Unlike.unknown, 12),
        ("like:saved (lora -like:2510.00001)", Unlike.modifier.misplaced, 18),
        ("like:saved NOT -like:2510.00001", Unlike.modifier.misplaced, 16),
        ("like:saved -like:2510.00001 -like:2510.00002", Unlike.modifier.repeated, 29),
        ("lora -like:2510.00001", Unlike.modifier.alone, 6),
        (f"like:{','.join(['2510.00001', *(f'2510.{n:05}' for n in range(2, 22))])}", Like.unknown, 6),
        ("lora NOT like:saved", Like.modifier.misplaced, 10),
        ("lora (like:saved)", Like.modifier.misplaced, 7),
        ("lora OR like:saved", Like.modifier.misplaced, 9),
        ("like:saved lora OR qlora", Like.modifier.misplaced, 1),
        ('like:saved like:"lora"', Like.modifier.repeated, 12),
        ("like:saved rate:", Rate.unknown, 12),
        ("like:saved rate:5", Rate.unknown, 17),
        ("like:saved rate:5*/day", Rate.unknown, 17),
        ("like:saved rate:5/year", Rate.unknown, 17),
        ("like:saved rate:0/day", Rate.unknown, 17),
        ("like:saved rate:21/day", Rate.unknown, 17),
        ("like:saved rate:141/week", Rate.unknown, 17),
        ("like:saved rate:601/month", Rate.unknown, 17),
        ("like:saved rate:(5/day)", Rate.unknown, 17),
        ("-rate:5/day like:saved", Rate.modifier.misplaced, 2),
        ("rate:5/day like:saved rate:5/day", Rate.modifier.repeated, 23),
        ("rate:5/day", Rate.modifier.alone, 1),
        ("lora rate:5/day", Rate.modifier.alone, 6),
    ],
)
def test_refusals(typed, kind, column):
    with pytest.raises(QueryError) as refused:
        parse(typed)
    assert (refused.value.kind, refused.value.column) == (kind, column)


@pytest.mark.parametrize(
    ("typed", "a_day", "a_week"),
    [
        ("1/month", Fraction(1, 30), 7 / 30),
        ("5/Week", Fraction(5, 7), 5),
        ("140/week", 20, 140),
        ("600/month", 20, 140),
        ("20/day", 20, 140),
    ],
)
def test_rates(typed, a_day, a_week):
    query = parse(f"rate:{typed} like:saved")
    assert str(query) == f"rate:{typed.lower()} like:saved"
    assert (query.rate.a_day, query.rate.a_week) == (a_day, pytest.approx(a_week))
    assert query.is_enough(doc()) is False
    assert query.rate.holds(doc())


def test_the_usual_rate_is_asked_for_by_nobody():
    assert parse("like:saved").rate is None
    assert (USUAL.a_week, USUAL.show("")) == (5, "rate:5/week")


def test_it_may_stand_alone_or_with_exclusions_and_upvotes():
    alone = parse("like:saved")
    assert alone.root == And(())
    assert alone.matches(doc())
    assert alone.explain(doc()) == ()
    assert parse("like:saved -survey").matches(doc())
    assert not parse("like:saved -lora").matches(doc())
    assert parse("like:saved upvotes>=5").upvotes == 5


def test_the_matcher_tries_the_rest():
    matcher = Matcher()
    for number, text in enumerate(["like:saved", "like:saved -lora", 'qlora like:"x"', "lora like:2510.00001"]):
        matcher.add(number, Query.load(parse(text).dump()))
    assert matcher.match_many([doc(), doc(title="QLoRA")]) == [[0, 3], [0, 1, 2]]


def test_the_column_of_a_term():
    query = parse("lora  like:saved “x” rate:5/day")
    assert (query.column_of(Like), query.column_of(Rate)) == (7, 22)
    with pytest.raises(KeyError):
        query.column_of(Upvotes)


def test_whose_saved_papers_is_part_of_the_key_and_stored_but_not_shown():
    query = parse("lora like:saved")
    mine, theirs = query.of(7), query.of(8)
    assert str(mine) == "lora like:saved"
    assert len({query.key, mine.key, theirs.key}) == 3
    assert Query.load(mine.dump()) == mine
    assert Query.load(mine.dump()).like.person == 7
    assert parse("like:2510.00001").of(7) == parse("like:2510.00001")
    assert parse("lora").of(7) == parse("lora")
    assert parse("like:saved@7").key != parse("like:saved").of(7).key


def test_a_paper_is_near_enough_or_not_and_one_it_was_asked_by_never():
    direction = Direction("table-1", packed(1, 0), frozenset({9}))
    query = parse("lora like:2510.00009 upvotes>=0").aimed(Aim(direction, 0.6))
    near, far = packed(0.8, 0.6), packed(0.5, 0.8)
    assert [query.is_enough(doc(vector)) for vector in (near, far, None)] == [True, False, False]
    assert not query.is_enough(doc(near, number=9))
    assert parse("lora like:2510.00009").is_enough(doc(near)) is False
    assert direction.cosine(1, near) == pytest.approx(0.8, abs=0.005)
    assert direction.cosine(9, near) is None
    assert query == parse("lora like:2510.00009 upvotes>=0")
    assert Query.load(query.dump()).like.aim is None
    assert parse("lora").aimed(None) == parse("lora")


def test_cosines_are_the_same_figure_whatever_is_multiplied_with_them():
    random = np.random.default_rng(3)
    rows = pack(random.standard_normal((50, 256)).astype(np.float32))
    direction = Direction("table-1", rows[0])
    assert direction.cosine(1, rows[0]) == pytest.approx(1)
    backwards = Direction("table-1", rows[0][::-1])
    assert [direction.cosine(1, row) for row in rows] == [backwards.cosine(1, row[::-1]) for row in rows]
