"""Names days of the week as they stand in a sentence: many languages give each its own form and gender there."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.texts import Texts, pgettext_noop

# Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
_EVERY = (
    pgettext_noop("every", "Monday"),
    pgettext_noop("every", "Tuesday"),
    pgettext_noop("every", "Wednesday"),
    pgettext_noop("every", "Thursday"),
    pgettext_noop("every", "Friday"),
    pgettext_noop("every", "Saturday"),
    pgettext_noop("every", "Sunday"),
)
# Translators: in "on the %(weekday)s of each month".
_NTH = {
    1: (
        pgettext_noop("on the … of each month", "first Monday"),
        pgettext_noop("on the … of each month", "first Tuesday"),
        pgettext_noop("on the … of each month", "first Wednesday"),
        pgettext_noop("on the … of each month", "first Thursday"),
        pgettext_noop("on the … of each month", "first Friday"),
        pgettext_noop("on the … of each month", "first Saturday"),
        pgettext_noop("on the … of each month", "first Sunday"),
    ),
    2: (
        pgettext_noop("on the … of each month", "second Monday"),
        pgettext_noop("on the … of each month", "second Tuesday"),
        pgettext_noop("on the … of each month", "second Wednesday"),
        pgettext_noop("on the … of each month", "second Thursday"),
        pgettext_noop("on the … of each month", "second Friday"),
        pgettext_noop("on the … of each month", "second Saturday"),
        pgettext_noop("on the … of each month", "second Sunday"),
    ),
    3: (
        pgettext_noop("on the … of each month", "third Monday"),
        pgettext_noop("on the … of each month", "third Tuesday"),
        pgettext_noop("on the … of each month", "third Wednesday"),
        pgettext_noop("on the … of each month", "third Thursday"),
        pgettext_noop("on the … of each month", "third Friday"),
        pgettext_noop("on the … of each month", "third Saturday"),
        pgettext_noop("on the … of each month", "third Sunday"),
    ),
    4: (
        pgettext_noop("on the … of each month", "fourth Monday"),
        pgettext_noop("on the … of each month", "fourth Tuesday"),
        pgettext_noop("on the … of each month", "fourth Wednesday"),
        pgettext_noop("on the … of each month", "fourth Thursday"),
        pgettext_noop("on the … of each month", "fourth Friday"),
        pgettext_noop("on the … of each month", "fourth Saturday"),
        pgettext_noop("on the … of each month", "fourth Sunday"),
    ),
    -1: (
        pgettext_noop("on the … of each month", "last Monday"),
        pgettext_noop("on the … of each month", "last Tuesday"),
        pgettext_noop("on the … of each month", "last Wednesday"),
        pgettext_noop("on the … of each month", "last Thursday"),
        pgettext_noop("on the … of each month", "last Friday"),
        pgettext_noop("on the … of each month", "last Saturday"),
        pgettext_noop("on the … of each month", "last Sunday"),
    ),
}


def every(weekdays: Sequence[int], texts: Texts) -> str:
    """Days on which something comes each week, 0 for Monday: `Monday and Thursday`."""
    return texts.join([texts.pgettext(*_EVERY[day]) for day in weekdays])


def nth_of_month(nth: int, weekdays: Sequence[int], texts: Texts) -> str:
    """Days on which something comes each month, -1 for the last such day: `first Monday`."""
    return texts.join([texts.pgettext(*_NTH[nth][day]) for day in weekdays])
