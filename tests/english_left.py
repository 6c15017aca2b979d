"""What is left untranslated of a text in a language: words that neither its catalogue nor Babel has."""

import re
from functools import cache

from babel import Locale

from catalogues import read
from pseudo_locale import BRANDS

_WORD = re.compile(r"[A-Za-zÀ-ɏ]{2,}")
"""Also in languages of another script, where a Latin word is a brand, a name, or left in English."""
_NO_WORDS = re.compile(r"https?://\S+|[\w.+-]+@[\w.-]+|</?\w[^>]*>|/[a-z]+\b|&\w+;|%\(\w+\)s|\bt\.me\S*|[\w-]{32,}")
"""Addresses, tags, commands and secrets."""


def words_of(text):
    return {word.casefold() for word in _WORD.findall(_NO_WORDS.sub(" ", text))}


def english_left(text, language, *data):
    """The words of ours in `text` that aren't of the language; `data` is what is shown as it is."""
    return sorted(words_of(text) - _vocabulary(language) - words_of(" ".join(data)))


@cache
def _vocabulary(language):
    """The words of all translations, and of dates; a message that its catalogue leaves in English is translated."""
    texts = [form for message in read(language) if message.id for form in _forms(message.string)]
    locale = Locale.parse(language)
    for names in (locale.months, locale.days, locale.day_periods):
        texts += [name for widths in names.values() for form in widths.values() for name in form.values()]
    return words_of(" ".join([*texts, *map(str, locale.languages.values()), *BRANDS]))


def _forms(text):
    return (text,) if isinstance(text, str) else text
