"""What is said of a list that is to be imported."""

from __future__ import annotations

from paperwire.core.search.preview import TOO_MANY_A_DAY
from paperwire.texts import Texts
from paperwire.wording.preview import rate_words


def counted_lines(new: int, there: int, repeated: int, texts: Texts) -> list[str]:
    lines = [texts.ngettext("%(num)s will be subscribed.", "%(num)s will be subscribed.", new)]
    if there:
        lines.append(texts.ngettext("%(num)s was already there.", "%(num)s were already there.", there))
    if repeated:
        lines.append(texts.ngettext("%(num)s repeats another one.", "%(num)s repeat others of the list.", repeated))
    return lines


def expected_lines(new: int, papers: int, days: int, texts: Texts) -> list[str]:
    """How many papers the new ones bring together, each paper once, and what to do if these are too many."""
    if not new:
        return []
    if not days:
        return [texts.gettext("How many papers they bring together isn't known yet.")]
    a_day = papers / days
    rate = (
        texts.gettext("%(count)s a day", count=texts.number(round(a_day)))
        if a_day >= 1
        else rate_words(papers, days, texts)
    )
    lines = [
        # Translators: %(rate)s is "3 a week" or the like.
        texts.gettext("It matches about %(rate)s.", rate=rate)
        if new == 1
        # Translators: %(rate)s is "3 a week" or the like.
        else texts.gettext("Together they match about %(rate)s, each paper sent once.", rate=rate)
    ]
    if a_day > TOO_MANY_A_DAY:
        lines.append(
            texts.gettext(
                "⚠ That's more than %(limit)s a day. Leave some out, or choose a digest: /digest daily 08:00",
                limit=TOO_MANY_A_DAY,
            )
        )
    return lines
