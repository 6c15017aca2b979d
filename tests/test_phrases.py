"""Times and terms as people type them in their language: the German tables, and what tables are held to."""

import pytest

from paperwire.core.query.language import parse
from paperwire.core.subscriptions.cadence import Cadence, Quiet
from paperwire.phrases import Phrases
from paperwire.texts import ENGLISH, texts_in
from pseudo_locale import ROOT

LOCALE = ROOT / "src" / "paperwire" / "locale"
TABLES = sorted(file for name in ("times", "terms") for file in LOCALE.glob(f"*/{name}.tsv"))
GERMAN = texts_in("de-AT")


@pytest.mark.parametrize(
    ("typed", "cadence"),
    [
        ("täglich", "daily 08:00"),
        ("jeden Morgen", "daily 08:00"),
        ("Täglich um 7 Uhr", "daily 07:00"),
        ("täglich 8 Uhr 30", "daily 08:30"),
        ("jeden Abend", "daily 18:00"),
        ("werktags 7:30", "weekdays 07:30"),
        ("jeden Montag um 9 Uhr", "weekly mon 09:00"),
        ("montags 9 Uhr abends", "weekly mon 21:00"),
        ("jeden ersten Freitag im Monat 15 Uhr", "monthly first fri 15:00"),
        ("alle zwei Wochen montags 15:00", None),
        ("sofort", "instant"),
        ("daily 8am", "daily 08:00"),
        ("every monday", "weekly mon 08:00"),
    ],
)
def test_german_times_are_read(typed, cadence):
    english = GERMAN.time_in_english(typed)
    if cadence:
        assert str(Cadence.parse(english)) == cadence


@pytest.mark.parametrize("typed", ["von 22 bis 7 Uhr", "22 bis 7", "22:00-07:00"])
def test_german_hours_are_read(typed):
    assert str(Quiet.parse(GERMAN.time_in_english(typed))) == "22:00-07:00"


@pytest.mark.parametrize(
    ("typed", "english"),
    [
        ("Diffusionsmodelle", '"diffusion model"'),
        ('"große Sprachmodelle" cat:cs.CL', '"large language model" cat:cs.CL'),
        ("Große  Sprachmodelle OR Robotik", '"large language model" OR robotics'),
        ("au:Sprachmodellius", "au:Sprachmodellius"),
        ("diffusion model", "diffusion model"),
    ],
)
def test_german_terms_become_english_queries(typed, english):
    assert GERMAN.query_in_english(typed) == english
    parse(english)


def test_others_are_left_alone():
    assert ENGLISH.time_in_english("täglich") == texts_in("xx").time_in_english("täglich") == "täglich"
    assert texts_in("fr").query_in_english("Diffusionsmodell") == "Diffusionsmodell"


def test_scripts_without_spaces_have_no_edges_of_words():
    phrases = Phrases('每天\tdaily\n#点\t#:00\n扩散模型\t"diffusion model"')
    assert str(Cadence.parse(phrases.in_english("每天 8点"))) == "daily 08:00"
    assert str(Cadence.parse(phrases.in_english("每天8点"))) == "daily 08:00"
    assert phrases.in_english("扩散模型综述 au:李") == '"diffusion model" 综述 au:李'


@pytest.mark.parametrize("file", TABLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_table_has_phrases_with_their_english(file):
    rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
    assert {len(row) for row in rows} == {2}
    assert len({row[0].casefold() for row in rows}) == len(rows)
    for phrase, english in rows:
        assert phrase.count("#") == english.count("#")
        if file.stem == "terms":
            assert str(parse(english))
