"""arXiv's categories: the list, what people mean, and the groups they are requested in."""

import pytest

from paperwire.core.papers import categories
from paperwire.core.query.language import parse


def test_all_categories_are_there_once():
    known = tuple(categories.CATEGORIES)
    assert len(known) == len(set(known)) == 155
    assert {"cs.CV", "hep-th", "astro-ph.CO", "q-fin.EC", "physics.optics", "quant-ph", "nlin.SI"} <= set(known)
    assert "cs" not in known
    assert categories.CATEGORIES["cs.CV"].set_spec == "cs:cs:CV"
    assert categories.CATEGORIES["hep-th"].set_spec == "physics:hep-th"
    assert categories.CATEGORIES["astro-ph.GA"].set_spec == "physics:astro-ph:GA"


def test_twins_are_categories_and_mutual():
    for one, other in categories.TWIN.items():
        assert categories.TWIN[other] == one
        assert one in categories.CATEGORIES


@pytest.mark.parametrize(
    ("name", "expected"),
    [("cs.CV", ("cs.CV",)), ("CS.cv", ("cs.CV",)), (" hep-th ", ("hep-th",)), ("hep-th.*", ("hep-th",))],
)
def test_a_category_in_any_case(name, expected):
    assert categories.expand(name) == expected


def test_archives_and_everything():
    assert categories.expand("q-bio") == categories.expand("q-bio.*")
    assert len(categories.expand("q-bio")) == 10
    assert categories.expand("*") == tuple(categories.CATEGORIES)
    assert categories.select(["stat.ML", "cs.CV", "CS.CV", "stat"])[0] == "cs.CV"
    assert len(categories.select(["stat.ML", "cs.CV", "stat"])) == 7


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("cs.CVv", "cs.CV"),
        ("cs.CX", "cs.CY"),
        ("stat.LG", "stat.ML"),
        ("cs.QQ", "cs"),
        ("cs.CV.*", "cs.CV"),
        ("robotics", "cs.RO"),
        ("Machine Learning", "cs.LG"),
        ("quantph", "quant-ph"),
    ],
)
def test_an_unknown_category_is_refused_with_the_nearest_right_one(name, nearest):
    with pytest.raises(ValueError, match="did you mean") as caught:
        categories.select(["cs.CV", name])
    assert f"{nearest!r}" in str(caught.value)
    assert repr(name) in str(caught.value)


def test_what_is_like_no_category_has_no_nearest():
    with pytest.raises(ValueError, match=r"arXiv has no category 'zzzz'$"):
        categories.expand("zzzz")


def test_categories_of_a_query_that_are_not_collected():
    followed = ("cs.CV", "eess.SY", "hep-th")
    wanted = ("cs.CV", "CS.cv", "cs", "cs.*", "cs.SY", "hep-th", "cs.CL", "math", "stat.ML", "eess")
    assert categories.uncollected(wanted, followed) == ("cs.CL", "math", "stat.ML")


@pytest.mark.parametrize(
    ("query", "bounds"),
    [
        ("cat:cs.CL", ("cs.CL",)),
        ("lora cat:cs.CL OR (cat:hep-th quarks)", ("cs.CL", "hep-th")),
        ("cat:cs.CL OR lora", ()),
        ("(cat:cs.CL OR lora) cat:math", ("math",)),
        ("lora -cat:cs.CL", ()),
        ("cat:cs.CL OR cat:cs.CL", ("cs.CL",)),
    ],
)
def test_categories_that_bound_a_query(query, bounds):
    assert parse(query).bounds() == bounds


def test_groups_stay_far_below_the_cut_and_never_depend_on_what_else_is_followed():
    every = categories.grouped(tuple(categories.CATEGORIES))
    for part, names in every.items():
        assert sum(categories.CATEGORIES[name].items for name in names) <= 1_000, part
    assert categories.grouped(["cs.CL", "cs.RO"]) == {"cs.CL": ("cs.CL",), "cs-1": ("cs.RO",)}
    assert set(categories.grouped(["cs.RO", "cs.HC"])) == set(categories.grouped(["cs.HC"]))


def test_categories_have_no_digits():
    assert categories.is_category("cs.CV")
    assert categories.is_category("hep-th")
    assert not categories.is_category("68T50")
    assert not categories.is_category("I.2.7")
