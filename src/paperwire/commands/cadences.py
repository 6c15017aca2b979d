"""How often papers are sent: cadences as people type and read them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paperwire.core.subscriptions.cadence import Cadence
from paperwire.core.text.clean import clean
from paperwire.errors import CommandError

if TYPE_CHECKING:
    from paperwire.texts import Texts

_LONGEST = 40


def read_cadence(text: str, texts: Texts) -> str:
    """A cadence in its canonical form (`daily 07:30`); raises CommandError."""
    try:
        return str(Cadence.parse(text))
    except ValueError:
        raise CommandError(
            texts.gettext(
                'Can\'t read "%(typed)s". Use instant, daily 07:30 or weekly mon 08:00.', typed=clean(text, _LONGEST)
            )
        ) from None


def cadence_words(cadence: str, zone: str, texts: Texts) -> str:
    """When papers come, to stand at the end of a sentence: `every day at 07:30 (Europe/Berlin)`."""
    parsed = Cadence.parse(cadence)
    if parsed.kind == "instant":
        return texts.gettext("as they appear")
    time = f"{parsed.at:%H:%M}"
    if parsed.kind == "daily":
        return texts.gettext("every day at %(time)s (%(zone)s)", time=time, zone=zone)
    weekday = texts.weekday(parsed.weekday)
    return texts.gettext("every %(weekday)s at %(time)s (%(zone)s)", weekday=weekday, time=time, zone=zone)
