"""Translators see where each short message stands, and what its named parts stand for."""

import re
from functools import cache

from catalogues import BUILD
from paperwire.commands.table import SPECS
from pseudo_locale import ROOT

_PART = re.compile(r"%\((\w+)\)s")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ROW = re.compile(r"^\| (`\w+`(?:, `\w+`)*) \|", re.MULTILINE)


def forms_of(message):
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


@cache
def template():
    return [message for message in BUILD["template"]() if message.id]


def unexplained():
    """The forms of each message without a context and a comment."""
    return [forms_of(message) for message in template() if not message.context and not message.auto_comments]


def everywhere_the_same():
    """The named parts that docs/translating.md explains."""
    section = (
        (ROOT / "docs" / "translating.md").read_text("utf-8").partition("### Named parts")[2].partition("\n## ")[0]
    )
    return {name.strip("`") for names in _ROW.findall(section) for name in names.split(", ")}


def is_short(form):
    return len(_WORD.findall(_PART.sub(" ", form))) <= 2


def test_each_message_of_one_or_two_words_says_where_it_stands():
    assert {forms for forms in unexplained() if all(map(is_short, forms))} == set()


def test_each_named_part_is_explained():
    known = everywhere_the_same()
    parts = [(forms, set(_PART.findall(" ".join(forms)))) for forms in unexplained()]
    assert [(forms, names - known) for forms, names in parts if names - known] == []


def test_no_named_part_is_explained_that_no_message_has():
    assert everywhere_the_same() <= {
        name for message in template() for name in _PART.findall(" ".join(forms_of(message)))
    }


def test_texts_of_commands_say_what_they_are():
    bare = {form for forms in unexplained() for form in forms}
    texts = {text for spec in SPECS for text in (spec.help, *(text for _example, text in spec.examples))}
    texts |= {argument.help for spec in SPECS for argument in (*spec.args, *spec.options)}
    assert texts & bare == set()
