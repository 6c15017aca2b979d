from dataclasses import replace

import pytest

from paperwire.core.papers.paper import Paper
from paperwire.core.query.language import parse
from paperwire.core.query.prepared import Doc
from paperwire.core.search.examples import Background, Examples, Offers

WEEKS = 10.0


def papers(*titles):
    return [Paper(id=f"2601.{number:05}", title=title) for number, title in enumerate(titles)]


def background(examples, others, weeks=WEEKS):
    """What an index would tell of `others`."""
    docs = [Doc.of(paper) for paper in others]
    having = {term: [number for number, doc in enumerate(docs) if parse(term).matches(doc)] for term in examples.terms}
    return Background(len(others), weeks, having)


def offered(given, others, weeks=WEEKS):
    examples = Examples(given)
    return examples.offers(background(examples, others, weeks))


LATENT = papers(
    "Quokka decoding with latent wombats",
    "Faster quokka decoding",
    "A quokka decoding survey",
    "On quokka decoding and echidnas",
    "Tuning of quokka decoding",
)
OTHERS = [
    *papers(*(f"Decoding of platypus {number}" for number in range(300))),
    *papers(*(f"Quokka husbandry {number}" for number in range(300))),
    *papers(*(f"Other things {number}" for number in range(1000))),
]


def test_the_phrase_that_sets_them_apart_is_found():
    found = offered(LATENT, OTHERS)
    assert [offer.examples for offer in found.queries] == [5]
    (offer,) = found.queries
    assert parse(offer.text) in {parse("quokka decoding"), parse('"quokka decoding"')}
    assert offer.a_week == 0
    assert found.expected == 1.0
    assert found.words_will_do


def test_a_query_stays_below_its_rate_and_offers_differ():
    given = papers(*(f"Numbat vision {word}" for word in ("atlas", "beacon", "cinder", "dynamo", "ember", "fathom")))
    others = papers(*(f"Numbat {number}" for number in range(150)), *(f"Vision {number}" for number in range(500)))
    found = offered(given, others)
    assert found.queries
    assert all(offer.a_week <= 20 for offer in found.queries)
    assert len({parse(offer.text).key for offer in found.queries}) == len(found.queries) <= 3
    assert max(offer.examples for offer in found.queries) == 6


def test_clauses_are_joined_where_no_one_word_finds_all():
    given = papers(
        "Wombat optics", "Wombat lasers", "Wombat mirrors", "Echidna tides", "Echidna waves", "Echidna shores"
    )
    found = offered(given, OTHERS)
    best = found.queries[0]
    assert best.examples == 6
    assert parse(best.text) == parse("wombat OR echidna")
    narrowest = min(found.queries, key=lambda offer: offer.examples)
    assert narrowest.examples == 3


def test_words_won_t_do_where_the_examples_share_none():
    given = papers(
        "Wombat optics and tides", "Echidna lasers and tides", "Numbat mirrors", "Quokka waves", "Platypus shores"
    )
    flood = papers(*(f"Tides {number}" for number in range(5000)))
    found = offered(given, flood)
    assert found == Offers((), 0.0, are_few=True)
    assert not found.words_will_do


def test_words_of_chance_are_no_terms():
    given = papers(*(f"Wombats pass rigid steps and we recently show the complex {n}" for n in "abcde"))
    assert Examples(given).terms[:1] == ("wombat",)
    assert not {"pass", "rigid", "recently", "complex", '"exploring wombat"'} & set(Examples(given).terms)


SHARED_BY_CHANCE = papers(*(f"Wombat {word} echidna" for word in ("atlas", "beacon", "cinder", "dynamo", "ember")))
APART = papers(*(f"{animal} {number}" for animal in ("Wombat", "Echidna") for number in range(190)))


def test_words_that_other_papers_have_together_only_by_chance_are_not_joined():
    others = [*OTHERS, *APART, *papers("Echidna near a wombat", "A wombat after an echidna")]
    assert not offered(SHARED_BY_CHANCE, others).words_will_do


TOGETHER = papers(*(f"Wombat {number} and echidna" for number in range(100)))


@pytest.mark.parametrize(("near", "offers"), [(50, {"wombat echidna"}), (49, set())])
def test_half_of_what_a_query_finds_is_near_in_meaning(near, offers):
    examples = Examples(SHARED_BY_CHANCE)
    words = background(examples, [*TOGETHER, *APART, *OTHERS])
    found = examples.offers(replace(words, near=range(near)))
    assert {parse(offer.text) for offer in found.queries} == {parse(text) for text in offers}


