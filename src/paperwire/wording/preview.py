"""Describes what a query would have found, and how often."""

from __future__ import annotations

from paperwire.core.search.preview import MOST_NAMED, TOO_MANY_A_DAY, FirstDays, Preview
from paperwire.core.search.spoken import in_english
from paperwire.core.search.unknown import UnknownValue
from paperwire.pipeline.ingest import FIRST_DAYS
from paperwire.texts import Texts
from paperwire.wording.meaning import few_days_line


def rate_words(total: int, days: int, texts: Texts) -> str:
    """`6 a week`, and a rate below one a week by the month."""
    a_week = total * 7 / days
    # Translators: how many papers come: "3 a week", after "about" or in a line of its own.
    if a_week >= 1:
        return texts.gettext("%(count)s a week", count=texts.number(round(a_week)))
    return texts.gettext("%(count)s a month", count=texts.number(round(max(total * 30 / days, 1))))


def follows_line(texts: Texts) -> str:
    """What an answer says that changes once its rate is known."""
    return texts.gettext("The expected number will appear here.")


def preview_lines(result: Preview, texts: Texts) -> list[str]:
    """How many papers match, how many a week that makes, and what to change if it is none or too many."""
    if result.is_put_off:
        return [texts.gettext("Its matches can't be counted right now: the service is busy.")]
    lines = [] if result.reading is None else [reading_line(result.reading, texts)]
    if result.reading is None or result.days:
        lines.append(_count(result, texts))
    if result.are_all and result.is_final:
        lines += filter(None, [few_days_line(result.query, result.days, texts)])
    if result.is_flood:
        lines.append(
            texts.gettext(
                '⚠ That\'s more than %(limit)s a day. Narrow it with another word, a "phrase", ti: or cat:, '
                "or choose a daily digest.",
                limit=TOO_MANY_A_DAY,
            )
        )
    names = tuple(name for name in result.uncollected if name not in result.crossed)
    lines += [unknown_line(each, texts) for each in result.unknown]
    if result.crossed:
        lines.append(_only_crossed(result.crossed, texts))
    if names:
        lines.append(_not_collected(names, texts))
    return lines


def _count(result: Preview, texts: Texts) -> str:
    if not result.days:
        return texts.gettext("No papers are stored yet, so there is no preview. The first ones are being read.")
    if result.reading is not None:
        # Translators: %(matches)s is "7 matches", %(period)s "the 2 full days".
        return texts.gettext(
            # Translators: such as "7 matches in the 2 full days read so far."
            "%(matches)s in %(period)s read so far.",
            matches=_matches(result, texts),
            # Translators: follows "7 matches in".
            period=texts.ngettext("the one full day", "the %(num)s full days", result.days),
        )
    if result.total:
        return _rate(result, texts)
    if result.at_least:
        return texts.gettext("No match yet, but not all papers were searched. Use more words or longer ones.")
    return in_english_line(result.query.text, texts) or texts.ngettext(
        "No match in the last day. Check the spelling or use fewer words.",
        "No match in the last %(num)s days. Check the spelling or use fewer words.",
        result.days,
    )


def in_english_line(text: str, texts: Texts) -> str:
    """That papers are in English, for a query of words that another language has; else empty."""
    english = in_english(text, texts)
    if english == text:
        return ""
    return texts.gettext("No stored paper has these words, as papers are in English: %(query)s", query=english)


def _matches(result: Preview, texts: Texts) -> str:
    if result.at_least:
        return texts.ngettext("At least %(num)s match", "At least %(num)s matches", result.total)
    # Translators: stands before "in the last 15 days".
    return texts.ngettext("%(num)s match", "%(num)s matches", result.total)


def _rate(result: Preview, texts: Texts) -> str:
    """`7 matches in the last 15 days, about 3 a week.`."""
    # Translators: %(matches)s is "7 matches", %(period)s "the last 15 days", %(rate)s "3 a week".
    return texts.gettext(
        # Translators: such as "7 matches in the last 15 days, about 3 a week."
        "%(matches)s in %(period)s, about %(rate)s.",
        matches=_matches(result, texts),
        # Translators: follows "7 matches in".
        period=texts.ngettext("the last day", "the last %(num)s days", result.days),
        rate=rate_words(result.total, result.days, texts),
    )


def unknown_line(value: UnknownValue, texts: Texts) -> str:
    """That no stored paper has a category or source, and the nearest that one has."""
    typed = value.term.show("")
    if value.nearest:
        # Translators: %(typed)s is a word of a query, %(nearest)s one that papers have.
        return texts.gettext(
            "⚠ No stored paper has %(typed)s. Did you mean %(nearest)s?",
            typed=typed,
            nearest=value.nearest.show(""),
        )
    # Translators: %(typed)s is a category or source as typed, such as source:nature.
    return texts.gettext("⚠ No stored paper has %(typed)s. Check the spelling.", typed=typed)


def _only_crossed(names: tuple[str, ...], texts: Texts) -> str:
    return texts.ngettext(
        "⚠ %(names)s isn't collected here: only papers that are cross-listed to it from other categories arrive. Ask "
        "the operator to add it.",
        "⚠ %(names)s aren't collected here: only papers that are cross-listed to them from other categories arrive. "
        "Ask the operator to add them.",
        len(names),
        names=texts.listed(names),
    )


def _not_collected(names: tuple[str, ...], texts: Texts) -> str:
    return texts.ngettext(
        "⚠ %(names)s isn't collected here, so no papers from it will arrive. Ask the operator to add it.",
        "⚠ %(names)s aren't collected here, so no papers from them will arrive. Ask the operator to add them.",
        len(names),
        names=texts.listed(names[:MOST_NAMED]),
    )


def reading_line(reading: FirstDays, texts: Texts) -> str:
    """That a rate isn't known yet, and how far it is."""
    # Translators: a part of a sentence about days that were read.
    days = texts.ngettext("%(num)s day", "%(num)s days", reading.days)
    # Translators: %(days)s is "3 days", %(papers)s "40 papers".
    return texts.gettext(
        "The last %(limit)s days are still being read (%(days)s with %(papers)s so far), so the rate isn't known yet.",
        limit=FIRST_DAYS.days,
        days=days,
        papers=texts.ngettext("%(num)s paper", "%(num)s papers", reading.papers),
    )
