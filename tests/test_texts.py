"""Texts in a reader's language: catalogues, plurals, dates and numbers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo

from paperwire import languages
from paperwire.texts import ENGLISH, Texts, pgettext_noop, texts_in


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Texts]:
    """Texts of a catalogue with two messages."""
    catalogue = Catalog(locale="de")
    catalogue.add(("%(num)s paper", "%(num)s papers"), ("%(num)s Artikel", "%(num)s Artikel"))
    catalogue.add("Paused until %(when)s.", "Pause bis %(when)s.")
    folder = tmp_path / "locale" / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "paperwire.mo").open("wb") as file:
        write_mo(file, catalogue)
    monkeypatch.setattr(languages, "files", lambda _package: tmp_path)
    texts_in.cache_clear()
    yield texts_in("de-AT")
    texts_in.cache_clear()


def test_a_message_is_its_own_english() -> None:
    assert ENGLISH.gettext("Paused until %(when)s.", when="08:00") == "Paused until 08:00."
    assert ENGLISH.gettext("100 %%") == "100 %"


@pytest.mark.parametrize(("number", "text"), [(0, "0 papers"), (1, "1 paper"), (86_881, "86,881 papers")])
def test_a_number_chooses_its_form(number: int, text: str) -> None:
    assert ENGLISH.ngettext("%(num)s paper", "%(num)s papers", number) == text


def test_dates_and_lists_are_written_as_english_writes_them() -> None:
    at = datetime(2026, 8, 12, 7, 30, tzinfo=UTC)
    assert ENGLISH.day(at.date()) == "Wed 12 Aug"
    assert ENGLISH.full_day(date(2026, 9, 1)) == "Tuesday, 1 September 2026"
    assert ENGLISH.time(at) == "07:30"
    assert ENGLISH.moment(at) == "Wed 12 Aug 07:30"
    assert ENGLISH.join(["A", "B", "C"]) == "A, B, and C"


@pytest.mark.parametrize("locale", ["it", "xx-YY", "", "not a locale", "en_US", "zh_Hant_TW"])
def test_a_language_without_a_catalogue_reads_english_dates_too(locale: str) -> None:
    assert texts_in(locale).day(date(2026, 8, 12)) == "Wed 12 Aug"


def test_a_catalogue_gives_its_language(german: Texts) -> None:
    assert german.gettext("Paused until %(when)s.", when="08:00") == "Pause bis 08:00."
    assert german.ngettext("%(num)s paper", "%(num)s papers", 1_000) in {"1.000 Artikel", "1\u00a0000 Artikel"}
    assert german.day(date(2026, 8, 12)) == "Mi. 12 Aug."


def test_a_context_tells_two_uses_of_one_word_apart() -> None:
    assert ENGLISH.pgettext("a filter", "New") == "New"
    assert ENGLISH.pgettext(*pgettext_noop("a filter", "New")) == "New"
    assert ENGLISH.npgettext("a filter", "%(num)s new", "%(num)s new", 1_000) == "1,000 new"


def test_sentences_stand_next_to_each_other_as_the_language_puts_them() -> None:
    assert ENGLISH.sentences("Paused.", "", "Send /resume.") == "Paused. Send /resume."


def test_a_value_that_reads_from_right_to_left_is_isolated() -> None:
    assert ENGLISH.gettext("For %(name)s", name="שלום") == "For \u2068שלום\u2069"
    assert ENGLISH.ngettext("%(num)s of %(name)s", "%(num)s of %(name)s", 2, name="É") == "2 of É"
