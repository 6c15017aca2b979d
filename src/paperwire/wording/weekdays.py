"""Names days of the week as they stand in a sentence: many languages give each its own form and gender there."""

from __future__ import annotations

from collections.abc import Sequence

from paperwire.texts import Texts, pgettext_noop

_EVERY = (
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Monday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Tuesday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Wednesday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Thursday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Friday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Saturday"),
    # Translators: in "every %(weekday)s at %(time)s" and "every 2 weeks on %(weekday)s", alone or in a list.
    pgettext_noop("every", "Sunday"),
)
_NTH = {
    1: (
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Monday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Tuesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Wednesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Thursday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Friday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Saturday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "first Sunday"),
    ),
    2: (
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Monday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Tuesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Wednesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Thursday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Friday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Saturday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "second Sunday"),
    ),
    3: (
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Monday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Tuesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Wednesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Thursday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Friday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Saturday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "third Sunday"),
    ),
    4: (
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Monday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Tuesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Wednesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Thursday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Friday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Saturday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "fourth Sunday"),
    ),
    -1: (
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Monday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Tuesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Wednesday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Thursday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Friday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Saturday"),
        # Translators: in "on the %(weekday)s of each month".
        pgettext_noop("on the … of each month", "last Sunday"),
    ),
}


def every(weekdays: Sequence[int], texts: Texts) -> str:
    """Days on which something comes each week, 0 for Monday: `Monday and Thursday`."""
    return texts.join([texts.pgettext(*_EVERY[day]) for day in weekdays])


def nth_of_month(nth: int, weekdays: Sequence[int], texts: Texts) -> str:
    """Days on which something comes each month, -1 for the last such day: `first Monday`."""
    return texts.join([texts.pgettext(*_NTH[nth][day]) for day in weekdays])
