"""A query that cannot be read is answered with one that can, and keeps at least half of its words."""

import json
import re

import pytest

from paperwire.core.query.conditions import STOPS
from paperwire.core.query.elsewhere import read
from paperwire.core.query.language import parse
from paperwire.core.search.correction import corrected, keeps_half, repaired
from paperwire.errors import Mistake, QueryError
from refusals import REFUSALS

PARAGRAPH = (
    "We are interested in large language models, their pretraining and finetuning; and in multimodal machine learning "
    "for robots. Not in surveys."
)
CHAINS = " OR ".join(f"in-this-paper-we-show-how-to-do-x{number}" for number in range(9))
PARTED = " OR ".join(f'"in this paper we show how to do x{number}"' for number in range(9))
EXAMPLES = {
    # one for each mistake
    'a ""': "a",
    'all:electron AND au:""': "electron",
    "a ti:()": "a",
    "a ( )": "a",
    'ti:lora abs:"fine tuning': 'ti:lora abs:"fine tuning"',
    'lora "': "lora",
    "(lora OR qlora": "lora OR qlora",
    "lora)": "lora",
    "lora - survey": "lora survey",
    "lora =": "lora",
    "lora OR": "lora",
    "OR lora": "lora",
    "lora -(survey OR)": "lora -survey",
    "lora -)": "lora",
    "lora (a -)": "lora a",
    "ti: lora": "ti:lora",
    'ti: "fine tuning"': 'ti:"fine tuning"',
    "lora ti: AND x": "lora x",
    "ti:-lora x": "-ti:lora x",
    "lora ti:": "lora",
    "upvotes>=5": "cat:cs upvotes>=5",
    "-survey": "cat:cs -survey",
    "lora OR -survey": "cat:cs (lora OR -survey)",
    "lora or qlora": "lora OR qlora",
    "*fusion": "fusion",
    "archive/**": "archive/",
    "a*": "a",
    "cat:cs*": "cat:cs",
    "au:=he": "au:he",
    " OR ".join(["abc*"] * 33): " OR ".join(["abc*"] * 32),
    "lora " * 201: " ".join(["lora"] * 200),
    "ti:(lora au:he)": "ti:(lora he)",
    "titel:lora": "ti:lora",
    'intitle:"fine tuning" lora': 'ti:"fine tuning" lora',
    '"quantum gravity" AND year:1980-2005': '"quantum gravity"',
    "submittedDate:[2023 TO 2024] AND lora": "lora",
    "lora site:arxiv.org": "lora",
    "foo:bar": "foo bar",
    "https://arxiv.org/pdf/2510.00001v2.pdf": "id:2510.00001",
    "https://github.com/lora/lora": '"https://github.com/lora/lora"',
    "cs.ai": "cat:cs.AI",
    "lora cs.ai, x": "lora cat:cs.AI, x",
    "lora has:pdf": "lora has:code",
    "lora has:space": "lora has:demo",
    'lora has:"datasts"': "lora has:dataset",
    "lora has:(github OR vidoe)": "lora has:(code OR video)",
    "lora venue:nuerips": "lora venue:NeurIPS",
    'lora venue:"nuerips 2025"': 'lora venue:"NeurIPS 2025"',
    "lora venue:quxquux": "lora venue:any",
    "lora venue:": "lora venue:any",
    "lora org: google": "lora org:google",
    "lora by: akhaliq": "lora by:akhaliq",
    "lora comment: workshop": "lora co:workshop",
    "list:reading lora": "reading lora",
    "lora list:here": "lora",
    "lora OR -list:public": "lora",
    "lora upvotes > 5": "lora upvotes>=5",
    "lora upvotes<5": "lora",
    "lora upvotes>=": "lora",
    "lora (qlora upvotes>=5)": "lora qlora upvotes>=5",
    "lora -upvotes>=5": "lora upvotes>=5",
    "lora OR qlora upvotes>=5": "(lora OR qlora) upvotes>=5",
    "lora upvotes>=5 upvotes>=6": "lora upvotes>=5",
    "like:graph neural nets cat:cs.CL": 'cat:cs.CL like:"graph neural nets"',
    'like: "graph neural"': 'like:"graph neural"',
    "like:(graph neural)": 'like:"graph neural"',
    "lora like:": "lora",
    "lora OR qlora like:saved": "(lora OR qlora) like:saved",
    "lora -like:saved": "lora",
    'lora like:2510.00001 like:"x y"': "lora like:2510.00001",
    "like:saved rate:5": "like:saved rate:5/week",
    "like:saved rate:2 per day lora": "lora like:saved rate:2/day",
    "like:saved rate:1000/month": "like:saved rate:20/day",
    "lora like:saved rate:often": "lora like:saved",
    "lora like:saved rate:0/day": "lora like:saved",
    "like:saved (lora rate:5/day)": "lora rate:5/day like:saved",
    "like:saved rate:1/day rate:2/day": "like:saved rate:1/day",
    "lora rate:1/day": "lora",
    'Schr\\"odinger equation': "Schrodinger equation",
    "\\alpha decay": "alpha decay",
    "lora || qlora | x": "lora OR qlora OR x",
    "[lora]": "lora",
    CHAINS: PARTED,
    f'{CHAINS} "x"': f"{PARTED} OR x",
    # other services
    "Hawking, S*": 'au:"S Hawking"',
    "Hawking, Steph*, x*": "Hawking, Steph*, x",
    "Lee K[au] AND Hawking[Author] AND cancer[ti] AND x[tiab] AND 2020[dp]": 'au:"K Lee" au:Hawking ti:cancer x',
    '"Lee KS"[au] {x}': 'au:"K S Lee" x',
    r"\bsodium[- ]ion\b|electrocatal|water splitting": 'sodium-ion OR electrocatal* OR "water splitting"',
    r"nickel (?:foam|plating)|weld.*|\bp2\b": "nickel (foam OR plating) OR weld OR p2",
    r"graph.*neural|li1\.2|[Gg]raphene": "graph neural OR li1.2 OR Graphene*",
    r"(|foo)": "foo",
    "ti:%22dark matter%22 AND [": 'ti:"dark matter"',
    # running text
    f"{PARAGRAPH} [1]": (
        'interested OR "large language models" OR pretraining OR finetuning OR "multimodal machine learning" OR robots '
        "OR surveys"
    ),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "better"), EXAMPLES.items(), ids=range(len(EXAMPLES)))
