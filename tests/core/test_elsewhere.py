"""What other services read otherwise is refused where people type, with what to type; stored queries still parse."""

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.correction import corrected
from paperwire.core.search.suggestion import respelled
from paperwire.errors import QueryError

HEP = "cat:hep-ex OR cat:hep-lat OR cat:hep-ph OR cat:hep-th"
REFUSED = [
    # typed, problem, column, what is offered
    ('TITLE-ABS-KEY("graph" AND lora) AND PUBYEAR > 2020', "a field of another service", 1, '"graph" lora'),
    ("lora AND TITLE-ABS-KEY ( graph )", "a field of another service", 10, "lora graph"),
    ("TITLE(graph) AUTH(hinton)", "a field of another service", 1, "ti:graph au:hinton"),
    ('TS=(graph AND "lora x")', "a field of another service", 1, 'graph "lora x"'),
    ('AU="Hinton G" AND TI=(x OR y)', "a field of another service", 1, 'au:"Hinton G" ti:(x OR y)'),
    ("graph PY=2020-2024", "a date", 7, "graph"),
    ('"a b"~3', "a distance between words", 6, "a b"),
    ('-"a b"~3 c OR d', "a distance between words", 7, "-(a b) c OR d"),
    ("graph NEAR/5 network", "a distance between words", 7, "graph network"),
    ("(graph OR x) ADJ3 y", "a distance between words", 14, "(graph OR x) y"),
    ("allintitle: graph neural", "a field of a search engine", 1, "ti:(graph neural)"),
    ("allintitle:graph neural", "a field of a search engine", 1, "ti:(graph neural)"),
    ("lora intitle: graph", "a field of a search engine", 6, "lora ti:graph"),
    ("allintext: graph neural", "a field of a search engine", 1, "graph neural"),
    ("wom?n health", "? for a letter", 1, "wom* health"),
    ("ti:organi?ation", "? for a letter", 4, "ti:organi*"),
    ("w?man health", "? for a letter", 1, '"man health"'),
    ("after:2025", "a date", 1, None),
    ("cat:cs.AI after:2025", "a date", 11, "cat:cs.AI"),
    ("lora before:2025-01-01 cat:cs.LG", "a date", 6, "lora cat:cs.LG"),
    ("(lora year:2020) OR qlora", "a date", 7, "lora OR qlora"),
    ("“a b” after:2025", "a date", 7, '"a b"'),
    ("cat:cs.CL,cs.LG lora", "several categories in one value", 1, "(cat:cs.CL OR cat:cs.LG) lora"),
    ("-cat:cs.CL;cs.LG lora", "several categories in one value", 2, "-(cat:cs.CL OR cat:cs.LG) lora"),
    ("cat:(cs.CL,cs.LG) lora", "several categories in one value", 6, "cat:(cs.CL OR cs.LG) lora"),
    ('cat:"cs.CL, cs.LG" lora', "several categories in one value", 1, "(cat:cs.CL OR cat:cs.LG) lora"),
    ("cat:hep-*", "several categories in one value", 1, HEP),
    ("cat:hep-* lora", "several categories in one value", 1, f"({HEP}) lora"),
    ("lora cat:astro-ph*", "several categories in one value", 6, "lora cat:astro-ph"),
    ("cat:cs.a*", "several categories in one value", 1, "cat:cs.AI OR cat:cs.AR"),
    ("cat:cs.XX", "a category that arXiv doesn't have", 1, "cat:cs"),
    ("lora category:cs.cx", "a category that arXiv doesn't have", 6, "lora cat:cs.CY"),
    ("cat:hep-zz", "a category that arXiv doesn't have", 1, HEP),
    ("!survey lora", "! before a word", 1, "-survey lora"),
    ('lora !"x y"', "! before a word", 6, 'lora -"x y"'),
    ("lora ~survey", "~ before a word", 6, "lora survey"),
]
READ = [
    "is this so? why",
    "why?",
    "~5 sigma",
    "x != y",
    '"!survey" wom',
    '"after:2025"',
    '"wom?n"',
    "AB=BA",
    "to: be",
    "cat:econ.*",
    "cat:xx.yy",
    "cat:hep",
    "cat:K.m",
    "cat:cs.CV, lora",
    "cat:68T50;68T05",
    "cat:CS.ai",
    "cats",
]


@pytest.mark.parametrize(("typed", "problem", "column", "better"), REFUSED, ids=range(len(REFUSED)))
def test_syntax_of_other_services_is_refused_with_what_to_type(typed, problem, column, better):
    with pytest.raises(QueryError) as refused:
        read(typed)
    assert str(refused.value.kind) == problem
    assert refused.value.column == column
    assert corrected(typed) == better


@pytest.mark.parametrize("typed", READ)
def test_what_only_resembles_it_is_read(typed):
    assert read(typed) == parse(typed)


def test_of_a_star_and_no_category_the_parser_says_what_is_wrong():
    with pytest.raises(QueryError, match="takes whole values"):
        read("cat:qq*")


@pytest.mark.parametrize("typed", ["cat:cs.XX", "cat:cs.CL,cs.LG", "!survey lora", "wom?n", '"a b"~3', "TS=(x)"])
def test_what_was_stored_before_it_was_refused_still_parses(typed):
    with pytest.raises(QueryError):
        read(typed)
    assert str(parse(str(parse(typed)))) == str(parse(typed))


@pytest.mark.parametrize(
    "typed", ["au:hinton et al", "au:hinton, et al.", 'au:"hinton et al"', 'au:"G. Hinton et al."', "au:hinton_g"]
)
def test_authors_are_read_as_they_are_cited(typed):
    paper = Paper(id="2510.00001", title="Graphs", abstract="", authors=("Geoffrey Hinton", "Yann LeCun"))
    assert read(typed).matches(Doc.of(paper))


def test_et_al_elsewhere_stays():
    assert read('"hinton et al"').text == '"hinton et al"'


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        (r"$\Lambda$CDM", r"Is $\Lambda$CDM right?"),
        (r"$\ell_1$ regularization", "Regularization by ℓ_1"),
        (r"ti:$B \to K^* \ell$ decays", r"Decays of $B \to K^* \ell$"),
        (r"=$\Lambda$CDM -$\mu$", r"Exact $\Lambda$CDM"),
        (r"(cosmic OR $f_{[x]}$) test", "A cosmic test"),
        (r"and $\mu$", "The mu problem"),
    ],
)
def test_tex_is_read_as_it_stands_in_titles(typed, title):
    query = read(typed)
    assert query.matches(Doc.of(Paper(id="2510.00001", title=title, abstract="", authors=())))
    assert parse(str(query)) == query


def test_a_command_alone_is_better_typed_by_name():
    with pytest.raises(QueryError):
        read(r"$\mu$")
    assert corrected(r"$\mu$") == "mu"


def test_dollars_alone_are_no_tex():
    assert parse("cost $5 and $10") == parse("cost 5 10")
    with pytest.raises(QueryError):
        parse(r"$f\alpha x")


@pytest.mark.parametrize(
    ("typed", "others"),
    [
        ("R", ["=R"]),
        ("R package", ["=R package"]),
        ("A I (R OR x) =R ti:lora co:R", []),
        ('"graph * network" lora', ["graph network lora"]),
        ('"A* search"', ["A search"]),
        ('"graph network"', []),
    ],
)
def test_a_lone_letter_and_a_star_in_quotes_have_another_reading(typed, others):
    assert [str(each.query) for each in respelled(parse(typed))] == others