def test_whether_the_examples_themselves_are_near_does_not_count():
    examples = Examples(SHARED_BY_CHANCE)
    own = range(len(SHARED_BY_CHANCE))
    words = background(examples, [*SHARED_BY_CHANCE, *TOGETHER, *APART, *OTHERS])
    assert not examples.offers(replace(words, own=own, near=range(52))).queries


def joined(word, other):
    """The offers for papers that have two words, which other papers have together, too."""
    given = papers(*(f"{word} {name} {other}" for name in ("atlas", "beacon", "cinder", "dynamo", "ember")))
    apart = papers(*(f"{each} {number}" for each in (word, other) for number in range(190)))
    both = papers(*(f"{word} {number} and {other}" for number in range(100)))
    return {parse(offer.text) for offer in offered(given, [*OTHERS, *apart, *both]).queries}


def test_words_of_one_stem_are_not_joined():
    assert joined("wombat", "echidna") == {parse("wombat echidna")}
    assert joined("burrow", "burrowing") == set()


def test_what_two_of_eight_have_by_chance_is_no_part_of_a_query():
    given = papers(
        *("Quokka decoding and kelp", "Faster quokka decoding", "A quokka decoding survey", "Quokka decoding of kelp"),
        *("Quokka decoding again", "Cheap quokka decoding", "Numbat lasers", "Numbat mirrors"),
    )
    texts = [offer.text for offer in offered(given, OTHERS).queries]
    assert texts
    assert not any(word in text for text in texts for word in ("kelp", "numbat"))


def test_a_query_finds_half_of_the_examples_at_least():
    given = papers(
        *("Wombat optics", "Wombat lasers", "Wombat mirrors", "Echidna tides", "Numbat waves", "Quokka shores"),
        *("Platypus kelp", "Bilby burrows"),
    )
    assert offered(given, OTHERS).queries == ()


def test_a_piece_of_a_phrase_gives_way_to_the_phrase():
    given = papers(*(f"Wombat matter in {word} optics" for word in ("atlas", "beacon", "cinder", "dynamo")))
    others = [*papers(*(f"Wombat matter {number}" for number in range(60))), *OTHERS]
    for offer in offered(given, others).queries:
        assert "wombat" not in offer.text.replace('"wombat matter"', "")


def test_few_examples_are_not_tested():
    found = offered(papers("Wombat optics", "Wombat lasers"), OTHERS)
    assert found.expected is None
    assert found.words_will_do
    assert parse(found.queries[0].text) == parse("wombat")
    (alone, *_) = offered(papers("Wombat optics"), OTHERS).queries
    assert alone.examples == 1


def test_common_words_numbers_and_what_cannot_be_typed_are_no_terms():
    terms = Examples(papers("Andnot the 2024 models of a wombat", "andnot the 2024 models of a wombat andnot")).terms
    assert "wombat" in terms
    assert not {"the", "of", "2024", "model", "andnot"} & set(terms)


def test_no_phrase_crosses_a_bracket():
    given = papers("Quokka identifiers (QIDs) for wombats", "Quokka identifiers (QIDs) for numbats")
    assert {"quokka", "identifier", "qid", '"quokka identifier"'} >= set(Examples(given).terms)


def test_two_letters_name_a_topic_only_in_phrases():
    terms = Examples(papers("Quokka ids for all", "Ids of a quokka, quokka ids")).terms
    assert '"quokka id"' in terms
    assert "id" not in terms


def test_fillers_are_no_terms_however_rarely_papers_have_them():
    terms = Examples(papers("What do wombats do", "Do wombats? He does, within burrows")).terms
    assert terms == ("wombat",)


def test_at_most_twenty_examples_are_looked_at_and_sixty_terms_named():
    many = [
        replace(one, abstract=" ".join(f"term{number}x gap{number}y" for number in range(80)))
        for one in papers(*(f"Wombat {number}" for number in range(30)))
    ]
    examples = Examples(many)
    assert len(examples.terms) == 60
    assert examples.offers(background(examples, [])).queries[0].examples == 20


def test_a_clause_that_finds_nothing_more_is_dropped():
    given = papers(*(f"Wombat optics {word}" for word in ("atlas", "beacon", "cinder", "dynamo")))
    for offer in offered(given, OTHERS).queries:
        assert " OR " not in offer.text


@pytest.mark.parametrize("title", ["", "2024", "the of and"])
def test_papers_without_telling_words_have_no_offer(title):
    found = offered(papers(title, title), OTHERS)
    assert found.queries == ()