def test_a_query_that_cannot_be_read_is_corrected(typed, better):
    with pytest.raises(QueryError):
        parse(typed)
    assert corrected(typed) == better
    assert keeps_half(typed, better)


@pytest.mark.parametrize("hopeless", ["", '"', "&", '""'])
def test_without_a_word_there_is_nothing_to_suggest(hopeless):
    assert corrected(hopeless) is None


def test_brackets_nested_too_deep_are_left_out():
    assert corrected("lora " + "(" * 33 + "qlora") == "lora qlora"


def test_what_is_too_long_is_cut():
    assert corrected("lora " * 500) == " ".join(["lora"] * 200)
    better = corrected('"' + "x" * 2500 + '"')
    assert better is None


def test_typographic_quotes_are_quotes():
    assert corrected("lora au:“”") == "lora"
    assert corrected("“fine tuning") == '"fine tuning"'


def test_a_correction_that_would_read_otherwise_when_shown_stays_as_it_is():
    assert corrected("upvotes AND >=日本 (") == "upvotes AND >=日本"


def test_repairs_end():
    assert corrected("| " * 70 + "lora") == "lora"


def test_half_of_the_words_are_kept_or_it_is_no_correction():
    assert keeps_half("one two three four", "one two")
    assert not keeps_half("one two three four", "one")
    assert keeps_half("ti:one AND two[tiab]", "one")


@pytest.mark.parametrize("mistake", Mistake)
def test_each_mistake_has_an_example(mistake):
    kinds = set()
    for typed in [*EXAMPLES, "&", "a " + "(" * 33 + "b", "x" * 2001]:
        with pytest.raises(QueryError) as refused:
            parse(typed)
        kinds.add(refused.value.kind)
    assert mistake in kinds


@pytest.mark.parametrize("refusal", [refusal for refusal in REFUSALS if refusal is not STOPS], ids=str)
def test_what_a_term_refuses_is_repaired_by_it(refusal):
    assert keeps_half(refusal.example, repaired(refusal.example))


@pytest.mark.parametrize(
    "typed", [STOPS.example, "Please don’t send me papers by Tao since 2024", "unsubscribe from lora"]
)
def test_what_is_to_stop_is_never_suggested(typed):
    with pytest.raises(QueryError) as refused:
        read(typed)
    assert refused.value.kind is STOPS
    assert repaired(typed) is None
    assert corrected(typed) is None


@pytest.mark.shared
def test_every_collected_query_is_accepted_or_has_a_suggestion_that_is(shared_data):
    lines = (shared_data / "queries" / "queries.jsonl").read_text("utf-8").splitlines()
    queries = [json.loads(line)["query"] for line in lines]
    refused = {}
    for query in queries:
        try:
            parse(query)
        except QueryError:
            refused[query] = corrected(query)
    for query, better in refused.items():
        print(f"{query}\n  -> {better}")  # noqa: T201 -- the list is what the run is for
        assert better is not None
        parse(better)
        words = _words(query)
        assert 2 * sum(word in _words(better) for word in words) >= len(words)
    assert len(queries) == 822
    assert len(refused) == 32


def _words(query):
    """What counts as a word here is decided apart from the program: no operators, fields, and escapes."""
    bare = re.sub(r"\\b|\[tiab\]|\b[a-z]+:", " ", query)
    return [word for word in re.findall(r"[^\W_]+", bare.casefold()) if word not in {"and", "or", "not"}]


@pytest.mark.parametrize(
    "text",
    ["a" * 200_000, "-" * 200_000, "upvotes>=" * 20_000, " " * 200_000 + "(", "1" + " " * 200_000 + "("],
)
@pytest.mark.whole
def test_a_long_text_is_looked_through_in_one_go(text):
    """Looked through again from each of its characters it would take a quarter of an hour."""
    assert corrected(text) is None or parse(corrected(text))
