"""Every catalogue is whole, fits what platforms take, and is compiled; the checks are tried on made-up ones."""

import ast
from functools import cache

import pytest
from babel.messages import Catalog

from catalogues import BUILD, LANGUAGES, LOCALE, read
from paperwire.commands.table import SPECS
from paperwire.languages import translated
from pseudo_locale import PACKAGE

DESCRIPTION = 100
"""Discord's descriptions of commands and options; Telegram takes 256."""
BUTTON = 80
"""Discord's labels of buttons."""
GLOSSARY = ("paper", "subscription", "digest", "feed", "preprint", "upvote")
"""What each glossary says at least."""
faults, compile_catalogues = BUILD["faults"], BUILD["compile_catalogues"]


@cache
def template():
    return BUILD["template"]()


def descriptions():
    for spec in SPECS:
        yield spec.help, None
        yield from ((argument.help, None) for argument in (*spec.args, *spec.options))


@cache
def labels():
    """The messages that are labels of buttons where they stand."""
    return [label for file in PACKAGE.rglob("*.py") for label in labels_in(file.read_text("utf-8"))]


def labels_in(code):
    if "Button(" in code:
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Button" and node.args:
                label = node.args[0]
                if isinstance(label, ast.Call) and getattr(label.func, "attr", "") in {"gettext", "pgettext"}:
                    texts = [part.value for part in label.args if isinstance(part, ast.Constant)]
                    yield from [(texts[-1], texts[0] if len(texts) > 1 else None)] if texts else []


def too_long(text_of):
    """What doesn't fit a platform in the language in which `text_of` gives texts."""
    limits = ((DESCRIPTION, descriptions()), (BUTTON, labels()))
    return [text_of(*text) for limit, texts in limits for text in texts if len(text_of(*text)) > limit]


def test_english_fits():
    assert too_long(lambda text, _context: text) == []
    assert len(labels()) > 50


def test_a_text_that_does_not_fit_is_named():
    assert too_long(lambda text, _context: text * 10) != []


def test_catalogues_are_whole_and_have_no_message_that_no_one_shows():
    """One test for all of them: each process that had some would look for all messages again, for seconds."""
    known = {(message.id, message.context) for message in template()}
    for language in LANGUAGES:
        catalogue = read(language)
        assert list(faults(catalogue, template())) == [], language
        assert [message.id for message in catalogue if (message.id, message.context) not in known] == [], language


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_what_platforms_take(language):
    catalogue = read(language)
    assert too_long(lambda text, context: catalogue.get(text, context).string) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_glossary_lies_with_its_catalogue(language):
    rows = [line.split("\t") for line in (LOCALE / language / "glossary.tsv").read_text("utf-8").splitlines()]
    assert rows[0] == ["term", "translation", "note"]
    assert {len(row) for row in rows} == {3}
    assert set(GLOSSARY) <= {row[0] for row in rows if row[1]}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_installed_catalogue_is_compiled(language):
    """Where this fails, install again: `pip install -e .`."""
    assert language in translated()


def a_catalogue(language, *messages):
    catalogue = Catalog(locale=language)
    for message in messages:
        catalogue.add(*message)
    return catalogue


PLURAL = ("%(num)s paper", "%(num)s papers")
ONE = ("Every week", "Every %(num)s weeks")


@pytest.mark.parametrize(
    ("language", "message", "given", "fault"),
    [
        ("de", "Send /help", ("Send /help", "Sende /help"), ""),
        ("de", "Send /help", ("Send /help", "Sende /hilfe"), "commands, markup or lines differ"),
        ("de", "Saved.", ("Saved.", ""), "not translated"),
        ("de", "Saved.", ("Kept.", "Behalten."), "not translated"),
        ("de", "For %(query)s", ("For %(query)s", "Für %(frage)s"), "placeholders ['frage', 'query']"),
        ("de", "Saved.", ("Saved.", "Gemerkt. "), "spaces at its ends differ"),
        ("de", PLURAL, (PLURAL, ("%(num)s Artikel", "%(num)s Artikel")), ""),
        ("de", PLURAL, (PLURAL, ("%(num)s Artikel", "")), "not translated"),
        ("de", PLURAL, (PLURAL, ("ein Artikel", "%(num)s Artikel")), "placeholders ['num']"),
        ("de", ONE, (ONE, ("Jede Woche", "Alle %(num)s Wochen")), ""),
        ("ja", PLURAL, (PLURAL, ("%(num)s 件",)), ""),
        ("ru", PLURAL, (PLURAL, ("%(num)s статья", "%(num)s статьи", "%(num)s статей")), ""),
        ("ru", PLURAL, (PLURAL, ("%(num)s статья", "%(num)s статьи")), "2 plural forms"),
        ("ru", ONE, (ONE, ("Каждую неделю", "Каждые %(num)s недели", "Каждые %(num)s недель")), "placeholders ['num']"),
    ],
)
def test_what_a_catalogue_lacks_is_named(language, message, given, fault):
    named = [text.partition(": ")[0] for text in faults(a_catalogue(language, given), a_catalogue("en", (message,)))]
    assert named == [fault] * bool(fault)


def test_a_message_that_babel_guessed_is_not_translated_yet():
    catalogue = a_catalogue("de", ("Saved.", "Gemerkt."))
    catalogue["Saved."].flags.add("fuzzy")
    assert list(faults(catalogue, a_catalogue("en", ("Saved.",)))) == ["fuzzy: 'Saved.'"]


@pytest.mark.whole
def test_only_a_whole_catalogue_is_compiled(tmp_path, monkeypatch, capsys):
    from babel.messages.pofile import write_po  # noqa: PLC0415 -- this test alone writes catalogues

    monkeypatch.chdir(PACKAGE.parents[1])
    catalogue, files = template(), {}
    for message in catalogue:
        message.string = message.id or message.string
    catalogue.locale = "eo"
    for language in ("eo", "eu"):
        files[language] = tmp_path / language / "LC_MESSAGES" / "paperwire.po"
        files[language].parent.mkdir(parents=True)
        with files[language].open("wb") as file:
            write_po(file, catalogue)
        catalogue["Saved."].string = ""
    stale = files["eu"].with_suffix(".mo")
    stale.write_bytes(b"of a time when it was whole")
    compile_catalogues(tmp_path)
    assert files["eo"].with_suffix(".mo").exists()
    assert files["eo"].with_name("own_name.txt").read_text("utf-8") == "Esperanto"
    assert not stale.exists()
    assert "not served, 1 faults, such as not translated: 'Saved.'" in capsys.readouterr().err
    template.cache_clear()
