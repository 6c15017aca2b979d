"""Times and terms as people type them in their language, and what the tables of each are held to."""

import re
from pathlib import Path

import pytest
from babel import Locale

from paperwire.commands.talk.plain_words import is_said
from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence, Quiet
from paperwire.phrases import Phrases
from paperwire.texts import ENGLISH, texts_in
from pseudo_locale import ROOT

LOCALE = ROOT / "src" / "paperwire" / "locale"
TABLES = sorted(file for name in ("times", "terms") for file in LOCALE.glob(f"*/{name}.tsv"))
HOURS = re.compile(r"\d\d:\d\d-\d\d:\d\d")


def rows_of(name):
    """The rows of a table next to this file: a language, what is typed, and what is meant."""
    return [line.split("\t") for line in Path(__file__).with_name(name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(("language", "typed", "meant"), rows_of("typed_times.tsv"))
def test_times_are_read_as_people_type_them(language, typed, meant):
    english = texts_in(language).time_in_english(typed)
    assert str((Quiet if HOURS.fullmatch(meant) else Cadence).parse(english)) == meant


@pytest.mark.parametrize(("language", "typed", "english"), rows_of("typed_terms.tsv"))
def test_terms_become_english_queries(language, typed, english):
    assert texts_in(language).query_in_english(typed) == english
    parse(english)


def examples_of_the_docs():
    """The rows of the table of languages in `docs/commands.md`, with the language that each is of."""
    page = (ROOT / "docs" / "commands.md").read_text("utf-8")
    tags = {Locale.parse(tag).english_name.partition(" ")[0]: tag for tag in {file.parent.name for file in TABLES}}
    rows = [[cell.strip(" `") for cell in line.split("|")[1:-1]] for line in page.splitlines()]
    return [(tags[row[0]], *row[1:]) for row in rows if row and row[0] in tags]


def test_each_language_has_an_example():
    assert sorted(row[0] for row in examples_of_the_docs()) == sorted(
        file.parent.name for file in LOCALE.glob("*/times.tsv")
    )


@pytest.mark.parametrize(("language", "typed", "meant", "messages"), examples_of_the_docs())
def test_examples_are_read_as_the_docs_say(language, typed, meant, messages):
    texts = texts_in(language)
    assert str(Cadence.parse(texts.time_in_english(typed))) == meant
    words = [texts.word_in_english(message) for message in messages.split("`, `")]
    assert words == ["yes", "no", "cancel", "undo", "help"]


@pytest.mark.parametrize("query", ["de:Diffusionsmodelle", "zh_Hans:扩散模型", "es:modelos de difusión"])
def test_the_term_of_the_docs_is_known(query):
    language, _, typed = query.partition(":")
    assert typed in (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert texts_in(language).query_in_english(typed) == '"diffusion model"'


def test_others_are_left_alone():
    assert ENGLISH.time_in_english("täglich") == texts_in("xx").time_in_english("täglich") == "täglich"
    assert texts_in("fr").query_in_english("Diffusionsmodell") == "Diffusionsmodell"


def test_scripts_without_spaces_have_no_edges_of_words():
    phrases = Phrases('每天\tdaily\n#点\t#:00\n扩散模型\t"diffusion model"')
    assert str(Cadence.parse(phrases.in_english("每天 8点"))) == "daily 08:00"
    assert str(Cadence.parse(phrases.in_english("每天8点"))) == "daily 08:00"
    assert phrases.in_english("扩散模型综述 au:李") == '"diffusion model" 综述 au:李'


def test_a_digit_of_a_phrase_takes_no_place_of_a_number():
    phrases = Phrases("soir à 8h#\tat 20:#\n12月#日\tdec #")
    assert phrases.in_english("le soir à 8h15") == "le at 20:15"
    assert phrases.in_english("12月24日") == "dec 24"


@pytest.mark.parametrize("lines", ["#点\t#:00\n8点\tmorning", "8点\tmorning\n#点\t#:00"])
def test_a_phrase_of_its_own_comes_before_a_pattern_in_any_order_of_lines(lines):
    assert Phrases(lines).in_english("8点") == "morning"
    assert Phrases(lines).in_english("9点") == "9:00"


def test_both_apostrophes_are_read():
    assert texts_in("fr").time_in_english("aujourd’hui à 15h") == texts_in("fr").time_in_english("aujourd'hui à 15h")
    assert texts_in("fr").query_in_english("mécanisme d’attention") == '"attention mechanism"'
    assert Phrases("l’après-midi\tafternoon").in_english("l'après-midi") == "afternoon"
    assert Phrases("a\tb").in_english("l’été") == "l’été"


def test_a_time_zone_is_no_word_between_two():
    assert texts_in("fr").time_in_english("daily 8am ET") == "daily 8am ET"
    assert texts_in("fr").time_in_english("lundi et jeudi 8am ET") == "monday and thursday 8am ET"


@pytest.mark.parametrize("file", TABLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_table_has_phrases_with_their_english(file):
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    assert {len(row) for row in rows} == {2}
    assert len({row[0].casefold() for row in rows}) == len(rows)
    for phrase, english in rows:
        assert phrase.count("#") == english.count("#")
        if file.stem == "terms":
            assert str(parse(english))


@pytest.mark.parametrize("file", sorted(LOCALE.glob("*/words.tsv")), ids=lambda file: file.parent.name)
def test_words_are_whole_messages_that_are_understood(file):
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    words = dict(rows)
    texts = texts_in(file.parent.name)
    assert len(words) == len(rows)
    assert {"yes", "no", "cancel", "stop", "help", "thanks", "hello", "undo", "unsubscribe"} <= set(words.values())
    for word, english in rows:
        assert is_said(english)
        assert texts.word_in_english(f" {word.upper()}! ") == english
        assert texts.word_in_english(f"{word} lora") == f"{word} lora"
        assert ENGLISH.word_in_english(word) == word
