"""Which languages texts are served in, and which of them a reader gets."""

import pytest

from paperwire import languages
from paperwire.languages import closest, first_served, served, translated
from paperwire.texts import texts_in
from pseudo_locale import LOCALE, install

ALL = ["de", "es", "fr", "ja", "ko", "pt_BR", "ru", "zh_Hans"]


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        *(("de", "de"), ("de-AT", "de"), ("es-419", "es"), ("ko-KR", "ko"), ("ru", "ru"), ("ja", "ja")),
        *(("zh", "zh_Hans"), ("zh-CN", "zh_Hans"), ("zh-hans", "zh_Hans"), ("zh_Hans_SG", "zh_Hans")),
        *(("zh-TW", ""), ("zh-hant", ""), ("pt", "pt_BR"), ("pt-br", "pt_BR"), ("pt-PT", "pt_BR")),
        *(("en", ""), ("en-GB", ""), ("xx-YY", ""), ("*", ""), ("", ""), ("not a locale", ""), ("d" * 5_000, "")),
    ],
)
def test_a_reader_gets_the_language_they_write(tag, language):
    assert closest(tag, ALL) == language


def test_a_language_itself_goes_before_one_of_its_script():
    assert closest("pt_PT", ["pt_BR", "pt_PT"]) == "pt_PT"


def test_english_alone_is_served_without_catalogues():
    assert served() == {"en": "English", **{language.replace("_", "-"): name for language, name in own_names().items()}}


def own_names():
    return {language: languages.locale_of(language).display_name for language in translated()}


def test_a_compiled_catalogue_is_served_and_a_folder_without_one_is_not(tmp_path, monkeypatch):
    install(tmp_path, monkeypatch)
    (tmp_path / "locale" / "de" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "locale" / "de" / "terms.tsv").write_text("")
    assert translated() == [LOCALE]
    assert served() == {"en": "English", LOCALE: str(languages.locale_of(LOCALE).display_name)}
    assert first_served(["xx", "de", "eo-DE", "en"]) == LOCALE
    assert first_served(["en-GB", "eo"]) == first_served(["de"]) == first_served([]) == "en"
    texts_in.cache_clear()


def test_no_folder_of_languages_is_no_error(tmp_path, monkeypatch):
    monkeypatch.setattr(languages, "files", lambda _package: tmp_path)
    assert translated() == []
