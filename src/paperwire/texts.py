"""Texts in a reader's language: gettext catalogues, plurals, and dates and numbers as Babel writes them.

English stands in the code where it is used, as the message of `gettext` and `ngettext`; values are named in it
(`%(name)s`), as in Jinja's new-style gettext. A message is a whole text, not a part of one; the same English with two
uses has a context for each (`pgettext`). Babel finds messages by these names and by `gettext_noop` and `pgettext_noop`.
Catalogues are `locale/LANGUAGE/LC_MESSAGES/paperwire.mo` in this package; there is none for English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from gettext import NullTranslations, translation
from importlib.resources import as_file

from babel import Locale
from babel.dates import format_date, format_datetime, format_time, get_day_names
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from paperwire import languages
from paperwire.phrases import TERMS, TIMES, in_english, word_in_english

_LOCALES_KEPT = 64
_NUMBERS_KEPT = 1_000
# Letters of scripts written from right to left; noncharacters stand for styled parts of a text.
_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdcf\ufdf0-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def gettext_noop(message: str) -> str:
    """Mark a message that stands where no reader is known yet; `Texts.gettext` translates it at its use."""
    return message


def pgettext_noop(context: str, message: str) -> tuple[str, str]:
    """Mark a message with its context, as `gettext_noop` does; `Texts.pgettext(*pair)` translates it."""
    return context, message


def isolated(text: str) -> str:
    """A value as it stands right in a text of any direction: between isolates where it has right-to-left letters."""
    return f"\u2068{text}\u2069" if not text.isascii() and _RIGHT_TO_LEFT.search(text) else text


class Texts:
    """Texts of one locale; an unknown locale reads English."""

    def __init__(self, locale: Locale, catalogue: NullTranslations, reads: str = "en") -> None:
        self.locale = locale
        self._reads = reads
        self._catalogue = catalogue

    @property
    def language(self) -> str:
        """The language tag (BCP 47), as pages, feeds and mails name it: `pt-BR`."""
        return str(self.locale).replace("_", "-")

    def gettext(self, message: str, /, **values: object) -> str:
        """The message in this language with its values; a percent sign of its own is written `%%`."""
        return self._catalogue.gettext(message) % _isolated(values)

    def ngettext(self, singular: str, plural: str, number: int, /, **values: object) -> str:
        """The form that `number` asks for; `%(num)s` in it is the number as this language writes it."""
        form = self._catalogue.ngettext(singular, plural, number)
        return form % {"num": self.number(number), **_isolated(values)}

    def pgettext(self, context: str, message: str, /, **values: object) -> str:
        """As `gettext`, of a message whose English has other uses too; `context` says which one this is."""
        return self._catalogue.pgettext(context, message) % _isolated(values)

    def npgettext(self, context: str, singular: str, plural: str, number: int, /, **values: object) -> str:
        """As `ngettext`, with a context."""
        form = self._catalogue.npgettext(context, singular, plural, number)
        return form % {"num": self.number(number), **_isolated(values)}

    def sentences(self, *sentences: str) -> str:
        """Whole sentences one after another, without the empty ones; Chinese and Japanese put no space between."""
        # Translators: two sentences, one after another: with a space between them, or, as in Chinese, without one.
        between = self.pgettext("sentences", "%(first)s %(second)s", first="", second="")
        return between.join(filter(None, sentences))

    def listed(self, names: Iterable[str]) -> str:
        """Names one after another, without a word between the last two: `A, B, C`."""
        # Translators: two names of a list; it may go on in the same way.
        between = self.pgettext("list", "%(first)s, %(second)s", first="", second="")
        return between.join(names)

    def clauses(self, *clauses: str) -> str:
        """Parts of a sentence one after another, without the empty ones: `last read 07:30; next 08:30`."""
        # Translators: two parts of a sentence; it may go on in the same way.
        between = self.pgettext("clauses", "%(first)s; %(second)s", first="", second="")
        return between.join(filter(None, clauses))

    def row(self, name: str, text: str) -> str:
        """A line of a list that says something of what it names: `daily: 12 papers`."""
        # Translators: a line of a list: %(name)s is a query, a name or a number, %(text)s what is said of it.
        return self.pgettext("row", "%(name)s: %(text)s", name=name, text=text)

    def number(self, number: float) -> str:
        """A number with this language's separators: `86,881`."""
        return _number(number, self.locale)

    def decimal(self, number: float) -> str:
        """A number with two places: `0.42`."""
        return format_decimal(number, format="0.00", locale=self.locale)

    def percent(self, part: float) -> str:
        """A part of one in whole percents: `47%`."""
        return format_percent(part, locale=self.locale)

    def day(self, day: date) -> str:
        """A day of about now: `Wed 12 Aug`."""
        # Translators: a pattern of CLDR for a day of about now, as short as the language writes it: "Wed 12 Aug".
        return format_date(day, self.gettext("EEE d MMM"), locale=self.locale)

    def dated(self, day: date) -> str:
        """A day of any year: `12 Aug 2026`."""
        # Translators: a pattern of CLDR for a day with its year, short: "12 Aug 2026".
        return format_date(day, self.gettext("d MMM y"), locale=self.locale)

    def full_day(self, day: date) -> str:
        """A day with its year: `Wednesday, 12 August 2026`."""
        # Translators: a pattern of CLDR for a day in full: "Wednesday, 12 August 2026".
        return format_date(day, self.gettext("EEEE, d MMMM y"), locale=self.locale)

    def time(self, at: datetime) -> str:
        """The time of day, in the zone that `at` has: `07:30`."""
        # Translators: a pattern of CLDR for a time of day, of 24 hours: "07:30".
        return format_time(at, self.gettext("HH:mm"), locale=self.locale)

    def moment(self, at: datetime) -> str:
        """Day and time, in the zone that `at` has: `Wed 12 Aug 07:30`."""
        # Translators: a pattern of CLDR for a day of about now with the time: "Wed 12 Aug 07:30".
        return format_datetime(at, self.gettext("EEE d MMM HH:mm"), locale=self.locale)

    def time_in_english(self, typed: str) -> str:
        """A time or timetable as typed, in English; the reader's language needs no catalogue for that.

        Digits may be full-width, as Chinese and Japanese keyboards give them (NFKC, Unicode Annex 15).
        """
        return in_english(unicodedata.normalize("NFKC", typed), self._reads, TIMES)

    def query_in_english(self, typed: str) -> str:
        """A query as typed, with terms of the field in English."""
        return in_english(typed, self._reads, TERMS)

    def word_in_english(self, typed: str) -> str:
        """A whole message such as yes, stop or help in the reader's language, in English; itself if it is none."""
        return word_in_english(typed, self._reads)

    def weekday(self, weekday: int) -> str:
        """A day of the week, 0 for Monday: `Monday`."""
        return str(get_day_names("wide", locale=self.locale)[weekday])

    def join(self, names: Sequence[str]) -> str:
        """Names one after another: `A, B, and C`."""
        return format_list(list(names), locale=self.locale)

    def either(self, names: Sequence[str]) -> str:
        """Names of which one is meant: `A, B, or C`."""
        return format_list(list(names), style="or", locale=self.locale)


def _isolated(values: dict[str, object]) -> dict[str, object]:
    return {name: isolated(value) if isinstance(value, str) else value for name, value in values.items()}


@lru_cache(maxsize=_NUMBERS_KEPT)
def _number(number: float, locale: Locale) -> str:
    """Cached, as each message has a few and most are small."""
    return format_decimal(number, locale=locale)


@lru_cache(maxsize=_LOCALES_KEPT)
def texts_in(locale: str) -> Texts:
    """Texts of a locale as platforms name it (`de`, `pt-BR`, `zh_Hans_CN`)."""
    language = languages.closest(locale, languages.translated())
    known_locale = languages.locale_of(locale) if language else None
    if known_locale is None:
        # Dates and numbers of a language without catalogue would stand between English words.
        return Texts(Locale("en"), NullTranslations(), locale)
    with as_file(languages.folder()) as folder:
        return Texts(known_locale, translation("paperwire", folder, [language]), locale)


ENGLISH = texts_in("en")
"""For readers without a language of their own: the shell, logs, operators."""
